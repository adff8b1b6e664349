"""Run all measures, or those whose names are given: `python -m tests.bench poll render`."""

import sys
from pathlib import Path

from tests.bench import alerts, card, idle, planning, poll, precision, programme, render, year
from tests.bench.result import Result, show

MEASURES = {
    "alerts": alerts.measure,
    "poll": poll.measure,
    "programme": programme.measure,
    "planning": planning.measure,
    "render": render.measure,
    "precision": precision.measure,
    "card": card.measure,
    "idle": idle.measure,
    "year": year.measure,
}


def main() -> None:
    """Measure, print, write build/bench.json."""
    results: list[Result] = []
    for name in sys.argv[1:] or MEASURES:
        sys.stderr.write(f"measuring {name}...\n")
        results += MEASURES[name]()
    show(results, Path("build/bench.json"))


if __name__ == "__main__":
    main()
