"""Opening, changing, cancelling and reopening slots. Two slots never sound at once in one village."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Literal
from urllib.parse import urlsplit
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from content.kernel import audit
from content.kernel.nodes import Node, NoSuchNode
from content.kernel.units import DurationMs
from schedules import queries
from schedules.days import NONE, Days
from schedules.errors import BadRelay, FallbackNotBooked, NoVillages, SlotsOverlap, SlotsOverlapAllDay
from schedules.models import QUIET_FROM, QUIET_UNTIL, URL_MOST, Slot
from schedules.planner import Relay
from schedules.recurrence import Instance, Rule, check, first_clash

PROPOSE_EVERY_MIN = 5
_MOST_PROPOSALS = 100


def open_slot(  # noqa: PLR0913  (keywords, one per field of the form)
    session: Session,
    commune: Node,
    *,
    name: str,
    start_local: time,
    duration_ms: int,
    starts_on: date,
    villages: Sequence[Node],
    now: datetime,
    rrule: str | None = None,
    until_on: date | None = None,
    also: Days = NONE,
    but_not: Days = NONE,
    opening_chime: bool = False,
    closing_chime: bool = False,
    relay: Relay | None = None,
    actor: UUID | None = None,
) -> Slot:
    """A new slot.

    Args:
        session: unit of work.
        commune: whose.
        name: as people say it, such as "Bản tin chiều".
        start_local: on the wall clocks of each village.
        duration_ms: up to 24 hours; it may end after midnight.
        starts_on: its first possible local date.
        villages: where it is heard.
        now: overlaps before it do not count.
        rrule: RFC 5545; None for the days of `also`, or for once.
        until_on: its last local date, included.
        also: extra days.
        but_not: days on which it stays closed, whoever names them.
        opening_chime: whether a chime comes before its first announcement.
        closing_chime: whether one comes after its last.
        relay: the station that fills what the announcements leave; without a title it is called by its host. Its
            fallback is an announcement that sounds where it is booked while the station does not, else a chime.
        actor: who opens it.

    Raises:
        NoVillages, NoSuchNode: nobody, or somebody of another commune, would hear it.
        SlotWithoutLength, SlotTooLong, UntilBeforeFrom, BadRecurrence, NeverRecurs, SlotOverlapsItself, BadRelay,
            FallbackNotBooked.
        SlotsOverlap: it would sound at once with another one; both are named and a free start is proposed.
    """
    rule = _decided(
        session, commune, Rule(start_local, DurationMs(duration_ms), starts_on, until_on, rrule, also, but_not)
    )
    slot = Slot(
        node_id=commune.id,
        name=name,
        villages=_of_commune(commune, villages),
        opening_chime=opening_chime,
        closing_chime=closing_chime,
    )
    slot.relay = _relay(session, commune, slot, relay)
    _check(session, commune, slot, rule, now)
    slot.rule = rule
    session.add(slot)
    session.flush()
    _audit(session, slot, now, actor, "slot.opened")
    return slot


def change_slot(  # noqa: PLR0913  (keywords, one per field of the form)
    session: Session,
    commune: Node,
    slot: Slot,
    *,
    name: str,
    rule: Rule,
    villages: Sequence[Node],
    now: datetime,
    opening_chime: bool | None = None,
    closing_chime: bool | None = None,
    relay: Relay | Literal[False] | None = None,
    actor: UUID | None = None,
) -> None:
    """Move, rename or lengthen a slot; its occurrences keep their names by date. Raises what `open_slot` raises.

    A chime or relay that is None stays as it is; False ends a relay.
    """
    rule = _decided(session, commune, rule)
    changed = Slot(id=slot.id, name=name, villages=_of_commune(commune, villages))
    _check(session, commune, changed, rule, now)
    slot.name, slot.rule, slot.villages = name, rule, changed.villages
    if opening_chime is not None:
        slot.opening_chime = opening_chime
    if closing_chime is not None:
        slot.closing_chime = closing_chime
    if relay is not None:
        slot.relay = _relay(session, commune, slot, relay or None)
    session.flush()
    _audit(session, slot, now, actor, "slot.changed")


def cancel_slot(session: Session, slot: Slot, now: datetime, actor: UUID | None = None) -> None:
    """Close a slot: its future occurrences go with the next plan, a running one loses its cues."""
    slot.cancelled_at = slot.cancelled_at or now
    session.flush()
    _audit(session, slot, now, actor, "slot.cancelled")


def reopen_slot(session: Session, commune: Node, slot: Slot, now: datetime, actor: UUID | None = None) -> None:
    """Undo the cancellation of a whole slot. Raises SlotsOverlap when its time was given to another one meanwhile."""
    _check_overlaps(session, commune, slot, slot.rule, now)
    slot.cancelled_at = None
    session.flush()
    _audit(session, slot, now, actor, "slot.reopened")


def _decided(session: Session, commune: Node, rule: Rule) -> Rule:
    """The rule with the holidays of the commune."""
    decided = queries.commune_airing(session, commune).decided
    return replace(rule, also=replace(rule.also, decided=decided), but_not=replace(rule.but_not, decided=decided))


def _relay(session: Session, commune: Node, slot: Slot, relay: Relay | None) -> Relay | None:
    """The relay with its address checked, a title, and as a new fallback nothing but an announcement that is booked."""
    if relay is None:
        return None
    url = relay.url.strip()
    try:
        parts = urlsplit(url)
        host = parts.hostname if parts.scheme in ("http", "https") and parts.port != 0 else None
    except ValueError:
        host = None
    if not host or len(url) > URL_MOST or any(sign.isspace() for sign in url):
        raise BadRelay(url=url[:200])
    is_new = relay.fallback is not None and relay.fallback != slot.relay_fallback
    if is_new and not queries.bookings(session, commune, announcement_uuid=relay.fallback):
        raise FallbackNotBooked
    return Relay(url, (relay.title.strip() or host)[:120], relay.fallback)


def _of_commune(commune: Node, villages: Sequence[Node]) -> list[Node]:
    if not villages:
        raise NoVillages
    for village in villages:
        if village.parent_id != commune.id:
            raise NoSuchNode(slug=village.slug)
    return list(villages)


def _check(session: Session, commune: Node, slot: Slot, rule: Rule, now: datetime) -> None:
    for zone in {village.zone for village in slot.villages}:
        check(rule, zone)
    _check_overlaps(session, commune, slot, rule, now)


def _check_overlaps(session: Session, commune: Node, slot: Slot, rule: Rule, now: datetime) -> None:
    mine = {village.id: village for village in slot.villages}
    others = [other for other in queries.slots(session, commune) if other.id != slot.id]
    for other in others:
        shared = [mine[village.id] for village in other.villages if village.id in mine]
        for zone in {village.zone for village in shared}:
            if clash := first_clash(rule, other.rule, zone, now):
                village = next(village for village in shared if village.zone == zone)
                rivals = [rival.rule for rival in others if not mine.keys().isdisjoint({v.id for v in rival.villages})]
                raise _overlap(slot.name, other.name, village, clash[0], _free_start(rule, rivals, zone, now))


def _overlap(name: str, other: str, village: Node, mine: Instance, free: time | None) -> SlotsOverlap:
    at = mine.starts_at.astimezone(village.zone)
    facts = {"name": name, "other": other, "village": village.name, "on": at.date(), "at": f"{at:%H:%M}"}
    return SlotsOverlapAllDay(**facts) if free is None else SlotsOverlap(**facts, free=f"{free:%H:%M}")


def _free_start(rule: Rule, others: Sequence[Rule], zone: ZoneInfo, now: datetime) -> time | None:
    """The first free start later on that day, else from the morning on, outside the usual quiet hours."""
    return _free_from(rule, others, zone, now) or _free_from(replace(rule, start_local=QUIET_UNTIL), others, zone, now)


def _free_from(rule: Rule, others: Sequence[Rule], zone: ZoneInfo, now: datetime) -> time | None:
    for _ in range(_MOST_PROPOSALS):
        start = datetime.combine(rule.starts_on, rule.start_local)
        if start + rule.length > datetime.combine(rule.starts_on, QUIET_FROM):
            return None
        clashes = ((other, first_clash(rule, other, zone, now)) for other in others)
        busy = next(((other, clash[1]) for other, clash in clashes if clash), None)
        if busy is None:
            return rule.start_local
        until = (busy[1].starts_at + busy[0].length).astimezone(zone)
        later = datetime.combine(rule.starts_on, _rounded_up(until))
        if later <= start:
            return None
        rule = replace(rule, start_local=later.time())
    return None


def _rounded_up(at: datetime) -> time:
    past = timedelta(minutes=at.minute % PROPOSE_EVERY_MIN, seconds=at.second, microseconds=at.microsecond)
    return (at + (timedelta(minutes=PROPOSE_EVERY_MIN) - past if past else past)).time()


def _audit(session: Session, slot: Slot, now: datetime, actor: UUID | None, act: str) -> None:
    days = {name: value for name, value in (("also", slot.also), ("but_not", slot.but_not)) if value}
    relay = {"relay": slot.relay_url} if slot.relay_url else {}
    relay |= {"relay_fallback": str(slot.relay_fallback)} if slot.relay_fallback else {}
    facts = {"name": slot.name, "start_local": f"{slot.start_local:%H:%M}", "rrule": slot.rrule, **days, **relay}
    audit.record(session, slot.node_id, now, actor, act, f"slot:{slot.uuid}", **facts)
