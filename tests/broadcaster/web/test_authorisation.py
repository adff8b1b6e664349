"""Who may do what: every route of the application for everybody, from a stranger to an admin.

A new route fails the first test until it has its line in `TABLE`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

import pytest
from fastapi.routing import iter_route_contexts
from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.testclient import TestClient

from audio_out.models import Rendition
from broadcaster import pipeline
from broadcaster.accounts import service
from broadcaster.accounts.models import Role
from broadcaster.alerts import phrases, wishes
from broadcaster.alerts import service as alerting
from broadcaster.alerts.cap.writing import to_xml
from broadcaster.alerts.incoming import service as incoming
from broadcaster.alerts.models import Alert, AlertWish
from broadcaster.app import create_app
from broadcaster.deps import LOGIN_COOKIE
from broadcaster.fleet import service as fleet
from broadcaster.protocol import PairRequest
from broadcaster.tables import METADATA
from content import queries
from content.kernel.db import unit_of_work
from schedules.models import Booking, Slot
from tests.broadcaster.alerts.cap.messages import alert as cap_message
from tests.broadcaster.web.conftest import SITE, Town
from tests.factories import draft as draft_of

VIEWER, SECRETARY, CADRE, ADMIN = Role.VIEWER, Role.SECRETARY, Role.CADRE, Role.ADMIN
ORDER = (VIEWER, SECRETARY, CADRE, ADMIN)
ANYONE, PLAYER, SOURCE = "anyone", "player token", "token of a source of warnings"
NOTHING = str(UUID(int=4, version=4))


@dataclass(frozen=True)
class Asks:
    """The least that a route asks for; then what is in its address (objects of `world`, or as it stands) and form."""

    least: str
    of: Mapping[str, str] = field(default_factory=dict)
    form: Mapping[str, str] = field(default_factory=dict)


def asks(least: str, form: Mapping[str, str] | None = None, **of: str) -> Asks:
    return Asks(least, of, form or {})


TABLE = {
    "DELETE /uploads/{uuid}": asks(SECRETARY, uuid="nothing"),
    "GET /": asks(VIEWER),
    "GET /account": asks(VIEWER),
    "GET /account/password": asks(VIEWER),
    "GET /account/second-factor": asks(VIEWER),
    "GET /alerts": asks(VIEWER),
    "GET /alerts/history": asks(VIEWER),
    "GET /alerts/incoming": asks(VIEWER),
    "GET /alerts/incoming/{uuid}": asks(VIEWER, uuid="warning"),
    "GET /alerts/incoming/{uuid}/xml": asks(VIEWER, uuid="warning"),
    "GET /alerts/now": asks(VIEWER),
    "GET /alerts/phones": asks(CADRE),
    "GET /alerts/phrases": asks(VIEWER),
    "GET /alerts/phrases/{key}": asks(CADRE, key="fire"),
    "GET /alerts/rules": asks(CADRE),
    "GET /alerts/wishes/{uuid}": asks(CADRE, uuid="wish"),
    "GET /alerts/wishes/{uuid}/state": asks(CADRE, uuid="wish"),
    "GET /alerts/{uuid}": asks(VIEWER, uuid="alert"),
    "GET /alerts/{uuid}/changes": asks(VIEWER, uuid="alert"),
    "GET /alerts/{uuid}/progress": asks(VIEWER, uuid="alert"),
    "GET /alerts/{uuid}/times.csv": asks(VIEWER, uuid="alert"),
    "GET /announcements": asks(VIEWER),
    "GET /announcements/new": asks(SECRETARY),
    "GET /announcements/{uuid}": asks(VIEWER, uuid="approved"),
    "GET /announcements/{uuid}/confirmations": asks(VIEWER, uuid="withdrawn"),
    "GET /announcements/{uuid}/edit": asks(SECRETARY, uuid="draft"),
    "GET /announcements/{uuid}/parts/{language}": asks(SECRETARY, uuid="draft", language="pcc"),
    "GET /announcements/{uuid}/progress": asks(VIEWER, uuid="waiting"),
    "GET /announcements/{uuid}/review": asks(VIEWER, uuid="rendered"),
    "GET /api/v1/alerts": asks(PLAYER),
    "GET /api/v1/events": asks(PLAYER),
    "GET /api/v1/manifest": asks(PLAYER),
    "GET /api/v1/objects/{sha256}": asks(PLAYER, sha256="sound"),
    "GET /api/v1/openapi.json": asks(ANYONE),
    "GET /api/v1/redoc": asks(ANYONE),
    "GET /api/v1/time": asks(ANYONE),
    "GET /audit": asks(CADRE),
    "GET /audit/check": asks(CADRE),
    "GET /audit/export.csv": asks(CADRE),
    "GET /audit/export.jsonl": asks(CADRE),
    "GET /cap/feed.atom": asks(ANYONE),
    "GET /cap/{uuid}.xml": asks(ANYONE, uuid="nothing"),
    "GET /feeds/{token}/media/{sha256}.{ending}": asks(ANYONE, token="guessed", sha256="sound", ending="ogg"),
    "GET /feeds/{token}/occurrences/{uuid}.m3u8": asks(ANYONE, token="guessed", uuid="nothing"),
    "GET /feeds/{token}/occurrences/{uuid}.ogg": asks(ANYONE, token="guessed", uuid="nothing"),
    "GET /feeds/{token}/today.m3u8": asks(ANYONE, token="guessed"),
    "GET /feeds/{token}/village.ics": asks(ANYONE, token="guessed"),
    "GET /fleet": asks(VIEWER),
    "GET /guides/hinh/{file}": asks(VIEWER, file="today.png"),
    "GET /guides/{name}": asks(VIEWER, name="secretary"),
    "GET /h": asks(ANYONE),
    "GET /h/{token}": asks(ANYONE, token="guessed"),
    "GET /health": asks(ANYONE),
    "GET /lexicon": asks(VIEWER),
    "GET /lexicon/export": asks(VIEWER),
    "GET /lexicon/import": asks(SECRETARY),
    "GET /lexicon/new": asks(SECRETARY),
    "GET /lexicon/sound": asks(SECRETARY),
    "GET /lexicon/{uuid}/edit": asks(SECRETARY, uuid="nothing"),
    "GET /lexicon/{uuid}/sound": asks(VIEWER, uuid="nothing"),
    "GET /link/{token}": asks(ANYONE, token="guessed"),
    "GET /log": asks(VIEWER),
    "GET /log/announcements/{uuid}": asks(VIEWER, uuid="approved"),
    "GET /log/heard": asks(CADRE),
    "GET /log/heard/{slug}/card": asks(CADRE, slug="un-ta"),
    "GET /log/quarantine": asks(ADMIN),
    "GET /log/week": asks(VIEWER),
    "GET /login": asks(ANYONE),
    "GET /login/code": asks(ANYONE),
    "GET /media/{sha256}": asks(VIEWER, sha256="sound"),
    "GET /metrics": asks(SOURCE),
    "GET /people": asks(ADMIN),
    "GET /people/new": asks(ADMIN),
    "GET /people/{uuid}": asks(ADMIN, uuid="somebody"),
    "GET /player": asks(ANYONE),
    "GET /player/app.webmanifest": asks(ANYONE),
    "GET /player/worker.js": asks(ANYONE),
    "GET /player/{release}/{name}": asks(ANYONE, release="old", name="main.js"),
    "GET /ready": asks(ANYONE),
    "GET /reports": asks(VIEWER),
    "GET /reports/file.{ending}": asks(VIEWER, ending="csv"),
    "GET /reports/orders": asks(CADRE),
    "GET /restored": asks(ADMIN),
    "GET /schedule": asks(VIEWER),
    "GET /schedule/bookings/{uuid}": asks(SECRETARY, uuid="booking"),
    "GET /schedule/feeds": asks(VIEWER),
    "GET /schedule/occurrences/{uuid}/sound": asks(VIEWER, uuid="nothing"),
    "GET /schedule/print": asks(VIEWER),
    "GET /schedule/rules": asks(VIEWER),
    "GET /schedule/slots/{uuid}/edit": asks(CADRE, uuid="slot"),
    "GET /settings/notices": asks(ADMIN),
    "GET /settings/notices/new": asks(ADMIN),
    "GET /settings/notices/{uuid}": asks(ADMIN, uuid="nothing"),
    "GET /settings/province": asks(ADMIN),
    "GET /settings/retention": asks(ADMIN),
    "GET /settings/retention/{uuid}/file": asks(ADMIN, uuid="nothing"),
    "GET /settings/warnings": asks(ADMIN),
    "GET /settings/warnings/new": asks(ADMIN),
    "GET /settings/warnings/places": asks(ADMIN),
    "GET /settings/warnings/{uuid}": asks(ADMIN, uuid="nothing"),
    "GET /static": asks(ANYONE),
    "GET /templates": asks(SECRETARY),
    "GET /templates/new": asks(SECRETARY),
    "GET /templates/{uuid}/edit": asks(SECRETARY, uuid="nothing"),
    "GET /templates/{uuid}/fill": asks(SECRETARY, uuid="nothing"),
    "GET /today/tasks": asks(VIEWER),
    "GET /today/villages": asks(VIEWER),
    "GET /villages": asks(VIEWER),
    "GET /villages/{slug}": asks(VIEWER, slug="un-ta"),
    "GET /villages/{slug}/air/{name}": asks(VIEWER, slug="un-ta", name="nothing"),
    "GET /villages/{slug}/stick": asks(SECRETARY, slug="un-ta"),
    "GET /villages/{slug}/stick/bundle": asks(SECRETARY, slug="un-ta"),
    "GET /voices": asks(VIEWER),
    "GET /voices/progress": asks(VIEWER),
    "GET /voices/trial": asks(VIEWER),
    "GET /voices/trial/sound": asks(VIEWER),
    "HEAD /uploads/{uuid}": asks(SECRETARY, uuid="nothing"),
    "OPTIONS /uploads": asks(ANYONE),
    "PATCH /uploads/{uuid}": asks(SECRETARY, uuid="nothing"),
    "POST /account/logins/end": asks(VIEWER),
    "POST /account/logins/{uuid}/end": asks(VIEWER, uuid="nothing"),
    "POST /account/password": asks(VIEWER),
    "POST /account/second-factor": asks(VIEWER),
    "POST /account/second-factor/off": asks(VIEWER),
    "POST /alerts": asks(CADRE, {"phrase": "fire"}),
    "POST /alerts/drills": asks(CADRE),
    "POST /alerts/incoming": asks(CADRE),
    "POST /alerts/incoming/{uuid}": asks(CADRE, {"do": "pass_over"}, uuid="warning"),
    "POST /alerts/phones": asks(CADRE, {"village": "un-ta", "contacts": "Trưởng thôn, 0912345678"}),
    "POST /alerts/phrases/{key}": asks(CADRE, {"title": "Cháy", "text": "Cháy rồi!"}, key="fire"),
    "POST /alerts/phrases/{key}/approve": asks(CADRE, {"shown_at": "2000-01-01T00:00:00+00:00"}, key="fire"),
    "POST /alerts/phrases/{key}/drop": asks(CADRE, key="fire"),
    "POST /alerts/phrases/{key}/take": asks(CADRE, {"language": "pcc"}, key="fire"),
    "POST /alerts/phrases/{key}/take/remove": asks(CADRE, {"language": "pcc"}, key="fire"),
    "POST /alerts/rules": asks(ADMIN, {"second_person": "true"}),
    "POST /alerts/wishes/{uuid}/confirm": asks(CADRE, uuid="asked"),
    "POST /alerts/wishes/{uuid}/send": asks(CADRE, uuid="wish"),
    "POST /alerts/{uuid}/all-clear": asks(CADRE, uuid="alert"),
    "POST /alerts/{uuid}/cancel": asks(CADRE, uuid="alert"),
    "POST /announcements/languages": asks(SECRETARY),
    "POST /announcements/new": asks(SECRETARY, {"title": "Họp thôn", "do": "save"}),
    "POST /announcements/reading": asks(VIEWER, {"text": "7h30"}),
    "POST /announcements/{uuid}/attest": asks(VIEWER, {"language": "vi"}, uuid="others"),
    "POST /announcements/{uuid}/comment": asks(VIEWER, {"comment": "Hay"}, uuid="approved"),
    "POST /announcements/{uuid}/copy": asks(SECRETARY, uuid="approved"),
    "POST /announcements/{uuid}/edit": asks(SECRETARY, {"title": "Họp thôn", "do": "save"}, uuid="draft"),
    "POST /announcements/{uuid}/parts/{language}": asks(SECRETARY, {"text": "Họp"}, uuid="draft", language="vi"),
    "POST /announcements/{uuid}/parts/{language}/remove": asks(SECRETARY, uuid="draft", language="vi"),
    "POST /announcements/{uuid}/parts/{language}/restore": asks(
        SECRETARY, {"former": NOTHING}, uuid="draft", language="vi"
    ),
    "POST /announcements/{uuid}/recall": asks(SECRETARY, uuid="draft"),
    "POST /announcements/{uuid}/restore": asks(SECRETARY, uuid="withdrawn"),
    "POST /announcements/{uuid}/retry": asks(SECRETARY, uuid="waiting"),
    "POST /announcements/{uuid}/review": asks(CADRE, {"do": "return", "reason": "Sai giờ"}, uuid="rendered"),
    "POST /announcements/{uuid}/revise": asks(SECRETARY, uuid="approved"),
    "POST /announcements/{uuid}/withdraw": asks(SECRETARY, uuid="approved"),
    "POST /api/v1/alerts/receipts": asks(PLAYER),
    "POST /api/v1/as-run": asks(PLAYER),
    "POST /api/v1/cap": asks(SOURCE),
    "POST /api/v1/heartbeat": asks(PLAYER),
    "POST /api/v1/pair": asks(ANYONE),
    "POST /h/{token}": asks(ANYONE, {"occurrence": NOTHING, "group": NOTHING, "verdict": "clear"}, token="guessed"),
    "POST /language": asks(ANYONE),
    "POST /lexicon/import": asks(SECRETARY),
    "POST /lexicon/new": asks(SECRETARY, {"written": "UBND", "spoken": "ủy ban"}),
    "POST /lexicon/{uuid}/edit": asks(SECRETARY, uuid="nothing"),
    "POST /lexicon/{uuid}/remove": asks(SECRETARY, uuid="nothing"),
    "POST /lexicon/{uuid}/restore": asks(SECRETARY, uuid="nothing"),
    "POST /link/{token}": asks(ANYONE, token="guessed"),
    "POST /log/comments": asks(SECRETARY, {"text": "Loa rè", "on": "2026-11-22"}),
    "POST /log/comments/{uuid}/remove": asks(SECRETARY, uuid="nothing"),
    "POST /log/comments/{uuid}/restore": asks(SECRETARY, uuid="nothing"),
    "POST /log/heard/{slug}": asks(CADRE, slug="un-ta"),
    "POST /log/heard/{slug}/end": asks(CADRE, slug="un-ta"),
    "POST /log/quarantine/{row_id}/again": asks(ADMIN, row_id="1"),
    "POST /log/quarantine/{row_id}/looked": asks(ADMIN, row_id="1"),
    "POST /log/quarantine/{row_id}/reopen": asks(ADMIN, row_id="1"),
    "POST /login": asks(ANYONE),
    "POST /login/code": asks(ANYONE),
    "POST /logout": asks(ANYONE),
    "POST /people/new": asks(ADMIN, {"login": "lan", "name": "Lan"}),
    "POST /people/{uuid}": asks(ADMIN, {"name": "Lan", "role": "viewer"}, uuid="somebody"),
    "POST /people/{uuid}/close": asks(ADMIN, uuid="somebody"),
    "POST /people/{uuid}/link": asks(ADMIN, uuid="somebody"),
    "POST /people/{uuid}/reopen": asks(ADMIN, uuid="somebody"),
    "POST /people/{uuid}/second-factor/off": asks(ADMIN, uuid="somebody"),
    "POST /reports/orders": asks(CADRE, {"kinds": "week"}),
    "POST /restored/release": asks(ADMIN),
    "POST /schedule/bookings/{uuid}": asks(SECRETARY, uuid="booking"),
    "POST /schedule/feeds/{slug}/renew": asks(CADRE, slug="un-ta"),
    "POST /schedule/feeds/{slug}/reopen": asks(CADRE, slug="un-ta"),
    "POST /schedule/feeds/{slug}/shut": asks(CADRE, slug="un-ta"),
    "POST /schedule/rules": asks(CADRE, {"gap_minutes": "30"}),
    "POST /schedule/rules/holidays": asks(CADRE, {"from_on": "2026-12-24"}),
    "POST /schedule/rules/holidays/{on}/strike": asks(CADRE, on="2026-02-17"),
    "POST /schedule/slots": asks(CADRE, {"name": "Sáng", "start_local": "06:00", "starts_on": "2026-11-23"}),
    "POST /schedule/slots/{uuid}/cancel": asks(CADRE, uuid="slot"),
    "POST /schedule/slots/{uuid}/edit": asks(
        CADRE, {"name": "Sáng", "start_local": "06:00", "starts_on": "2026-11-23"}, uuid="slot"
    ),
    "POST /schedule/slots/{uuid}/restore": asks(CADRE, uuid="slot"),
    "POST /settings/notices/new": asks(ADMIN, {"name": "x"}),
    "POST /settings/notices/{uuid}": asks(ADMIN, uuid="nothing"),
    "POST /settings/notices/{uuid}/remove": asks(ADMIN, uuid="nothing"),
    "POST /settings/notices/{uuid}/restore": asks(ADMIN, uuid="nothing"),
    "POST /settings/notices/{uuid}/test": asks(ADMIN, uuid="nothing"),
    "POST /settings/province": asks(ADMIN, {"url": "x"}),
    "POST /settings/retention": asks(ADMIN),
    "POST /settings/retention/{uuid}/hold": asks(ADMIN, uuid="nothing"),
    "POST /settings/retention/{uuid}/let-go": asks(ADMIN, uuid="nothing"),
    "POST /settings/warnings/new": asks(ADMIN, {"name": "x"}),
    "POST /settings/warnings/places": asks(ADMIN),
    "POST /settings/warnings/{uuid}": asks(ADMIN, uuid="nothing"),
    "POST /settings/warnings/{uuid}/remove": asks(ADMIN, uuid="nothing"),
    "POST /settings/warnings/{uuid}/restore": asks(ADMIN, uuid="nothing"),
    "POST /settings/warnings/{uuid}/token": asks(ADMIN, uuid="nothing"),
    "POST /settings/warnings/{uuid}/token/revoke": asks(ADMIN, uuid="nothing"),
    "POST /templates/new": asks(SECRETARY),
    "POST /templates/shipped": asks(SECRETARY),
    "POST /templates/{uuid}/edit": asks(SECRETARY, uuid="nothing"),
    "POST /templates/{uuid}/fill": asks(SECRETARY, uuid="nothing"),
    "POST /templates/{uuid}/remove": asks(SECRETARY, uuid="nothing"),
    "POST /templates/{uuid}/restore": asks(SECRETARY, uuid="nothing"),
    "POST /uploads": asks(SECRETARY),
    "POST /villages": asks(ADMIN, {"name": "An San"}),
    "POST /villages/{slug}/code": asks(ADMIN, slug="un-ta"),
    "POST /villages/{slug}/device": asks(ADMIN, {"warm_up_s": "2"}, slug="un-ta"),
    "POST /villages/{slug}/languages": asks(ADMIN, {"languages": "vi"}, slug="un-ta"),
    "POST /villages/{slug}/players/{uuid}/remove": asks(ADMIN, slug="un-ta", uuid="player"),
    "POST /villages/{slug}/settings": asks(ADMIN, {"volume_percent": "50"}, slug="un-ta"),
    "POST /villages/{slug}/sound": asks(ADMIN, {"codec": "mp3", "preset": "horn", "freeze_minutes": "5"}, slug="un-ta"),
    "POST /villages/{slug}/stick/journal": asks(SECRETARY, slug="un-ta"),
    "POST /voices/add": asks(ADMIN),
    "POST /voices/order": asks(ADMIN, {"name": "vi_VN-25hours_single-low"}),
    "POST /voices/trial": asks(VIEWER),
    "POST /voices/trial/announce": asks(SECRETARY, {"place": "un-ta", "voice": "auto"}),
    "POST /voices/{name}/remove": asks(ADMIN, name="nothing"),
    "POST /voices/{name}/restore": asks(ADMIN, name="nothing"),
}
"""Method and path -> what it asks for, by method and path."""


def routes_of(app: Starlette, prefix: str = "") -> Iterator[str]:
    """Every method and path that the application answers, through all that is mounted."""
    for route in iter_route_contexts(app.routes):
        path = prefix + (route.path or "")
        if isinstance(route.route, Mount) and isinstance(route.route.app, Starlette):
            yield from routes_of(route.route.app, path)
        elif isinstance(route.route, Mount):
            yield f"GET {path}"
        else:
            methods = set(route.methods or ())
            yield from (f"{method} {path}" for method in methods - ({"HEAD"} if "GET" in methods else set()))


def test_every_route_has_its_line(town: Town) -> None:
    """Nobody adds a page or a press without saying here who may; the lines are sorted."""
    found = set(routes_of(create_app(town.station)))
    assert found - set(TABLE) == set()
    assert set(TABLE) - found == set()
    assert list(TABLE) == sorted(TABLE)


@pytest.fixture
def world(town: Town) -> dict[str, str]:
    """Objects in states in which the routes could act, by the names that `TABLE` uses."""
    now = town.clock.now()
    town.slot()
    approved, withdrawn = town.approved(), town.approved(title="Đã gỡ")
    waiting, rendered, draft = town.submitted(), town.rendered(title="Chờ duyệt"), town.draft()
    with unit_of_work(town.station.sessions) as session:
        author = town.people[SECRETARY].uuid
        pipeline.withdraw(session, town.commune, queries.revision(session, withdrawn.id), author, now)
        others = draft_of(session, town.commune, town.villages, now)
        code = fleet.make_code(session, town.villages[0], None, now)
        request = PairRequest(code=code, nonce="n" * 16, name="Loa")
        player = fleet.pair(session, town.station.signer, request, now)
        slot, sound = session.scalars(select(Slot)).one(), session.scalars(select(Rendition)).first()
        booking = session.scalars(select(Booking)).first()
        assert sound
        assert booking
        xml = to_xml(cap_message(sent_at=now, identifier="world"))
        warning = incoming.receive(session, town.station.signer, town.commune, xml, incoming.Via(actor=author), now)
        alert, wish, asked = _alerts(session, town)
        somebody = service.add_user(session, town.commune, "ai", "Ai đó", VIEWER, "", now)
    return {
        "approved": str(approved.announcement.uuid),
        "withdrawn": str(withdrawn.announcement.uuid),
        "waiting": str(waiting.announcement.uuid),
        "rendered": str(rendered.announcement.uuid),
        "draft": str(draft.announcement.uuid),
        "others": str(others.announcement.uuid),
        "slot": str(slot.uuid),
        "booking": str(booking.uuid),
        "sound": sound.sha256,
        "player": str(player.player),
        "token": player.token,
        "somebody": str(somebody.uuid),
        "warning": str(warning.uuid),
        "alert": str(alert.uuid),
        "wish": str(wish.uuid),
        "asked": str(asked.uuid),
        "nothing": NOTHING,
    }


def _alerts(session: Session, town: Town) -> tuple[Alert, AlertWish, AlertWish]:
    """An alert that sounds, a choice that was not sent, and one that waits for a second person."""
    now, signer, commune = town.clock.now(), town.station.signer, town.commune
    phrases.seed(session, commune, now)
    call = alerting.phrase_call(session, commune, "fire")
    author = town.people[ADMIN].uuid
    alert = alerting.raise_alert(session, signer, commune, call, alerting.By(author, now))
    wish, asked = (wishes.make(session, commune, call, uuid4(), now) for _ in range(2))
    asked.asked_at = now
    return alert, wish, asked


@pytest.fixture
def visitor(town: Town) -> Iterator[TestClient]:
    """A browser without a login."""
    app = create_app(town.station)
    app.state.hub.is_leaving = lambda: True  # whoever listens for events is let go at once
    with TestClient(app, base_url=SITE, follow_redirects=False, raise_server_exceptions=False) as opened:
        opened.headers["origin"] = SITE
        yield opened


def send(client: TestClient, route: str, world: Mapping[str, str]) -> Any:
    """The route's request, with its objects in its address."""
    method, path = route.split(" ")
    named = {name: world.get(value, value) for name, value in TABLE[route].of.items()}
    return client.request(method, path.format(**named), data=TABLE[route].form)


def stored(town: Town) -> list[str]:
    """All that the database holds."""
    with unit_of_work(town.station.sessions, writes=False) as session:
        tell = session.connection().exec_driver_sql
        return sorted(repr(row) for name in METADATA.tables for row in tell(f"SELECT '{name}', * FROM {name}"))


def test_a_stranger_is_shown_the_way_to_the_login(visitor: TestClient, town: Town, world: dict[str, str]) -> None:
    """Without a login only what is for anyone answers, and nothing else is done."""
    before = stored(town)
    for route, asked in TABLE.items():
        if asked.least == ANYONE:
            continue
        answer = send(visitor, route, world)
        if asked.least in {PLAYER, SOURCE}:
            assert answer.status_code == 401, route
        else:
            assert answer.status_code == 303, route
            assert answer.headers["location"].split("?")[0] == "/login", route
        assert stored(town) == before, route


@pytest.mark.parametrize("role", ORDER)
def test_each_role_reaches_its_routes_and_no_others(
    visitor: TestClient, town: Town, world: dict[str, str], role: Role
) -> None:
    """Below what a route asks for one is refused and nothing changes; from there on one is not refused."""
    for route, asked in TABLE.items():
        visitor.cookies.clear()
        visitor.cookies.set(LOGIN_COOKIE, town.login(role))
        before = stored(town)
        answer = send(visitor, route, world)
        if asked.least in {PLAYER, SOURCE}:
            assert answer.status_code == 401, route
        elif asked.least == ANYONE or ORDER.index(role) >= ORDER.index(Role(asked.least)):
            assert answer.status_code not in {401, 403}, route
            assert answer.status_code < 500 or route == "GET /ready", route
        else:
            assert answer.status_code == 403, route
            assert stored(town) == before, route


def test_what_is_for_anyone_asks_for_no_login(visitor: TestClient, world: dict[str, str]) -> None:
    """A stranger is answered, and by the code page sent back to where the login begins."""
    for route, asked in TABLE.items():
        if asked.least == ANYONE:
            assert send(visitor, route, world).status_code not in {401, 403, 500}, route


def test_a_paired_player_reaches_the_players_routes_only(
    visitor: TestClient, town: Town, world: dict[str, str]
) -> None:
    """Its token opens the API and no page; a removed player's opens nothing."""
    visitor.headers["authorization"] = f"Bearer {world['token']}"
    for route, asked in TABLE.items():
        answer = send(visitor, route, world)
        if asked.least == PLAYER:
            assert answer.status_code not in {401, 403, 500}, route
        elif asked.least == SOURCE:
            assert answer.status_code == 401, route
        elif asked.least != ANYONE:
            assert answer.status_code == 303, route
    with unit_of_work(town.station.sessions) as session:
        fleet.revoke(session, UUID(world["player"]), town.people[ADMIN].uuid, town.clock.now())
    assert {send(visitor, route, world).status_code for route in TABLE if TABLE[route].least == PLAYER} == {401}
