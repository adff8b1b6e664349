"""From the press to the players: prepared phrases and typed texts, nine players alone and nine among a thousand.

The nine are whole player processes that play into the null output. The others of the thousand are bare connections
that read events and report as players do, but have no sound (`listeners.py`): of them only delivery is measured, of
the nine among them when their loudspeaker sounds. The clock starts when the browser sends the second press and stops
when a listener has the whole signed alert, or, with the nine, when the first sample of its own words' version leaves
the device. A typed text is sent the moment it was chosen, so that the voice had no time to speak it in between: a
person's second press comes seconds later.

The floor is what this machine gives in the same minutes: nine processes woken at once, each of which writes a page and
has it on the disk (`woken.py`).
"""

import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
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
REAL = 9
PATIENCE_S = 240
"""A busy machine needs minutes for the reports of a thousand; when a player sounded it says itself."""
ROUNDS = 20
PRESSES = 100
BARE = "bench "
"""How the names of the players begin that are none."""
TYPED = "Cầu tràn số {} ngập sâu hơn 1 mét. Bà con không đi qua, đi đường vòng qua trạm y tế."
GOALS = {("phrase", 9): 0.5, ("typed", 9): 2.0, ("phrase", LISTENERS): 1.5, ("typed", LISTENERS): 4.0}


def measure() -> list[Result]:
    """Seconds from the press, the median and the worst of a hundred; the machine's own floor beside them."""
    with tempfile.TemporaryDirectory() as folder, Stage(Path(folder) / "data", poll_seconds=60) as stage:
        browser = _logged_in(stage)
        stage.wait_until("rendering of the phrases", lambda: _is_ready(stage), 240)
        stage.start_players(lambda _village: None)
        stage.wait_until("nine players that keep every phrase", lambda: _have_all(stage), 240)
        floor = _floor(Path(folder))
        # The thousand first: who connects gets all that is on the board, also what was cancelled.
        among, delivered = _to_a_thousand(stage, browser)
        _leave(stage)
        alone = _to_players(stage, browser, PRESSES)
    load = Result("load of the machine over the last 15 minutes", os.getloadavg()[2], "processes")
    return [
        *(each for kind, seconds in alone.items() for each in _results(kind, REAL, "9 players sounds", seconds, floor)),
        *(
            each
            for kind, seconds in among.items()
            for each in _results(kind, LISTENERS, f"9 players among {LISTENERS:,} sounds", seconds, floor)
        ),
        *(
            each
            for kind, seconds in delivered.items()
            for each in _results(kind, LISTENERS, f"{LISTENERS - REAL} bare listeners has it", seconds, floor)
        ),
        load,
    ]


def _to_players(stage: Stage, browser: httpx2.Client, presses: int) -> dict[str, list[float]]:
    found: dict[str, list[float]] = {"phrase": [], "typed": []}
    for number in range(presses):
        for kind in found:
            pressed, uuid = _press(browser, kind, number + 100)
            found[kind] += _sounding_after(stage, pressed, uuid)
            browser.post(f"/alerts/{uuid}/cancel")
            # Devices close a second after the last sound: some presses find them open, others closed.
            time.sleep(0.5 + number % 50 / 50)
    return found


def _to_a_thousand(stage: Stage, browser: httpx2.Client) -> tuple[dict[str, list[float]], dict[str, list[float]]]:
    """Of the real ones when they sound, of the bare ones when they have it."""
    sounding: dict[str, list[float]] = {"phrase": [], "typed": []}
    delivered: dict[str, list[float]] = {"phrase": [], "typed": []}
    with _listening(stage, _players(stage)) as lines:
        for number in range(ROUNDS):
            for kind in sounding:
                pressed, uuid = _press(browser, kind, number)
                delivered[kind] += [at - pressed for at in _arrivals(lines, uuid, stage)]
                sounding[kind] += _sounding_after(stage, pressed, uuid)
                browser.post(f"/alerts/{uuid}/cancel")
                _arrivals(lines, uuid, stage, cancelled=True)
                stage.wait_until("storing of all receipts", partial(_reported, stage, uuid), PATIENCE_S)
    return sounding, delivered


def _floor(folder: Path) -> tuple[float, float]:
    """Seconds until each of nine woken processes has a page on the disk: the median, and the worst of a hundred."""
    seconds = []
    with ExitStack() as stack:
        woken = [stack.enter_context(_woken(folder / f"floor-{number}")) for number in range(REAL)]
        for _ in range(PRESSES):
            began = time.monotonic()
            for process in woken:
                assert process.stdin
                process.stdin.write("now\n")
                process.stdin.flush()
            for process in woken:
                assert process.stdout
                seconds.append(float(process.stdout.readline()) - began)
            time.sleep(0.1)
    return quantiles(seconds, n=2)[0], quantiles(seconds, n=100)[98]


@contextmanager
def _woken(file: Path) -> Iterator["subprocess.Popen[str]"]:
    argv = [sys.executable, "-m", "tests.bench.woken", str(file)]
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        assert process.stdout.readline() == "ready\n"
        yield process


def _results(kind: str, players: int, what: str, seconds: list[float], floor: tuple[float, float]) -> list[Result]:
    name = f"{kind}, press to each of {what} ({len(seconds):,} samples)"
    worst = quantiles(seconds, n=100)[98]
    return [
        Result(f"{name}: p50", quantiles(seconds, n=2)[0], "s", floor=floor[0]),
        Result(f"{name}: p99", worst, "s", floor=floor[1], goal=GOALS[kind, players], goal_is_for_the="value"),
    ]


def _sounding_after(stage: Stage, pressed: float, uuid: UUID) -> list[float]:
    """Seconds from the press (monotonic) to the first sample of the alert's own words, of each of the nine."""
    stage.wait_until("nine players that sound", partial(_all_sound, stage, uuid), PATIENCE_S)
    pressed += time.time() - time.monotonic()
    return [at - pressed for at in _soundings(stage, uuid)]


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
    """When each real player began to sound the alert's newest version, by its clock, which is the machine's."""
    query = (
        select(AlertReceiptRow.at)
        .join(Alert, (Alert.id == AlertReceiptRow.alert_id) & (Alert.version == AlertReceiptRow.version))
        .join(Player, Player.id == AlertReceiptRow.player_id)
        .where(Alert.uuid == uuid, AlertReceiptRow.stage == "sounding", Player.name.not_like(f"{BARE}%"))
    )
    with unit_of_work(stage.station.sessions, writes=False) as session:
        return [at.timestamp() for at in session.scalars(query)]


def _all_sound(stage: Stage, uuid: UUID) -> bool:
    """Whether nine players sound the alert's own words: a version in which other words stand in does not count."""
    query = select(AlertVersion.is_whole).join(Alert, Alert.id == AlertVersion.alert_id)
    query = query.where(Alert.uuid == uuid, AlertVersion.version == Alert.version)
    with unit_of_work(stage.station.sessions, writes=False) as session:
        is_whole = session.scalars(query).one()
    return is_whole and len(_soundings(stage, uuid)) >= REAL


def _reported(stage: Stage, uuid: UUID) -> bool:
    """Whether every bare listener's reports of the newest version are stored."""
    query = (
        select(func.count())
        .select_from(AlertReceiptRow)
        .join(Alert, (Alert.id == AlertReceiptRow.alert_id) & (Alert.version == AlertReceiptRow.version))
        .where(Alert.uuid == uuid, AlertReceiptRow.stage == "sounding")
    )
    with unit_of_work(stage.station.sessions, writes=False) as session:
        return (session.scalar(query) or 0) >= LISTENERS - REAL


def _is_ready(stage: Stage) -> bool:
    with unit_of_work(stage.station.sessions, writes=False) as session:
        made = session.scalar(select(func.count()).select_from(AlertSound).where(AlertSound.sha256.is_not(None)))
        return (made or 0) >= len(phrases.shipped()) + 2


def _have_all(stage: Stage) -> bool:
    """Whether nine players report a manifest and nothing missing."""
    with unit_of_work(stage.station.sessions, writes=False) as session:
        reports = list(session.scalars(select(Player.heartbeat).where(Player.revoked_at.is_(None))))
    return len(reports) == REAL and all(
        report and report["manifest_id"] and not report["objects_missing"] for report in reports
    )


def _players(stage: Stage) -> list[str]:
    """As many more players in the nine villages as make a thousand; their tokens."""
    now, tokens = stage.station.clock.now(), [uuid4().hex for _ in range(LISTENERS - REAL)]
    with unit_of_work(stage.station.sessions) as session:
        commune = the_commune(session)
        assert commune is not None
        villages = villages_of(session, commune)
        session.add_all(
            Player(
                village_id=villages[place % len(villages)].id,
                name=f"{BARE}{place}",
                hardware="",
                token_sha256=sha256(token.encode()).hexdigest(),
                paired_at=now,
            )
            for place, token in enumerate(tokens)
        )
    return tokens


def _leave(stage: Stage) -> None:
    with unit_of_work(stage.station.sessions) as session:
        for player in session.scalars(select(Player).where(Player.name.like(f"{BARE}%"))):
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
