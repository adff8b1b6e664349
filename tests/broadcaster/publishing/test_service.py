"""From an approval to the signed bytes that players pull."""

from collections.abc import Sequence
from datetime import time
from uuid import uuid4

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from audio_out import codecs
from audio_out import queries as audio
from audio_out import service as rendering
from audio_out.assembly import Deliverable
from audio_out.mastering.formats import Format
from broadcaster import pipeline
from broadcaster.fleet.models import Player
from broadcaster.protocol import CueKind, Manifest, Playlist
from broadcaster.publishing import service as publishing
from broadcaster.publishing.models import ChimeRow, ManifestRow, PlanState
from broadcaster.station import Station
from content import service as content
from content.kernel.nodes import Node
from content.kernel.priority import Priority
from content.kernel.units import Dbtp, DurationMs, Lufs, Sha256
from schedules import queries as schedule
from schedules import service as schedules
from schedules.models import Occurrence
from tests import factories
from tests.conftest import HandClock


def plan(session: Session, commune: Node, station: Station) -> int:
    return publishing.plan_and_publish(session, commune, station.press(), station.clock.now())


def manifest(session: Session, player: Player) -> Manifest:
    return Manifest.model_validate_json(session.get_one(ManifestRow, player.id).body)


def titles(session: Session, station: Station, player: Player) -> list[str]:
    """What the player is told to air first."""
    occurrences = manifest(session, player).occurrences
    if not occurrences:
        return []
    playlist = Playlist.model_validate_json(station.store.read(Sha256(occurrences[0].playlist)))
    return [cue.title for cue in playlist.cues]


def test_what_is_approved_is_published_where_it_shall_be_heard(
    session: Session, commune: Node, villages: list[Node], players: Sequence[Player], station: Station
) -> None:
    """Its village gets playlist and audio with sizes and kinds; the other village gets neither."""
    revision = factories.approved(session, commune, villages[:1], station.clock.now())
    assert plan(session, commune, station) == 2
    here, there = (manifest(session, player) for player in players)
    assert titles(session, station, players[0]) == ["Họp thôn"]
    sound = audio.sounds(session, [revision])[revision.id]["vi"].deliverable
    assert {(ref.sha256, ref.mime) for ref in here.objects} == {
        (here.occurrences[0].playlist, "application/json"),
        (sound.sha256, "audio/ogg"),
    }
    assert there.occurrences == ()
    assert there.objects == ()


def test_nothing_changes_when_nothing_changed(
    session: Session, commune: Node, villages: list[Node], players: Sequence[Player], station: Station
) -> None:
    """Planning again signs nothing anew; only a wish makes a plan due."""
    factories.approved(session, commune, villages, station.clock.now())
    assert publishing.is_wanted(session, commune)
    plan(session, commune, station)
    session.expire_all()
    assert not publishing.is_wanted(session, commune)
    assert plan(session, commune, station) == 0


def test_villages_that_hear_the_same_share_one_playlist(
    session: Session, commune: Node, villages: list[Node], players: Sequence[Player], station: Station
) -> None:
    """The same programme is one object."""
    factories.approved(session, commune, villages, station.clock.now())
    plan(session, commune, station)
    names = {tuple(ref.playlist for ref in manifest(session, player).occurrences) for player in players}
    assert len(names) == 1


def test_withdrawing_takes_it_off_all_playlists(
    session: Session, commune: Node, villages: list[Node], players: Sequence[Player], station: Station
) -> None:
    """Gone at the next plan; restored, it is back."""
    revision = factories.approved(session, commune, villages, station.clock.now())
    plan(session, commune, station)
    pipeline.withdraw(session, commune, revision, uuid4(), station.clock.now())
    assert plan(session, commune, station) == 2
    assert titles(session, station, players[0]) == []
    pipeline.restore(session, commune, revision, uuid4(), station.clock.now())
    plan(session, commune, station)
    assert titles(session, station, players[0]) == ["Họp thôn"]


def test_the_old_version_airs_until_the_new_one_is_approved(
    session: Session, commune: Node, villages: list[Node], players: Sequence[Player], station: Station, clock: HandClock
) -> None:
    """A successor in review changes nothing on air; approved, it takes the place of its predecessor."""
    old = factories.approved(session, commune, villages, clock.now())
    new = content.revise(session, old, uuid4(), clock.now())
    wording = factories.wording(villages, title="Họp thôn (sửa)")
    content.save_draft(session, new, wording, new.edited_by, clock.now(), edits=new.edits)
    pipeline.submit(session, new, new.edited_by, clock.now())
    factories.rendered(session, new, clock.now())
    plan(session, commune, station)
    assert titles(session, station, players[0]) == ["Họp thôn"]
    pipeline.approve(session, commune, new, pipeline.shown_digest(session, new), uuid4(), clock.now())
    plan(session, commune, station)
    assert titles(session, station, players[0]) == ["Họp thôn (sửa)"]


def test_an_emergency_is_fetched_first(
    session: Session, commune: Node, villages: list[Node], players: Sequence[Player], station: Station
) -> None:
    """Its audio is marked; ordinary audio is not."""
    factories.approved(session, commune, villages, station.clock.now())
    urgent = factories.approved(session, commune, villages, station.clock.now(), priority=Priority.EMERGENCY)
    plan(session, commune, station)
    sound = audio.sounds(session, [urgent])[urgent.id]["vi"].deliverable
    first = {ref.sha256 for ref in manifest(session, players[0]).objects if ref.fetch_first and ref.mime == "audio/ogg"}
    assert first == {sound.sha256}


def test_nothing_new_within_the_freeze_window(
    session: Session, commune: Node, villages: list[Node], players: Sequence[Player], station: Station, clock: HandClock
) -> None:
    """Three minutes before air, with a window of five, an approval waits for tomorrow's slot."""
    clock.pass_by(minutes=27)
    factories.approved(session, commune, villages, clock.now())
    plan(session, commune, station)
    first = manifest(session, players[0]).occurrences[0]
    assert (first.starts_at - clock.now()).days == 1


def test_a_withdrawal_passes_the_freeze_window(
    session: Session, commune: Node, villages: list[Node], players: Sequence[Player], station: Station, clock: HandClock
) -> None:
    """Three minutes before air what is withdrawn still leaves the programme."""
    revision = factories.approved(session, commune, villages, clock.now())
    plan(session, commune, station)
    clock.pass_by(minutes=27)
    pipeline.withdraw(session, commune, revision, uuid4(), clock.now())
    plan(session, commune, station)
    assert titles(session, station, players[0]) == []


def test_what_is_longer_than_a_slot_is_said_once_a_day(
    session: Session, commune: Node, villages: list[Node], station: Station, clock: HandClock
) -> None:
    """A slot that opens every few minutes does not fill the database with the same refusal."""
    schedules.add_village_airing(session, villages[0], quiet_from_local=None, quiet_until_local=None)
    schedules.open_slot(
        session,
        commune,
        name="Khung thử",
        start_local=time(0),
        duration_ms=DurationMs(20_000),
        rrule="FREQ=MINUTELY;INTERVAL=10",
        starts_on=clock.now().date(),
        villages=villages[:1],
        now=clock.now(),
    )
    publishing.want_plan(session, commune)
    factories.approved(session, commune, villages[:1], clock.now())
    plan(session, commune, station)
    refused = session.scalars(select(Occurrence)).all()
    assert 1 <= len(refused) <= 4, "one for each of its four days"
    assert {entry["why"] for row in refused for entry in row.not_placed} == {"longer_than_slot"}


def test_chimes_are_objects_like_any_other(
    session: Session, commune: Node, villages: list[Node], players: Sequence[Player], station: Station
) -> None:
    """Made once, kept in the store, listed with size and kind, served, and played first and last."""
    for slot in schedule.slots(session, commune):
        slot.opening_chime = slot.closing_chime = True
    factories.approved(session, commune, villages, station.clock.now())
    plan(session, commune, station)
    first = manifest(session, players[0])
    cues = Playlist.model_validate_json(station.store.read(Sha256(first.occurrences[0].playlist))).cues
    assert [cue.kind for cue in cues] == [CueKind.CHIME, CueKind.SPEECH, CueKind.CHIME]
    listed = {ref.sha256: ref for ref in first.objects}
    for cue in (cues[0], cues[2]):
        (name,) = cue.media
        data = station.store.read(Sha256(name))
        assert (listed[name].size_bytes, listed[name].mime) == (len(data), "audio/ogg")
        assert publishing.published_mime(session, Sha256(name)) == "audio/ogg"
        assert abs(codecs.decode(data).duration_ms - cue.duration_ms) < 50
    publishing.want_plan(session, commune)
    assert plan(session, commune, station) == 0
    assert session.scalars(select(func.count()).select_from(ChimeRow)).one() == 2


def test_where_no_slot_has_chimes_none_are_made(
    session: Session, commune: Node, villages: list[Node], players: Sequence[Player], station: Station
) -> None:
    """The sound is not made before somebody wants it."""
    factories.approved(session, commune, villages, station.clock.now())
    plan(session, commune, station)
    assert session.scalars(select(ChimeRow)).all() == []


def test_a_plan_is_due_for_what_was_touched_until_anything_else_changes(
    session: Session, commune: Node, villages: list[Node], players: Sequence[Player], station: Station
) -> None:
    """Approvals and withdrawals name their announcement; a wish without a name is for everything."""
    plan(session, commune, station)
    revisions = [factories.approved(session, commune, villages, station.clock.now()) for _ in range(2)]
    state = session.get_one(PlanState, commune.id)
    assert state.touched == sorted(str(revision.announcement.uuid) for revision in revisions)
    publishing.want_plan(session, commune)
    assert state.touched is None
    pipeline.withdraw(session, commune, revisions[0], uuid4(), station.clock.now())
    assert state.touched is None, "the wish for everything is not forgotten"
    plan(session, commune, station)
    pipeline.restore(session, commune, revisions[0], uuid4(), station.clock.now())
    assert state.touched == [str(revisions[0].announcement.uuid)]
    plan(session, commune, station)
    assert titles(session, station, players[0]) == ["Họp thôn", "Họp thôn"]


def test_each_village_gets_the_sound_made_for_it(
    session: Session, commune: Node, villages: list[Node], players: list[Player], station: Station, clock: HandClock
) -> None:
    """A village of horns gets the deliverable shaped for horns, once it is made; until then the plain one."""
    horn = next(one for one in schedule.village_airings(session, commune) if one.village_id == villages[1].id)
    horn.preset = "horn"
    revision = factories.approved(session, commune, villages, clock.now())
    plan(session, commune, station)
    rendition = audio.sounds(session, [revision])[revision.id]["vi"].rendition
    plain = rendition.deliverables[0]
    assert [plain.sha256 in named(session, player) for player in players] == [True, True]
    shaped = Sha256("f" * 64)
    made = Deliverable(shaped, "audio/ogg", 9, DurationMs(plain.duration_ms), Lufs(-16.0), Dbtp(-2.0))
    rendering.keep_deliverable(session, rendition.id, made, Format.named("opus/horn"))
    publishing.want_plan(session, commune)
    plan(session, commune, station)
    assert [shaped in named(session, player) for player in players] == [False, True]
    assert [plain.sha256 in named(session, player) for player in players] == [True, False]


def named(session: Session, player: Player) -> set[str]:
    """What a player is to hold."""
    return {ref.sha256 for ref in manifest(session, player).objects}
