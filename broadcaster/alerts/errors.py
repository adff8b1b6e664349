"""What can be wrong with an alert, and why a message from elsewhere is refused before anybody asks what it says.

NotFound
├── NoSuchAlert, NoSuchPhrase, NoSuchWish
└── Unreadable
Conflict
├── AlertIsOver                                 nothing of it can be changed
├── WishWasSent, WishIsOld                      what was chosen was sent already, or too long ago
├── NothingProposed, OtherWordsMeanwhile        of a prepared phrase, to whoever would approve it
└── NobodyAsked                                 no second person is being waited for
NotAllowed
└── SecondPersonNeeded, SamePerson, OwnProposal
Invalid
├── NothingChosen, TextTooLong, NoVillages, QuietNow, WhyMissing, BadPhone, PhraseEmpty
├── BadCap
│   ├── TooLarge, DeclaresDocumentType, NotXml      before it is read as XML
│   ├── NotCap, OlderCap, NotBySchema               before it is read as CAP
│   ├── NotSigned, WronglySigned                    where a certificate was entered
│   ├── BadName, BadTime, BadNumber, BadShape, BadReference    one value of it
│   └── NoReferences, TooManyReferences, RefersToItself, ExpiresBeforeSent        values against each other
└── BadCertificate
"""

from typing import ClassVar

from content.kernel.errors import Conflict, Invalid, NotAllowed, NotFound


class NoSuchAlert(NotFound):
    """No alert by this uuid."""

    sentence = "There is no such alert."


class NoSuchPhrase(NotFound):
    """No prepared phrase by this key."""

    sentence = "There is no prepared phrase “{key}”. Choose one from the list."
    field = "phrase"


class NoSuchWish(NotFound):
    """Nobody chose this."""

    sentence = "What was chosen is not here any more. Choose again."


class AlertIsOver(Conflict):
    """Cancelled or expired."""

    sentence = "“{title}” is over already. To speak to the villages again, raise a new alert."


class WishWasSent(Conflict):
    """A second press, or another person's."""

    sentence = "This was sent already."


class WishIsOld(Conflict):
    """Chosen long ago: what was true then may not be now."""

    sentence = "This was chosen more than {minutes} minutes ago. Look at it again and send it anew."


class NobodyAsked(Conflict):
    """The minute for a second person is over, or never began."""

    sentence = "The time for confirming this is over. Who raised it has to send it again."


class SecondPersonNeeded(NotAllowed):
    """The commune's rule: two people for each alert."""

    sentence = "In this commune a second person must confirm an alert, and your account may not send it alone."


class SamePerson(NotAllowed):
    """Four eyes are those of two people."""

    sentence = "You asked for this alert yourself: somebody else must confirm it."


class NothingProposed(Conflict):
    """Approved or taken back already."""

    sentence = "Nothing is proposed for this phrase any more: somebody approved it or took it back."


class OtherWordsMeanwhile(Conflict):
    """What was shown is not what would be approved."""

    sentence = "Somebody changed the proposal meanwhile. Read and hear it once more, then approve it."


class OwnProposal(NotAllowed):
    """Four eyes are those of two people."""

    sentence = "You had a hand in this proposal: somebody else must approve it."


class NothingChosen(Invalid):
    """Neither a phrase nor words."""

    sentence = "Choose a prepared phrase, or write what is to be said."
    field: ClassVar[str | None] = "phrase"


class TextTooLong(Invalid):
    """Who runs keeps two sentences in mind."""

    sentence = "The text is too long for an alert: {limit} characters at most. Say what happens and what to do."
    field: ClassVar[str | None] = "text"


class NoVillages(Invalid):
    """It would be heard nowhere."""

    sentence = "Choose at least one village."
    field: ClassVar[str | None] = "villages"


class QuietNow(Invalid):
    """People sleep there, and nothing has happened."""

    sentence = "It is quiet hours in {villages}: an exercise is not sounded there. Leave them out, or do it by day."
    field: ClassVar[str | None] = "villages"


class WhyMissing(Invalid):
    """Who goes round a rule says why."""

    sentence = "Write in a few words why nobody else confirms this."
    field: ClassVar[str | None] = "reason"


class BadPhone(Invalid):
    """No telephone has this number."""

    sentence = "“{line}” has no telephone number. Write a name, a comma, and the number."
    field: ClassVar[str | None] = "contacts"


class PhraseEmpty(Invalid):
    """A phrase without words."""

    sentence = "Write the title and what is to be said."
    field: ClassVar[str | None] = "text"


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

    sentence = (
        "The {element} “{value}” is empty, too long, or has a space, comma, “<” or “&”. "
        "Ask its sender for a valid message."
    )


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


class TooManyReferences(BadCap):
    """More than any honest sender's, and more than a database may be asked at once."""

    sentence = "The message refers to more than {most} others. Ask its sender for a valid one."


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
