"""Rendering in the worker: a failure is kept and shown, whatever it was, and never stops the worker."""

from collections.abc import Callable
from uuid import uuid4

import pytest
from sqlalchemy import select

from audio_out import service as audio
from audio_out.assembly import Deliverable, Master
from audio_out.errors import NoVoice, RenderCancelled
from audio_out.models import JobState, RenderJob, Rendition
from audio_out.recordings import Take
from broadcaster import pipeline
from broadcaster.jobs import rendering
from broadcaster.station import Station
from content.kernel.db import unit_of_work
from content.kernel.nodes import Node, NodeKind, add_node
from content.kernel.units import Dbtp, DurationMs, Lufs, Sha256
from content.models import Part
from tests import factories

TAKE = Take(Sha256("1" * 64), Sha256("2" * 64), "audio/mp4", 9, DurationMs(1000), (), ())
SPOKEN = (
    Master(Sha256("a" * 64), DurationMs(1000), Lufs(-16.0), Dbtp(-2.0), "espeak:vi+f2", "auto", ()),
    Deliverable(Sha256("b" * 64), "audio/ogg", 9, DurationMs(1000), Lufs(-16.0), Dbtp(-2.0)),
)


class FakeStudio:
    """Does what a test says instead of speaking."""

    def __init__(self, work: Callable[..., object]) -> None:
        self._work = work

    def render(self, reading: str, **wishes: object) -> object:
        wishes["on_progress"](1, 3)  # type: ignore[operator]
        return self._work(reading, **wishes)

    def render_take(self, take_sha256: str, **wishes: object) -> object:
        return self.render(f"take {take_sha256}", **wishes)


@pytest.fixture
def queued(station: Station) -> None:
    """One announcement in review, waiting for its audio."""
    with unit_of_work(station.sessions) as session:
        now = station.clock.now()
        commune = add_node(session, NodeKind.COMMUNE, "coc-san", "Cốc San")
        village = add_node(session, NodeKind.VILLAGE, "un-ta", "Ún Tà", parent=commune)
        draft = factories.draft(session, commune, [village], now)
        pipeline.submit(session, draft, draft.edited_by, now)


def job(station: Station) -> RenderJob:
    with unit_of_work(station.sessions, writes=False) as session:
        return session.scalars(select(RenderJob)).one()


def render(station: Station, work: Callable[..., object]) -> bool:
    return rendering.render_next(station, FakeStudio(work))  # type: ignore[arg-type]


def test_what_was_spoken_is_kept(station: Station, queued: None) -> None:
    """The rendition is stored, the job done, and nothing is left to do."""
    assert render(station, lambda *_, **__: SPOKEN)
    with unit_of_work(station.sessions, writes=False) as session:
        assert session.scalars(select(Rendition.sha256)).one() == "a" * 64
    assert job(station).state == JobState.DONE
    assert not render(station, lambda *_, **__: SPOKEN)


def test_a_refusal_is_shown_with_its_facts(station: Station, queued: None) -> None:
    """What cannot work fails at once, with the sentence that a page translates."""

    def refuse(*_: object, **__: object) -> None:
        raise NoVoice(language="Giáy")

    assert render(station, refuse)
    failed = job(station)
    assert failed.state == JobState.FAILED
    assert failed.error == {"sentence": NoVoice.sentence, "facts": {"language": "Giáy"}}


def test_a_crash_is_tried_again(station: Station, queued: None) -> None:
    """An error nobody foresaw leaves the job in the queue and the worker alive; progress is visible meanwhile."""
    assert render(station, lambda *_, **__: 1 / 0)
    waiting = job(station)
    assert (waiting.state, waiting.done, waiting.total) == (JobState.QUEUED, 1, 3)
    assert waiting.error is not None
    assert waiting.error["facts"] == {"cause": "ZeroDivisionError"}


def test_a_lost_lease_stops_the_work(station: Station, queued: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker that was taken for dead stops at the next step and stores nothing over its successor."""
    monkeypatch.setattr(rendering.Lease, "is_lost", lambda _: True)

    def work(*_: object, cancelled: Callable[[], bool], **__: object) -> object:
        if cancelled():
            raise RenderCancelled
        return SPOKEN

    render(station, work)
    with unit_of_work(station.sessions, writes=False) as session:
        assert session.scalars(select(Rendition)).all() == []


def test_what_was_recorded_is_not_spoken(station: Station, queued: None) -> None:
    """A part with a recording is mastered from its take, in the same queue and kept in the same way."""
    with unit_of_work(station.sessions) as session:
        commune = session.scalars(select(Node).where(Node.kind == NodeKind.COMMUNE)).one()
        kept = audio.add_recording(session, commune, TAKE, "a.m4a", uuid4(), station.clock.now())
        session.scalars(select(Part)).one().recording = kept.uuid
    asked = []

    def work(what: str, **wishes: object) -> object:
        asked.append((what, wishes["language"], "voice" in wishes))
        return SPOKEN

    assert render(station, work)
    assert asked == [(f"take {TAKE.take_sha256}", "vi", False)]
    assert job(station).state == JobState.DONE
