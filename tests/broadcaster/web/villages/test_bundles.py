"""The page of a village without a network."""

import io
import zipfile

from sqlalchemy import select
from starlette.testclient import TestClient

from broadcaster.fleet import service as fleet
from broadcaster.fleet.models import Player
from broadcaster.protocol import PairRequest
from broadcaster.publishing import service as publishing
from content.kernel.db import unit_of_work
from tests.broadcaster.web.conftest import Town, words


def pair(town: Town) -> None:
    with unit_of_work(town.station.sessions) as session:
        code = fleet.make_code(session, town.villages[0], None, town.clock.now())
        request = PairRequest(code=code, nonce="n" * 32, name="Loa")
        fleet.pair(session, town.station.signer, request, town.clock.now())
        publishing.want_plan(session, town.commune)
        publishing.plan_and_publish(session, town.commune, town.station.press(), town.clock.now())


def test_a_secretary_downloads_a_villages_programme(secretary: TestClient, town: Town) -> None:
    """The village's page leads to the stick's; the archive holds its player's manifest, and no file is left behind."""
    pair(town)
    slug = town.villages[0].slug
    assert f'href="/villages/{slug}/stick"' in secretary.get(f"/villages/{slug}").text
    assert f'href="/villages/{slug}/stick/bundle"' in secretary.get(f"/villages/{slug}/stick").text
    answer = secretary.get(f"/villages/{slug}/stick/bundle")
    assert answer.status_code == 200
    assert f'filename="bundle-{slug}-' in answer.headers["content-disposition"]
    with unit_of_work(town.station.sessions, writes=False) as session:
        player = session.scalars(select(Player.uuid).where(Player.village_id == town.villages[0].id)).one()
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert f"manifests/{player}.json" in archive.namelist()
    assert not list(town.station.settings.data_dir.glob("bundle-*"))


def test_without_a_programme_that_is_said(secretary: TestClient, town: Town) -> None:
    """A village without a player has nothing to download; the page says what to do."""
    answer = secretary.get(f"/villages/{town.villages[0].slug}/stick/bundle")
    assert answer.status_code == 409
    assert "chưa có chương trình để mang đi" in words(answer.text)


def test_a_wrong_file_is_told_at_the_field(secretary: TestClient, town: Town) -> None:
    """Something that is no journal is refused with a sentence, at its field."""
    where = f"/villages/{town.villages[0].slug}/stick/journal"
    for files in ({"journal": ("x.json", b"{}")}, {}):
        answer = secretary.post(where, files=files)
        assert answer.status_code == 422
        assert "không phải nhật ký phát của loa" in words(answer.text)
        assert 'id="journal-error"' in answer.text
