"""The chimes of slots as players fetch them, and what they leave of a slot."""

from datetime import date, time

import numpy as np
import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from audio_out.codecs import RATE, decode
from broadcaster.publishing import service as publishing
from broadcaster.publishing.chimes import longest_room_ms
from broadcaster.publishing.models import ChimeRow
from broadcaster.station import Station
from content.kernel.nodes import Node
from content.kernel.units import DurationMs, Sha256
from schedules import service as schedules
from schedules.models import Slot
from schedules.planner import Because
from schedules.queries import cues, day_plan
from tests import factories

PAUSE_MS = 1500


def with_chimes(session: Session, commune: Node, station: Station, villages: list[Node]) -> Slot:
    """A slot of two minutes in the morning that opens and closes with one."""
    return schedules.open_slot(
        session,
        commune,
        name="Sáng",
        start_local=time(6),
        duration_ms=DurationMs(120_000),
        rrule="FREQ=DAILY",
        starts_on=date(2026, 11, 22),
        opening_chime=True,
        closing_chime=True,
        villages=villages,
        now=station.clock.now(),
    )


def loudest_hz(samples: np.ndarray, from_s: float) -> float:
    piece = samples[round(from_s * RATE) :][: RATE // 4]
    spectrum = np.abs(np.fft.rfft(piece * np.hanning(len(piece)), RATE))
    return float(np.fft.rfftfreq(RATE, 1 / RATE)[spectrum.argmax()])


@pytest.mark.usefixtures("players")
def test_what_opens_goes_up_and_what_closes_goes_down(
    session: Session, commune: Node, villages: list[Node], station: Station
) -> None:
    """As decoded from what players fetch, after mastering and coding; each is under its own name in the plan."""
    with_chimes(session, commune, station, villages)
    factories.approved(session, commune, villages, station.clock.now())
    publishing.plan_and_publish(session, commune, station.press(), station.clock.now())
    rows = {row.sha256: row for row in session.scalars(select(ChimeRow))}
    tomorrow = date(2026, 11, 23)
    found = {
        occurrence.reasons[cue.key]["because"]: rows[cue.media[0]]
        for occurrence in day_plan(session, commune, tomorrow)
        for cue in cues(occurrence)
        if cue.announcement_uuid is None
    }
    steps = {}
    for because, row in found.items():
        sound = decode(station.store.read(Sha256(row.sha256))).samples.astype(float)
        steps[because] = loudest_hz(sound, row.duration_ms / 1000 - 0.9) / loudest_hz(sound, 0.05)
    assert steps[Because.OPENS] > 1.2
    assert steps[Because.CLOSES] < 0.8


@pytest.mark.usefixtures("players")
def test_the_room_of_a_slot_is_what_its_chimes_leave(
    session: Session, commune: Node, villages: list[Node], station: Station
) -> None:
    """Before a chime was made and after, an announcement of that length fits and one of a millisecond more does not."""
    slot = with_chimes(session, commune, station, villages)
    before = longest_room_ms(session, commune, villages, [slot.uuid])
    assert longest_room_ms(session, commune, villages) == 900_000
    publishing.plan_and_publish(session, commune, station.press(), station.clock.now())
    longest = {row.name: row.duration_ms for row in session.scalars(select(ChimeRow))}
    room = longest_room_ms(session, commune, villages, [slot.uuid])
    assert room == 120_000 - sum(longest.values()) - 2 * PAUSE_MS
    assert before is not None
    assert abs(before - room) < 200
    assert longest_room_ms(session, commune, []) is None
