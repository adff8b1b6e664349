"""Listening trials: people say what they understood of a sentence, and the commune sees which voice is understood."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from difflib import SequenceMatcher
from math import sqrt
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from audio_out.models import ListeningAnswer
from content.kernel.nodes import Node

_SYLLABLE = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Heard:
    """One sentence that was played, and what somebody understood of it."""

    voice: str
    preset: str
    sentence: str
    heard: str


@dataclass(frozen=True, slots=True)
class Standing:
    """How a voice is understood in one place (None: on a phone): mean share of syllables and its standard error."""

    voice: str
    preset: str
    village_id: int | None
    share: float
    error: float
    answers: int
    people: int


def understood(sentence: str, heard: str) -> float:
    """The share of the sentence's syllables that were heard right and in order, 0 to 1.

    Letters' case and punctuation do not count, tones do: with another tone it is another word.
    """
    said, got = _syllables(sentence), _syllables(heard)
    if not said:
        return 1.0
    blocks = SequenceMatcher(None, said, got, autojunk=False).get_matching_blocks()
    return sum(block.size for block in blocks) / len(said)


def note(session: Session, node: Node, answer: Heard, actor: UUID, now: datetime, village: Node | None) -> float:
    """Keep an answer; `village` is whose loudspeaker spoke, None for a phone. Returns the share understood."""
    share = understood(answer.sentence, answer.heard)
    session.add(
        ListeningAnswer(
            node_id=node.id,
            village_id=village.id if village else None,
            voice=answer.voice,
            preset=answer.preset,
            sentence=answer.sentence,
            heard=answer.heard,
            understood=share,
            by=actor,
            at=now,
        )
    )
    session.flush()
    return share


def standings(session: Session, node: Node) -> list[Standing]:
    """Every voice, preset and place that somebody answered for, the best understood first."""
    query = select(ListeningAnswer).where(ListeningAnswer.node_id == node.id)
    grouped: dict[tuple[str, str, int | None], list[ListeningAnswer]] = defaultdict(list)
    for row in session.scalars(query):
        grouped[row.voice, row.preset, row.village_id].append(row)
    found = (_standing(key, rows) for key, rows in grouped.items())
    return sorted(found, key=lambda one: -one.share)


def times_heard(session: Session, node: Node, actor: UUID) -> dict[str, int]:
    """By sentence: how often this person has answered for it; a sentence known by heart tells nothing of a voice."""
    query = select(ListeningAnswer.sentence).where(ListeningAnswer.node_id == node.id, ListeningAnswer.by == actor)
    found: dict[str, int] = defaultdict(int)
    for sentence in session.scalars(query):
        found[sentence] += 1
    return found


def next_sentence(sentences: Sequence[str], heard: Mapping[str, int]) -> str:
    """The sentence that this person has heard least, the first of those."""
    return min(sentences, key=lambda sentence: heard.get(sentence, 0))


def _standing(key: tuple[str, str, int | None], rows: Sequence[ListeningAnswer]) -> Standing:
    shares = [row.understood for row in rows]
    mean = sum(shares) / len(shares)
    spread = sqrt(sum((share - mean) ** 2 for share in shares) / max(1, len(shares) - 1))
    return Standing(*key, mean, spread / sqrt(len(shares)), len(shares), len({row.by for row in rows}))


def _syllables(text: str) -> list[str]:
    words = _SYLLABLE.findall(unicodedata.normalize("NFC", text.casefold()))
    return [_tone_last(word) for word in words]


def _tone_last(syllable: str) -> str:
    """`hoà` and `hòa` are one word: the tone goes to the end of its syllable."""
    letters = unicodedata.normalize("NFD", syllable)
    return "".join(sorted(letters, key=_TONES.__contains__))


_TONES = frozenset("\u0300\u0301\u0303\u0309\u0323")
