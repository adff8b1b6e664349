"""A year of nine villages in the log (500,000 planned cues and as many rows): opening each page, removing the old part.

The floor of a page of the log is one bare SQL read of the rows that it tells of, in the same run, by the driver alone.
"""

import json
import sqlite3
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from statistics import median
from uuid import UUID, uuid4

from broadcaster.demo import people
from broadcaster.demo.browser import Browser
from broadcaster.demo.stage import Stage
from broadcaster.fleet import service as fleet
from broadcaster.protocol import ClockState, Heartbeat, PairRequest
from broadcaster.reports.spans import Span, SpanKind
from broadcaster.texts import Text
from content.kernel.db import unit_of_work
from content.kernel.nodes import the_commune, villages_of
from tests.bench import retired
from tests.bench.result import Result

ROWS = 500_000
DAYS = 365
WRITTEN = Text("Họp thôn", "Mời bà con họp thôn.", "hop-thon", "routine")
ROUNDS = 5
GOAL_MS = 300
ANNOUNCEMENTS = 400
"""So many in a year, each aired in all villages for some days."""


def measure() -> list[Result]:
    """Milliseconds until each page has arrived whole, the median of some visits; then all but two months goes."""
    with tempfile.TemporaryDirectory() as folder, Stage(Path(folder) / "data", worker=False) as stage:
        now = stage.station.clock.now()
        announcements = [uuid4() for _ in range(ANNOUNCEMENTS)]
        with Browser(stage.url) as browser:
            people.log_in(browser, stage.secretary)
            announcements[ANNOUNCEMENTS // 2] = UUID(people.write(browser, WRITTEN, [], everywhere=True))
        _pair(stage, now)
        database = stage.folder / "broadcaster.db"
        _fill(database, now, announcements)
        pages = _pages(now, announcements[ANNOUNCEMENTS // 2])
        with Browser(stage.url) as browser:
            people.log_in(browser, stage.admin)
            opened = [
                Result(f"a year: {page}", _opened_ms(browser, page), "ms", _read_ms(database, rows), GOAL_MS, "value")
                for page, rows in pages.items()
            ]
        return opened + retired.measure(database)


def _pages(now: datetime, announcement: UUID) -> dict[str, str | None]:
    """Each page with the condition of the lines of the log that it tells of, None where it tells of none."""
    day, old = now.date() - timedelta(days=1), now.date() - timedelta(days=200)
    week, month = (Span.around(kind, old) for kind in (SpanKind.WEEK, SpanKind.MONTH))
    here = "village_id = (SELECT id FROM node WHERE slug = 'un-ta') AND "
    return {
        "/": None,
        f"/log?on={day}": _within(day, day),
        f"/log?on={old}": _within(old, old),
        f"/log/week?village=un-ta&on={old}": here + _within(week.first, week.last),
        f"/log/announcements/{announcement}": f"announcement_uuid = '{announcement.hex}'",
        f"/reports?kind=day&on={day}": _within(day, day),
        f"/reports?kind=week&on={old}": _within(week.first, week.last),
        f"/reports?kind=month&on={old}": _within(month.first, month.last),
        "/villages": None,
        "/villages/un-ta": None,
        "/fleet": None,
        "/announcements": None,
        "/schedule": None,
        "/audit": None,
        "/log/quarantine": None,
        "/settings/retention": None,
    }


def _within(first: date, last: date) -> str:
    return f"local_on BETWEEN '{first}' AND '{last}'"


def _read_ms(database: Path, rows: str | None) -> float | None:
    """How long the driver alone takes to read these lines."""
    if rows is None:
        return None
    taken = []
    connection = sqlite3.connect(database)
    for _ in range(ROUNDS):
        begun = time.perf_counter()
        connection.execute(f"SELECT * FROM airing WHERE {rows}").fetchall()
        taken.append((time.perf_counter() - begun) * 1000)
    connection.close()
    return median(taken)


def _opened_ms(browser: Browser, page: str) -> float:
    taken = []
    for _ in range(ROUNDS):
        begun = time.perf_counter()
        browser.open(page)
        taken.append((time.perf_counter() - begun) * 1000)
    return median(taken)


def _pair(stage: Stage, now: datetime) -> None:
    with unit_of_work(stage.station.sessions) as session:
        commune = the_commune(session)
        assert commune is not None
        for village in villages_of(session, commune):
            code = fleet.make_code(session, village, None, now)
            fleet.pair(session, stage.station.signer, PairRequest(code=code, nonce=uuid4().hex, name="Loa"), now)
        for player in fleet.players_of(session, villages_of(session, commune)):
            fleet.heard_from(session, player, Heartbeat(sent_at=now, clock_state=ClockState.TRUSTED), now)


def _fill(database: Path, now: datetime, announcements: list[UUID]) -> None:
    """The year straight into SQLite; the columns that are not named have what the product would give them."""
    with sqlite3.connect(database) as connection:
        places = connection.execute("SELECT village_id, id FROM player ORDER BY village_id").fetchall()
        commune = connection.execute("SELECT id FROM node WHERE kind = 'commune'").fetchone()[0]
        connection.executemany(_insert("airing", _AIRING), (row for row, _ in _rows(now, places, announcements)))
        connection.executemany(_insert("as_run", _AS_RUN), (row for _, row in _rows(now, places, announcements)))
        connection.execute("DELETE FROM log_state")
        connection.execute("INSERT INTO log_state (node_id, settled_until) VALUES (?, ?)", (commune, _at(now)))
        connection.executemany(
            "INSERT INTO player_hour (player_id, at, report) VALUES (?, ?, '{}')",
            (
                (player, _at(now.replace(minute=0, second=0, microsecond=0) - timedelta(hours=hour)))
                for _, player in places
                for hour in range(1, DAYS * 24)
            ),
        )
    connection.close()


def _rows(
    now: datetime, places: list[tuple[int, int]], announcements: list[UUID]
) -> Iterator[tuple[tuple[object, ...], tuple[object, ...]]]:
    """Each cue as a line of the log and as the row that a player sent; numbers make uuids, so that both agree."""
    a_day = ROWS // DAYS // len(places)
    for number in range(ROWS):
        back, rest = divmod(number, a_day * len(places))
        place, of_day = divmod(rest, a_day)
        village, player = places[place]
        day = now - timedelta(days=back + 1)
        at = day.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(minutes=5 * of_day)
        announcement = announcements[(back + of_day) * len(announcements) // (DAYS + a_day)].hex
        occurrence, media = UUID(int=(place * DAYS + back) * 100 + of_day // 5).hex, f"{number % 997:064x}"
        outcome, reason = ("aired", None) if number % 50 else ("skipped", "media_incomplete")
        started = _at(at) if outcome == "aired" else None
        key = f"{announcement}:vi:{of_day}"
        title = f"Bản tin {number % 400}"
        line = (village, occurrence, key, at.date().isoformat(), at.hour, _at(at), _at(at + timedelta(minutes=1)))
        what = ("speech", title, "vi", "routine", announcement, 60_000, json.dumps([media]), 1, 1, 0)
        became = (outcome, reason, started, 40 if started else None, 60_000 if started else 0)
        said = (player, village, UUID(int=number).hex, occurrence, key, 1, title, _at(at), started, started)
        how = (outcome, reason, 40, media, _at(at), 0, "trusted", "boot", number, 0, json.dumps({"title": title}))
        yield (*line, *what, *became), (*said, *how)


_AIRING = (
    "village_id occurrence_uuid cue_key local_on hour planned_at due_at kind title language priority announcement_uuid "
    "duration_ms media is_synthetic is_planned is_exercise outcome reason started_at late_ms sounded_ms"
)
_AS_RUN = (
    "player_id village_id row_uuid occurrence_uuid cue_key attempt title planned_at started_at ended_at outcome reason "
    "late_ms media_sha256 received_at position_ms clock_state boot_id monotonic_ms is_exercise row"
)


def _insert(table: str, columns: str) -> str:
    names = columns.split()
    return f"INSERT INTO {table} ({', '.join(names)}) VALUES ({', '.join('?' * len(names))})"


def _at(at: datetime) -> str:
    """As our column type writes it."""
    return at.astimezone(UTC).replace(tzinfo=None).isoformat(" ", "microseconds")
