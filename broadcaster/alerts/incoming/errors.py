"""What can be wrong with sources, places and messages of others; what breaks CAP itself is in `alerts.errors`.

Invalid
└── BadPosition, BadSourceName, BadFeedAddress
NotFound
└── NoSuchSource, NoSuchMessage
NotAllowed
└── UnknownSourceToken
Conflict
└── MessageIsOver
Unavailable
└── FeedBroken
"""

from typing import ClassVar

from content.kernel.errors import Conflict, Invalid, NotAllowed, NotFound, Unavailable


class BadPosition(Invalid):
    """Nowhere on earth."""

    sentence = "“{value}” is no position. Write it as on a map: degrees north, degrees east, such as 22.44, 103.93."
    field: ClassVar[str | None] = "positions"


class BadSourceName(Invalid):
    """People must know who speaks."""

    sentence = "Give the source a name of at most {limit} characters."
    field: ClassVar[str | None] = "name"


class BadFeedAddress(Invalid):
    """Nothing that can be fetched."""

    sentence = "This is no web address. It begins with https:// (or http:// inside your own network)."
    field: ClassVar[str | None] = "url"


class NoSuchSource(NotFound):
    """Removed long ago, or never there."""

    sentence = "This source is not here any more. Look at the list again."


class UnknownSourceToken(NotAllowed):
    """No token, or one that was revoked."""

    sentence = "This token is not known here, or was revoked."


class NoSuchMessage(NotFound):
    """Nobody sent it."""

    sentence = "There is no such message."


class MessageIsOver(Conflict):
    """Aired, passed over, replaced, refused or expired meanwhile."""

    sentence = "Nothing can be done with this message any more: it was settled meanwhile, or has expired."


class FeedBroken(Unavailable):
    """What was fetched is no feed, or nothing was."""

    sentence = "The feed cannot be read: {problem}."
