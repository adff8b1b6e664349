"""Why an alert message from elsewhere is refused before anybody asks what it says.

Invalid
└── BadCap
    ├── TooLarge, DeclaresDocumentType, NotXml      before it is read as XML
    ├── NotCap, OlderCap, NotBySchema               before it is read as CAP
    ├── NotSigned, WronglySigned                  where a certificate was entered
    ├── BadName, BadTime, BadNumber, BadShape, BadReference    one value of it
    └── NoReferences, RefersToItself, ExpiresBeforeSent        values against each other
BadCertificate
NotFound
└── Unreadable
"""

from typing import ClassVar

from content.kernel.errors import Invalid, NotFound


class BadCap(Invalid):
    """No message that we could act on."""

    sentence = "This is no CAP 1.2 message that can be used. Ask its sender for a valid one."
    field: ClassVar[str | None] = "file"


class TooLarge(BadCap):
    """Larger than any honest message."""

    sentence = "The message is larger than {limit} bytes. Ask its sender for the text without pictures and sound."


class DeclaresDocumentType(BadCap):
    """CAP needs none, and attacks do: entities that read files, call out or grow without end."""

    sentence = "The message declares a document type (DOCTYPE), as attacks do. It is refused unread; do not trust it."


class NotXml(BadCap):
    """Not even XML."""

    sentence = "The message is not well-formed XML: {problem}. Fetch it again, or ask its sender."


class NotCap(BadCap):
    """Another kind of XML."""

    sentence = "The document is “{root}”, not a CAP alert. Choose the alert's own file."


class OlderCap(BadCap):
    """An earlier version of the standard."""

    sentence = "The message is CAP {version}. Ask its sender for CAP 1.2, the only version that is aired."


class NotBySchema(BadCap):
    """Against the standard's own schema."""

    sentence = "The message breaks the schema of CAP 1.2 in line {line}: {problem} Ask its sender for a valid one."


class BadName(BadCap):
    """Identifier and sender name a message for ever, so they must be clean."""

    sentence = "The {element} “{value}” is empty or has a space, comma, “<” or “&”. Ask its sender for a valid message."


class BadTime(BadCap):
    """A time that no clock shows, or without its zone."""

    sentence = "“{value}” is not a time as 2026-11-22T17:00:00+07:00. Ask its sender for a valid message."


class BadNumber(BadCap):
    """A number beyond all measure."""

    sentence = "“{value}” is not a number that can be meant. Ask its sender for a valid message."


class BadShape(BadCap):
    """A polygon or circle that bounds no place on earth."""

    sentence = (
        "“{value}” is not a {shape} on earth, so where it applies is unknown. Ask its sender for a valid message."
    )


class BadReference(BadCap):
    """Not the three facts that name a message."""

    sentence = "The reference “{value}” is not sender,identifier,sent. Ask its sender for a valid message."


class NotSigned(BadCap):
    """Anybody could have written it."""

    sentence = "The message is not signed, and its source must sign. Do not trust it; ask the sender."


class WronglySigned(BadCap):
    """Somebody else wrote it, or changed it."""

    sentence = "The signature is not the source's: {problem}. Do not trust the message; ask the sender."


class BadCertificate(Invalid):
    """Nothing to check a signature with."""

    sentence = "This is no certificate in PEM form. It begins with -----BEGIN CERTIFICATE-----; copy all of it."
    field = "certificate"


class NoReferences(BadCap):
    """An update or cancel of nothing."""

    sentence = "The message is of type {msg_type} but refers to no other. Ask its sender for a valid one."


class RefersToItself(BadCap):
    """It would end itself."""

    sentence = "The message refers to itself. Ask its sender for a valid one."


class ExpiresBeforeSent(BadCap):
    """It was never in force."""

    sentence = "The message expires at {expires}, not after it was sent at {sent}. Ask its sender for a valid one."


class Unreadable(NotFound):
    """No such file, or one that may not be read."""

    sentence = "{path} cannot be read: {problem}. Choose another file."
    field = "file"
