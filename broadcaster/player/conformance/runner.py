"""Runs checks, each with a village and a player of its own or all on one, and tells how they went."""

import sys
import tempfile
from collections.abc import Callable, Collection, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from broadcaster.player.clock import SystemSources
from broadcaster.player.conformance import airing, alarms, objects, reports, trust
from broadcaster.player.conformance.bench import Bench, Broken
from broadcaster.player.conformance.checks import Check
from broadcaster.player.conformance.hands import Commands, Hands, Person, Processes
from broadcaster.player.conformance.village import Village
from broadcaster.player.errors import PlayerError

LAST_LINES = 4
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


def run(
    checks: Collection[Check], commands: Commands, at_once: int, patience_s: float, host: str = "127.0.0.1"
) -> Iterator[Result]:
    """Try the checks, each with a village and a player of its own; yields results in the checks' order."""

    def tried(check: Check) -> Result:
        own = Path(folder) / check.name
        own.mkdir()
        with closing(Village(host)) as village, closing(Processes(commands, own, patience_s)) as player:
            return _tried(check, Bench(village, player, patience_s))

    # A player that was killed may leave children that still write while its folder is removed.
    kept = tempfile.TemporaryDirectory(prefix="conformance-", ignore_cleanup_errors=True)
    with kept as folder, ThreadPoolExecutor(at_once) as pool:
        yield from pool.map(tried, checks)


def run_on_one(checks: Collection[Check], village: Village, player: Hands, patience_s: float) -> Iterator[Result]:
    """Try the checks one after another on a player that keeps its data and runs on, paired once."""
    for check in checks:
        village.begin_anew()
        yield _tried(check, Bench(village, player, patience_s))


def run_by_hand(
    checks: Collection[Check], host: str, port: int, patience_s: float, say: Callable[[str], object]
) -> Iterator[Result]:
    """Try the checks on a player that a person pairs, starts and stops when asked to, and then presses Enter."""

    def ask(what: str) -> None:
        say(f"{what} Then press Enter.")
        sys.stdin.readline()

    with closing(Village(host, port)) as village:
        yield from run_on_one(checks, village, Person(ask), patience_s)


def _tried(check: Check, bench: Bench) -> Result:
    clock = SystemSources()
    began = clock.monotonic()
    why = ""
    try:
        check.run(bench)
    except Broken as broken:
        why = str(broken)
    except OSError as error:
        why = f"The player cannot be started: {error}"
    log = bench.hands.told().splitlines()[-LAST_LINES:] if why else ()
    return Result(check, why, clock.monotonic() - began, "\n".join(log))


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
