"""The Common Alerting Protocol 1.2: alert messages of others understood, and our own written.

    parsing   bytes -> Alert, or a named refusal
    signing   bytes -> the bytes that a known sender signed, or a named refusal
    deciding  Alert -> what to do with it, and why
    speaking  Alert -> the words
    writing   Alert -> bytes

Pure: no files, no network, no database, no clock. `parsing` ignores signatures: without a certificate a signed message
is trusted no more than another, so whoever fetches messages must know where from.

Source: OASIS Standard CAP-v1.2, 1 July 2010; `CAP-v1.2.xsd` beside this file is its schema, unchanged.
"""
