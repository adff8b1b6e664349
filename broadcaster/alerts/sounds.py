"""The sounds that alerts are put together from: which are wanted, which are there, and what a village hears of a call.

A repeat is: (the exercise's announcement,) the signal, then each language twice. Each of them is an object of its own,
so that all alerts share the siren and all villages of one format share everything.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from audio_out.mastering.formats import USUAL
from broadcaster.alerts import phrases
from broadcaster.alerts.calls import Call, Line, Signal, in_languages
from broadcaster.alerts.models import AlertSound, PreparedPhrase
from broadcaster.alerts.proposals import Proposal
from broadcaster.protocol import AlertScope
from content import queries as content
from content.kernel.nodes import Node, villages_of
from schedules import queries as schedules

TIMES_SAID = 2


@dataclass(frozen=True, slots=True)
class Place:
    """A village as alerts see it: what it understands, and what its players decode."""

    village: Node
    languages: tuple[str, ...]
    format: str


Made = Mapping[tuple[str, str], AlertSound]
"""By (source, format): the sounds that are there."""


@dataclass(frozen=True, slots=True)
class Palette:
    """What a commune's alerts are put together from now."""

    places: tuple[Place, ...]
    phrases: Mapping[str, tuple[Line, ...]]
    rows: tuple[PreparedPhrase, ...]
    proposed: Mapping[str, tuple[Line, ...]]

    @property
    def formats(self) -> list[str]:
        """All formats that players of the commune take."""
        return sorted({place.format for place in self.places} or {USUAL.name})

    def order_of(self, call: Call, place: Place) -> list[Line]:
        """What one repeat of a call is in a village, in the order in which it sounds."""
        spoken = in_languages(call.lines, place.languages)
        notice = self._notice(call.scope, place)
        twice = [line for line in spoken for _ in range(TIMES_SAID)]
        return [*notice, Line.of(call.signal), *twice]

    def fallback_of(self, call: Call, place: Place) -> list[Line]:
        """What sounds while the call's own sounds are not there: the signal and the call for attention."""
        attention = in_languages(self.phrases.get(phrases.ATTENTION, ()), place.languages)
        return [*self._notice(call.scope, place), Line.of(call.signal), *attention]

    def _notice(self, scope: AlertScope, place: Place) -> list[Line]:
        if scope is not AlertScope.EXERCISE:
            return []
        return list(in_languages(self.phrases.get(phrases.EXERCISE, ()), place.languages))

    def always(self) -> list[Line]:
        """What is to be ready at any time: signals and every phrase."""
        return [*map(Line.of, Signal), *(line for lines in self.phrases.values() for line in lines)]

    def soon(self) -> list[Line]:
        """What is only proposed: made ready too, for whoever approves it to hear, but no player gets it."""
        return [line for lines in self.proposed.values() for line in lines]


def palette(session: Session, commune: Node) -> Palette:
    """The commune's villages and phrases as they are now."""
    airings = {row.village_id: row for row in schedules.village_airings(session, commune)}
    lexicon = content.lexicon(session, commune)
    rows = phrases.all_of(session, commune)
    places = tuple(
        Place(village, tuple(airing.languages), airing.format) if airing else Place(village, (), USUAL.name)
        for village in villages_of(session, commune)
        for airing in [airings.get(village.id)]
    )
    return Palette(
        places,
        {row.key: phrases.lines_of(row, lexicon) for row in rows},
        tuple(rows),
        {row.key: phrases.lines_of(Proposal.of(row), lexicon) for row in rows if row.proposal is not None},
    )


def made(session: Session, lines: Iterable[Line]) -> Made:
    """The sounds of these lines that are there, in all their formats."""
    sources = {line.source for line in lines}
    query = select(AlertSound).where(AlertSound.source_sha256.in_(sources), AlertSound.sha256.is_not(None))
    return {(row.source_sha256, row.format): row for row in session.scalars(query)}


def want(
    session: Session, lines: Collection[Line], formats: Collection[str], now: datetime, *, urgent: bool = False
) -> bool:
    """Ask for the sounds that nobody asked for yet; whether any of them is still to be made."""
    wanted = {(line.source, form): line for line in lines for form in formats}
    query = select(AlertSound).where(AlertSound.source_sha256.in_({source for source, _ in wanted}))
    known = {(row.source_sha256, row.format): row for row in session.scalars(query)}
    for key, line in wanted.items():
        if key not in known:
            row = AlertSound(
                source_sha256=key[0], format=key[1], line=line.model_dump(mode="json"), urgent=urgent, wanted_at=now
            )
            session.add(row)
    waiting = [row for key, row in known.items() if key in wanted and row.sha256 is None]
    for row in waiting:
        row.urgent = row.urgent or urgent
    session.flush()
    return bool(waiting) or len(known.keys() & wanted.keys()) < len(wanted)


def are_wanted(session: Session, lines: Collection[Line], formats: Collection[str]) -> bool:
    """Whether all of these sounds are there or asked for; only reads."""
    wanted = {(line.source, form) for line in lines for form in formats}
    query = select(AlertSound.source_sha256, AlertSound.format)
    found = session.execute(query.where(AlertSound.source_sha256.in_({source for source, _ in wanted})))
    return wanted <= {(source, form) for source, form in found}


def next_wanted(session: Session, *, urgent: bool, but_not: Collection[int] = ()) -> AlertSound | None:
    """The oldest sound that is to be made, of what somebody waits for or of the rest; the signals before all."""
    query = select(AlertSound).where(
        AlertSound.sha256.is_(None), AlertSound.urgent.is_(urgent), AlertSound.id.not_in(list(but_not))
    )
    return session.scalars(query.order_by(AlertSound.id).limit(1)).first()


def keep(
    session: Session, sound_id: int, *, sha256: str, mime: str, size_bytes: int, duration_ms: int, voice: str
) -> None:
    """Note that a sound is there. Who comes second changes nothing: both are good."""
    facts = {"sha256": sha256, "mime": mime, "size_bytes": size_bytes, "duration_ms": duration_ms, "voice": voice}
    session.execute(
        update(AlertSound).where(AlertSound.id == sound_id, AlertSound.sha256.is_(None)).values(urgent=False, **facts)
    )
