"""What loudspeakers, workers and second languages do to a town while its pages are tested."""

from uuid import uuid4

from sqlalchemy import update
from sqlalchemy.orm import Session

from audio_out.models import DeliverableRow, JobState, Recording, RenderJob, Rendition
from audio_out.queries import source_name
from broadcaster import pipeline
from broadcaster.accounts.models import Role
from broadcaster.fleet import service as fleet
from broadcaster.fleet.models import Player
from broadcaster.protocol import ClockState, Heartbeat
from broadcaster.publishing.models import ManifestRow
from content import queries, service
from content.kernel.db import unit_of_work
from content.kernel.nodes import Node
from content.models import Part, Revision
from tests.broadcaster.web.conftest import Town


def sound(session: Session, town: Town, part: Part, seed: str = "") -> None:
    """Give a part audio, as the worker would; another seed makes other bytes."""
    sha256 = town.station.store.put(f"sound of {part.language} {part.reading} {part.recording} {seed}".encode())
    measured = {"sha256": sha256, "duration_ms": 24_000, "lufs": -16.0, "peak_dbtp": -2.0}
    session.execute(update(RenderJob).where(RenderJob.part_id == part.id).values(state=JobState.DONE))
    session.add(
        Rendition(
            part_id=part.id,
            source_sha256=source_name(session.get_one(Revision, part.revision_id), part),
            voice="espeak:vi+f2",
            wished_voice="auto",
            edit_list=[],
            created_at=town.clock.now(),
            deliverables=[DeliverableRow(mime="audio/ogg", size_bytes=10, **measured)],
            **measured,
        )
    )
    session.flush()


def made_anew(town: Town, revision: Revision) -> None:
    """Other audio of the same words."""
    with unit_of_work(town.station.sessions) as session:
        sound(session, town, queries.revision(session, revision.id).parts[0], "again")


def with_recording(town: Town, language: str, gist: str = "Mời bà con họp thôn.") -> Revision:
    """In review, to be listened to: a text, and a recording in another language."""
    draft = town.draft()
    with unit_of_work(town.station.sessions) as session:
        revision = queries.revision(session, draft.id)
        writer, now = town.people[Role.SECRETARY].uuid, town.clock.now()
        take = Recording(
            node_id=town.commune.id,
            sha256="a" * 64,
            take_sha256="b" * 64,
            file_name="loi-noi.wav",
            mime="audio/wav",
            size_bytes=10,
            duration_ms=24_000,
            findings=[],
            waveform=[],
            received_by=writer,
            received_at=now,
        )
        session.add(take)
        session.flush()
        service.put_recording(session, revision, language, take.uuid, writer, now, text=gist)
        pipeline.submit(session, revision, writer, now)
        for part in revision.parts:
            sound(session, town, part)
        return revision


def player(town: Town, village: Node) -> Player:
    """A loudspeaker in a village that has not reported yet."""
    with unit_of_work(town.station.sessions) as session:
        made = Player(
            village_id=village.id, name="x", hardware="", token_sha256=uuid4().hex, paired_at=town.clock.now()
        )
        session.add(made)
        return made


def reports(town: Town, player: Player) -> None:
    """It has fetched its newest manifest and says so."""
    with unit_of_work(town.station.sessions) as session:
        held = session.get_one(ManifestRow, player.id)
        beat = Heartbeat(
            sent_at=town.clock.now(),
            clock_state=ClockState.TRUSTED,
            server_epoch=held.server_epoch,
            manifest_id=held.manifest_id,
        )
        fleet.heard_from(session, session.get_one(Player, player.id), beat, town.clock.now())
