"""Deliverables in the formats that villages need."""

import pytest

from audio_out import queries as audio
from audio_out.assembly import Deliverable
from audio_out.codecs import Codec
from audio_out.errors import StoreFull
from audio_out.mastering.formats import Format
from audio_out.mastering.horn import Preset
from broadcaster.jobs.pressing import REST, Presses
from broadcaster.publishing import service as publishing
from broadcaster.station import Station
from content import queries
from content.kernel.db import unit_of_work
from content.kernel.nodes import Node, NodeKind, add_node
from content.kernel.units import Dbtp, DurationMs, Lufs, Sha256
from schedules import service as schedules
from tests import factories
from tests.conftest import HandClock

HORN = Format(Codec.MP3, Preset.HORN)


class FakeStudio:
    """Presses what it is told, and counts."""

    def __init__(self) -> None:
        self.pressed: list[tuple[str, Format]] = []
        self.failing = False

    def deliver(self, master: str, *, codec: Codec, preset: Preset) -> Deliverable:
        self.pressed.append((master, Format(codec, preset)))
        if self.failing:
            raise StoreFull(folder="x")
        return Deliverable(Sha256("c" * 64), "audio/mpeg", 9, DurationMs(1000), Lufs(-16.0), Dbtp(-2.0))


@pytest.fixture
def commune(station: Station, clock: HandClock) -> Node:
    """One village with the usual sound and one whose player wants MP3 for horns, and one approved announcement."""
    with unit_of_work(station.sessions) as session:
        commune = add_node(session, NodeKind.COMMUNE, "x", "X")
        villages = [add_node(session, NodeKind.VILLAGE, slug, slug, parent=commune) for slug in ("a", "b")]
        for village in villages:
            airing = schedules.add_village_airing(session, village)
        airing.codec, airing.preset = HORN.codec, HORN.preset
        factories.approved(session, commune, villages, clock.now())
        return commune


def test_what_a_village_lacks_is_made_once(station: Station, clock: HandClock, commune: Node) -> None:
    """Each master is pressed in each format that some village needs, and the commune planned with it."""
    studio = FakeStudio()
    presses = Presses(station, studio)  # type: ignore[arg-type]
    assert presses.press_next()
    assert not presses.press_next()
    assert [wanted for _, wanted in studio.pressed] == [HORN]
    with unit_of_work(station.sessions, writes=False) as session:
        (revision,) = queries.airable(session, commune, clock.now().date())
        rendition = audio.sounds(session, [revision])[revision.id]["vi"].rendition
        made = audio.in_format(rendition, HORN)
        assert made is not None
        assert (made.mime, made.sha256) == ("audio/mpeg", "c" * 64)
        assert audio.best_for(rendition, Format(Codec.MP3)) is None
        assert publishing.is_wanted(session, commune)


def test_what_fails_rests_and_comes_again(station: Station, clock: HandClock, commune: Node) -> None:
    """A full disk is no reason to try a thousand times an hour, nor to forget."""
    studio = FakeStudio()
    studio.failing = True
    presses = Presses(station, studio)  # type: ignore[arg-type]
    assert presses.press_next()
    assert not presses.press_next()
    studio.failing = False
    clock.pass_by(seconds=REST.total_seconds() + 1)
    assert presses.press_next()
    assert len(studio.pressed) == 2
