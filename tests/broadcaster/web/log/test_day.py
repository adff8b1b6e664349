"""The log page and what can be listened to from it."""

import re
from datetime import timedelta
from uuid import uuid4

from starlette.testclient import TestClient

from broadcaster import i18n
from broadcaster.alerts.calls import Line, Signal
from broadcaster.alerts.models import AlertSound
from broadcaster.asrun.models import AsRunEntry
from broadcaster.asrun.service import ingest
from broadcaster.asrun.settling import settle, weigh
from broadcaster.fleet.models import Player
from content.kernel.db import unit_of_work
from schedules import queries as schedules
from tests.broadcaster.web.conftest import Town, words
from tests.broadcaster.web.villages.test_pages import pair

LATE_2_S = i18n.load("vi").say("{length} late", {"length": "2 giây"})
"""What is told of 1.5 s."""


def report(town: Town, outcome: str, late_ms: int | None = 12, reason: str | None = None) -> None:
    """The player of the first village reports on its first cue of today."""
    with unit_of_work(town.station.sessions) as session:
        player = Player(
            village_id=town.villages[0].id, name="Loa", hardware="", token_sha256="x", paired_at=town.clock.now()
        )
        session.add(player)
        session.flush()
        occurrence = schedules.day_plan(session, town.commune, town.clock.now().date(), village=town.villages[0])[0]
        cue = schedules.cues(occurrence)[0]
        session.add(
            AsRunEntry(
                player_id=player.id,
                village_id=player.village_id,
                row_uuid=uuid4(),
                occurrence_uuid=occurrence.uuid,
                cue_key=cue.key,
                attempt=1,
                title=cue.title,
                planned_at=occurrence.starts_at,
                started_at=occurrence.starts_at + timedelta(milliseconds=late_ms) if late_ms is not None else None,
                outcome=outcome,
                reason=reason,
                late_ms=late_ms,
                media_sha256=cue.media[0],
                received_at=town.clock.now(),
                row={},
            )
        )
        session.flush()
        weigh(session, {(player.village_id, occurrence.uuid)}, town.clock.now())


def minute(town: Town) -> None:
    """What the worker does each minute."""
    with unit_of_work(town.station.sessions) as session:
        while settle(session, town.commune, town.clock.now()):
            pass


def planned(town: Town) -> None:
    town.slot()
    town.approved(title="Lịch cắt điện")
    town.plan()


def test_what_aired_is_told_with_its_lateness(cadre: TestClient, town: Town) -> None:
    """Planned time, real time and how late, in words."""
    planned(town)
    report(town, "aired", 1500)
    page = words(cadre.get("/log?village=un-ta").text)
    assert "17:30:00" in page
    assert "17:30:01" in page
    assert LATE_2_S in page
    assert "đã phát" in page


def test_what_was_not_heard_whole_is_told_first_with_its_reason(cadre: TestClient, town: Town) -> None:
    """A trouble stands above the table, in words, once."""
    planned(town)
    report(town, "partial", 8, "power_cut")
    page = words(cadre.get("/log").text)
    trouble = page.split("Chưa phát được, hoặc phát chưa trọn")[1].split("Từng thôn")[0]
    assert "Lịch cắt điện" in trouble
    assert "mất điện" in trouble
    assert "Ún Tà" in trouble


def test_a_silent_village_is_waiting_then_missing(cadre: TestClient, town: Town) -> None:
    """Before its time a cue waits; ten minutes after its end without a report it is missing."""
    planned(town)
    assert '2</strong> <span class="outcome waiting' in cadre.get("/log").text
    pair(town)
    town.clock.pass_by(hours=1)
    minute(town)
    page = words(cadre.get("/log").text)
    assert "chưa có báo cáo" in page
    assert "chờ phát" not in page


def test_what_was_sent_can_be_heard(cadre: TestClient, town: Town) -> None:
    """The log leads to the very sound that was sent, served by Range and kept by browsers."""
    planned(town)
    page = cadre.get("/log").text
    address = "/media/" + page.split('href="/media/')[1].split('"')[0]
    whole = cadre.get(address)
    assert whole.headers["content-type"] == "audio/ogg"
    assert "immutable" in whole.headers["cache-control"]
    part = cadre.get(address, headers={"range": "bytes=0-4"})
    assert (part.status_code, part.content) == (206, b"sound")


def test_unknown_sounds_are_a_page_in_words(cadre: TestClient) -> None:
    """A name that nothing has is answered with a page, not with a trace."""
    for name in ("0" * 64, "none", "..%2f..%2fkeys%2fsigning.key"):
        answer = cadre.get(f"/media/{name}")
        assert answer.status_code == 404
        assert "<h1>" in answer.text


def test_sounds_are_for_people_who_are_logged_in(client: TestClient, town: Town) -> None:
    """Without a login there is no sound."""
    revision = town.rendered()
    assert revision.parts
    client.follow_redirects = False
    assert client.get(f"/media/{'0' * 64}").status_code == 303


def test_an_empty_day_says_so(cadre: TestClient) -> None:
    """A day without a plan is told in words."""
    assert "Ngày này không có bản tin nào trong lịch" in words(cadre.get("/log?on=2020-01-01").text)


def test_lateness_is_a_figure_for_who_asks(cadre: TestClient, town: Town) -> None:
    """In words first: what is within a second is on time; to the millisecond on request."""
    planned(town)
    report(town, "aired", 345)
    for page in ("/log", "/log?village=un-ta"):
        text = words(cadre.get(page).text)
        assert i18n.load("vi").say("on time") in text
        assert " ms" not in text
    assert "+0,345 giây" in words(cadre.get("/log?village=un-ta&exact=yes").text)


def test_each_sound_of_a_call_says_what_it_is(cadre: TestClient, town: Town) -> None:
    """Siren, words and notice by their names, what sounds twice once; and that people stopped it, at what time."""
    sounds = [Line(language="vi", reading="Đây là diễn tập"), Line.of(Signal.SIREN), Line(language="pcc", reading="x")]
    names = [f"{number:064x}" for number in range(len(sounds))]
    town.slot()
    with unit_of_work(town.station.sessions) as session:
        session.add_all(
            AlertSound(
                source_sha256=line.source,
                format="x",
                line=line.model_dump(mode="json"),
                urgent=False,
                wanted_at=town.clock.now(),
                sha256=name,
            )
            for line, name in zip(sounds, names, strict=True)
        )
        player = Player(
            village_id=town.villages[0].id, name="Loa", hardware="", token_sha256="x", paired_at=town.clock.now()
        )
        session.add(player)
        session.flush()
        row = {
            "row_uuid": str(uuid4()),
            "occurrence_uuid": str(uuid4()),
            "cue_key": "alert/1/1",
            "media": [*names, names[2]],
            "title": "Lũ quét",
            "planned_at": town.clock.now().isoformat(),
            "started_at": town.clock.now().isoformat(),
            "position_ms": 9000,
            "outcome": "partial",
            "reason": "withdrawn",
            "clock_state": "trusted",
            "alert_version": 1,
            "exercise": True,
        }
        assert ingest(session, player, [row], town.clock.now())[0].verdict == "accepted"
    page = cadre.get("/log?village=un-ta").text
    links = re.findall(r'class="listen" href="/media/(\w+)" aria-label="[^"]*">([^<]+)<', page)
    assert [name for name, _ in links] == names
    assert len({said for _, said in links}) == 3
    assert "2" in links[2][1]
    stopped = f"{town.clock.now().astimezone(town.commune.zone) + timedelta(seconds=9):%H:%M:%S}"
    for address in ("/log?village=un-ta", "/log"):
        text = cadre.get(address).text
        assert "outcome stopped" in text
        assert "outcome partial" not in text
        assert stopped in text
