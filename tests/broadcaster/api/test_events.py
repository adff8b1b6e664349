"""Alerts on their way to the players: pushed, polled, and what the players say of them."""

import asyncio
import hashlib
import json
from collections.abc import Callable
from uuid import uuid4

import pytest
from sqlalchemy import select
from starlette.applications import Starlette
from starlette.testclient import TestClient

from broadcaster.alerts import phrases
from broadcaster.alerts import service as alerts
from broadcaster.alerts.models import Alert, AlertReceiptRow
from broadcaster.alerts.service import By
from broadcaster.api.hub import Hub
from broadcaster.app import create_app
from broadcaster.fleet.models import Player
from broadcaster.publishing import service as publishing
from broadcaster.station import Station
from content.kernel.db import unit_of_work
from content.kernel.nodes import Node, NodeKind, add_node
from schedules import service as schedules
from tests.conftest import HandClock

TOKEN = "t" * 40
BEARER = {"Authorization": f"Bearer {TOKEN}"}


@pytest.fixture
def place(station: Station) -> Node:
    """A commune with one village and its player."""
    with unit_of_work(station.sessions) as session:
        commune = add_node(session, NodeKind.COMMUNE, "coc-san", "Cốc San")
        village = add_node(session, NodeKind.VILLAGE, "un-ta", "Ún Tà", parent=commune)
        schedules.add_village_airing(session, village)
        phrases.seed(session, commune, station.clock.now())
        session.add(
            Player(
                village_id=village.id,
                name="loa",
                hardware="",
                token_sha256=hashlib.sha256(TOKEN.encode()).hexdigest(),
                paired_at=station.clock.now(),
            )
        )
    return commune


def raised(station: Station, commune: Node, key: str = "fire") -> Alert:
    with unit_of_work(station.sessions) as session:
        call = alerts.phrase_call(session, commune, key)
        by = By(uuid4(), station.clock.now())
        return alerts.raise_alert(session, station.signer, commune, call, by)


def listening(
    app: Starlette, last: int, enough: Callable[[list[dict[str, str]]], bool], *, then: Callable[[], object] = int
) -> list[dict[str, str]]:
    """The events that a player gets; `then` happens once it is connected, `enough` ends it."""
    hub: Hub = app.state.hub
    found: list[dict[str, str]] = []

    async def listen() -> None:
        stream = hub.listen(hashlib.sha256(TOKEN.encode()).hexdigest(), 1, last)
        connected = False
        async for chunk in stream:
            if not connected:
                connected = True
                then()
            lines = [line.partition(": ") for line in chunk.decode().strip().splitlines() if not line.startswith(":")]
            if lines:
                found.append({name: value for name, _, value in lines})
            if enough(found):
                break
        await stream.aclose()

    asyncio.run(asyncio.wait_for(listen(), 20))
    return found


def one(found: list[dict[str, str]]) -> bool:
    return bool(found)


def test_a_listener_gets_what_is_in_force_and_then_what_comes(station: Station, place: Node) -> None:
    """The signed document whole, both from before the connection and after it, by whichever process."""
    before = raised(station, place)
    app = create_app(station)
    found = listening(app, 0, lambda events: len(events) >= 2, then=lambda: raised(station, place, "storm"))
    documents = [json.loads(json.loads(event["data"])["document"]) for event in found]
    assert [event["event"] for event in found] == ["alert", "alert"]
    assert documents[0]["alert_uuid"] == str(before.uuid)
    assert documents[1]["title"] == "Giông lốc"


def test_a_listener_that_comes_back_gets_only_what_it_lacks(station: Station, place: Node) -> None:
    """By `Last-Event-ID`; a number of another life of the database counts for nothing."""
    raised(station, place)
    second = raised(station, place, "storm")
    app = create_app(station)
    first_id = int(listening(app, 0, one)[0]["id"])
    missed = listening(create_app(station), first_id, one)
    assert json.loads(json.loads(missed[0]["data"])["document"])["alert_uuid"] == str(second.uuid)
    assert len(listening(create_app(station), 10_000, lambda events: len(events) >= 2)) == 2


def test_that_an_alert_was_sent_is_noted(client: TestClient, station: Station, place: Node) -> None:
    """The page then says `sent`, before the player has answered."""
    alert = raised(station, place)
    client.get("/api/v1/alerts", headers=BEARER)
    client.post("/api/v1/alerts/receipts", json={"receipts": [receipt(alert, "received")]}, headers=BEARER)
    with unit_of_work(station.sessions, writes=False) as session:
        assert set(session.scalars(select(AlertReceiptRow.stage))) == {"sent", "received"}


def test_a_changed_manifest_is_hinted_at(station: Station, place: Node) -> None:
    """A player that listens need not poll for it."""

    def plan() -> None:
        with unit_of_work(station.sessions) as session:
            publishing.want_plan(session, place)
            publishing.plan_and_publish(session, place, station.press(), station.clock.now())

    found = listening(create_app(station), 0, one, then=plan)
    assert found == [{"event": "manifest", "data": "{}"}]


def test_a_revoked_players_stream_ends(station: Station, place: Node) -> None:
    """Its token opens nothing any more, the open connection neither."""

    def revoke() -> None:
        with unit_of_work(station.sessions) as session:
            session.scalars(select(Player)).one().revoked_at = station.clock.now()

    assert listening(create_app(station), 0, one, then=revoke) == []


def test_streams_end_with_the_process(station: Station, place: Node) -> None:
    """A restart is not held up by who listens."""
    app = create_app(station)

    def leave() -> None:
        app.state.hub.is_leaving = lambda: True

    assert listening(app, 0, one, then=leave) == []


def test_who_polls_gets_the_same(client: TestClient, station: Station, place: Node, clock: HandClock) -> None:
    """All that has not expired, and 304 as long as nothing has changed."""
    assert client.get("/api/v1/alerts").status_code == 401
    empty = client.get("/api/v1/alerts", headers=BEARER)
    assert empty.json() == {"alerts": []}
    alert = raised(station, place)
    answer = client.get("/api/v1/alerts", headers=BEARER | {"If-None-Match": empty.headers["etag"]})
    assert json.loads(answer.json()["alerts"][0]["document"])["alert_uuid"] == str(alert.uuid)
    again = client.get("/api/v1/alerts", headers=BEARER | {"If-None-Match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    clock.pass_by(hours=1)
    over = client.get("/api/v1/alerts", headers=BEARER | {"If-None-Match": answer.headers["etag"]})
    assert over.json() == {"alerts": []}


def receipt(alert: Alert, stage: str, **changes: object) -> dict[str, object]:
    facts = {"alert_uuid": str(alert.uuid), "version": 1, "stage": stage, "at": "2026-11-22T10:00:01Z"}
    return facts | {"clock_state": "trusted"} | changes


def test_receipts_are_kept_once(client: TestClient, station: Station, place: Node) -> None:
    """Saying the same again changes nothing; of an alert nobody raised here nothing is kept, and it is no error."""
    alert = raised(station, place)
    said = [receipt(alert, "received"), receipt(alert, "sounding"), receipt(alert, "received", alert_uuid=str(uuid4()))]
    for _ in range(2):
        answer = client.post("/api/v1/alerts/receipts", json={"receipts": said}, headers=BEARER)
        assert answer.status_code == 204
    with unit_of_work(station.sessions, writes=False) as session:
        assert session.scalars(select(AlertReceiptRow.stage)).all() == ["received", "sounding"]


def test_receipts_that_nobody_can_read_are_refused(client: TestClient, place: Node) -> None:
    """With the place of the fault, for whoever writes a player."""
    answer = client.post("/api/v1/alerts/receipts", json={"receipts": [{"stage": "x"}]}, headers=BEARER)
    assert answer.status_code == 422
    assert "receipts.0" in answer.json()["error"]
    assert client.post("/api/v1/alerts/receipts", json={"receipts": []}).status_code == 401
