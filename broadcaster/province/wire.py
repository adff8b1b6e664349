"""Bulletins and receipts as JSON. Rows are checked one by one, so that a bad one is set aside and blocks no other."""

import unicodedata
from datetime import date
from enum import StrEnum
from typing import Annotated, Any

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from content.kernel.priority import Priority

LONGEST_TEXT = 20_000


def _clean(value: Any) -> Any:
    """NFC, one kind of line end, nothing that XML and databases cannot carry."""
    if not isinstance(value, str):
        return value
    lines = value.replace("\r\n", "\n").replace("\r", "\n")
    kept = (char for char in lines if char in "\n\t" or unicodedata.category(char) not in {"Cc", "Cs", "Cn"})
    return unicodedata.normalize("NFC", "".join(kept)).strip()


Said = Annotated[str, BeforeValidator(_clean)]


class _Wire(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class Where(_Wire):
    """A place by name, by administrative code, or both."""

    name: Said = Field(default="", max_length=200)
    code: Said = Field(default="", max_length=40)


class Bulletin(_Wire):
    """One bulletin of the source system.

    `level` is the circular's (routine: thông thường, important: ưu tiên, emergency: khẩn cấp). Days are the commune's;
    `expires` ends an emergency. No `areas`: everywhere. A higher `version` replaces a lower one; `revoked` ends it.
    """

    id: str = Field(min_length=1, max_length=100, pattern=r"^[A-Za-z0-9._:/-]+$")
    version: int = Field(default=1, ge=1)
    level: Priority
    title: Said = Field(min_length=1, max_length=200)
    text: Said = Field(min_length=1, max_length=LONGEST_TEXT)
    issued: AwareDatetime
    from_on: date | None = None
    until_on: date | None = None
    expires: AwareDatetime | None = None
    times_per_day: int = Field(default=1, ge=1, le=10)
    areas: tuple[Where, ...] = Field(default=(), max_length=200)
    exercise: bool = False
    revoked: bool = False

    @model_validator(mode="after")
    def _in_order(self) -> "Bulletin":
        if self.from_on and self.until_on and self.until_on < self.from_on:
            raise ValueError("until_on lies before from_on")
        if self.expires and self.expires <= self.issued:
            raise ValueError("expires lies before issued")
        return self


class Pulled(_Wire):
    """An answer: rows as they came, and where to go on."""

    bulletins: tuple[Any, ...] = Field(default=(), max_length=500)
    cursor: str = Field(default="", max_length=200)


class Stage(StrEnum):
    """How far a bulletin has come in the commune."""

    RECEIVED = "received"
    QUARANTINED = "quarantined"
    NOT_FOR_US = "not_for_us"
    WAITING = "waiting"
    APPROVED = "approved"
    AIRED = "aired"
    DECLINED = "declined"
    REVOKED = "revoked"


class Receipt(_Wire):
    """What became of one version of a bulletin; `at` by the commune's clock. Saying it again changes nothing."""

    id: str
    version: int
    stage: Stage
    at: AwareDatetime
    detail: Annotated[str, Field(max_length=300)] = ""


def checked(row: Any) -> tuple[Bulletin | None, str]:
    """A row as a bulletin, or None and what is wrong with it."""
    try:
        return Bulletin.model_validate(row), ""
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        return None, f"{'.'.join(map(str, first['loc']))}: {first['msg']}"[:300]
