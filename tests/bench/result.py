"""One measured figure, and how it is shown and kept."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table


@dataclass(frozen=True, slots=True)
class Result:
    """A figure, the floor of the same run that it is held against, and the goal for the ratio or the value."""

    measure: str
    value: float
    unit: str
    floor: float | None = None
    goal: float | None = None
    goal_is_for_the: str = "ratio"

    @property
    def ratio(self) -> float | None:
        """How many times the floor."""
        return self.value / self.floor if self.floor else None

    @property
    def met(self) -> bool | None:
        """Whether the goal is met; None where there is none."""
        if self.goal is None:
            return None
        held = self.value if self.goal_is_for_the == "value" or self.ratio is None else self.ratio
        return held <= self.goal


def show(results: Sequence[Result], path: Path) -> None:
    """Print a table, and write the figures as JSON."""
    table = Table("Measure", "Value", "Unit", "Floor", "Ratio", "Goal", "Met")
    for result in results:
        goal = "" if result.goal is None else f"{result.goal_is_for_the} <= {result.goal:g}"
        table.add_row(
            result.measure,
            f"{result.value:.3f}",
            result.unit,
            "" if result.floor is None else f"{result.floor:.3f}",
            "" if result.ratio is None else f"{result.ratio:.2f}",
            goal,
            {None: "", True: "yes", False: "NO"}[result.met],
        )
    Console().print(table)
    path.parent.mkdir(parents=True, exist_ok=True)
    kept = [asdict(result) | {"ratio": result.ratio, "met": result.met} for result in results]
    path.write_text(json.dumps(kept, indent=2, ensure_ascii=False))
