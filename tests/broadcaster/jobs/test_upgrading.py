"""A better voice that is back reads what waits for approval, and never what is approved."""

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from audio_out.models import JobState, RenderJob
from audio_out.voices import Voice
from broadcaster import pipeline
from broadcaster.jobs.upgrading import LOOK_EVERY, Upgrades
from broadcaster.station import Station
from content.kernel.db import unit_of_work
from content.kernel.nodes import Node, NodeKind, add_node, villages_of
from schedules import service as schedules
from tests import factories
from tests.conftest import HandClock


class FakeStudio:
    """Says whether voices answer, and which were asked."""

    def __init__(self, *, answering: bool) -> None:
        self.answering = answering
        self.asked: list[str] = []

    def answers(self, voice: Voice) -> bool:
        self.asked.append(voice.id)
        return self.answering


@pytest.fixture
def commune(station: Station) -> Node:
    with unit_of_work(station.sessions) as session:
        commune = add_node(session, NodeKind.COMMUNE, "x", "X")
        schedules.add_village_airing(session, add_node(session, NodeKind.VILLAGE, "a", "A", parent=commune))
        return commune


def villages(session: Session, commune: Node) -> list[Node]:
    return villages_of(session, session.get_one(Node, commune.id))


def in_review(station: Station, commune: Node, clock: HandClock) -> None:
    """Read by eSpeak, though the best voice was wished for."""
    with unit_of_work(station.sessions) as session:
        revision = factories.draft(session, commune, villages(session, commune), clock.now())
        pipeline.submit(session, revision, revision.edited_by, clock.now())
        session.query(RenderJob).update({"state": JobState.DONE})
        factories.rendered(session, revision, clock.now())


def waiting(station: Station) -> int:
    with unit_of_work(station.sessions, writes=False) as session:
        return len(session.scalars(select(RenderJob).where(RenderJob.state == JobState.QUEUED)).all())


def test_what_a_reserve_voice_read_is_made_anew_once_the_better_one_answers(
    station: Station, clock: HandClock, commune: Node
) -> None:
    """It is asked every ten minutes, and asks for the rendering only when it answers."""
    in_review(station, commune, clock)
    studio = FakeStudio(answering=False)
    upgrades = Upgrades(station, studio)  # type: ignore[arg-type]
    assert not upgrades.look()
    assert (studio.asked, waiting(station)) == (["gtts:vi"], 0)
    studio.answering = True
    assert not upgrades.look()
    clock.pass_by(minutes=LOOK_EVERY / timedelta(minutes=1))
    assert upgrades.look()
    assert waiting(station) == 1
    clock.pass_by(minutes=LOOK_EVERY / timedelta(minutes=1))
    assert not upgrades.look()
    assert waiting(station) == 1


def test_what_is_approved_stays_as_it_was_heard(station: Station, clock: HandClock, commune: Node) -> None:
    """An approval is bound to the audio: nothing is asked for behind its back."""
    with unit_of_work(station.sessions) as session:
        factories.approved(session, commune, villages(session, commune), clock.now())
        session.query(RenderJob).update({"state": JobState.DONE})
    studio = FakeStudio(answering=True)
    assert not Upgrades(station, studio).look()  # type: ignore[arg-type]
    assert (studio.asked, waiting(station)) == ([], 0)
