"""`POST /api/v1/cap`, over the whole application."""

import pytest
from starlette.testclient import TestClient

from broadcaster.alerts.cap.parsing import MAX_BYTES
from broadcaster.alerts.cap.writing import to_xml
from broadcaster.alerts.incoming import sources
from broadcaster.alerts.incoming.models import Source
from broadcaster.station import Station
from content.kernel.db import unit_of_work
from content.kernel.nodes import NodeKind, add_node
from tests.broadcaster.alerts.cap.messages import NOW, alert
from tests.conftest import HandClock

URL = "/api/v1/cap"


@pytest.fixture
def token(station: Station, clock: HandClock) -> str:
    clock.at = NOW
    with unit_of_work(station.sessions) as session:
        commune = add_node(session, NodeKind.COMMUNE, "coc-san", "Cốc San")
        add_node(session, NodeKind.VILLAGE, "un-ta", "Ún Tà", parent=commune)
        source = sources.add(session, commune, sources.Wanted("Tỉnh"), None, NOW)
        return sources.make_token(session, source, None, NOW)


def post(client: TestClient, token: str, body: bytes) -> tuple[int, dict[str, object]]:
    headers = {"authorization": f"Bearer {token}", "content-type": "application/cap+xml"}
    answer = client.post(URL, content=body, headers=headers)
    return answer.status_code, answer.json()


def test_a_message_gets_its_receipt(client: TestClient, token: str) -> None:
    """What was decided, and why; the same again is known and counted."""
    status, receipt = post(client, token, to_xml(alert()))
    assert (status, receipt["decision"], receipt["reason"], receipt["state"]) == (201, "air", "alert", "waiting")
    status, again = post(client, token, to_xml(alert()))
    assert (status, again["message"], again["times"]) == (200, receipt["message"], 2)


def test_what_is_no_cap_is_said_and_kept(client: TestClient, token: str) -> None:
    """A sender learns what is wrong."""
    status, receipt = post(client, token, b"<!DOCTYPE x><alert/>")
    assert (status, receipt["decision"]) == (422, "refuse")
    assert "DOCTYPE" in str(receipt["detail"])


@pytest.mark.parametrize("token", ["", "cap_nonsense"])
def test_without_a_token_nothing_is_read(client: TestClient, station: Station, token: str) -> None:
    """401, whatever was sent."""
    assert post(client, token, b"x" * (MAX_BYTES + 1))[0] == 401


def test_what_is_too_large_is_not_read_to_its_end(client: TestClient, token: str) -> None:
    """Nobody fills the memory with a known token either."""
    assert post(client, token, b"x" * (MAX_BYTES + 1))[0] == 422


def test_a_revoked_token_ends_at_once(client: TestClient, station: Station, token: str) -> None:
    """At the next request."""
    with unit_of_work(station.sessions) as session:
        sources.revoke_token(session, session.get_one(Source, 1), None, NOW)
    assert post(client, token, to_xml(alert()))[0] == 401


def test_the_token_is_stored_as_a_hash(station: Station, token: str) -> None:
    """A copied database sends no warnings."""
    with unit_of_work(station.sessions, writes=False) as session:
        assert token not in str(session.get_one(Source, 1).token_sha256)
