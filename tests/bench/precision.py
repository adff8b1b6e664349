"""Start precision: nine players on this machine, eight short announcements for all, found in what they recorded.

A recording's frames are of its player's own time, which each player has from the server by itself. For how far apart
the nine began that time is turned back into the machine's, which they share, by the offset that each row tells.
"""

import io
import tempfile
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import numpy as np
from rich.console import Console
from sqlalchemy import select

from broadcaster.asrun.models import AsRunEntry
from broadcaster.demo.day import Day
from broadcaster.demo.report import Line
from broadcaster.demo.stage import Stage
from broadcaster.texts import Text
from content.kernel.db import unit_of_work
from content.kernel.nodes import Node
from tests.bench.result import Result

WORDS = ("một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám")
Offsets = dict[tuple[str, datetime], float]


def measure() -> list[Result]:
    """How far each start lies from its planned instant, and how far apart the nine began, in milliseconds."""
    texts = [Text(f"Bản tin {word}", f"Đây là bản tin thứ {word}.", "khac", "routine") for word in WORDS]
    with tempfile.TemporaryDirectory() as folder, Stage(Path(folder) / "data") as stage:
        lines = Day(stage, [(text, stage.villages) for text in texts], Console(file=io.StringIO())).run()
        offsets = _offsets(stage)
    late = [abs(line.late_ms) for line in lines if line.late_ms is not None]
    assert late, "nothing was found in any recording"
    apart = _apart(lines, offsets)
    # A machine with too much else to do tears sounds; what is torn is not found again, and must not go unsaid.
    torn = len(lines) - len(late)
    return [
        Result(f"cues torn or missing in a recording, of {len(lines)}", torn, "cues", goal=0, goal_is_for_the="value"),
        Result("start against plan, p50", float(np.percentile(late, 50)), "ms"),
        Result("start against plan, p99", float(np.percentile(late, 99)), "ms", goal=20, goal_is_for_the="value"),
        Result("start, apart between nine players, p50", float(np.percentile(apart, 50)), "ms"),
        Result(
            "start, apart between nine players, p99",
            float(np.percentile(apart, 99)),
            "ms",
            goal=10,
            goal_is_for_the="value",
        ),
    ]


def _offsets(stage: Stage) -> Offsets:
    """By village and planned instant: player time minus the machine's, in ms, as the row of it says."""
    with unit_of_work(stage.station.sessions, writes=False) as session:
        query = select(Node.name, AsRunEntry.planned_at, AsRunEntry.row).join(Node, Node.id == AsRunEntry.village_id)
        return {(name, planned_at): float(row["clock_offset_ms"]) for name, planned_at, row in session.execute(query)}


def _apart(lines: Sequence[Line], offsets: Offsets) -> list[float]:
    """For each announcement, from the first player that began it to the last, by the machine's clock."""
    began: dict[datetime, list[float]] = defaultdict(list)
    for line in lines:
        if line.late_ms is not None:
            began[line.planned_at].append(line.late_ms - offsets[line.village, line.planned_at])
    return [max(moments) - min(moments) for moments in began.values()]
