"""The players' API, as a player sees it."""

import base64
from uuid import uuid4

import pytest
from nacl.exceptions import BadSignatureError
from nacl.signing import VerifyKey
from starlette.testclient import TestClient

from broadcaster import sample
from broadcaster.api.throttle import MOST_WRONG
from broadcaster.fleet import service as fleet
from broadcaster.protocol import (
    API,
    KEY_ID_HEADER,
    SIGNATURE_HEADER,
    AsRunAnswer,
    Heartbeat,
    Manifest,
    PairAnswer,
    RowVerdict,
    TimeAnswer,
)
from broadcaster.publishing import service as publishing
from broadcaster.station import Station
from content.kernel.db import unit_of_work
from content.kernel.nodes import Node, the_commune, villages_of
from tests.conftest import HandClock


@pytest.fixture
def commune(station: Station) -> Node:
    """The sample commune."""
    with unit_of_work(station.sessions) as session:
        return sample.make_sample_commune(session, station.clock.now())[0]


def code_for(station: Station, slug: str = "un-ta") -> str:
    with unit_of_work(station.sessions) as session:
        commune = the_commune(session)
        assert commune is not None
        village = next(node for node in villages_of(session, commune) if node.slug == slug)
        return fleet.make_code(session, village, None, station.clock.now())


def pair(client: TestClient, code: str, nonce: str = "n" * 16) -> PairAnswer:
    answer = client.post(f"{API}/pair", json={"code": code, "nonce": nonce, "name": "Loa", "hardware": "test"})
    assert answer.status_code == 200, answer.text
    return PairAnswer.model_validate_json(answer.content)


def publish(station: Station) -> int:
    with unit_of_work(station.sessions) as session:
        commune = the_commune(session)
        assert commune is not None
        return publishing.plan_and_publish(session, commune, station.press(), station.clock.now())


def bearer(answer: PairAnswer) -> dict[str, str]:
    return {"Authorization": f"Bearer {answer.token}"}


@pytest.fixture
def paired(client: TestClient, station: Station, commune: Node) -> PairAnswer:
    """A paired player of Ún Tà."""
    return pair(client, code_for(station))


def verify(answer: PairAnswer, headers, body: bytes) -> None:
    key = next(key for key in answer.keys if key.key_id == headers[KEY_ID_HEADER])
    VerifyKey(base64.b64decode(key.key)).verify(body, base64.b64decode(headers[SIGNATURE_HEADER]))


def test_a_code_works_once(client: TestClient, station: Station, commune: Node) -> None:
    """A used code is refused to another device with 409, and answered again to the same one."""
    code = code_for(station)
    first = pair(client, code)
    assert pair(client, code) == first
    other = client.post(f"{API}/pair", json={"code": code, "nonce": "m" * 16, "name": "x", "hardware": ""})
    assert other.status_code == 409
    assert "already used" in other.json()["error"]


def test_guessing_codes_is_limited(client: TestClient, commune: Node) -> None:
    """After some wrong codes within a minute even a right one has to wait."""
    tries = [
        client.post(f"{API}/pair", json={"code": "AAAABBBB", "nonce": "n" * 16, "name": "x"}).status_code
        for _ in range(MOST_WRONG + 1)
    ]
    assert tries == [404] * MOST_WRONG + [503]


def test_time_is_signed(client: TestClient, paired: PairAnswer, clock: HandClock) -> None:
    """The time answers the nonce, needs no token, and one changed byte breaks the signature."""
    answer = client.get(f"{API}/time", params={"nonce": "abcdefgh"})
    verify(paired, answer.headers, answer.content)
    told = TimeAnswer.model_validate_json(answer.content)
    assert (told.nonce, told.now) == ("abcdefgh", clock.now())
    with pytest.raises(BadSignatureError):
        verify(paired, answer.headers, answer.content.replace(b"abcdefgh", b"abcdefgi"))


def test_the_manifest_is_signed_and_then_unchanged(client: TestClient, station: Station, paired: PairAnswer) -> None:
    """404 before the first plan, then the signed bytes, then 304 while nothing changes."""
    assert client.get(f"{API}/manifest", headers=bearer(paired)).status_code == 404
    publish(station)
    answer = client.get(f"{API}/manifest", headers=bearer(paired))
    verify(paired, answer.headers, answer.content)
    manifest = Manifest.model_validate_json(answer.content)
    assert (manifest.player, manifest.village, manifest.manifest_id) == (paired.player, "un-ta", 1)
    again = client.get(f"{API}/manifest", headers={**bearer(paired), "If-None-Match": answer.headers["etag"]})
    assert again.status_code == 304
    assert publish(station) == 0


def test_an_old_manifest_is_signed_anew(
    client: TestClient, station: Station, paired: PairAnswer, clock: HandClock
) -> None:
    """Unchanged content gets a new number and a later end before it grows old."""
    publish(station)
    clock.pass_by(hours=7)
    publish(station)
    manifest = Manifest.model_validate_json(client.get(f"{API}/manifest", headers=bearer(paired)).content)
    assert manifest.manifest_id == 2
    assert (manifest.valid_until - clock.now()).days == 14


def test_strangers_get_nothing(client: TestClient, station: Station, paired: PairAnswer) -> None:
    """No token, a wrong one or a revoked one: 401 at the next request."""
    publish(station)
    assert client.get(f"{API}/manifest").status_code == 401
    assert client.get(f"{API}/manifest", headers={"Authorization": "Bearer x"}).status_code == 401
    assert client.get(f"{API}/manifest", headers=bearer(paired)).status_code == 200
    with unit_of_work(station.sessions) as session:
        fleet.revoke(session, paired.player, uuid4(), station.clock.now())
    assert client.get(f"{API}/manifest", headers=bearer(paired)).status_code == 401
    assert client.post(f"{API}/as-run", headers=bearer(paired), json={"rows": []}).status_code == 401


@pytest.mark.parametrize("name", ["0" * 64, "../../keys/signing.key", "x", "A" * 64])
def test_only_published_objects_are_served(client: TestClient, paired: PairAnswer, name: str) -> None:
    """An unknown name, or anything that is no sha256, is 404."""
    assert client.get(f"{API}/objects/{name}", headers=bearer(paired)).status_code == 404


def test_rows_are_answered_one_by_one(client: TestClient, paired: PairAnswer, clock: HandClock) -> None:
    """A good row is accepted although its neighbour is nonsense."""
    row = {
        "row_uuid": str(uuid4()),
        "occurrence_uuid": str(uuid4()),
        "cue_key": "a/vi/1",
        "planned_at": clock.now().isoformat(),
        "outcome": "aired",
        "clock_state": "trusted",
    }
    sent = client.post(f"{API}/as-run", headers=bearer(paired), json={"rows": [row, 7, row]})
    answers = AsRunAnswer.model_validate_json(sent.content).rows
    expected = [RowVerdict.ACCEPTED, RowVerdict.QUARANTINED, RowVerdict.DUPLICATE]
    assert [answer.verdict for answer in answers] == expected


def test_a_heartbeat_is_kept(client: TestClient, station: Station, paired: PairAnswer, clock: HandClock) -> None:
    """The server knows when it last heard from a player, and how it was."""
    beat = Heartbeat(sent_at=clock.now(), clock_state="trusted", playing="Họp thôn", objects_missing=2)
    sent = client.post(f"{API}/heartbeat", headers=bearer(paired), json=beat.model_dump(mode="json"))
    assert sent.status_code == 204
    with unit_of_work(station.sessions, writes=False) as session:
        player = fleet.player_by_token(session, paired.token)
        assert player.last_seen_at == clock.now()
        assert player.heartbeat is not None
        assert player.heartbeat["playing"] == "Họp thôn"
