"""What can go wrong with the log, said for people.

BroadcastError
├── NotFound     NoSuchComment, NoSuchQuarantined, DeadHearingLink
├── Invalid      CommentMissing, CommentTooLong
├── NotAllowed   NotYours
└── Unavailable  HearingTooOften, TooManyGuesses
"""

from content.kernel.errors import Invalid, NotAllowed, NotFound, Unavailable


class NoSuchComment(NotFound):
    """No comment of this uuid in the commune."""

    sentence = "This comment is not here any more."


class NoSuchQuarantined(NotFound):
    """No row set aside under this number."""

    sentence = "This row is not here any more."


class DeadHearingLink(NotFound):
    """A token that this station did not make, or that was ended."""

    sentence = "This address does not work any more. Ask the commune for a new card."


class CommentMissing(Invalid):
    """Nothing was written."""

    sentence = "Write a comment first."
    field = "text"


class CommentTooLong(Invalid):
    """More than a comment."""

    sentence = "The comment is too long: at most {most} characters."
    field = "text"


class NotYours(NotAllowed):
    """Somebody else's comment."""

    sentence = "Only who wrote a comment, or an admin, can remove it."


class HearingTooOften(Unavailable):
    """More answers by one link than a person gives."""

    sentence = "Too many answers in a short time. Wait some minutes, then go on."


class TooManyGuesses(Unavailable):
    """More wrong codes from one address than a person mistypes."""

    sentence = "Too many wrong codes. Wait some minutes, then type the code on the card again."
