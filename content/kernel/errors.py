"""The root of every error we raise on purpose, and its five kinds.

    BroadcastError
    ├── NotFound      what was named does not exist
    ├── Conflict      it exists, but not in a state that allows this
    ├── Invalid       what was given cannot be right; the field is named
    ├── NotAllowed    who asks may not
    └── Unavailable   it would work, but not now

An error keeps its facts as attributes and writes its own sentence. The sentence is an English gettext message
with named facts, so that pages can say it in Vietnamese; it tells what to do about it. An error neither logs
nor knows HTTP: `broadcaster.errors` maps kinds to answers.
"""

from typing import ClassVar


class BroadcastError(Exception):
    """Root: `sentence` with `{facts}`; `field` names the form field it belongs to, if one does."""

    sentence: ClassVar[str] = "Something went wrong."
    field: ClassVar[str | None] = None

    def __init__(self, **facts: object) -> None:
        """Keep the facts; the sentence's `{names}` must be among them."""
        self.facts = facts
        super().__init__(self.sentence.format(**facts))

    def kept(self) -> dict[str, object]:
        """As a row's JSON keeps it, for a page that says it later in the reader's language."""
        return {"sentence": self.sentence, "facts": {name: str(fact) for name, fact in self.facts.items()}}


class NotFound(BroadcastError):
    """What was named does not exist."""


class Conflict(BroadcastError):
    """It exists, but not in a state that allows this."""


class Invalid(BroadcastError):
    """What was given cannot be right."""


class NotAllowed(BroadcastError):
    """Who asks may not."""


class Unavailable(BroadcastError):
    """It would work, but not now."""
