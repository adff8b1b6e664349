"""Counting the log for a report: a handful of grouped questions, however long the span is."""

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, and_, case, func, select
from sqlalchemy.orm import Session

from broadcaster.accounts import service as accounts
from broadcaster.asrun import comments, hearing
from broadcaster.asrun import queries as as_run
from broadcaster.asrun.hearing import Verdict
from broadcaster.asrun.models import Airing, LogComment
from broadcaster.asrun.reckoning import ALERT, Shown
from broadcaster.fleet.models import Player
from broadcaster.protocol import Reason
from broadcaster.reports import calls
from broadcaster.reports.figures import (
    LATENESS,
    ON_TIME_MS,
    Group,
    Health,
    OnAir,
    Report,
    Unheard,
    VillageFigures,
    by_hour,
    by_language,
    by_village,
    sums_of,
)
from broadcaster.reports.spans import Span
from content.kernel.nodes import Node, villages_of
from content.kernel.priority import Priority
from schedules.planner import CueKind

MOST_ON_AIR = 200
_PRESSING = (Priority.IMPORTANT, Priority.EMERGENCY)


def report(session: Session, commune: Node, span: Span, now: datetime) -> Report:
    """The commune's report over a span, as the log stands now."""
    villages = villages_of(session, commune)
    groups, told = _groups(session, _in(villages, span)), calls.calls(session, _in(villages, span))
    said = _said(session, villages, span)
    people = accounts.names(session, commune)
    names = {village.id: village.name for village in villages}
    return Report(
        commune=commune.name,
        span=span,
        made_at=now,
        sums=sums_of(groups),
        villages=_villages(session, villages, span, groups, said),
        heat=by_hour(groups),
        lateness=_lateness(session, _in(villages, span)),
        unheard=[*calls.missed(session, commune, villages, span, now), *_unheard(session, villages, span)],
        on_air=_on_air(session, _in(villages, span)),
        effort_ms=_effort_ms(session, _in(villages, span)),
        calls=told.real,
        stopped=told.stopped,
        exercises=told.exercises,
        set_aside=as_run.how_many_set_aside(session, commune, *span.instants(commune.zone)),
        comments=[_comment(one, names, people) for one in comments.between(session, commune, span.first, span.last)],
    )


def _comment(one: LogComment, places: Mapping[int, str], people: Mapping[UUID, str]) -> tuple[str, str, str]:
    where = places.get(one.village_id, "") if one.village_id else ""
    return f"{one.local_on:%d/%m/%Y}", where, f"{one.text} ({people.get(one.author, '?')})"


def _in(villages: Sequence[Node], span: Span) -> ColumnElement[bool]:
    return and_(
        Airing.village_id.in_([village.id for village in villages]), Airing.local_on.between(span.first, span.last)
    )


def _real() -> ColumnElement[bool]:
    """What counts in shares and sums: neither chimes nor exercises."""
    return and_(Airing.kind != CueKind.CHIME, Airing.is_exercise.is_(False))


def _count_if(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)


def _groups(session: Session, where: ColumnElement[bool]) -> list[Group]:
    began = and_(Airing.late_ms.is_not(None), Airing.outcome.in_([Shown.AIRED, Shown.STOPPED, Shown.PARTIAL]))
    on_time = and_(began, Airing.late_ms.between(-ON_TIME_MS, ON_TIME_MS))
    is_call = Airing.kind == ALERT
    names = (Airing.village_id, Airing.language, Airing.hour, Airing.outcome, Airing.is_planned, is_call)
    query = (
        select(*names, func.count(), func.sum(Airing.sounded_ms), _count_if(began), _count_if(on_time))
        .where(where, _real())
        .group_by(*names)
    )
    return [Group(*tuple(row)) for row in session.execute(query)]


def _villages(
    session: Session, villages: Sequence[Node], span: Span, groups: Sequence[Group], said: dict[int, Counter[str]]
) -> list[VillageFigures]:
    own, health = by_village(groups), _health(session, villages, span)
    return [
        VillageFigures(
            village.name,
            village.slug,
            sums_of(own.get(village.id, ())),
            by_language(own.get(village.id, ())),
            said[village.id],
            health[village.id],
        )
        for village in villages
    ]


def _health(session: Session, villages: Sequence[Node], span: Span) -> dict[int, Health]:
    reasons: dict[int, Counter[str]] = defaultdict(Counter)
    query = (
        select(Airing.village_id, Airing.reason, func.count())
        .where(_in(villages, span), Airing.reason.is_not(None), Airing.is_exercise.is_(False))
        .group_by(Airing.village_id, Airing.reason)
    )
    for village_id, reason, count in session.execute(query):
        reasons[village_id][str(reason)] += count
    players: dict[int, list[Player]] = defaultdict(list)
    living = select(Player).where(
        Player.village_id.in_([village.id for village in villages]), Player.revoked_at.is_(None)
    )
    for player in session.scalars(living):
        players[player.village_id].append(player)
    return {village.id: _health_of(players[village.id], reasons[village.id]) for village in villages}


def _health_of(players: Collection[Player], reasons: Counter[str]) -> Health:
    seen = [player for player in players if player.last_seen_at]
    newest = max(seen, key=lambda player: player.last_seen_at or player.paired_at, default=None)
    beat = (newest.heartbeat or {}) if newest else {}
    disk = beat.get("disk_free_bytes")
    return Health(
        players=len(players),
        last_seen_at=newest.last_seen_at if newest else None,
        clock_state=str(beat.get("clock_state", "")),
        disk_free_bytes=disk if isinstance(disk, int) else None,
        power_cuts=reasons[Reason.POWER_CUT],
        output_failures=reasons[Reason.OUTPUT_FAILED],
        media_incomplete=reasons[Reason.MEDIA_INCOMPLETE],
        clock_untrusted=reasons[Reason.CLOCK_UNTRUSTED],
    )


def _said(session: Session, villages: Sequence[Node], span: Span) -> dict[int, Counter[str]]:
    found: dict[int, Counter[str]] = defaultdict(Counter)
    for (village_id, _, _), mark in hearing.marks(session, villages, span.first, span.last).items():
        found[village_id][mark.verdict] += 1
    return found


def _lateness(session: Session, where: ColumnElement[bool]) -> list[int]:
    size = func.abs(Airing.late_ms)
    ends = [size <= end for end in LATENESS]
    group = case(*((end, place) for place, end in enumerate(ends)), else_=len(ends))
    query = select(group, func.count()).where(where, _real(), Airing.is_planned.is_(True), Airing.late_ms.is_not(None))
    found = dict.fromkeys(range(len(ends) + 1), 0)
    for place, count in session.execute(query.group_by(group)):
        found[place] += count
    return list(found.values())


def _unheard(session: Session, villages: Sequence[Node], span: Span) -> list[Unheard]:
    """Of what is important: where no airing was whole, and where people say that they heard nothing."""
    whole = _count_if(Airing.outcome == Shown.AIRED)
    query = (
        select(Airing.announcement_uuid, Airing.village_id, func.max(Airing.title), func.max(Airing.priority), whole)
        .where(_in(villages, span), _real(), Airing.is_planned.is_(True), Airing.priority.in_(_PRESSING))
        .where(Airing.announcement_uuid.is_not(None), Airing.outcome != Shown.WAITING)
        .group_by(Airing.announcement_uuid, Airing.village_id)
        .order_by(Airing.village_id)
    )
    names = {village.id: village.name for village in villages}
    silent = _silent(session, villages, span)
    told: dict[UUID, tuple[str, str]] = {}
    not_aired: dict[UUID, list[str]] = defaultdict(list)
    said: dict[UUID, list[str]] = defaultdict(list)
    for uuid, village_id, title, priority, times in session.execute(query):
        if uuid is None or (times and (village_id, str(uuid)) not in silent):
            continue
        told[uuid] = title, priority
        (said if times else not_aired)[uuid].append(names[village_id])
    found = [Unheard(uuid, *told[uuid], tuple(not_aired[uuid]), tuple(said[uuid])) for uuid in told]
    return sorted(found, key=lambda one: (one.priority != Priority.EMERGENCY, one.title, one.announcement_uuid))


def _silent(session: Session, villages: Sequence[Node], span: Span) -> set[tuple[int, str]]:
    """Village and group of which all that was said is that nothing was heard."""
    found: dict[tuple[int, str], set[str]] = defaultdict(set)
    for (village_id, _, group), mark in hearing.marks(session, villages, span.first, span.last).items():
        found[village_id, group].add(mark.verdict)
    return {name for name, verdicts in found.items() if verdicts == {Verdict.SILENT}}


def _on_air(session: Session, where: ColumnElement[bool]) -> list[OnAir]:
    aired = Airing.outcome == Shown.AIRED
    query = (
        select(
            Airing.announcement_uuid,
            func.max(Airing.title),
            func.max(Airing.priority),
            _count_if(aired),
            func.count(func.distinct(case((aired, Airing.village_id)))),
            func.sum(Airing.sounded_ms),
        )
        .where(where, _real(), Airing.announcement_uuid.is_not(None), Airing.outcome != Shown.WAITING)
        .group_by(Airing.announcement_uuid)
        .order_by(func.sum(Airing.sounded_ms).desc(), Airing.announcement_uuid)
        .limit(MOST_ON_AIR)
    )
    return [
        OnAir(uuid, title, priority, times, villages, airtime_ms)
        for uuid, title, priority, times, villages, airtime_ms in session.execute(query)
        if uuid is not None
    ]


def _effort_ms(session: Session, where: ColumnElement[bool]) -> int:
    """Synthetic speech, once for each moment at which it aired: one reader would have been heard in all villages."""
    once = (
        select(func.max(Airing.sounded_ms).label("ms"))
        .where(where, Airing.is_synthetic.is_(True), Airing.is_exercise.is_(False), Airing.sounded_ms > 0)
        .group_by(Airing.planned_at, Airing.cue_key)
        .subquery()
    )
    return session.scalar(select(func.coalesce(func.sum(once.c.ms), 0))) or 0
