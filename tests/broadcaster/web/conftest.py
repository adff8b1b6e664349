"""A commune with two villages, one person per role, and a browser for each of them."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, time
from html import unescape
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy.orm import Session
from starlette.testclient import TestClient

from audio_out.models import DeliverableRow, JobState, RenderJob, Rendition
from audio_out.queries import source_name
from broadcaster import pipeline
from broadcaster.accounts import logins
from broadcaster.accounts.models import Role, User
from broadcaster.app import create_app
from broadcaster.deps import LOGIN_COOKIE, login_cookie
from broadcaster.publishing import service as publishing
from broadcaster.station import Station
from content import queries
from content.kernel.db import unit_of_work
from content.kernel.nodes import Node, NodeKind, add_node
from content.models import Revision
from schedules import service as schedules
from tests.conftest import HandClock
from tests.factories import draft

SITE = "http://testserver"
NAMES = {
    Role.VIEWER: "Vàng A Páo",
    Role.SECRETARY: "Lù Thị Mai",
    Role.CADRE: "Trần Văn Hải",
    Role.ADMIN: "Sần Thị Hoa",
}


@dataclass(frozen=True)
class Town:
    """What the pages are about; rows as they were when the test began."""

    station: Station
    clock: HandClock
    commune: Node
    villages: list[Node]
    people: dict[Role, User]

    def draft(self, author: Role = Role.SECRETARY, **changes: object) -> Revision:
        with unit_of_work(self.station.sessions) as session:
            villages = changes.pop("villages", self.villages)
            assert isinstance(villages, list)
            return draft(session, self.commune, villages, self.clock.now(), self.people[author].uuid, **changes)

    def submitted(self, author: Role = Role.SECRETARY, **changes: object) -> Revision:
        """In review, its audio still to be made."""
        made = self.draft(author, **changes)
        with unit_of_work(self.station.sessions) as session:
            revision = queries.revision(session, made.id)
            pipeline.submit(session, revision, self.people[author].uuid, self.clock.now())
            return revision

    def rendered(self, author: Role = Role.SECRETARY, **changes: object) -> Revision:
        """In review, to be listened to."""
        made = self.submitted(author, **changes)
        with unit_of_work(self.station.sessions) as session:
            revision = queries.revision(session, made.id)
            render(session, self.station, revision)
            return revision

    def approved(self, **changes: object) -> Revision:
        made = self.rendered(**changes)
        with unit_of_work(self.station.sessions) as session:
            revision = queries.revision(session, made.id)
            shown = pipeline.shown_digest(session, revision)
            cadre = self.people[Role.CADRE].uuid
            pipeline.approve(session, self.commune, revision, shown, cadre, self.clock.now())
            return revision

    def slot(self, start: time = time(17, 30), minutes: int = 20, name: str = "Bản tin chiều", **changes: Any) -> None:
        """A daily slot of all villages from the first day on, unless `changes` (of `open_slot`) say otherwise."""
        values: dict[str, Any] = {
            "rrule": "FREQ=DAILY",
            "starts_on": date(2026, 11, 22),
            "villages": self.villages,
            "now": self.clock.now(),
        }
        with unit_of_work(self.station.sessions) as session:
            schedules.open_slot(
                session, self.commune, name=name, start_local=start, duration_ms=minutes * 60_000, **values | changes
            )

    def plan(self) -> None:
        """What the worker does after each change."""
        press = publishing.Press(self.station.store, self.station.signer, 3, 60)
        with unit_of_work(self.station.sessions) as session:
            publishing.want_plan(session, self.commune)
            publishing.plan_and_publish(session, self.commune, press, self.clock.now())

    def login(self, role: Role) -> str:
        """The cookie of a person who has just logged in."""
        with unit_of_work(self.station.sessions) as session:
            user = session.get_one(User, self.people[role].id)
            login = logins.begin(session, user, "testclient", "Chrome · Android", self.clock.now())
        return login_cookie(self.station, login)

    def latest(self, revision: Revision) -> Revision:
        """The announcement's newest revision as it is now, whole."""
        with unit_of_work(self.station.sessions, writes=False) as session:
            uuid = queries.revision(session, revision.id).announcement.uuid
            return queries.latest(session, self.commune, uuid)


def render(session: Session, station: Station, revision: Revision) -> None:
    """Give a revision audio, as the worker would."""
    part = revision.parts[0]
    assert part.reading is not None
    sha256 = station.store.put(f"sound of {part.reading}".encode())
    session.query(RenderJob).filter_by(part_id=part.id).update({"state": JobState.DONE})
    session.add(
        Rendition(
            part_id=part.id,
            source_sha256=source_name(revision, part),
            voice="espeak:vi+f2",
            wished_voice="auto",
            sha256=sha256,
            duration_ms=24_000,
            lufs=-16.0,
            peak_dbtp=-2.0,
            edit_list=[("", 0, 2000), ("Mời bà con họp thôn.", 2000, 24_000)],
            created_at=revision.edited_at,
            deliverables=[
                DeliverableRow(
                    mime="audio/ogg", sha256=sha256, size_bytes=10, duration_ms=24_000, lufs=-16.0, peak_dbtp=-2.0
                )
            ],
        )
    )
    session.flush()


@pytest.fixture
def town(station: Station, clock: HandClock) -> Town:
    with unit_of_work(station.sessions) as session:
        commune = add_node(session, NodeKind.COMMUNE, "coc-san", "Cốc San")
        names = {"un-ta": "Ún Tà", "luong-lao-1": "Luổng Láo 1"}
        villages = [add_node(session, NodeKind.VILLAGE, slug, name, parent=commune) for slug, name in names.items()]
        for village in villages:
            schedules.add_village_airing(session, village)
        people = {
            role: User(
                node_id=commune.id,
                login=role,
                name=name,
                role=role,
                password_hash="not used: tests carry a cookie",
                created_at=clock.now(),
            )
            for role, name in NAMES.items()
        }
        session.add_all(people.values())
    return Town(station, clock, commune, villages, people)


Browser = Callable[[Role], TestClient]


@pytest.fixture
def browser(town: Town) -> Iterator[Browser]:
    """A logged-in browser for a role; redirects are shown, not followed."""
    app = create_app(town.station)
    opened: list[TestClient] = []

    def open_for(role: Role) -> TestClient:
        client = TestClient(app, base_url=SITE, follow_redirects=False, raise_server_exceptions=False)
        client.headers["origin"] = SITE  # as browsers do
        client.cookies.set(LOGIN_COOKIE, town.login(role))
        opened.append(client)
        return client

    yield open_for
    for client in opened:
        client.close()


@pytest.fixture
def secretary(browser: Browser) -> TestClient:
    return browser(Role.SECRETARY)


@pytest.fixture
def cadre(browser: Browser) -> TestClient:
    return browser(Role.CADRE)


@pytest.fixture
def viewer(browser: Browser) -> TestClient:
    return browser(Role.VIEWER)


@pytest.fixture
def admin(browser: Browser) -> TestClient:
    return browser(Role.ADMIN)


def typed(**changes: object) -> dict[str, object]:
    """The form of an announcement, valid unless changed."""
    return {
        "title": "Họp thôn",
        "text": "Mời bà con họp thôn lúc 19h30 ngày 25/11 tại Nhà văn hóa.",
        "category": "hop-thon",
        "priority": "routine",
        "where": "some",
        "villages": ["un-ta"],
        "from_on": "2026-11-22",
        "until_on": "2026-11-25",
        "times_per_day": "2",
        "voice": "auto",
        "edits": "0",
        "do": "save",
        **changes,
    }


def words(page: str) -> str:
    """A page's text with its entities resolved."""
    return unescape(page)


def uuid_in(address: str) -> UUID:
    """The announcement's uuid in an address of its pages."""
    return UUID(address.split("/")[2].split("?", maxsplit=1)[0])
