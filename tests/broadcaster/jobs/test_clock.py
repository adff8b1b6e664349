"""The worker's alarm clock never drops a tick in silence."""

from types import SimpleNamespace

import pytest
from apscheduler.events import EVENT_JOB_ERROR, EVENT_JOB_MISSED, JobExecutionEvent
from apscheduler.schedulers.background import BackgroundScheduler

from broadcaster import sample
from broadcaster.jobs import clock as alarm
from broadcaster.jobs import planning
from broadcaster.jobs.leading import Lead
from broadcaster.publishing import service as publishing
from broadcaster.station import Station
from content.kernel.db import unit_of_work
from content.kernel.nodes import Node


@pytest.fixture
def commune(station: Station) -> Node:
    with unit_of_work(station.sessions) as session:
        return sample.make_commune(session, "Cốc San", "coc-san", station.clock.now())[0]


@pytest.fixture
def ticking(station: Station, commune: Node, monkeypatch: pytest.MonkeyPatch) -> BackgroundScheduler:
    """The clock, set up but not running: a test hands it its events."""
    monkeypatch.setattr(BackgroundScheduler, "start", lambda _: None)
    return alarm.start_clock(station, Lead(station.sessions))


def is_wanted(station: Station, commune: Node) -> bool:
    with unit_of_work(station.sessions, writes=False) as session:
        return publishing.is_wanted(session, commune)


def plan(station: Station) -> None:
    planning.plan_if_wanted(station)


def test_late_ticks_run_once_and_are_never_dropped(station: Station, commune: Node) -> None:
    """Every job has no grace time to miss, coalesces, and runs alone."""
    running = alarm.start_clock(station, Lead(station.sessions))
    try:
        jobs = running.get_jobs()
        assert {job.id for job in jobs} >= {
            "plan_if_wanted",
            "want_everywhere",
            "drill_if_due",
            "sweep",
            "poll_sources",
            "tell_of_alerts",
            "settle_log",
            "send_due",
        }
        assert {(job.misfire_grace_time, job.coalesce, job.max_instances) for job in jobs} == {(None, True, 1)}
    finally:
        running.shutdown()


def test_a_start_plans_anew(ticking: BackgroundScheduler, station: Station, commune: Node) -> None:
    """Whatever happened while the worker was away, the plan is repaired from the tables."""
    assert is_wanted(station, commune)


def test_a_missed_tick_is_repaired(ticking: BackgroundScheduler, station: Station, commune: Node) -> None:
    """A tick that was missed all the same asks for a plan."""
    plan(station)
    assert not is_wanted(station, commune)
    ticking._dispatch_event(JobExecutionEvent(EVENT_JOB_MISSED, "plan_if_wanted", "default", station.clock.now()))
    assert is_wanted(station, commune)


def test_a_failed_tick_rests_before_the_next(
    ticking: BackgroundScheduler, station: Station, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A tick that failed comes again after a pause, not every second into the log."""
    moved = SimpleNamespace(to=None)
    monkeypatch.setattr(ticking, "modify_job", lambda _id, next_run_time: setattr(moved, "to", next_run_time))
    ticking._dispatch_event(JobExecutionEvent(EVENT_JOB_ERROR, "plan_if_wanted", "default", station.clock.now()))
    assert (moved.to - station.clock.now()).total_seconds() == alarm.REST_S
