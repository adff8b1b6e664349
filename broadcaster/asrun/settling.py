"""Keeping the log: what is over, or was just reported, becomes rows of `Airing`, each cue exactly one.

Both ways lead through the same reckoning over the plan and all rows, so that their order makes no difference. The
past of the plan does not change any more (`schedules.service.replan`), so what is settled stays right.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TypeVar
from uuid import UUID

from sqlalchemy import Select, Update, delete, func, insert, select, update
from sqlalchemy.orm import Session, joinedload, selectinload

from audio_out.assembly import RECORDING
from audio_out.models import DeliverableRow, Rendition
from broadcaster.asrun.models import Airing, AsRunEntry, LogState
from broadcaster.asrun.reckoning import GONE_AFTER, REPORT_WITHIN, Columns, Known, Shown, lines
from broadcaster.fleet.models import Player
from content.kernel.nodes import Node, villages_of
from schedules.models import CueRow, Occurrence, Playlist

LOOK_BACK = timedelta(hours=1)
"""What ended within this is looked at again: a plan that was being written may still have taken cues out."""
WINDOW = timedelta(hours=6)
"""How much of a backlog is settled in one unit of work."""
_AT_ONCE = 400
T = TypeVar("T")
Name = tuple[int, UUID]
"""Village id and occurrence (or alert)."""


def settle(session: Session, commune: Node, now: datetime) -> bool:
    """Bring the log up to now, a window of the plan at a time; whether more is left to be done.

    Idempotent: what is in the log already is only touched where it changed.
    """
    villages = {village.id: village for village in villages_of(session, commune)}
    state = session.get(LogState, commune.id)
    if state is None:
        state = LogState(node_id=commune.id, settled_until=now - LOOK_BACK)
        first = session.scalar(select(func.min(Occurrence.ends_at)).where(Occurrence.village_id.in_(villages)))
        state.settled_until = min(state.settled_until, first - timedelta(seconds=1)) if first else state.settled_until
        session.add(state)
    begin = min(state.settled_until, now - LOOK_BACK)
    until = min(begin + WINDOW, now)
    is_behind = until < now
    ended = Occurrence.ends_at <= until if is_behind else Occurrence.starts_at <= now
    query = _occurrences().where(Occurrence.village_id.in_(villages), Occurrence.ends_at > begin, ended)
    _write(session, villages, {(one.village_id, one.uuid): one for one in session.scalars(query)}, now)
    state.settled_until = until if is_behind else now - LOOK_BACK
    if is_behind:
        ahead = select(func.min(Occurrence.ends_at)).where(
            Occurrence.village_id.in_(villages), Occurrence.ends_at > until
        )
        next_at = session.scalar(ahead) or now
        state.settled_until = max(until, min(next_at - timedelta(seconds=1), now - LOOK_BACK))
    else:
        age(session, list(villages.values()), now)
    state.settled_at = now
    session.flush()
    return is_behind


def weigh(session: Session, names: Collection[Name], now: datetime) -> None:
    """Take what was just reported of these occurrences and alerts into the log."""
    if not names:
        return
    places = session.scalars(select(Node).where(Node.id.in_({village_id for village_id, _ in names})))
    villages = {village.id: village for village in places}
    uuids = sorted({uuid for _, uuid in names})
    planned: dict[Name, Occurrence | None] = dict.fromkeys(names)
    for some in _some(uuids):
        for one in session.scalars(_occurrences().where(Occurrence.uuid.in_(some))):
            if (one.village_id, one.uuid) in planned:
                planned[one.village_id, one.uuid] = one
    _write(session, villages, planned, now)


def age(session: Session, villages: Sequence[Node], now: datetime) -> None:
    """What time alone changes: waiting becomes missing, missing lost, and lost missing when a player is back."""
    since = reporters_since(session, [village.id for village in villages], now)
    overdue = Airing.due_at < now - REPORT_WITHIN
    for village in villages:
        here, known_since = Airing.village_id == village.id, since.get(village.id)
        gone = Airing.due_at < known_since if known_since else overdue
        silent = Airing.outcome.in_([Shown.WAITING, Shown.MISSING])
        session.execute(_becomes(Shown.LOST).where(here, silent, overdue, gone))
        if known_since:
            back = Airing.due_at >= known_since
            session.execute(_becomes(Shown.MISSING).where(here, Airing.outcome == Shown.LOST, back))
            session.execute(_becomes(Shown.MISSING).where(here, Airing.outcome == Shown.WAITING, overdue, back))


def reporters_since(session: Session, village_ids: Collection[int], now: datetime) -> dict[int, datetime]:
    """By village id: since when it has a player that may still report. Villages without one are left out."""
    seen_at = func.coalesce(Player.last_seen_at, Player.paired_at)
    query = (
        select(Player.village_id, func.min(Player.paired_at))
        .where(Player.village_id.in_(village_ids), Player.revoked_at.is_(None), seen_at > now - GONE_AFTER)
        .group_by(Player.village_id)
    )
    return {village_id: since for village_id, since in session.execute(query)}  # noqa: C416  (a row is no pair to mypy)


def _write(
    session: Session, villages: Mapping[int, Node], planned: Mapping[Name, Occurrence | None], now: datetime
) -> None:
    """Make the log say of each of these what plan and rows say now."""
    rows, kept = _rows(session, planned), _kept(session, planned)
    recorded = _recorded(session, planned.values(), rows.values())
    anchors = _anchors(session, rows.values())
    since = reporters_since(session, villages.keys(), now)
    new: list[Columns] = []
    gone: list[int] = []
    for name, occurrence in planned.items():
        village = villages[name[0]]
        known = Known(now, village.zone, since.get(village.id), recorded, anchors)
        cues = _cues(occurrence, now, {row.cue_key for row in rows[name]})
        wanted = lines(occurrence, cues, rows[name], known)
        before = kept.get(name, {})
        for key, columns in wanted.items():
            _keep(before.get(key), {**columns, "village_id": name[0], "occurrence_uuid": name[1], "cue_key": key}, new)
        gone.extend(line.id for key, line in before.items() if key not in wanted)
    if new:
        session.execute(insert(Airing), new)
    for some in _some(gone):
        session.execute(delete(Airing).where(Airing.id.in_(some)))
    session.flush()


def _cues(occurrence: Occurrence | None, now: datetime, reported: Collection[str]) -> list[CueRow]:
    """What the plan holds; of what has not begun yet, and may still change, only what was reported all the same."""
    if occurrence is None or occurrence.playlist is None:
        return []
    return [cue for cue in occurrence.playlist.cues if occurrence.starts_at <= now or cue.key in reported]


def _keep(line: Airing | None, columns: Columns, new: list[Columns]) -> None:
    if line is None:
        new.append(columns)
        return
    for name, value in columns.items():
        if getattr(line, name) != value:
            setattr(line, name, value)


def _rows(session: Session, names: Collection[Name]) -> dict[Name, list[AsRunEntry]]:
    found: dict[Name, list[AsRunEntry]] = {name: [] for name in names}
    for some in _some(sorted({uuid for _, uuid in names})):
        for row in session.scalars(select(AsRunEntry).where(AsRunEntry.occurrence_uuid.in_(some))):
            found.get((row.village_id, row.occurrence_uuid), []).append(row)
    return found


def _kept(session: Session, names: Collection[Name]) -> dict[Name, dict[str, Airing]]:
    found: dict[Name, dict[str, Airing]] = defaultdict(dict)
    villages = {village_id for village_id, _ in names}
    for some in _some(sorted({uuid for _, uuid in names})):
        query = select(Airing).where(Airing.village_id.in_(villages), Airing.occurrence_uuid.in_(some))
        for line in session.scalars(query):
            found[line.village_id, line.occurrence_uuid][line.cue_key] = line
    return found


def _recorded(
    session: Session, planned: Iterable[Occurrence | None], rows: Iterable[Iterable[AsRunEntry]]
) -> frozenset[str]:
    """Which of the sounds are human takes."""
    names = {name for one in planned if one and one.playlist for cue in one.playlist.cues for name in cue.media}
    names |= {row.media_sha256 for some_rows in rows for row in some_rows if row.media_sha256}
    found: set[str] = set()
    for some in _some(sorted(names)):
        query = (
            select(DeliverableRow.sha256)
            .join(Rendition, Rendition.id == DeliverableRow.rendition_id)
            .where(DeliverableRow.sha256.in_(some), Rendition.voice == RECORDING)
        )
        found.update(session.scalars(query))
    return frozenset(found)


def _anchors(session: Session, rows: Iterable[Iterable[AsRunEntry]]) -> dict[tuple[int, str], list[AsRunEntry]]:
    """Rows under a trusted clock of the same starts as rows that were not."""
    starts = {
        (row.player_id, row.boot_id)
        for some_rows in rows
        for row in some_rows
        if row.clock_state != "trusted" and row.boot_id and row.started_at
    }
    found: dict[tuple[int, str], list[AsRunEntry]] = {}
    for player_id, boot_id in sorted(starts):
        query = select(AsRunEntry).where(
            AsRunEntry.player_id == player_id,
            AsRunEntry.boot_id == boot_id,
            AsRunEntry.clock_state == "trusted",
            AsRunEntry.started_at.is_not(None),
        )
        found[player_id, boot_id] = list(session.scalars(query.order_by(AsRunEntry.id).limit(_AT_ONCE)))
    return found


def _occurrences() -> Select[Occurrence]:
    return (
        select(Occurrence)
        .where(Occurrence.playlist_id.is_not(None))
        .options(joinedload(Occurrence.village), selectinload(Occurrence.playlist).selectinload(Playlist.cues))
    )


def _becomes(outcome: Shown) -> Update:
    return update(Airing).values(outcome=outcome)


def _some(names: Sequence[T]) -> Iterator[Sequence[T]]:
    """So many that one question may name them all."""
    return (names[start : start + _AT_ONCE] for start in range(0, len(names), _AT_ONCE))
