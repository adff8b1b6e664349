"""Planning and publishing: a change asks for it in its own transaction, the worker does it within a second.

A manifest is rebuilt only when its content has changed or it grows old; `content_sha256` tells.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from audio_out import queries as audio
from audio_out.mastering.formats import Format
from audio_out.store import Store
from broadcaster.alerts import queries as alerts
from broadcaster.fleet import lives
from broadcaster.fleet import service as fleet
from broadcaster.fleet.models import Player
from broadcaster.fleet.signing import Signer
from broadcaster.publishing import manifest, programme
from broadcaster.publishing.chimes import chimes
from broadcaster.publishing.models import ChimeRow, ManifestRow, PlanState
from content import queries as content
from content.kernel.nodes import Node, villages_of
from content.kernel.units import DurationMs, Sha256
from content.models import Revision
from schedules import queries as airing
from schedules import service as schedules
from schedules.models import Playlist
from schedules.planner import Media, Part

REISSUE_AFTER = timedelta(hours=6)
"""An unchanged manifest is signed anew this often, so that `valid_until` keeps its distance."""


@dataclass(frozen=True, slots=True)
class Press:
    """What publishing works with."""

    store: Store
    signer: Signer
    horizon_days: int
    poll_seconds: int

    @property
    def lead(self) -> timedelta:
        """How long players need to learn of a change: two polls, since one may be lost."""
        return timedelta(seconds=2 * self.poll_seconds)


def want_plan(session: Session, commune: Node, announcement_uuid: UUID | None = None) -> None:
    """Ask for a new plan, in the transaction of what changed: one announcement if it is named, else anything."""
    state = session.get(PlanState, commune.id, with_for_update=True)
    if state is None:
        session.add(PlanState(node_id=commune.id, touched=None))
    else:
        is_planned = state.wanted == state.done
        touched = [] if is_planned else state.touched
        known = touched is not None and announcement_uuid is not None
        state.touched = sorted({*(touched or ()), str(announcement_uuid)}) if known else None
        state.wanted += 1
    session.flush()


def want_plan_of(session: Session, player_uuid: UUID) -> None:
    """Ask for a new plan of the commune in which this player stands."""
    player = session.scalars(select(Player).where(Player.uuid == player_uuid)).one()
    village = session.get_one(Node, player.village_id)
    want_plan(session, session.get_one(Node, village.parent_id))


def is_wanted(session: Session, commune: Node) -> bool:
    """Whether anything changed since the last plan."""
    state = session.get(PlanState, commune.id)
    return state is not None and state.wanted > state.done


def plan_and_publish(session: Session, commune: Node, press: Press, now: datetime) -> int:
    """Plan what changed, or the whole horizon, and sign the manifests that changed. Returns how many did."""
    state = session.get_one(PlanState, commune.id)
    wanted, touched = state.wanted, state.touched
    formats = {each.format for each in airing.village_airings(session, commune)}
    schedules.replan(
        session,
        commune,
        now,
        _airables(session, commune, now, formats),
        press.store.put,
        chimes=chimes(session, commune, press.store, formats),
        horizon_days=press.horizon_days,
        lead=press.lead,
        touched=None if touched is None or wanted == state.done else [UUID(uuid) for uuid in touched],
    )
    # A restored database plans, so that an admin sees what would air, but tells the players nothing before that.
    changed = 0 if lives.held(session) else publish(session, commune, press, now)
    state.done, state.done_at = wanted, now
    session.flush()
    return changed


def publish(session: Session, commune: Node, press: Press, now: datetime) -> int:
    """Sign the manifests whose content changed or that grow old. Returns how many."""
    villages = villages_of(session, commune)
    contents = programme.contents(session, commune, villages, now, press.poll_seconds)
    epoch = lives.epoch(session, now)
    rows = {row.player_id: row for row in session.scalars(select(ManifestRow))}
    keys = [press.signer.public.model_dump()]
    changed = 0
    for player in fleet.players_of(session, villages):
        content = {**contents[player.village_id], "player": str(player.uuid), "keys": keys}
        changed += _issue(session, rows.get(player.id), player, content, epoch, press, now)
    schedules.mark_published(session, villages, now)
    session.flush()
    return changed


def manifest_for(session: Session, token_sha256: str) -> ManifestRow | None:
    """The newest manifest of the living player with this token, None before the first plan."""
    query = select(ManifestRow).join(Player, Player.id == ManifestRow.player_id)
    return session.scalars(query.where(Player.token_sha256 == token_sha256, Player.revoked_at.is_(None))).first()


def published_mime(session: Session, sha256: Sha256) -> str | None:
    """What kind of object this is, None if players have no business with it."""
    if deliverable := audio.deliverable(session, sha256):
        return deliverable.mime
    if mime := alerts.mime_of(session, sha256):
        return mime
    if mime := session.scalars(select(ChimeRow.mime).where(ChimeRow.sha256 == sha256)).first():
        return mime
    known = session.scalars(select(Playlist.id).where(Playlist.sha256 == sha256)).first()
    return programme.PLAYLIST_MIME if known is not None else None


def _airables(
    session: Session, commune: Node, now: datetime, formats: Collection[str]
) -> dict[str, dict[UUID, schedules.Airable]]:
    """By format: what each approved revision sounds like. What cannot be had in a format is not airable there yet."""
    revisions = content.airable(session, commune, now.astimezone(commune.zone).date())
    sounds = audio.sounds(session, revisions)
    return {
        name: {
            revision.uuid: schedules.Airable(revision.title, parts)
            for revision in revisions
            if (parts := _parts(revision, sounds.get(revision.id, {}), Format.named(name)))
        }
        for name in formats
    }


def _parts(revision: Revision, sounds: Mapping[str, audio.Sound], wanted: Format) -> tuple[Part, ...]:
    """A revision's parts in a format; none unless all are there."""
    made = {language: audio.best_for(sound.rendition, wanted) for language, sound in sounds.items()}
    parts = tuple(
        Part(part.language, (Media(Sha256(row.sha256), DurationMs(row.duration_ms)),))
        for part in revision.parts
        if (row := made.get(part.language))
    )
    return parts if len(parts) == len(revision.parts) else ()


def _issue(
    session: Session,
    row: ManifestRow | None,
    player: Player,
    content: manifest.Content,
    epoch: int,
    press: Press,
    now: datetime,
) -> bool:
    name = manifest.name_of(manifest.canonical(content))
    fresh = row is not None and row.server_epoch == epoch and now - row.issued_at < REISSUE_AFTER
    if row is not None and fresh and row.content_sha256 == name:
        return False
    if row is None:
        row = ManifestRow(player_id=player.id, manifest_id=lives.reported_manifest(player))
        session.add(row)
    row.manifest_id += 1
    row.server_epoch, row.issued_at, row.content_sha256 = epoch, now, name
    row.body = manifest.issue(
        content,
        epoch=epoch,
        manifest_id=row.manifest_id,
        issued_at=now,
        valid_until=now + timedelta(days=press.horizon_days),
    )
    row.signature = press.signer.sign(row.body)
    row.etag = f'"{epoch}-{row.manifest_id}-{name[:16]}"'
    return True
