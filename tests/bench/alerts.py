"""From the press to the players: prepared phrases and typed texts, to nine real players and to a thousand listeners.

The nine are whole player processes that play into the null output; the thousand are bare connections that read events
and post receipts (`listeners.py`), no players. The clock starts when the browser sends the second press and stops when
each listener has the whole signed alert, or, with the nine, when their loudspeaker sounds its own words. A typed text
is sent the moment it was chosen, so that the voice had no time to speak it in between: a person's second press comes
seconds later.
"""

import json
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from statistics import quantiles
from uuid import UUID, uuid4

import httpx2
from sqlalchemy import func, select

from broadcaster.alerts import phrases
from broadcaster.alerts.models import Alert, AlertReceiptRow, AlertSound, AlertVersion
from broadcaster.demo.stage import Stage
from broadcaster.fleet.models import Player
from content.kernel.db import unit_of_work
from content.kernel.nodes import the_commune, villages_of
from tests.bench.result import Result

LISTENERS = 1000
ROUNDS = 10
PRESSES = 20
TYPED = "Cầu tràn số {} ngập sâu hơn 1 mét. Bà con không đi qua, đi đường vòng qua trạm y tế."
GOALS = {("phrase", 9): 0.5, ("typed", 9): 2.0, ("phrase", LISTENERS): 1.5, ("typed", LISTENERS): 4.0}


def measure() -> list[Result]:
    """Seconds from the press, the median and the worst of a hundred."""
    with tempfile.TemporaryDirectory() as folder, Stage(Path(folder) / "data", poll_seconds=60) as stage:
        browser = _logged_in(stage)
        stage.wait_until("rendering of the phrases", lambda: _is_ready(stage), 240)
        results = _to_listeners(stage, browser)
        stage.start_players(lambda _village: None)
        stage.wait_until("nine players that keep every phrase", lambda: _have_all(stage), 240)
        return [*_to_players(stage, browser), *results]


def _to_listeners(stage: Stage, browser: httpx2.Client) -> list[Result]:
    tokens = _players(stage)
    with _listening(stage, tokens) as lines:
        found: dict[str, list[float]] = {"phrase": [], "typed": []}
        for number in range(ROUNDS):
            for kind, seconds in found.items():
                pressed, uuid = _press(browser, kind, number)
                seconds += [at - pressed for at in _arrivals(lines, uuid, stage)]
                browser.post(f"/alerts/{uuid}/cancel")
                _arrivals(lines, uuid, stage, cancelled=True)
                stage.wait_until("storing of all receipts", lambda uuid=uuid: _reported(stage, uuid), 60)
    _leave(stage)
    return [each for kind, seconds in found.items() for each in _results(kind, LISTENERS, "has it", seconds)]


def _to_players(stage: Stage, browser: httpx2.Client) -> list[Result]:
    found: dict[str, list[float]] = {"phrase": [], "typed": []}
    for number in range(PRESSES):
        for kind, seconds in found.items():
            pressed, uuid = _press(browser, kind, number + 100)
            pressed += time.time() - time.monotonic()
            stage.wait_until("nine players that sound", lambda uuid=uuid: _all_sound(stage, uuid), 60)
            seconds += [at - pressed for at in _soundings(stage, uuid)]
            browser.post(f"/alerts/{uuid}/cancel")
            time.sleep(2)
    return [each for kind, seconds in found.items() for each in _results(kind, 9, "sounds", seconds)]


def _results(kind: str, players: int, what: str, seconds: list[float]) -> list[Result]:
    who = f"{players:,} bare listeners" if players > 9 else f"{players} players"
    name = f"{kind}, press to each of {who} {what}"
    worst = quantiles(seconds, n=100)[98]
    return [
        Result(f"{name}: p50", quantiles(seconds, n=2)[0], "s"),
        Result(f"{name}: p99", worst, "s", goal=GOALS[kind, players], goal_is_for_the="value"),
    ]


def _press(browser: httpx2.Client, kind: str, number: int) -> tuple[float, UUID]:
    """Choose and send; when the second press began, and the alert."""
    form = {"where": "all", "scope": "actual", "minutes": "5", "repeats": "0", "valid_minutes": "15"}
    words = {"phrase": "flash_flood"} if kind == "phrase" else {"phrase": "text", "text": TYPED.format(number)}
    chosen = browser.post("/alerts", data=form | words)
    assert chosen.status_code == 303, chosen.text
    pressed = time.monotonic()
    sent = browser.post(f"{chosen.headers['location']}/send")
    assert sent.status_code == 303, sent.text
    return pressed, UUID(sent.headers["location"].rsplit("/", 1)[1])


def _arrivals(lines: Iterator[str], uuid: UUID, stage: Stage, *, cancelled: bool = False) -> list[float]:
    """When each listener had the whole alert: not one in which other words stand in."""
    for line in lines:
        assert not line.startswith("refused"), line
        name, _version, is_cancelled, times = json.loads(line)
        if UUID(name) == uuid and is_cancelled == cancelled and (cancelled or _version == _whole(stage, uuid)):
            return list(times)
    raise AssertionError("the listeners are gone")


def _whole(stage: Stage, uuid: UUID) -> int:
    with unit_of_work(stage.station.sessions, writes=False) as session:
        return session.scalars(select(Alert.version).where(Alert.uuid == uuid)).one()


def _soundings(stage: Stage, uuid: UUID) -> list[float]:
    """When each player began to sound the alert's newest version, by its clock, which is the machine's."""
    query = (
        select(AlertReceiptRow.at)
        .join(Alert, (Alert.id == AlertReceiptRow.alert_id) & (Alert.version == AlertReceiptRow.version))
        .where(Alert.uuid == uuid, AlertReceiptRow.stage == "sounding")
    )
    with unit_of_work(stage.station.sessions, writes=False) as session:
        return [at.timestamp() for at in session.scalars(query)]


def _all_sound(stage: Stage, uuid: UUID) -> bool:
    """Whether nine players sound the alert's own words: a version in which other words stand in does not count."""
    query = select(AlertVersion.is_whole).join(Alert, Alert.id == AlertVersion.alert_id)
    query = query.where(Alert.uuid == uuid, AlertVersion.version == Alert.version)
    with unit_of_work(stage.station.sessions, writes=False) as session:
        is_whole = session.scalars(query).one()
    return is_whole and len(_soundings(stage, uuid)) >= 9


def _reported(stage: Stage, uuid: UUID) -> bool:
    """Whether every listener's reports of the newest version are stored."""
    query = (
        select(func.count())
        .select_from(AlertReceiptRow)
        .join(Alert, (Alert.id == AlertReceiptRow.alert_id) & (Alert.version == AlertReceiptRow.version))
        .where(Alert.uuid == uuid, AlertReceiptRow.stage == "sounding")
    )
    with unit_of_work(stage.station.sessions, writes=False) as session:
        return (session.scalar(query) or 0) >= LISTENERS


def _is_ready(stage: Stage) -> bool:
    with unit_of_work(stage.station.sessions, writes=False) as session:
        made = session.scalar(select(func.count()).select_from(AlertSound).where(AlertSound.sha256.is_not(None)))
        return (made or 0) >= len(phrases.shipped()) + 2


def _have_all(stage: Stage) -> bool:
    """Whether nine players report a manifest and nothing missing."""
    with unit_of_work(stage.station.sessions, writes=False) as session:
        reports = list(session.scalars(select(Player.heartbeat).where(Player.revoked_at.is_(None))))
    return len(reports) == 9 and all(
        report and report["manifest_id"] and not report["objects_missing"] for report in reports
    )


def _players(stage: Stage) -> list[str]:
    """A thousand paired players in the nine villages; their tokens."""
    now, tokens = stage.station.clock.now(), [uuid4().hex for _ in range(LISTENERS)]
    with unit_of_work(stage.station.sessions) as session:
        commune = the_commune(session)
        assert commune is not None
        villages = villages_of(session, commune)
        session.add_all(
            Player(
                village_id=villages[place % len(villages)].id,
                name=f"bench {place}",
                hardware="",
                token_sha256=sha256(token.encode()).hexdigest(),
                paired_at=now,
            )
            for place, token in enumerate(tokens)
        )
    return tokens


def _leave(stage: Stage) -> None:
    with unit_of_work(stage.station.sessions) as session:
        for player in session.scalars(select(Player)):
            player.revoked_at = stage.station.clock.now()


@contextmanager
def _listening(stage: Stage, tokens: list[str]) -> Iterator[Iterator[str]]:
    argv = [sys.executable, "-m", "tests.bench.listeners", str(stage.settings.port)]
    process = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdin
    assert process.stdout
    process.stdin.write("\n".join(tokens))
    process.stdin.close()
    try:
        assert process.stdout.readline() == "ready\n"
        yield process.stdout
    finally:
        process.terminate()
        process.wait()
        process.stdout.close()


def _logged_in(stage: Stage) -> httpx2.Client:
    browser = httpx2.Client(base_url=stage.url, headers={"origin": stage.url}, timeout=30)
    answer = browser.post("/login", data={"login": stage.cadre.login, "password": stage.cadre.password})
    assert answer.status_code == 303, re.sub(r"<[^>]+>", " ", answer.text)
    return browser
