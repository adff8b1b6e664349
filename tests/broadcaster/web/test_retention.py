"""The page on what is kept how long."""

import re
from datetime import date

import pytest
from sqlalchemy import select, update
from starlette.testclient import TestClient

from audio_out.models import Rendition
from broadcaster.accounts.models import Role
from broadcaster.asrun.models import Airing
from broadcaster.jobs import retention
from broadcaster.retention import service
from broadcaster.retention.models import Export
from broadcaster.retention.rules import GRACE, Kept
from content.kernel.db import unit_of_work
from content.models import Revision
from tests.broadcaster.retention.test_service import hours, left
from tests.broadcaster.web.conftest import Browser, Town, words


def export_of(town: Town) -> Export:
    with unit_of_work(town.station.sessions, writes=False) as session:
        return session.scalars(select(Export)).one()


def a_week_later(town: Town) -> None:
    town.clock.pass_by(days=GRACE.days, seconds=1)
    retention.retire_old_rows(town.station)


def test_an_admin_chooses_how_long(town: Town, admin: TestClient) -> None:
    """The choice counts at once for what the page tells, and before what the settings say."""
    hours(town, 1, 150)
    page = words(admin.get("/settings/retention").text)
    assert re.search(r'value="90" selected', page)
    answer = admin.post("/settings/retention", data={"log_months": "36", "audio_months": "24", "health_days": "365"})
    assert answer.status_code == 303
    with unit_of_work(town.station.sessions, writes=False) as session:
        assert service.kept(session, town.station.settings, town.commune) == Kept(36, 24, 365)
    page = admin.get("/settings/retention").text
    assert all(f'value="{value}" selected' in page for value in (36, 24, 365))
    retention.retire_old_rows(town.station)
    assert left(town.station) == 2


def test_an_export_can_be_stopped_and_downloaded(town: Town, admin: TestClient) -> None:
    """Before its day by one press; after it the rows come back by one, with the worker's help."""
    hours(town, 150)
    retention.retire_old_rows(town.station)
    address = f"/settings/retention/{export_of(town).uuid}"
    assert f"{address}/hold" in admin.get("/settings/retention").text
    assert admin.get(f"{address}/file").content.startswith(b"\x1f\x8b")
    admin.post(f"{address}/hold")
    a_week_later(town)
    assert left(town.station) == 1
    admin.post(f"{address}/let-go")
    a_week_later(town)
    assert left(town.station) == 0
    admin.post(f"{address}/hold")
    retention.put_back(town.station)
    assert left(town.station) == 1
    assert f"{address}/let-go" in admin.get("/settings/retention").text


def test_a_moved_file_is_told(town: Town, admin: TestClient) -> None:
    """And is no broken page."""
    hours(town, 150)
    retention.retire_old_rows(town.station)
    (town.station.settings.data_dir / service.FOLDER / export_of(town).file).unlink()
    assert "care-text" in admin.get("/settings/retention").text
    assert admin.get(f"/settings/retention/{export_of(town).uuid}/file").status_code == 404


def test_a_removed_sound_says_where_it_lies(town: Town, admin: TestClient, viewer: TestClient) -> None:
    """On the announcement's life, and where somebody presses an older link to it."""
    town.slot()
    revision = town.approved(title="Lịch cắt điện")
    town.plan()
    with unit_of_work(town.station.sessions) as session:
        sound = session.scalars(select(Rendition.sha256)).one()
        uuid = revision.announcement.uuid
        session.add(logged(town, sound, uuid))
        session.execute(update(Revision).values(from_on=date(2024, 1, 1), until_on=date(2024, 1, 31)))
        service.choose(session, town.commune, Kept(0, 12, 90), town.people[Role.ADMIN].uuid, town.clock.now())
    town.clock.pass_by(days=4)
    retention.retire_old_rows(town.station)
    assert viewer.get(f"/media/{sound}").status_code == 200
    a_week_later(town)
    gone = viewer.get(f"/media/{sound}")
    assert gone.status_code == 404
    assert "audio-2024-01.tar" in gone.text
    life = viewer.get(f"/log/announcements/{uuid}").text
    assert "audio-2024-01.tar" in life
    assert "<audio" not in life


def logged(town: Town, sound: str, announcement: object) -> Airing:
    at = town.clock.now()
    return Airing(
        village_id=town.villages[0].id,
        occurrence_uuid=announcement,
        cue_key="x",
        local_on=at.date(),
        hour=17,
        planned_at=at,
        due_at=at,
        kind="speech",
        title="Lịch cắt điện",
        language="vi",
        priority="routine",
        announcement_uuid=announcement,
        duration_ms=1000,
        media=[sound],
        is_synthetic=True,
        is_planned=True,
        is_exercise=False,
        outcome="aired",
        sounded_ms=1000,
    )


@pytest.mark.parametrize("role", [Role.VIEWER, Role.SECRETARY, Role.CADRE])
def test_only_admins_see_it(town: Town, browser: Browser, role: Role) -> None:
    """It removes what others need."""
    there = browser(role)
    assert there.get("/settings/retention").status_code == 403
    assert there.post("/settings/retention", data={"log_months": "12"}).status_code == 403
