"""Reading the log: a day, a village's week, an announcement's life, what was set aside. Changes nothing."""

from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from broadcaster.asrun.models import Airing, AsRunEntry, LogState, QuarantinedRow
from broadcaster.asrun.reckoning import GONE_AFTER, Known, Shown, best, lines, shown, unheard
from broadcaster.asrun.settling import LOOK_BACK, reporters_since
from broadcaster.fleet.models import Player
from content.kernel.nodes import Node, villages_of
from schedules import queries as schedules

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class VillageLog:
    """A village's lines of one date, in order of their planned times."""

    village: Node
    lines: tuple[Airing, ...]


@dataclass(frozen=True, slots=True)
class OfPlayer:
    """What one of a village's players says of a cue."""

    name: str
    outcome: Shown


@dataclass(frozen=True, slots=True)
class SetAside:
    """A row in quarantine, with the names of its player and village."""

    row: QuarantinedRow
    player: str
    village: str


def day_log(session: Session, commune: Node, on: date, now: datetime) -> list[VillageLog]:
    """What was planned on a local date and what became of it, by village.

    Each planned cue has exactly one line: the best of its attempts, of all players of the village. What sounded
    without a plan stands between them by its own planned time.
    """
    villages = villages_of(session, commune)
    query = select(Airing).where(Airing.village_id.in_([village.id for village in villages]), Airing.local_on == on)
    found: dict[int, list[Airing]] = defaultdict(list)
    for line in session.scalars(query):
        found[line.village_id].append(line)
    if not _is_settled(session, commune, on):
        for line in _ahead(session, commune, villages, on, now, found):
            found[line.village_id].append(line)
    return [
        VillageLog(village, tuple(sorted(found[village.id], key=lambda line: (line.planned_at, line.cue_key))))
        for village in villages
    ]


def hours_of(session: Session, village: Node, monday: date) -> dict[tuple[date, int], Counter[Shown]]:
    """By date and hour of a village's week: how many cues had which outcome. Exercises are left out."""
    query = (
        select(Airing.local_on, Airing.hour, Airing.outcome, func.count())
        .where(Airing.village_id == village.id, Airing.local_on.between(monday, monday + 6 * _DAY))
        .where(Airing.is_exercise.is_(False))
        .group_by(Airing.local_on, Airing.hour, Airing.outcome)
    )
    found: dict[tuple[date, int], Counter[Shown]] = defaultdict(Counter)
    for on, hour, outcome, count in session.execute(query):
        found[on, hour][Shown(outcome)] += count
    return found


def days_of(session: Session, village: Node, monday: date) -> list[Airing]:
    """What a village heard, or should have heard, in a week and was not aired whole, in order; at most 200 lines."""
    query = (
        select(Airing)
        .where(Airing.village_id == village.id, Airing.local_on.between(monday, monday + 6 * _DAY))
        .where(Airing.outcome.not_in([Shown.AIRED, Shown.STOPPED, Shown.WAITING]))
    )
    return list(session.scalars(query.order_by(Airing.planned_at, Airing.cue_key).limit(200)))


def life_of(session: Session, commune: Node, announcement_uuid: UUID) -> list[VillageLog]:
    """All airings of an announcement that are in the log, by village, the newest first."""
    villages = villages_of(session, commune)
    query = select(Airing).where(
        Airing.announcement_uuid == announcement_uuid, Airing.village_id.in_([village.id for village in villages])
    )
    found: dict[int, list[Airing]] = defaultdict(list)
    for line in session.scalars(query.order_by(Airing.planned_at.desc(), Airing.cue_key)):
        found[line.village_id].append(line)
    return [VillageLog(village, tuple(found[village.id])) for village in villages if found[village.id]]


def of_players(session: Session, log: VillageLog, now: datetime) -> dict[tuple[UUID, str], list[OfPlayer]]:
    """By occurrence and cue: what each player of the village says, where it had more than one.

    A player counts from its pairing until it was revoked; without a row it is waiting, missing or lost by itself.
    """
    players = list(session.scalars(select(Player).where(Player.village_id == log.village.id).order_by(Player.id)))
    if len(players) < 2 or not log.lines:
        return {}
    rows: dict[tuple[int, UUID, str], list[AsRunEntry]] = defaultdict(list)
    together: dict[UUID, list[AsRunEntry]] = defaultdict(list)
    uuids = {line.occurrence_uuid for line in log.lines}
    for row in session.scalars(select(AsRunEntry).where(AsRunEntry.occurrence_uuid.in_(uuids))):
        rows[row.player_id, row.occurrence_uuid, row.cue_key].append(row)
        together[row.occurrence_uuid].append(row)
    found = {}
    for line in log.lines:
        name = line.occurrence_uuid, line.cue_key
        there = [one for one in players if _was_there(one, line) or (one.id, *name) in rows]
        if len(there) > 1:
            others = together[line.occurrence_uuid]
            found[name] = [
                OfPlayer(one.name, _own(one, line, rows.get((one.id, *name), ()), others, now)) for one in there
            ]
    return found


def set_aside(session: Session, commune: Node, *, all_of_them: bool = False, limit: int = 50) -> list[SetAside]:
    """Rows in quarantine that nobody has looked at yet, or all, the newest first."""
    query = (
        select(QuarantinedRow, Player.name, Node.name)
        .join(Player, Player.id == QuarantinedRow.player_id)
        .join(Node, Node.id == Player.village_id)
        .where(Node.parent_id == commune.id)
    )
    if not all_of_them:
        query = query.where(QuarantinedRow.looked_at.is_(None), QuarantinedRow.taken_at.is_(None))
    found = session.execute(query.order_by(QuarantinedRow.id.desc()).limit(limit))
    return [SetAside(row, player, village) for row, player, village in found]


def how_many_set_aside(
    session: Session, commune: Node, since: datetime | None = None, until: datetime | None = None
) -> int:
    """How many rows in quarantine nobody has looked at yet; of those received since, and until (excluded)."""
    query = (
        select(func.count(QuarantinedRow.id))
        .join(Player, Player.id == QuarantinedRow.player_id)
        .join(Node, Node.id == Player.village_id)
        .where(Node.parent_id == commune.id, QuarantinedRow.looked_at.is_(None), QuarantinedRow.taken_at.is_(None))
    )
    if since is not None:
        query = query.where(QuarantinedRow.received_at >= since)
    if until is not None:
        query = query.where(QuarantinedRow.received_at < until)
    return session.scalar(query) or 0


def _is_settled(session: Session, commune: Node, on: date) -> bool:
    """Whether all of that date is over and in the log; what opens late may go on for another day."""
    state = session.get(LogState, commune.id)
    over = datetime.combine(on + 2 * _DAY, time(), commune.zone)
    return state is not None and over < state.settled_until + LOOK_BACK


def _ahead(
    session: Session,
    commune: Node,
    villages: Sequence[Node],
    on: date,
    now: datetime,
    logged: dict[int, list[Airing]],
) -> list[Airing]:
    """What that date's plan holds beyond the log: lines that are kept nowhere yet."""
    known = {(line.village_id, line.occurrence_uuid, line.cue_key) for some in logged.values() for line in some}
    whole = {(line.village_id, line.occurrence_uuid) for some in logged.values() for line in some if line.is_planned}
    since = reporters_since(session, [village.id for village in villages], now)
    zones = {village.id: village.zone for village in villages}
    found = []
    for one in schedules.day_plan(session, commune, on):
        if (one.village_id, one.uuid) in whole and one.starts_at <= now:
            continue
        told = Known(now, zones[one.village_id], since.get(one.village_id), frozenset(), {})
        for key, columns in lines(one, schedules.cues(one), (), told).items():
            name = one.village_id, one.uuid, key
            if name not in known:
                found.append(Airing(village_id=name[0], occurrence_uuid=name[1], cue_key=key, **columns))
    return found


def _was_there(player: Player, line: Airing) -> bool:
    return player.paired_at <= line.due_at and (player.revoked_at is None or player.revoked_at > line.due_at)


def _own(
    player: Player, line: Airing, rows: Collection[AsRunEntry], others: Collection[AsRunEntry], now: datetime
) -> Shown:
    row = best(rows)
    if row is not None:
        return shown(row, others)
    seen_at = player.last_seen_at or player.paired_at
    is_gone = player.revoked_at is not None or seen_at <= now - GONE_AFTER
    return unheard(line.due_at, now, None if is_gone else player.paired_at)
