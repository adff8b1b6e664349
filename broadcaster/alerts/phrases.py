"""The commune's prepared phrases: shipped ones (`phrases.toml`) to begin with, then its own.

They are usable at once, since in the first night nobody will have approved any; how they are changed is `proposals.py`.
"""

import tomllib
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from functools import cache, lru_cache
from importlib.resources import files
from typing import Final, Protocol

from sqlalchemy import select
from sqlalchemy.orm import Session

from broadcaster.alerts.calls import LONGEST_TEXT, Line
from broadcaster.alerts.errors import NoSuchPhrase, TextTooLong
from broadcaster.alerts.models import PreparedPhrase
from content import queries as content
from content import reading
from content.kernel.nodes import Node
from content.languages import LANGUAGES, VIETNAMESE

ALL_CLEAR: Final = "all_clear"
ATTENTION: Final = "attention"
EXERCISE: Final = "exercise"
DRILL: Final = "drill"
_NOT_OFFERED = frozenset({ALL_CLEAR, ATTENTION, EXERCISE, DRILL})


@dataclass(frozen=True, slots=True)
class Shipped:
    """A phrase as it comes along, in Vietnamese."""

    key: str
    title: str
    text: str


@cache
def shipped() -> tuple[Shipped, ...]:
    """All phrases that come along, in their order."""
    data = tomllib.loads((files("broadcaster.alerts") / "phrases.toml").read_text(encoding="utf-8"))
    return tuple(Shipped(one["key"], one["title"], one["text"].strip()) for one in data["phrase"])


def seed(session: Session, commune: Node, now: datetime) -> None:
    """Give a commune the shipped phrases that it has none of that key of."""
    known = {row.key for row in all_of(session, commune)}
    for position, one in enumerate(shipped()):
        if one.key not in known:
            session.add(
                PreparedPhrase(
                    node_id=commune.id,
                    key=one.key,
                    position=position,
                    is_offered=one.key not in _NOT_OFFERED,
                    title=one.title,
                    texts={VIETNAMESE: one.text},
                    takes={},
                    changed_at=now,
                )
            )
    session.flush()


def all_of(session: Session, commune: Node) -> list[PreparedPhrase]:
    """The commune's phrases in their order, those that are never chosen by themselves too."""
    query = select(PreparedPhrase).where(PreparedPhrase.node_id == commune.id).order_by(PreparedPhrase.position)
    return list(session.scalars(query))


def by_key(session: Session, commune: Node, key: str) -> PreparedPhrase:
    """One phrase. Raises NoSuchPhrase."""
    query = select(PreparedPhrase).where(PreparedPhrase.node_id == commune.id, PreparedPhrase.key == key)
    found = session.scalars(query).one_or_none()
    if found is None:
        raise NoSuchPhrase(key=key)
    return found


class Worded(Protocol):
    """A phrase, or what is proposed for it: texts and takes by language."""

    @property
    def texts(self) -> dict[str, str]: ...  # noqa: D102

    @property
    def takes(self) -> dict[str, str]: ...  # noqa: D102


def lines_of(said: Worded, lexicon: list[reading.LexiconEntry]) -> tuple[Line, ...]:
    """What sounds of a phrase, language by language. Only Vietnamese has a voice: others sound where recorded."""
    languages = [code for code in LANGUAGES if code in said.takes or (code == VIETNAMESE and code in said.texts)]
    return tuple(
        Line(
            language=code,
            text=said.texts.get(code, ""),
            reading=_spoken(said.texts.get(code, ""), tuple(lexicon)) if code == VIETNAMESE else "",
            take=said.takes.get(code),
        )
        for code in languages
    )


@lru_cache(maxsize=256)
def _spoken(text: str, lexicon: tuple[reading.LexiconEntry, ...]) -> str:
    """All phrases are read at each press, and they rarely change."""
    return reading.read(text, lexicon).spoken


def typed_line(session: Session, commune: Node, text: str) -> Line:
    """A typed Vietnamese text with its reading by the commune's lexicon. Raises TextTooLong."""
    said = clean(text)
    if len(said) > LONGEST_TEXT:
        raise TextTooLong(limit=LONGEST_TEXT)
    return Line(language=VIETNAMESE, text=said, reading=reading.read(said, content.lexicon(session, commune)).spoken)


def clean(text: str) -> str:
    """NFC, without white space at its ends."""
    return unicodedata.normalize("NFC", text.replace("\r\n", "\n")).strip()
