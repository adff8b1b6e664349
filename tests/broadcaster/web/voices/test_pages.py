"""The page of voices, the order of one, and the worker that fetches it."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from audio_out import orders
from audio_out.models import JobState
from broadcaster.jobs.fetching import fetch_next
from broadcaster.station import Station
from content.kernel.db import unit_of_work
from tests.audio_out.makers import Makers, serving
from tests.audio_out.tiny_voice import make_voice
from tests.broadcaster.web.conftest import Town, words

OFFERED = "vi_VN-25hours_single-low"


@pytest.fixture
def makers(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Makers]:
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with serving() as server:
        server.publish(tmp_path / "makers", OFFERED)
        yield server


def fetching_from(town: Town, makers: Makers) -> Station:
    return replace(town.station, settings=town.station.settings.model_copy(update={"voices_url": makers.url}))


def test_an_ordered_voice_is_fetched_and_speaks(admin: TestClient, town: Town, makers: Makers) -> None:
    """One press orders, the worker fetches and tries, the page offers the voice."""
    assert OFFERED in words(admin.get("/voices").text)
    assert admin.post("/voices/order", data={"name": OFFERED}).status_code == 303
    assert "data-refresh" in admin.get("/voices").text
    assert fetch_next(fetching_from(town, makers))
    assert not fetch_next(fetching_from(town, makers))
    page = words(admin.get("/voices").text)
    assert "CC BY" in page or "creativecommons" in page
    assert f"/voices/{OFFERED}/remove" in page
    assert "data-settled" in admin.get("/voices/progress").text


def test_a_fetch_that_failed_says_why_and_can_go_on(admin: TestClient, town: Town, makers: Makers) -> None:
    """No network is told on the page; the next press goes on with what came."""
    admin.post("/voices/order", data={"name": OFFERED})
    makers.cuts = [1000, 0]
    fetch_next(fetching_from(town, makers))
    assert "field-error" in admin.get("/voices").text
    admin.post("/voices/order", data={"name": OFFERED})
    fetch_next(fetching_from(town, makers))
    assert ("vi_VN-25hours_single-low.onnx", "bytes=1000-") in makers.asked
    assert f"/voices/{OFFERED}/remove" in admin.get("/voices").text


def test_an_order_whose_worker_died_is_taken_again(admin: TestClient, town: Town) -> None:
    """A fetch that told nothing for a minute belongs to the next worker, not before."""
    admin.post("/voices/order", data={"name": OFFERED})
    with unit_of_work(town.station.sessions) as session:
        assert orders.next_order(session, town.clock.now()) == OFFERED
        assert orders.next_order(session, town.clock.now()) is None
        assert orders.next_order(session, town.clock.now() + 2 * orders.FORGOTTEN_AFTER) == OFFERED
        assert orders.orders(session)[OFFERED].state == JobState.RUNNING


def test_a_voice_comes_in_from_a_stick_goes_and_comes_back(admin: TestClient, tmp_path: Path) -> None:
    """Two files through the form, tried by the engine; removal is undone."""
    model = make_voice(tmp_path, "vi_VN-tiny-low")
    config = model.with_name(f"{model.name}.json")
    files = {"model": (model.name, model.read_bytes()), "settings": (config.name, config.read_bytes())}
    assert admin.post("/voices/add", files=files).status_code == 303
    assert "/voices/vi_VN-tiny-low/remove" in admin.get("/voices").text
    admin.post("/voices/vi_VN-tiny-low/remove")
    assert "/voices/vi_VN-tiny-low/restore" in admin.get("/voices").text
    admin.post("/voices/vi_VN-tiny-low/restore")
    assert "/voices/vi_VN-tiny-low/remove" in admin.get("/voices").text


def test_files_that_are_no_voice_are_refused_at_their_field(admin: TestClient) -> None:
    """A wrong file is told at the field, and nothing is installed."""
    answer = admin.post("/voices/add", files={"model": ("../../x.onnx", b"no"), "settings": ("x.onnx.json", b"{}")})
    assert answer.status_code == 422
    assert "model-error" in answer.text


def test_only_an_admin_changes_voices(secretary: TestClient) -> None:
    """Others see the voices, and change none."""
    assert secretary.get("/voices").status_code == 200
    assert secretary.post("/voices/order", data={"name": OFFERED}).status_code == 403
    assert "/voices/order" not in secretary.get("/voices").text
