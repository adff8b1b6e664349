"""The main job with nothing replaced: real server, worker and players on loopback, real speech, real recordings."""

import io
import os
import signal
from pathlib import Path

import pytest
from rich.console import Console
from sqlalchemy import select

from audio_out.models import JobState, RenderJob
from broadcaster.demo import people, report
from broadcaster.demo.browser import Browser
from broadcaster.demo.day import Day, log_page
from broadcaster.demo.stage import Stage
from broadcaster.texts import Text
from content.kernel.db import unit_of_work

SHORT = Text("Họp thôn", "Mời bà con họp lúc 19h30 ngày 25/11.", "hop-thon", "routine")
URGENT = Text("Cảnh báo", "Có nguy cơ lũ quét. Mời bà con đến nơi cao.", "thien-tai", "emergency")
SENTENCES = " ".join(f"Câu này là câu {word} của bài." for word in ["một", "hai", "ba"] * 60)
LONG = Text("Bài dài", SENTENCES, "khac", "routine")


def test_what_is_written_sounds_in_the_villages(stage: Stage) -> None:
    """Two announcements go all the way: each cue is in the log as aired and in the recording of its village, on time.

    The emergency is planned before the routine one although it was written after it, and all begin the same second.
    """
    day = Day(stage, [(SHORT, ["un-ta", "an-san"]), (URGENT, stage.villages)], Console(file=io.StringIO()))
    lines = day.run()
    assert len(lines) == 2 + 9
    assert all(line.proven for line in lines), lines
    assert all(abs(line.late_ms or 0) < 1000 for line in lines)
    first = [line for line in lines if line.title == URGENT.title]
    assert len({line.planned_at for line in first}) == 1
    log = log_page(stage, lines)
    assert SHORT.title in log
    assert URGENT.title in log


def test_a_killed_worker_loses_no_rendering(stage: Stage) -> None:
    """Kill -9 in the middle of a rendering: another worker takes it up, and it can be approved."""
    with Browser(stage.url) as browser:
        people.log_in(browser, stage.secretary)
        announcement = people.write(browser, LONG, ["un-ta"], everywhere=False)

    def running() -> bool:
        with unit_of_work(stage.station.sessions, writes=False) as session:
            newest = session.scalars(select(RenderJob).order_by(RenderJob.id.desc()).limit(1)).one()
            return newest.state == JobState.RUNNING and newest.done > 0

    stage.wait_until("the rendering to begin", running, 30)
    os.kill(stage.pid("worker"), signal.SIGKILL)
    with Browser(stage.url) as browser:
        people.log_in(browser, stage.cadre)
        people.approve(browser, announcement, stage)
    with unit_of_work(stage.station.sessions, writes=False) as session:
        job = session.scalars(select(RenderJob).order_by(RenderJob.id.desc()).limit(1)).one()
        assert (job.state, job.attempts) == (JobState.DONE, 2)


def test_the_author_cannot_approve(stage: Stage) -> None:
    """A cadre who wrote an announcement is not offered to approve it."""
    with Browser(stage.url) as browser:
        people.log_in(browser, stage.cadre)
        announcement = people.write(browser, SHORT, ["un-ta"], everywhere=False)
        with pytest.raises(people.NotOffered):
            people.approve(browser, announcement, stage)


def test_a_report_is_json_that_names_its_recordings(tmp_path: Path) -> None:
    """An empty day gives an empty report, not a crash."""
    report.write([], tmp_path / "report.json")
    assert (tmp_path / "report.json").read_text().startswith("{")
