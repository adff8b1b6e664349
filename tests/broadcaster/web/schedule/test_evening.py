"""An evening to listen to beforehand: one file, by Range, kept for a while."""

import os
from pathlib import Path
from uuid import UUID, uuid4

import numpy as np
from sqlalchemy import select
from starlette.testclient import TestClient

from audio_out.codecs import RATE, Codec, Pcm, decode, encode
from broadcaster.web.schedule.evening import sweep
from content.kernel.db import unit_of_work
from content.kernel.units import Sha256
from schedules.models import CueRow, Occurrence
from tests.broadcaster.web.conftest import Town, words


def planned(town: Town, seconds: float = 2) -> UUID:
    """An occurrence with two announcements that really sound."""
    town.slot()
    town.approved(title="Họp thôn")
    town.approved(title="Cắt điện", texts={"vi": "Ngày mai cắt điện."})
    town.plan()
    tone = encode(Pcm(np.full(int(RATE * seconds), 9000, np.int16), RATE), Codec.OPUS)
    with unit_of_work(town.station.sessions, writes=False) as session:
        for media in session.scalars(select(CueRow.media)):
            town.station.store.path(Sha256(media[0])).write_bytes(tone)
        return session.scalars(select(Occurrence.uuid).order_by(Occurrence.starts_at)).first() or uuid4()


def test_all_that_is_planned_comes_as_one_file(viewer: TestClient, town: Town) -> None:
    """The cues at their planned times; the second one begins where the first was planned to end, and after a pause."""
    uuid = planned(town)
    answer = viewer.get(f"/schedule/occurrences/{uuid}/sound")
    assert answer.headers["content-type"] == "audio/ogg"
    sound = decode(answer.content)
    assert sound.duration_ms + 100 >= 2 * 2000 + 5000  # the planned pause is longer than what previews keep


def test_a_phone_gets_it_in_parts(viewer: TestClient, town: Town) -> None:
    """Range is answered, also when nobody asked for the file before."""
    answer = viewer.get(f"/schedule/occurrences/{planned(town)}/sound", headers={"Range": "bytes=0-99"})
    assert answer.status_code == 206
    assert len(answer.content) == 100


def test_it_is_made_once(viewer: TestClient, town: Town) -> None:
    """The second listener gets the kept file, named by the playlist, so that a new plan makes a new one."""
    uuid = planned(town)
    viewer.get(f"/schedule/occurrences/{uuid}/sound")
    (kept,) = (town.station.settings.data_dir / "previews").iterdir()
    kept.write_bytes(b"kept from before")
    assert viewer.get(f"/schedule/occurrences/{uuid}/sound").content == b"kept from before"


def test_missing_audio_is_said(viewer: TestClient, town: Town) -> None:
    """The day's page says so instead of a player, and the address answers with a page, not with half an evening."""
    uuid = planned(town)
    page = words(viewer.get("/schedule?view=day&on=2026-11-22").text)
    assert f'src="/schedule/occurrences/{uuid}/sound"' in page
    with unit_of_work(town.station.sessions, writes=False) as session:
        media = session.scalars(select(CueRow.media)).first() or [""]
    town.station.store.delete(Sha256(media[0]))
    assert viewer.get(f"/schedule/occurrences/{uuid}/sound").status_code == 404
    assert f'src="/schedule/occurrences/{uuid}/sound"' not in viewer.get("/schedule?view=day&on=2026-11-22").text
    assert not list((town.station.settings.data_dir / "previews").glob("*"))


def test_what_was_asked_for_longest_ago_goes_first(tmp_path: Path) -> None:
    """The folder stays below its size; the newest file stays whatever its size."""
    for age, name in enumerate(["new", "middle", "old"]):
        file = tmp_path / f"{name}.ogg"
        file.write_bytes(bytes(100))
        os.utime(file, (1000 - age, 1000 - age))
    sweep(tmp_path, 200)
    assert {file.stem for file in tmp_path.iterdir()} == {"new", "middle"}
    sweep(tmp_path, 50)
    assert {file.stem for file in tmp_path.iterdir()} == {"new"}
