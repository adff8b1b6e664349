"""Warnings of others (CAP 1.2): from where they come, what was decided about each, and how they become alerts.

    models     sources, messages with their decision, where villages lie
    sources    feeds and tokens, and the certificates that their messages must be signed with
    places     what the commune entered of its villages: positions, codes, other names
    feeds      Atom and RSS: what to fetch, and fetching it
    areas      which villages an area of a message means: pure
    hearing    which villages hear what of a message: pure
    service    receiving, airing, passing over

Nothing here airs by itself unless an admin has said so for that one source, and then only what is urgent, grave and
likely, in Vietnamese, and surely for our villages. All else waits for somebody's press, and people are told.
"""
