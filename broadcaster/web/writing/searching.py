"""What the address of a list says: made into a search of announcements, and into the addresses around it."""

from collections.abc import Collection, Iterator, Mapping
from datetime import date
from urllib.parse import urlencode
from uuid import UUID

from pydantic import BaseModel, Field

from content.queries import Search
from schedules.lunar import FIRST_YEAR, LAST_YEAR

ADDRESS = "/announcements"
WAITING = "waiting"
"""Stands where a state does: what waits for the visitor."""
LONGEST_WORDS = 200


class Asked(BaseModel):
    """What the address of the list says; what cannot be understood narrows nothing."""

    q: str = ""
    state: str = ""
    village: str = ""
    category: str = ""
    author: str = ""
    from_on: str = ""
    until_on: str = ""
    page: int = Field(default=1, ge=1, le=10_000)

    def search(self, only: Collection[int] | None) -> Search:
        """As the query takes it; `only` are the revisions that wait for the visitor, where those are asked for."""
        return Search(
            words=self.words,
            state="" if self.state == WAITING else self.state,
            village=self.village,
            category=self.category,
            author=uuid_of(self.author),
            from_on=day_of(self.from_on),
            until_on=day_of(self.until_on),
            only=only if self.state == WAITING else None,
        )

    @property
    def words(self) -> str:
        """The words that are looked for."""
        return self.q.strip()[:LONGEST_WORDS]

    def address(self, **changes: object) -> str:
        """The list with some of it asked otherwise, from its first page on unless another is named."""
        return address(ADDRESS, self, changes)

    def narrowed_by(self, words_of: Mapping[str, Mapping[str, str]]) -> Iterator[tuple[str, str]]:
        """Each filter besides words and state that is on: its value in words, and the list without it."""
        for name, known in words_of.items():
            value = str(getattr(self, name))
            if value:
                yield known.get(value, value), self.address(**{name: ""})


def address(path: str, asked: BaseModel, changes: Mapping[str, object]) -> str:
    """An address with what is asked and not empty, from the first page on unless another is named."""
    told = {**asked.model_dump(), "page": 1, **changes}
    said = {name: value for name, value in told.items() if value and (name, value) != ("page", 1)}
    return f"{path}?{urlencode(said)}" if said else path


def uuid_of(typed: str) -> UUID | None:
    """The uuid that was typed, None if it is none."""
    try:
        return UUID(typed)
    except ValueError:
        return None


def day_of(typed: str) -> date | None:
    """The date that was typed, None if it is none, or one whose neighbours no calendar has."""
    try:
        day = date.fromisoformat(typed.strip())
    except ValueError:
        return None
    return day if FIRST_YEAR < day.year < LAST_YEAR else None
