"""Which villages hear what of a message: its parts by area and language, made short enough to be kept in mind. Pure."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from broadcaster.alerts.calls import LONGEST_TEXT
from broadcaster.alerts.cap.model import Info
from broadcaster.alerts.cap.speaking import is_in, text_to_speak
from broadcaster.alerts.incoming.areas import How, Place, coverage

GRAVE = (frozenset({"Immediate", "Expected"}), frozenset({"Extreme", "Severe"}), frozenset({"Observed", "Likely"}))
"""Urgency, severity and certainty of what may air by itself."""
_SENTENCE = re.compile(r"(?<=[.!?…;])\s+")


@dataclass(frozen=True, slots=True)
class Part:
    """Villages that hear the same, and the words by language; no words: nothing that a voice here can say."""

    villages: tuple[UUID, ...]
    title: str
    texts: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Hearing:
    """The parts of a message, by what each village is meant, and those of which it could not be told."""

    parts: tuple[Part, ...]
    how: Mapping[UUID, How]
    unsure: tuple[UUID, ...]

    @property
    def villages(self) -> tuple[UUID, ...]:
        """All that hear something."""
        return tuple(self.how)

    @property
    def is_sure(self) -> bool:
        """Whether it is known for every village, and there are words for each that hears it."""
        return bool(self.parts) and not self.unsure and all(part.texts for part in self.parts)


def hearing(infos: Sequence[Info], villages: Sequence[Place], commune: Place, voiced: Collection[str]) -> Hearing:
    """What is heard where. `voiced`: the languages that can be spoken here, the most usual first."""
    told = [coverage(info, villages, commune) for info in infos]
    ranks = list(How)
    how = {
        village.uuid: min(hows, key=ranks.index)
        for village in villages
        if (hows := [one.how[village.uuid] for one in told if village.uuid in one.how])
    }
    grouped: dict[tuple[int, ...], list[UUID]] = {}
    for uuid in how:
        grouped.setdefault(tuple(n for n, one in enumerate(told) if uuid in one.how), []).append(uuid)
    unsure = tuple(dict.fromkeys(uuid for one in told for uuid in one.unsure if uuid not in how))
    parts = tuple(part([infos[n] for n in which], uuids, voiced) for which, uuids in grouped.items())
    return Hearing(parts, how, unsure)


def part(infos: Sequence[Info], villages: Sequence[UUID], voiced: Collection[str]) -> Part:
    """What these villages hear of these infos."""
    texts = {language: within(found) for language in voiced if (found := [i for i in infos if is_in(i, language)])}
    titled = next((i for language in voiced for i in infos if is_in(i, language)), infos[0])
    return Part(tuple(villages), " ".join((titled.headline or titled.event).split()), texts)


def is_grave(infos: Sequence[Info]) -> bool:
    """Whether any part of a message is urgent, severe and likely enough to wake people without being asked."""
    return any(
        all(word in words for word, words in zip((i.urgency, i.severity, i.certainty), GRAVE, strict=True))
        for i in infos
    )


def within(infos: Sequence[Info], most: int = LONGEST_TEXT) -> str:
    """The words of some infos of one language in at most so many characters.

    The same words, which senders write again for each area, are said once. All words if they fit; else what happens and
    what to do, without the description; else as many sentences of that.
    """
    whole = _said_once(infos)
    if len(whole) <= most:
        return whole
    brief = _said_once([replace(info, description=None) for info in infos])
    kept = ""
    for sentence in _SENTENCE.split(brief.replace("\n", ".\n").replace("..\n", ".\n")):
        if len(kept) + len(sentence) + 1 > most:
            break
        kept = f"{kept} {sentence}".strip()
    return kept or _cut(brief, most)


def _said_once(infos: Sequence[Info]) -> str:
    return "\n".join(dict.fromkeys(map(text_to_speak, infos)))


def _cut(text: str, most: int) -> str:
    return text[:most].rsplit(" ", 1)[0] if len(text) > most else text
