"""Planning a nation: 100,000 villages x 14 days, commune after commune, each in a transaction of its own.

Measured with the product's own run and a database, over as many communes as a minute allows, in a process of its own;
`measured villages` says how many, and what is said of 100,000 is that times the rest. Villages of a commune that hear
the same share a plan: nine villages make two plans here, since one of them speaks another language first. Floor:
writing the very same rows of the occurrences by one bare statement per commune, without anything of ours.

`python -m tests.bench.planning 10000` plans so many villages for real, however long it takes, in communes of twenty
with nine to twenty different programmes each, and tells memory and time as it goes. Only of every tenth thousand it
plans again (nothing changed), withdraws an announcement and writes the floor: a nation's first plan is long enough. It
may be ended at any time by SIGTERM, and then leaves nothing behind.
"""

import hashlib
import json
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from datetime import time as wall_clock
from itertools import count
from pathlib import Path
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Connection, Engine, delete, insert, select
from sqlalchemy.orm import Session

from broadcaster import migrations
from content.kernel.db import open_engine, session_factory, unit_of_work
from content.kernel.nodes import Node, NodeKind, add_node
from content.kernel.units import DurationMs, Sha256
from schedules import service as schedules
from schedules.models import Occurrence, Slot
from schedules.planner import Media, Part
from schedules.service import Airable
from tests.bench.result import Result

ALL_VILLAGES, VILLAGES, ANNOUNCEMENTS, DAYS = 100_000, 9, 12, 14
MANY, FEWEST_PROGRAMMES = 20, 9
"""Villages of a commune in the long run, and how many of them at least hear something of their own."""
BUDGET_S = 35.0
TELL_EVERY = 1000
NOW = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
TODAY = date(2026, 11, 22)
_NUMBERS = count(1)


def measure() -> list[Result]:
    """CPU milliseconds per 1,000 villages against the floor, and how much memory the process had at most."""
    done = subprocess.run([sys.executable, "-m", "tests.bench.planning"], check=True, capture_output=True)
    found = json.loads(done.stdout)
    each = found["villages"] / 1000
    full = "plan of a nation"
    return [
        Result(f"{full}: villages measured", found["villages"], "villages"),
        Result(f"{full}: first plan", found["plan_ms"] / each, "CPU ms/1,000 villages", found["floor_ms"] / each),
        Result(f"{full}: nothing changed", found["again_ms"] / each, "CPU ms/1,000 villages"),
        Result(f"{full}: one announcement", found["touched_ms"] / each, "CPU ms/1,000 villages"),
        Result(f"{full}: 100,000 villages, one core", found["plan_ms"] / each * ALL_VILLAGES / 1e6, "CPU s"),
        Result(f"{full}: peak memory", found["peak_mb"], "MB", found["early_mb"], goal=1.15),
    ]


def main() -> None:
    """Measure in this process; print what was found as JSON, or for a number of villages line by line."""
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'bench.db'}"
        migrations.upgrade(url)
        engine = open_engine(url)
        if len(sys.argv) > 1:
            _long_run(engine, int(sys.argv[1]), Path(folder) / "bench.db")
        else:
            sys.stdout.write(json.dumps(_short_run(engine)))
        engine.dispose()


def _short_run(engine: Engine) -> dict[str, float]:
    """Within the budget; with the most memory after ten communes and after all."""
    spent: Counter[str] = Counter()
    begun, communes, early_mb = time.monotonic(), 0, 0.0
    while time.monotonic() - begun < BUDGET_S:
        spent.update(_commune(engine))
        communes += 1
        early_mb = _memory_mb("VmHWM") if communes == 10 else early_mb  # the libraries are warm then
    return {**spent, "villages": communes * VILLAGES, "early_mb": early_mb, "peak_mb": _memory_mb("VmHWM")}


def _long_run(engine: Engine, villages: int, database: Path) -> None:
    """All of them; a line for each thousand, about what was done since the line before."""
    sys.stdout.write(
        "minutes so far, villages, programmes, then CPU s/1,000 for the first plan, nothing changed, one announcement "
        "and the floor, then MB now, most MB and the size of the database in MB\n"
    )
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    done, programmes, spent, told, begun = 0, 0, Counter[str](), 0, time.monotonic()
    while done < villages:
        kinds = FEWEST_PROGRAMMES + done // MANY % (MANY - FEWEST_PROGRAMMES + 1)
        is_tenth = done // TELL_EVERY % 10 == 0
        spent.update(_commune(engine, MANY, kinds) if is_tenth else {"plan_ms": _planned(engine, MANY, kinds).plan_ms})
        done, programmes = done + MANY, programmes + kinds
        if done // TELL_EVERY > told // TELL_EVERY or done >= villages:
            names = ("plan_ms", "again_ms", "touched_ms", "floor_ms")
            each = [f"{spent[name] / (done - told):.1f}" if name in spent else "-" for name in names]
            minutes, size_mb = (time.monotonic() - begun) / 60, database.stat().st_size / 1e6
            memory = [f"{_memory_mb(kind):.0f}" for kind in ("VmRSS", "VmHWM")]
            line = [f"{minutes:.1f}", str(done), str(programmes), *each, *memory, f"{size_mb:.0f}"]
            sys.stdout.write("\t".join(line) + "\n")
            sys.stdout.flush()
            spent, told = Counter(), done


def _commune(engine: Engine, villages: int = VILLAGES, kinds: int = 2) -> dict[str, float]:
    """Make one with so many different programmes, plan it, plan it again, and plan one announcement withdrawn."""
    commune, formats, first, plan_ms = _planned(engine, villages, kinds)
    timed = {"plan_ms": plan_ms}
    with unit_of_work(session_factory(engine)) as session:
        commune = session.get_one(Node, commune.id)
        timed["again_ms"] = _cpu_ms(lambda: schedules.replan(session, commune, NOW, formats, len))
        schedules.withdraw_bookings(session, commune, first, NOW)
    with unit_of_work(session_factory(engine)) as session:
        commune = session.get_one(Node, commune.id)
        timed["touched_ms"] = _cpu_ms(lambda: schedules.replan(session, commune, NOW, formats, len, touched=[first]))
    with engine.begin() as connection:
        timed["floor_ms"] = _floor_ms(connection, commune)
    return timed


class _Planned(NamedTuple):
    commune: Node
    formats: dict[str, dict[UUID, Airable]]
    first: UUID
    plan_ms: float


def _planned(engine: Engine, villages: int, kinds: int) -> _Planned:
    """Make a commune and plan it for the first time."""
    with unit_of_work(session_factory(engine)) as session:
        commune, airables, first = _made(session, villages, kinds)
        formats = {"opus/plain": airables}
        plan_ms = _cpu_ms(lambda: schedules.replan(session, commune, NOW, formats, len))
    return _Planned(commune, formats, first, plan_ms)


def _floor_ms(connection: Connection, commune: Node) -> float:
    """Take the commune's occurrences out and write them again."""
    mine = Occurrence.slot_id.in_(select(Slot.id).where(Slot.node_id == commune.id))
    table = Occurrence.__table__
    rows = [dict(row._mapping) for row in connection.execute(select(table).where(mine))]
    connection.execute(delete(table).where(mine))  # type: ignore[arg-type]
    return _cpu_ms(lambda: connection.execute(insert(table), rows))  # type: ignore[arg-type]


def _made(session: Session, count: int, kinds: int) -> tuple[Node, dict[UUID, Airable], UUID]:
    """Villages, three slots a day, twelve announcements of 40 to 95 seconds for two weeks.

    The first `kinds` villages hear something of their own: the first another language first, the others not quite all
    announcements, and some other quiet hours too. All the others hear the same.
    """
    number = next(_NUMBERS)
    commune = add_node(session, NodeKind.COMMUNE, f"commune-{number}", f"Commune {number}")
    villages = [add_node(session, NodeKind.VILLAGE, f"v{n}", f"Village {n}", parent=commune) for n in range(count)]
    for n, village in enumerate(villages):
        quiet = wall_clock(21 if n > ANNOUNCEMENTS and n < kinds - 1 else 22)
        languages = ("vi", "hmn") if n else ("hmn", "vi")
        schedules.add_village_airing(session, village, languages=languages, quiet_from_local=quiet)
    own = dict(enumerate(villages[1 : kinds - 1]))
    for hour in (6, 11, 17):
        schedules.open_slot(
            session,
            commune,
            name=f"{hour} h",
            start_local=wall_clock(hour),
            duration_ms=DurationMs(600_000),
            rrule="FREQ=DAILY",
            starts_on=TODAY,
            villages=villages,
            now=NOW,
        )
    airables = {}
    for n in range(ANNOUNCEMENTS):
        booking = schedules.book(
            session,
            commune,
            announcement_uuid=_uuid(number, n, "a"),
            revision_uuid=_uuid(number, n, "r"),
            villages=[each for each in villages if each not in {own.get(n - 1), own.get(n + ANNOUNCEMENTS - 1)}],
            from_on=TODAY,
            until_on=TODAY + timedelta(days=DAYS),
            times_per_day=2,
            now=NOW,
        )
        parts = tuple(Part(language, (_media(number, n, language),)) for language in ("vi", "hmn")[: 1 + n % 2])
        airables[booking.revision_uuid] = Airable(f"Announcement {n}", parts)
    return commune, airables, _uuid(number, 0, "a")


def _uuid(*of: object) -> UUID:
    return UUID(bytes=hashlib.md5(repr(of).encode(), usedforsecurity=False).digest())


def _media(number: int, n: int, language: str) -> Media:
    name = hashlib.sha256(f"{number} {n} {language}".encode()).hexdigest()
    return Media(Sha256(name), DurationMs(40_000 + 5_000 * n))


def _cpu_ms(work: object) -> float:
    begun = time.process_time()
    work()  # type: ignore[operator]
    return (time.process_time() - begun) * 1000


def _memory_mb(kind: str) -> float:
    """What this process has now (VmRSS) or had at most (VmHWM), by Linux; `getrusage` counts the parent's at a fork."""
    line = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith(kind))
    return int(line.split()[1]) / 1024


if __name__ == "__main__":
    main()
