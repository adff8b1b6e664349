"""Start precision: nine players on this machine, eight short announcements for all, found in what they recorded."""

import io
import tempfile
from pathlib import Path

import numpy as np
from rich.console import Console

from broadcaster.demo import report
from broadcaster.demo.day import Day
from broadcaster.demo.stage import Stage
from broadcaster.texts import Text
from tests.bench.result import Result

WORDS = ("một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám")


def measure() -> list[Result]:
    """p99 of how far each start lies from its planned instant, and how far apart the nine began, in milliseconds."""
    texts = [Text(f"Bản tin {word}", f"Đây là bản tin thứ {word}.", "khac", "routine") for word in WORDS]
    with tempfile.TemporaryDirectory() as folder, Stage(Path(folder) / "data") as stage:
        day = Day(stage, [(text, stage.villages) for text in texts], Console(file=io.StringIO()))
        lines = day.run()
    late = [abs(line.late_ms) for line in lines if line.late_ms is not None]
    assert len(late) == len(lines), "a cue is missing in a recording"
    spread = report.spread_ms(lines)
    assert spread is not None
    return [
        Result("start against plan, p99", float(np.percentile(late, 99)), "ms", goal=20, goal_is_for_the="value"),
        Result("start, apart between nine players", spread, "ms", goal=10, goal_is_for_the="value"),
    ]
