"""The province's system, played by a real web server on loopback that loses answers, repeats itself and errs."""

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select

from broadcaster import pipeline
from broadcaster.alerts import phrases
from broadcaster.alerts.incoming import places
from broadcaster.alerts.incoming.models import Message, Source, State
from broadcaster.alerts.models import Alert
from broadcaster.jobs.province import ask_province
from broadcaster.province import service
from broadcaster.province.models import BulletinRow, Link
from broadcaster.station import Station
from content import queries
from content.kernel.db import unit_of_work
from content.kernel.nodes import Node, NodeKind, add_node
from content.models import Revision
from content.workflow import State as DraftState
from schedules import service as schedules
from tests.conftest import HandClock
from tests.factories import rendered


@dataclass
class Province:
    """What it holds, what it was told, and how it misbehaves: `lose` answers to receipts after taking them."""

    port: int = 0
    rows: list[Any] = field(default_factory=list)
    receipts: list[dict[str, Any]] = field(default_factory=list)
    cursors: list[str] = field(default_factory=list)
    lose: int = 0
    repeats: bool = False
    answer: bytes | None = None

    def stages(self, name: str) -> list[str]:
        return list(dict.fromkeys(one["stage"] for one in self.receipts if one["id"] == name))


@pytest.fixture
def province() -> Iterator[Province]:
    held = Province()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            cursor = self.path.partition("cursor=")[2]
            held.cursors.append(cursor)
            new = held.rows if held.repeats else held.rows[int(cursor or 0) :]
            body = held.answer or json.dumps({"bulletins": new, "cursor": str(len(held.rows))}).encode()
            self._say(200 if self.headers["Authorization"] == "Bearer khoa" else 401, body)

        def do_POST(self) -> None:
            held.receipts += json.loads(self.rfile.read(int(self.headers["Content-Length"])))["receipts"]
            held.lose -= 1
            self._say(503 if held.lose >= 0 else 204, b"")

        def _say(self, status: int, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    held.port = server.server_address[1]
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield held
    server.shutdown()
    server.server_close()


@pytest.fixture
def commune(station: Station, clock: HandClock, province: Province) -> Node:
    with unit_of_work(station.sessions) as session:
        made = add_node(session, NodeKind.COMMUNE, "coc-san", "Cốc San")
        for slug, name in (("un-ta", "Ún Tà"), ("an-san", "An San")):
            schedules.add_village_airing(session, add_node(session, NodeKind.VILLAGE, slug, name, parent=made))
        phrases.seed(session, made, clock.now())
        link(station, made, province, session)
        return made


def link(station: Station, commune: Node, province: Province, session: Any, **wanted: Any) -> None:
    key = station.signer.secret_for(service.SEAL)
    about = service.Wanted(f"http://127.0.0.1:{province.port}", "khoa", **wanted)
    service.set_up(session, commune, key, about, None, station.clock.now())


def row(name: str = "TT-1", **changed: Any) -> dict[str, Any]:
    return {
        "id": name,
        "level": "routine",
        "title": "Tiêm chủng mở rộng",
        "text": "Mời bà con đưa trẻ đi tiêm.",
        "issued": "2026-11-22T16:00:00+07:00",
        "from_on": "2026-11-23",
        "until_on": "2026-11-25",
        "areas": [{"name": "Thôn Ún Tà"}],
        **changed,
    }


def ask(station: Station, clock: HandClock, times: int = 1) -> None:
    for _ in range(times):
        ask_province(station)
        clock.pass_by(minutes=11)


def revisions(station: Station, commune: Node) -> list[Revision]:
    with unit_of_work(station.sessions, writes=False) as session:
        kept = session.scalars(select(BulletinRow).order_by(BulletinRow.id))
        return [queries.latest(session, commune, one.announcement_uuid) for one in kept if one.announcement_uuid]


def test_a_routine_bulletin_waits_for_approval(
    station: Station, commune: Node, province: Province, clock: HandClock
) -> None:
    """The province writes, somebody here approves; it is told both."""
    province.rows = [row(level="important", times_per_day=2)]
    ask(station, clock)
    (draft,) = revisions(station, commune)
    assert (draft.state, draft.priority, draft.times_per_day) == (DraftState.IN_REVIEW, "important", 2)
    assert [village.slug for village in draft.villages] == ["un-ta"]
    assert province.stages("TT-1") == ["received", "waiting"]
    with unit_of_work(station.sessions) as session:
        revision = queries.revision(session, draft.id)
        rendered(session, revision, clock.now())
        pipeline.approve(session, commune, revision, pipeline.shown_digest(session, revision), uuid4(), clock.now())
    ask(station, clock)
    assert province.stages("TT-1") == ["received", "waiting", "approved"]


def test_as_the_setting_says_it_stays_a_draft(
    station: Station, commune: Node, province: Province, clock: HandClock
) -> None:
    """A commune may want its secretary to look first."""
    with unit_of_work(station.sessions) as session:
        link(station, commune, province, session, submits=False)
    province.rows = [row()]
    ask(station, clock)
    assert revisions(station, commune)[0].state == DraftState.DRAFT


def test_an_emergency_goes_the_way_of_a_warning(
    station: Station, commune: Node, province: Province, clock: HandClock
) -> None:
    """It waits for a press, unless an admin let this source air by itself; a revocation ends it."""
    expires = "2026-11-22T20:00:00+07:00"
    province.rows = [row("KC-1", level="emergency", title="Lũ quét", expires=expires)]
    ask_province(station)
    with unit_of_work(station.sessions) as session:
        assert session.scalars(select(Message)).one().state == State.WAITING
        session.scalars(select(Source)).one().airs_itself = True
    province.rows.append(row("KC-2", level="emergency", title="Sạt lở", expires=expires))
    clock.pass_by(minutes=1)
    ask_province(station)
    with unit_of_work(station.sessions, writes=False) as session:
        assert session.scalars(select(Alert)).one().title == "Sạt lở"
    province.rows.append(row("KC-2", version=2, level="emergency", revoked=True, issued="2026-11-22T17:02:00+07:00"))
    clock.pass_by(minutes=1)
    ask_province(station)
    with unit_of_work(station.sessions, writes=False) as session:
        assert session.scalars(select(Alert)).one().cancelled_at is not None
    clock.pass_by(minutes=1)
    ask_province(station)
    assert province.stages("KC-1") == ["received", "waiting"]
    assert province.stages("KC-2")[:3] == ["received", "waiting", "aired"]


def test_bad_rows_are_set_aside_and_told(station: Station, commune: Node, province: Province, clock: HandClock) -> None:
    """The good one among them is taken; what is wrong is said."""
    bad = [7, {}, row("x y"), row("A", level="urgent"), row("B", text="\u0000"), row("C", until_on="2020-01-01"), None]
    province.rows = [*bad, row("TT-9")]
    ask(station, clock)
    assert len(revisions(station, commune)) == 1
    told = {one["id"]: one for one in province.receipts if one["stage"] == "quarantined"}
    assert {"A", "B", "C"} <= set(told)
    assert "level" in told["A"]["detail"]


def test_a_lost_answer_costs_nothing(station: Station, commune: Node, province: Province, clock: HandClock) -> None:
    """Receipts are said again until they were taken; the draft is made once."""
    province.rows, province.lose = [row()], 2
    ask(station, clock, times=3)
    assert len(revisions(station, commune)) == 1
    assert sum(one["stage"] == "received" for one in province.receipts) == 3
    told = len(province.receipts)
    ask(station, clock)
    assert len(province.receipts) == told


def test_what_is_repeated_is_acknowledged_again(
    station: Station, commune: Node, province: Province, clock: HandClock
) -> None:
    """A province that lost our receipts asks by sending the row again."""
    province.rows, province.repeats = [row()], True
    ask(station, clock, times=2)
    assert len(revisions(station, commune)) == 1
    assert sum(one["stage"] == "received" for one in province.receipts) == 2


def test_a_newer_version_takes_the_place_of_what_nobody_approved(
    station: Station, commune: Node, province: Province, clock: HandClock
) -> None:
    """An older or equal one that comes late changes nothing."""
    province.rows = [row(), row(version=3, text="Mời bà con đưa trẻ đi tiêm lúc 8 giờ."), row(version=2, text="Cũ.")]
    ask(station, clock, times=2)
    first, third = revisions(station, commune)
    assert (first.state, third.state) == (DraftState.DISCARDED, DraftState.IN_REVIEW)


def test_a_revocation_takes_even_what_was_approved_off_the_air(
    station: Station, commune: Node, province: Province, clock: HandClock
) -> None:
    """Silence needs no second pair of eyes."""
    province.rows = [row()]
    ask(station, clock)
    with unit_of_work(station.sessions) as session:
        revision = queries.revision(session, revisions(station, commune)[0].id)
        rendered(session, revision, clock.now())
        pipeline.approve(session, commune, revision, pipeline.shown_digest(session, revision), uuid4(), clock.now())
    province.rows.append(row(version=2, revoked=True))
    ask(station, clock)
    assert revisions(station, commune)[0].state == DraftState.WITHDRAWN


def test_a_bulletin_for_others_is_told_as_such(
    station: Station, commune: Node, province: Province, clock: HandClock
) -> None:
    """Nothing is drafted."""
    with unit_of_work(station.sessions) as session:
        places.enter(session, commune, {commune.id: places.Typed(names="Lào Cai")}, None, clock.now())
    province.rows = [row(areas=[{"name": "Xã Bát Xát"}])]
    ask(station, clock)
    assert province.stages("TT-1") == ["received", "not_for_us"]
    assert revisions(station, commune) == []


@pytest.mark.parametrize("answer", [b"", b"[]", b'{"bulletins": 3}', b"<html>"])
def test_an_answer_that_is_none_is_kept_as_a_failure(
    station: Station, commune: Node, province: Province, clock: HandClock, answer: bytes
) -> None:
    """It is asked again, from where it was."""
    province.answer = answer or b" "
    ask(station, clock)
    with unit_of_work(station.sessions, writes=False) as session:
        assert session.scalars(select(Link)).one().error
    province.answer, province.rows = None, [row()]
    ask(station, clock)
    assert len(revisions(station, commune)) == 1
