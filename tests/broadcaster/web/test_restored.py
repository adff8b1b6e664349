"""A restored server gives nothing out until an admin has looked."""

import hashlib
from dataclasses import replace

from fastapi.testclient import TestClient
from sqlalchemy import update

from broadcaster.accounts.models import Role
from broadcaster.alerts.cap.writing import to_xml
from broadcaster.alerts.incoming import service as incoming
from broadcaster.alerts.incoming import sources
from broadcaster.alerts.incoming.service import Via
from broadcaster.app import create_app
from broadcaster.backup import service as backup
from broadcaster.fleet.models import Player
from broadcaster.protocol import Manifest
from content.kernel.db import unit_of_work
from tests.broadcaster.alerts.cap.messages import FLOOD, alert
from tests.broadcaster.web.acting import player, reports
from tests.broadcaster.web.conftest import Browser, Town, words

TOKEN = "the token of a loudspeaker"


def restored(town: Town) -> Player:
    """A town whose loudspeaker had a manifest, restored from a backup of a while ago."""
    town.slot()
    town.approved(title="Họp thôn")
    device = player(town, town.villages[0])
    with unit_of_work(town.station.sessions) as session:
        name = hashlib.sha256(TOKEN.encode()).hexdigest()
        session.execute(update(Player).where(Player.id == device.id).values(token_sha256=name))
    town.plan()
    reports(town, device)
    before = town.clock.now()
    town.clock.pass_by(hours=1)
    with unit_of_work(town.station.sessions) as session:
        backup.begin_anew(session, before, town.clock.now())
    return device


def asked(town: Town, etag: str = "") -> tuple[int, bytes]:
    """What a player gets that holds the manifest of this ETag."""
    with TestClient(create_app(town.station)) as client:
        headers = {"Authorization": f"Bearer {TOKEN}"} | ({"If-None-Match": etag} if etag else {})
        answer = client.get("/api/v1/manifest", headers=headers)
        return answer.status_code, answer.content


def test_players_keep_what_they_hold(town: Town) -> None:
    """However often it is planned: no manifest for anybody, and nothing that makes a player ask in haste."""
    restored(town)
    town.plan()
    assert asked(town) == (404, b"")
    assert asked(town, '"1-9-abc"') == (304, b"")


def test_the_press_of_an_admin_publishes_it(town: Town, browser: Browser) -> None:
    """The new manifest is newer than any that the player had, by epoch and by number; a second press is harmless."""
    device = restored(town)
    admin = browser(Role.ADMIN)
    page = words(admin.get("/restored").text)
    assert "Họp thôn" in page
    assert f"/players/{device.uuid}/remove" in page
    assert "/restored" in admin.get("/").text
    for _ in range(2):
        assert admin.post("/restored/release").status_code == 303
    town.plan()
    status, body = asked(town, '"1-1-abc"')
    manifest = Manifest.model_validate_json(body)
    assert status == 200
    assert (manifest.server_epoch > 1, manifest.manifest_id) == (True, 2)
    assert "/restored" not in admin.get("/").text


def test_feeds_are_silent_too(town: Town, browser: Browser) -> None:
    """What other programs would play is withheld like the players' programme."""
    restored(town)
    admin = browser(Role.ADMIN)
    page = admin.get("/schedule/feeds").text
    address = page[page.index("/feeds/") :].split("/today.m3u8")[0].split('"')[0].rsplit("/feeds/", 1)[-1].split("/")[0]
    assert admin.get(f"/feeds/{address}/today.m3u8").status_code == 503
    admin.post("/restored/release")
    assert admin.get(f"/feeds/{address}/today.m3u8").status_code == 200


def test_who_would_air_warnings_unread_is_shown(town: Town, browser: Browser) -> None:
    """The admin sees which sources air by themselves again after the press, and what waits meanwhile."""
    restored(town)
    with unit_of_work(town.station.sessions) as session:
        for name, airs_itself in (("Đài tỉnh", True), ("Báo bão", False)):
            wanted = sources.Wanted(name, airs_itself=airs_itself)
            made = sources.add(session, town.commune, wanted, None, town.clock.now())
        message = to_xml(alert(sent_at=town.clock.now(), infos=(replace(FLOOD, expires_at=None),)))
        incoming.receive(session, town.station.signer, town.commune, message, Via(made), town.clock.now())
    page = words(browser(Role.ADMIN).get("/restored").text)
    assert page.index("Đài tỉnh") < page.index("badge emergency") < page.index("Báo bão")
    assert page.count("badge emergency") == 1
    assert "/alerts/incoming" in page
