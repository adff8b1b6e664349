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
    └── FeedForbidden, FeedUnreachable, FeedAnswered, FeedTooLarge, FeedEndless, FeedUnreadable, NoFeed, FeedPuzzling
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

    sentence = "It cannot be read."

    def __init__(self, detail: str = "") -> None:
        """`detail` is what a technician wants to know: an address, a status, a library's words."""
        super().__init__(detail=detail)

    @property
    def noted(self) -> str:
        """As a source's row keeps it: the name and the detail, at most 300 characters."""
        return f"{type(self).__name__} {self.facts['detail']}".strip()[:300]


class FeedForbidden(FeedBroken):
    """No address of the web, or one inside our own network to which somebody outside leads."""

    sentence = "It leads to an address that may not be fetched from here: {detail}"


class FeedUnreachable(FeedBroken):
    """No name, no way, no answer in time."""

    sentence = "The other side cannot be reached, or does not answer in time. ({detail})"


class FeedAnswered(FeedBroken):
    """Something else than a feed."""

    sentence = "The other side refuses or has nothing there: it answered {detail}."


class FeedTooLarge(FeedBroken):
    """More than any warning has to say."""

    sentence = "What is there is too large."


class FeedEndless(FeedBroken):
    """Redirects without end."""

    sentence = "It leads from one address to the next without end."


class FeedUnreadable(FeedBroken):
    """No XML, or XML that is an attack."""

    sentence = "What is there is no XML that can be read safely."


class NoFeed(FeedBroken):
    """XML of another kind."""

    sentence = "What is there is neither a feed (Atom or RSS) nor a CAP message."


class FeedPuzzling(FeedBroken):
    """Nobody has thought of this."""

    sentence = "Something unforeseen happened; the server's log says more. ({detail})"
