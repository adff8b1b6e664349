"""Runs checks, several at a time, each with a village and a player of its own, and tells how they went."""

import tempfile
from collections.abc import Callable, Collection, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from broadcaster.player.clock import SystemSources
from broadcaster.player.conformance import airing, alarms, objects, reports, trust
from broadcaster.player.conformance.bench import Bench, Broken, Commands
from broadcaster.player.conformance.checks import Check
from broadcaster.player.errors import PlayerError

ALL: tuple[Check, ...] = (*trust.CHECKS, *objects.CHECKS, *airing.CHECKS, *reports.CHECKS, *alarms.CHECKS)


@dataclass(frozen=True)
class Result:
    """How a check went: `why` is empty when the player keeps the rule; `log` is the end of what it wrote."""

    check: Check
    why: str
    seconds: float
    log: str = ""


def chosen(names: Collection[str]) -> tuple[Check, ...]:
    """Return the checks of these names, all without names.

    Raises:
        PlayerError: no check has that name.
    """
    known = {check.name for check in ALL}
    if unknown := sorted(set(names) - known):
        raise PlayerError(f"There is no check {', '.join(unknown)}: see broadcaster-player conformance --list")
    return tuple(check for check in ALL if not names or check.name in names)


def run(checks: Collection[Check], commands: Commands, at_once: int, patience_s: float) -> Iterator[Result]:
    """Try the checks; yields results in the checks' order as they become known."""
    with tempfile.TemporaryDirectory(prefix="conformance-") as folder, ThreadPoolExecutor(at_once) as pool:
        yield from pool.map(lambda check: _tried(check, commands, Path(folder), patience_s), checks)


def _tried(check: Check, commands: Commands, folder: Path, patience_s: float) -> Result:
    own = folder / check.name
    own.mkdir()
    bench = Bench(commands, own, patience_s)
    clock = SystemSources()
    began = clock.monotonic()
    why = ""
    try:
        check.run(bench)
    except Broken as broken:
        why = str(broken)
    except OSError as error:
        why = f"The player cannot be started: {error}"
    finally:
        bench.close()
    return Result(check, why, clock.monotonic() - began, bench.told() if why else "")


def report(results: Iterator[Result], say: Callable[[str], object]) -> int:
    """Print a line per check and the sum; return the exit status, 0 when all rules are kept."""
    failed, tried = [], 0
    for result in results:
        tried += 1
        say(f"{'FAIL' if result.why else 'PASS'}  {result.check.name}: {result.check.rule} ({result.seconds:.0f} s)")
        if result.why:
            failed.append(result.check.name)
            say(f"      {result.why}")
            say(f"      docs/player.md, {result.check.anchor!r}")
            for line in result.log.splitlines():
                say(f"      | {line[:200]}")
    say(f"{tried - len(failed)} of {tried} rules are kept")
    if failed:
        say(f"Broken: {', '.join(failed)}")
    return 1 if failed else 0
