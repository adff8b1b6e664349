"""Whether each player has taken in that an announcement was withdrawn. A question about reports, never a change.

A withdrawal notes, in its own transaction, the first manifest of each player that can no longer hold the announcement:
the next one where the plan held it, the present one where it did not. Once a player reports that one or a newer one,
it is off its loudspeaker. (Manifests are issued in one transaction with the plan, so that none issued later holds it.)
"""

from dataclasses import dataclass
from datetime import datetime

from pydantic import BaseModel
from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from broadcaster.fleet import service as fleet
from broadcaster.fleet.models import Player
from broadcaster.protocol import Heartbeat
from broadcaster.publishing.models import ManifestRow
from content.kernel.nodes import Node, villages_of
from content.models import Revision, RevisionEvent
from content.workflow import State, Step
from schedules.models import CueRow, Occurrence

_KEPT_AS = "first_without"


class FirstWithout(BaseModel):
    """A player's first manifest without the announcement, and when an older one would air it for the last time."""

    epoch: int
    manifest: int
    airs_until: datetime | None


@dataclass(frozen=True, slots=True)
class Confirmation:
    """One player: whether it is known to hold the announcement no more; if not, when it may air it for the last time.

    `airs_until` None: no airing was planned there any more, or the last one is over.
    """

    village: Node
    player: Player
    is_confirmed: bool
    airs_until: datetime | None


def expect(session: Session, commune: Node, revision: Revision, now: datetime) -> None:
    """Note in the withdrawal just made what each player of the revision's villages must report."""
    withdrawal = _withdrawal(revision)
    if withdrawal is None:
        return
    last_airings = _last_airings(session, revision, now)
    heard_in = {village.id for village in revision.villages} | set(last_airings)
    players = fleet.players_of(
        session, [village for village in villages_of(session, commune) if village.id in heard_in]
    )
    held = {row.player_id: row for row in session.scalars(select(ManifestRow))}
    withdrawal.content = {
        _KEPT_AS: {
            str(player.uuid): _first_without(held[player.id], last_airings.get(player.village_id))
            for player in players
            if player.id in held
        }
    }
    session.flush()


def confirmations(session: Session, commune: Node, revision: Revision, now: datetime) -> list[Confirmation]:
    """Of a withdrawn revision: each player that may have held it, village by village. Empty where none did."""
    withdrawal = _withdrawal(revision)
    kept = withdrawal.content.get(_KEPT_AS) if withdrawal and withdrawal.content else None
    if not isinstance(kept, dict):
        return []
    first = {uuid: FirstWithout.model_validate(facts) for uuid, facts in kept.items()}
    villages = {village.id: village for village in villages_of(session, commune)}
    return [
        _confirmation(villages[player.village_id], player, first[str(player.uuid)], now)
        for player in sorted(fleet.players_of(session, list(villages.values())), key=lambda each: each.village_id)
        if str(player.uuid) in first
    ]


def _withdrawal(revision: Revision) -> RevisionEvent | None:
    """The newest withdrawal of a revision that is withdrawn now."""
    if revision.state != State.WITHDRAWN:
        return None
    return next((event for event in reversed(revision.events) if event.step == Step.WITHDRAW), None)


def _last_airings(session: Session, revision: Revision, now: datetime) -> dict[int, datetime]:
    """By village id: when the last planned occurrence that holds the announcement ends."""
    query = (
        select(Occurrence.village_id, func.max(Occurrence.ends_at))
        .join(CueRow, CueRow.playlist_id == Occurrence.playlist_id)
        .where(or_(CueRow.announcement_uuid == revision.announcement.uuid, CueRow.revision_uuid == revision.uuid))
        .where(Occurrence.ends_at > now)
        .group_by(Occurrence.village_id)
    )
    return {row[0]: row[1] for row in session.execute(query)}


def _first_without(held: ManifestRow, airs_until: datetime | None) -> dict[str, object]:
    number = held.manifest_id if airs_until is None else held.manifest_id + 1
    return FirstWithout(epoch=held.server_epoch, manifest=number, airs_until=airs_until).model_dump(mode="json")


def _confirmation(village: Node, player: Player, first: FirstWithout, now: datetime) -> Confirmation:
    report = Heartbeat.model_validate(player.heartbeat) if player.heartbeat else None
    reached = report is not None and (report.server_epoch, report.manifest_id) >= (first.epoch, first.manifest)
    still = first.airs_until if not reached and first.airs_until and first.airs_until > now else None
    return Confirmation(village, player, reached, still)
