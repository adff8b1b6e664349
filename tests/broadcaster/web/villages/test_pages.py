"""Villages: health in words, pairing, settings, and what was heard there."""

import re
from datetime import time, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

from broadcaster import pipeline
from broadcaster.accounts.models import Role
from broadcaster.fleet import service as fleet
from broadcaster.fleet.models import Player
from broadcaster.i18n import load
from broadcaster.protocol import Heartbeat, Manifest, PairRequest
from broadcaster.publishing import service as publishing
from broadcaster.publishing.models import ManifestRow
from broadcaster.web.villages.forms import NO_LANGUAGE
from content import queries
from content import service as content
from content.errors import LanguageMissing
from content.kernel.audit import AuditEntry
from content.kernel.db import unit_of_work
from content.kernel.nodes import villages_of
from content.kernel.priority import Priority
from schedules import queries as schedules
from tests.broadcaster.web.conftest import Browser, Town, words


def pair(town: Town, *, sample: bool = False, **heartbeat: object) -> Player:
    """A player in Ún Tà that has just reported."""
    with unit_of_work(town.station.sessions) as session:
        now = town.clock.now()
        code = fleet.make_code(session, town.villages[0], None, now, for_sample=sample)
        request = PairRequest(code=code, nonce="n" * 16, name="Loa nhà văn hóa")
        answer = fleet.pair(session, town.station.signer, request, now)
        player = fleet.player_by_token(session, answer.token)
        report = {"sent_at": now, "clock_state": "trusted", "disk_free_bytes": 9_000_000_000, **heartbeat}
        fleet.heard_from(session, player, Heartbeat(**report), now)
        return player


def test_a_pairing_code_is_shown_once_in_groups_of_four(admin: TestClient, town: Town) -> None:
    """The code that the page shows pairs a player; the next look at the page does not show it."""
    page = admin.post("/villages/un-ta/code").text
    shown = page.split('<p class="code"')[1].split(">")[1].split("<")[0]
    assert [len(group) for group in shown.split(" ")] == [4, 4]
    assert "Mã có hiệu lực đến 17:15" in words(page)
    assert shown not in admin.get("/villages/un-ta").text
    with unit_of_work(town.station.sessions) as session:
        request = PairRequest(code=shown.replace(" ", ""), nonce="n" * 16, name="Loa")
        assert fleet.pair(session, town.station.signer, request, town.clock.now()).village == "un-ta"


@pytest.mark.parametrize(
    ("heartbeat", "minutes", "said"),
    [
        ({}, 0, "Sẵn sàng"),
        ({"playing": "Lịch tiêm chủng"}, 0, "Đang phát"),
        ({"clock_state": "untrusted"}, 0, "Đồng hồ chưa chắc chắn"),
        ({"objects_missing": 3}, 0, "Đang tải âm thanh: còn 3 tệp."),
        ({"disk_free_bytes": 1}, 0, "Ổ đĩa của thiết bị sắp đầy."),
        ({"under_voltage": True}, 0, "Nguồn điện của thiết bị quá yếu."),
        ({}, 4, "Một lúc rồi chưa báo về."),
    ],
)
def test_a_tile_tells_how_the_loudspeaker_is(
    admin: TestClient, town: Town, heartbeat: dict[str, object], minutes: int, said: str
) -> None:
    """Each trouble has its own words; silence is one after three minutes."""
    pair(town, **heartbeat)
    town.clock.pass_by(minutes=minutes)
    for address in ("/villages", "/", "/today/villages"):
        assert said in words(admin.get(address).text)


def test_a_village_without_player_says_so(admin: TestClient) -> None:
    """An unpaired village is told on its tile."""
    assert words(admin.get("/villages").text).count("Chưa ghép nối cụm loa") == 2


def test_a_removed_player_is_gone_at_once(admin: TestClient, town: Town) -> None:
    """One press ends its pairing."""
    player = pair(town)
    answer = admin.post(f"/villages/un-ta/players/{player.uuid}/remove")
    page = words(admin.get(answer.headers["location"]).text)
    assert "Đã gỡ bộ điều khiển loa." in page
    assert "Loa nhà văn hóa" not in page


def test_a_village_is_added_with_an_address_of_its_own(admin: TestClient, town: Town) -> None:
    """Its name becomes its address without diacritics, and it can be planned for."""
    answer = admin.post("/villages", data={"name": " Tòng Chú 3 "})
    assert answer.headers["location"] == "/villages/tong-chu-3?did=village-added"
    assert "Tòng Chú 3" in words(admin.get(answer.headers["location"]).text)
    with unit_of_work(town.station.sessions, writes=False) as session:
        assert len(schedules.village_airings(session, town.commune)) == 3


@pytest.mark.parametrize(
    ("name", "said"), [("", "Hãy đặt tên."), ("?!", "Hãy đặt tên."), ("ÚN TÀ", "Đã có thôn mang tên này.")]
)
def test_a_village_needs_a_name_of_its_own(admin: TestClient, town: Town, name: str, said: str) -> None:
    """Nameless and doubled villages are refused at the field."""
    answer = admin.post("/villages", data={"name": name})
    assert answer.status_code == 422
    assert said in words(answer.text)
    with unit_of_work(town.station.sessions, writes=False) as session:
        assert len(villages_of(session, town.commune)) == 2


def test_quiet_hours_and_volume_are_kept(admin: TestClient) -> None:
    """The settings come back as they were given; two empty times mean no quiet hours."""
    given = {"quiet_from_local": "22:15", "quiet_until_local": "04:45", "volume_percent": "70"}
    assert admin.post("/villages/un-ta/settings", data=given).status_code == 303
    page = admin.get("/villages/un-ta").text
    for value in given.values():
        assert f'value="{value}"' in page
    admin.post("/villages/un-ta/settings", data={**given, "quiet_from_local": "", "quiet_until_local": ""})
    assert 'value="22:15"' not in admin.get("/villages/un-ta").text


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"quiet_from_local": "tối"}, "quiet_from_local"),
        ({"quiet_until_local": ""}, "quiet_from_local"),
        ({"volume_percent": "to"}, "volume_percent"),
        ({"volume_percent": "101"}, "volume_percent"),
        ({"emergency_volume_percent": "laut"}, "emergency_volume_percent"),
        ({"volume_from": ["05:00"], "volume_until": ["06:00"], "volume_there": ["101"]}, "volumes"),
        ({"volume_from": ["05:00"], "volume_until": [""], "volume_there": ["40"]}, "volumes"),
        ({"volume_from": ["05:00"], "volume_until": ["05:00"], "volume_there": ["40"]}, "volumes"),
    ],
)
def test_settings_that_cannot_be_are_refused_at_their_field(
    admin: TestClient, wrong: dict[str, str], field: str
) -> None:
    """Nothing is changed, and the field tells why."""
    given = {"quiet_from_local": "22:15", "quiet_until_local": "04:45", "volume_percent": "70", **wrong}
    answer = admin.post("/villages/un-ta/settings", data=given)
    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.text
    assert 'value="21:30"' in admin.get("/villages/un-ta").text


def test_volumes_by_time_of_day_reach_the_players(admin: TestClient, town: Town) -> None:
    """Each row that is filled is kept, shown again with an empty one below, and told to the village's players."""
    player = pair(town)
    given = {
        "quiet_from_local": "22:15",
        "quiet_until_local": "04:45",
        "emergency_volume_percent": "90",
        "volume_from": ["05:00", "", "20:00"],
        "volume_until": ["06:30", "", "21:00"],
        "volume_there": ["40", "", "60"],
    }
    assert admin.post("/villages/un-ta/settings", data=given).status_code == 303
    page = admin.get("/villages/un-ta").text
    assert re.findall(r'name="volume_(?:from|until)" type="time" value="([\d:]*)"', page) == [
        *("05:00", "06:30", "20:00", "21:00"),
        *("", ""),
    ]
    town.plan()
    with unit_of_work(town.station.sessions, writes=False) as session:
        settings = Manifest.model_validate_json(session.get_one(ManifestRow, player.id).body).settings
    assert [(f"{span.from_local:%H:%M}", span.percent) for span in settings.volumes] == [("05:00", 40), ("20:00", 60)]
    assert settings.emergency_volume_percent == 90


@pytest.mark.parametrize(("typed", "kept"), [("1.5", 1500), ("0,25", 250), ("61", None), ("viel", None)])
def test_the_warm_up_is_given_in_seconds(admin: TestClient, town: Town, typed: str, kept: int | None) -> None:
    """With a point or a comma, up to a minute; anything else is refused at its field."""
    answer = admin.post("/villages/un-ta/device", data={"warm_up_s": typed})
    with unit_of_work(town.station.sessions, writes=False) as session:
        warm_up_ms = schedules.village_airings(session, town.commune)[0].warm_up_ms
    assert (answer.status_code, warm_up_ms) == ((422, 0) if kept is None else (303, kept))


DEVICE = {
    "warm_up_s": "2",
    "output_offset_s": "-0,25",
    "max_kbytes_s": "64",
    "cache_mb": "2000",
    "test_chime_local": "06:30",
}


def test_what_the_device_needs_reaches_its_players(admin: TestClient, town: Town) -> None:
    """Delay, speed, room and the daily chime are shown as given, told to the village's players, and audited."""
    player = pair(town)
    assert admin.post("/villages/un-ta/device", data=DEVICE).status_code == 303
    page = admin.get("/villages/un-ta").text
    assert [f'value="{value}"' in page for value in ("-0.25", "64", "2000", "06:30")] == [True] * 4
    town.plan()
    with unit_of_work(town.station.sessions, writes=False) as session:
        settings = Manifest.model_validate_json(session.get_one(ManifestRow, player.id).body).settings
        entry = session.scalars(select(AuditEntry).where(AuditEntry.act == "airing.changed")).one()
    told = (settings.output_offset_ms, settings.max_kbytes_s, settings.cache_mb, settings.test_chime_local)
    assert told == (-250, 64, 2000, time(6, 30))
    assert entry.facts["cache_mb"] == 2000


def test_a_village_may_do_without_the_daily_chime(admin: TestClient, town: Town) -> None:
    """At first it is at seven; an empty time is none, in the page and for the players."""
    player = pair(town)
    assert 'value="07:00"' in admin.get("/villages/un-ta").text
    admin.post("/villages/un-ta/device", data={**DEVICE, "test_chime_local": ""})
    assert 'value="07:00"' not in admin.get("/villages/un-ta").text
    town.plan()
    with unit_of_work(town.station.sessions, writes=False) as session:
        body = session.get_one(ManifestRow, player.id).body
    assert Manifest.model_validate_json(body).settings.test_chime_local is None


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("output_offset_s", "10.5"),
        ("output_offset_s", "nan"),
        ("max_kbytes_s", "-1"),
        ("max_kbytes_s", "9" * 5000),
        ("cache_mb", "viel"),
        ("test_chime_local", "sáng"),
    ],
)
def test_technical_settings_that_cannot_be_are_refused_at_their_field(
    admin: TestClient, field: str, typed: str
) -> None:
    """Nothing is changed, the fold stands open, and the field tells why."""
    answer = admin.post("/villages/un-ta/device", data={**DEVICE, field: typed})
    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.text
    assert '<details class="fold" id="device" open>' in answer.text
    assert 'value="2000"' not in admin.get("/villages/un-ta").text


def languages_of(town: Town) -> tuple[list[str], list[str]]:
    with unit_of_work(town.station.sessions, writes=False) as session:
        airing = schedules.village_airings(session, town.commune)[0]
        return airing.languages, airing.required


def test_languages_are_kept_in_their_order(admin: TestClient, town: Town) -> None:
    """First to last as chosen, gaps closed; the page shows them again, with their ticks and an empty row below."""
    given = {"languages": ["pcc", "", "vi", "hmn"], "required": ["1", "3"]}
    assert admin.post("/villages/un-ta/languages", data=given).status_code == 303
    assert languages_of(town) == (["pcc", "vi", "hmn"], ["pcc", "vi"])
    page = admin.get("/villages/un-ta").text
    assert re.findall(r'<option value="(\w{2,3})" selected', page) == ["pcc", "vi", "hmn"]
    assert re.findall(r'name="required" value="(\d)" checked', page) == ["1", "2"]
    assert page.count('name="languages"') == 4


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"languages": ["", "", ""]}, "Hãy chọn ít nhất một tiếng"),
        ({"languages": ["vi", "pcc", "vi"]}, "mỗi tiếng một lần"),
        ({"languages": ["vi", "", ""], "required": ["2"]}, NO_LANGUAGE),
        ({"languages": ["vi", "xx", ""]}, "xx"),
        ({}, "Hãy chọn ít nhất một tiếng"),
    ],
)
def test_languages_that_cannot_be_are_refused_where_they_stand(
    admin: TestClient, town: Town, given: dict[str, list[str]], said: str
) -> None:
    """Nothing is changed, the field tells why, and what was chosen stays chosen."""
    answer = admin.post("/villages/un-ta/languages", data=given)
    assert answer.status_code == 422
    shown = words(answer.text).split('id="languages-error"')[1]
    assert said in shown or load("vi").say(said) in shown
    chosen = [language for language in given.get("languages", []) if language not in {"", "xx"}]
    assert re.findall(r'<option value="(\w{2,3})" selected', answer.text) == chosen
    assert languages_of(town) == (["vi"], [])


def test_what_is_important_is_not_sent_without_its_required_part(admin: TestClient, town: Town) -> None:
    """A village that needs Giáy keeps an important announcement back until somebody has recorded it in Giáy."""
    admin.post("/villages/un-ta/languages", data={"languages": ["vi", "pcc"], "required": ["2"]})
    draft = town.draft(priority=Priority.IMPORTANT)
    with unit_of_work(town.station.sessions) as session:
        found = queries.revision(session, draft.id)
        assert [type(problem) for problem in pipeline.problems(session, found, town.clock.now())] == [LanguageMissing]
        content.put_recording(session, found, "pcc", uuid4(), draft.edited_by, town.clock.now())
        assert pipeline.problems(session, found, town.clock.now()) == []


def test_changed_languages_ask_for_a_new_plan(admin: TestClient, town: Town) -> None:
    """Loudspeakers are told of the new order without anybody doing more."""
    town.plan()
    admin.post("/villages/un-ta/languages", data={"languages": ["pcc", "vi"]})
    with unit_of_work(town.station.sessions, writes=False) as session:
        assert publishing.is_wanted(session, town.commune)


@pytest.mark.parametrize(
    "address",
    ["/villages", "/villages/un-ta/code", "/villages/un-ta/settings", "/villages/un-ta/languages"],
)
@pytest.mark.parametrize("role", [Role.VIEWER, Role.SECRETARY, Role.CADRE])
def test_villages_are_set_up_by_admins(browser: Browser, address: str, role: Role) -> None:
    """Everybody may look, only admins may change."""
    someone = browser(role)
    assert someone.get("/villages/un-ta").status_code == 200
    assert someone.post(address, data={"name": "Mới"}).status_code == 403


def test_what_a_sample_player_played_can_be_heard(admin: TestClient, town: Town) -> None:
    """Its recordings are listed newest first with what aired in them, and served by Range."""
    pair(town, sample=True)
    town.slot()
    town.approved(title="Lịch cắt điện")
    town.plan()
    folder = town.station.sample_players_dir / "un-ta" / "air"
    folder.mkdir(parents=True)
    for name in ("20261122T103000Z_aaaaaaaa.wav", "20261121T103000Z_bbbbbbbb.wav"):
        (folder / name).write_bytes(b"RIFF" + name.encode())
    page = words(admin.get("/villages/un-ta").text)
    newest, older = page.split("Tiếng loa tại thôn")[1].split("<audio")[:2]
    assert "17 giờ 30 hôm nay" in newest
    assert "Lịch cắt điện" in newest
    assert "17 giờ 30 hôm qua" in older
    part = admin.get("/villages/un-ta/air/20261122T103000Z_aaaaaaaa.wav", headers={"range": "bytes=0-3"})
    assert (part.status_code, part.content) == (206, b"RIFF")


@pytest.mark.parametrize(
    "name", ["none.wav", "..%2f20261122T103000Z_x.wav", "%2e%2e%2f20261122T103000Z_x.wav", "secret.txt"]
)
def test_only_recordings_can_be_fetched(admin: TestClient, town: Town, name: str) -> None:
    """No name leads out of the folder of recordings."""
    folder = town.station.sample_players_dir / "un-ta" / "air"
    folder.mkdir(parents=True)
    for path in (folder / "secret.txt", folder.parent / "20261122T103000Z_x.wav"):
        path.write_text("secret")
    answer = admin.get(f"/villages/un-ta/air/{name}")
    assert answer.status_code == 404
    assert "secret" not in answer.text


def test_a_village_that_does_not_exist_is_a_page_in_words(admin: TestClient) -> None:
    """An unknown village is said in Vietnamese, without codes."""
    answer = admin.get("/villages/atlantis")
    assert answer.status_code == 404
    assert "Không có thôn hay xã “atlantis”" in words(answer.text)


def test_the_code_expires_when_the_page_says(admin: TestClient, town: Town) -> None:
    """The time on the page is the one the server keeps to."""
    admin.post("/villages/un-ta/code")
    assert timedelta(minutes=15) == fleet.CODE_LIVES


def test_an_admin_chooses_what_the_players_get(admin: TestClient, town: Town) -> None:
    """Codec, preset and freeze window of a village; anything else than what is offered is refused at its field."""
    chosen = {"codec": "mp3", "preset": "horn", "freeze_minutes": "10"}
    assert admin.post("/villages/un-ta/sound", data=chosen).status_code == 303
    page = admin.get("/villages/un-ta").text
    assert 'value="mp3" selected' in page
    assert 'value="horn" selected' in page
    refused = admin.post("/villages/un-ta/sound", data={**chosen, "codec": "tape", "freeze_minutes": "x"})
    assert refused.status_code == 422
    assert "codec-error" in refused.text
    assert "freeze_minutes-error" in refused.text
