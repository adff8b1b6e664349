"""Others' warnings on the pages: bringing a file, deciding, and entering sources, places, channels and the province."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

from broadcaster import i18n
from broadcaster.accounts.models import Role
from broadcaster.alerts import phrases, queries, rules
from broadcaster.alerts.calls import Call
from broadcaster.alerts.cap.model import Area, Circle, Point, Status
from broadcaster.alerts.cap.speaking import text_to_speak
from broadcaster.alerts.cap.writing import to_xml
from broadcaster.alerts.incoming import places, sources
from broadcaster.alerts.incoming.errors import FeedAnswered, FeedBroken
from broadcaster.alerts.incoming.models import Message, Source, State
from broadcaster.alerts.models import Alert
from broadcaster.alerts.rules import Rules
from broadcaster.notices.models import Channel, Delivery
from broadcaster.province.models import Link
from broadcaster.web.alerts.incoming import PER_PAGE
from content.kernel.db import unit_of_work
from tests.broadcaster.alerts.cap.messages import FLOOD, alert
from tests.broadcaster.web.conftest import Town, words

AS_IT_IS = {"text": "Rời khỏi bờ suối ngay.", "villages": ["un-ta"]}
HOOK = "json://user:bimat@127.0.0.1:9/hook"


def bring(client: TestClient, town: Town, **changed: object) -> str:
    """Upload a message that is in force now; the address that it leads to."""
    now = town.clock.now()
    info = FLOOD.__class__(**{**FLOOD.__dict__, "expires_at": now + timedelta(hours=2), "areas": (Area("Thôn Ún Tà"),)})
    xml = to_xml(alert(info, sent_at=now, **changed))
    answer = client.post("/alerts/incoming", files={"file": ("canh-bao.cap", xml)})
    assert answer.status_code == 303
    return str(answer.headers["location"])


def only_message(town: Town) -> Message:
    with unit_of_work(town.station.sessions, writes=False) as session:
        return session.scalars(select(Message)).one()


def calls(town: Town) -> list[Call]:
    with unit_of_work(town.station.sessions, writes=False) as session:
        return [Call.model_validate(one.call) for one in session.scalars(select(Alert))]


def want_two(town: Town) -> None:
    with unit_of_work(town.station.sessions) as session:
        row = queries.rules(session, town.commune)
        wanted = Rules(True, Role.ADMIN, 1, row.silent_at_local, None, row.audible_at_local)
        rules.change(session, town.commune, wanted, town.people[Role.ADMIN].uuid, town.clock.now())


@pytest.fixture(autouse=True)
def ready(town: Town) -> None:
    """The commune has its prepared phrases."""
    with unit_of_work(town.station.sessions) as session:
        phrases.seed(session, town.commune, town.clock.now())


def test_a_file_is_shown_before_anything_sounds(cadre: TestClient, town: Town) -> None:
    """Its words, its villages ticked, and why."""
    page = words(cadre.get(bring(cadre, town)).text)
    assert "Rời khỏi bờ suối ngay." in page
    assert 'value="un-ta" checked' in page
    assert 'value="luong-lao-1" checked' not in page
    assert calls(town) == []


@pytest.mark.parametrize("page", ["/", "/alerts", "/alerts/now"])
def test_whoever_may_decide_is_shown_what_waits(
    cadre: TestClient, secretary: TestClient, town: Town, page: str
) -> None:
    """On the pages that people look at, and until it is settled: nobody looks for a warning of which nobody knows."""
    address = bring(cadre, town)
    assert address in cadre.get(page).text
    assert address not in secretary.get(page).text
    cadre.post(address, data={"do": "pass_over"})
    assert address not in cadre.get(page).text


def test_what_is_meant_stands_before_exercises(cadre: TestClient, town: Town) -> None:
    """However many exercises came after it."""
    address = bring(cadre, town)
    for n in range(3):
        bring(cadre, town, identifier=f"thu-{n}", status=Status.TEST)
    assert address in cadre.get("/alerts/now").text


def test_a_press_without_a_village_airs_nothing(cadre: TestClient, town: Town) -> None:
    """Where it could not be told whom a warning is for somebody must choose; its words stand there all the same."""
    far_away = Area("vùng bão", circles=(Circle(Point(10, 100), 5),))
    xml = to_xml(alert(replace(FLOOD, expires_at=None, areas=(far_away,)), sent_at=town.clock.now()))
    address = cadre.post("/alerts/incoming", files={"file": ("bao.cap", xml)}).headers["location"]
    assert "Rời khỏi bờ suối ngay.</textarea>" in words(cadre.get(address).text)
    said = text_to_speak(FLOOD)
    assert cadre.post(address, data={"do": "air", "text": said}).status_code == 422
    assert only_message(town).state == State.WAITING
    cadre.post(address, data={"do": "air", "text": said, "villages": ["un-ta"]})
    assert [call.villages for call in calls(town)] == [(town.villages[0].uuid,)]


def test_what_waits_stands_before_what_came_later(cadre: TestClient, town: Town) -> None:
    """A feed of drafts and mistakes does not push a warning off the page."""
    address = bring(cadre, town)
    for n in range(PER_PAGE):
        cadre.post("/alerts/incoming", files={"file": ("x.cap", f"<a>{n}</a>".encode())})
    assert address in cadre.get("/alerts/incoming").text


def test_a_press_airs_what_was_left_as_it_was(cadre: TestClient, town: Town) -> None:
    """And leads to the page on which one sees who has sounded it."""
    address = bring(cadre, town)
    text = "Cảnh báo lũ quét\nNước suối Ún Tà đang lên nhanh.\nRời khỏi bờ suối ngay."
    answer = cadre.post(address, data={"do": "air", "text": text, "villages": ["un-ta"]})
    assert answer.headers["location"].startswith("/alerts/")
    assert [call.villages for call in calls(town)] == [(town.villages[0].uuid,)]
    assert only_message(town).state == State.AIRED


def test_other_words_and_villages_air_instead(cadre: TestClient, town: Town) -> None:
    """What is typed and ticked is what is heard."""
    cadre.post(bring(cadre, town), data={"do": "air", "text": "Lên đồi ngay.", "villages": ["luong-lao-1"]})
    (call,) = calls(town)
    assert (call.lines[0].text, call.villages) == ("Lên đồi ngay.", (town.villages[1].uuid,))


@pytest.mark.parametrize(
    ("text", "villages", "where"), [("x" * 601, ["un-ta"], "#text"), ("Lên đồi.", [], "#villages")]
)
def test_what_is_wrong_is_said_with_the_words_kept(
    cadre: TestClient, town: Town, text: str, villages: list[str], where: str
) -> None:
    """Nothing sounds, nothing typed is lost."""
    answer = cadre.post(bring(cadre, town), data={"do": "air", "text": text, "villages": villages})
    assert answer.status_code == 422
    assert f'href="{where}"' in answer.text
    assert text in answer.text
    assert calls(town) == []


def test_where_two_are_wanted_a_second_person_confirms(town: Town, browser: Callable[[Role], TestClient]) -> None:
    """Nothing sounds at the first press; who pressed cannot confirm; it airs as the first one left it."""
    want_two(town)
    cadre, admin = browser(Role.CADRE), browser(Role.ADMIN)
    address = bring(cadre, town)
    left = {"text": "Nước lên nhanh.", "villages": ["luong-lao-1"]}
    assert cadre.post(address, data=left | {"do": "air"}).headers["location"] == address
    assert calls(town) == []
    assert address in admin.get("/").text
    assert "Nước lên nhanh." in words(admin.get(address).text)
    assert cadre.post(address, data={"do": "confirm"}).status_code == 403
    assert admin.post(address, data={"do": "confirm"}).headers["location"].startswith("/alerts/")
    (call,) = calls(town)
    assert [line.text for line in call.lines] == ["Nước lên nhanh."]
    assert len(call.villages) == 1


def test_after_a_minute_a_warning_is_confirmed_no_more(town: Town, browser: Callable[[Role], TestClient]) -> None:
    """It waits as before and can be asked for again."""
    want_two(town)
    cadre, admin = browser(Role.CADRE), browser(Role.ADMIN)
    address = bring(cadre, town)
    cadre.post(address, data={"do": "air"} | AS_IT_IS)
    town.clock.pass_by(seconds=61)
    assert admin.post(address, data={"do": "confirm"}).status_code == 409
    assert calls(town) == []


def test_who_may_go_alone_says_why(town: Town, browser: Callable[[Role], TestClient]) -> None:
    """Without a reason nothing airs; a cadre who may not is refused."""
    want_two(town)
    cadre, admin = browser(Role.CADRE), browser(Role.ADMIN)
    address = bring(cadre, town)
    assert cadre.post(address, data={"do": "alone", "reason": "gấp"} | AS_IT_IS).status_code == 403
    assert admin.post(address, data={"do": "alone"} | AS_IT_IS).status_code == 422
    assert calls(town) == []
    assert admin.post(address, data={"do": "alone", "reason": "gấp"} | AS_IT_IS).status_code == 303
    assert len(calls(town)) == 1


def test_passing_over_is_undone_by_a_press(cadre: TestClient, town: Town) -> None:
    """Nothing is asked beforehand."""
    address = bring(cadre, town)
    cadre.post(address, data={"do": "pass_over"})
    assert only_message(town).state == State.PASSED_OVER
    cadre.post(address, data={"do": "take_up"})
    assert only_message(town).state == State.WAITING


def test_a_second_press_is_said_to_be_late(cadre: TestClient, town: Town) -> None:
    """Two people press at once: one alert."""
    address = bring(cadre, town)
    for expected in (303, 409):
        assert cadre.post(address, data={"do": "air", "text": "Lên.", "villages": ["un-ta"]}).status_code == expected
    assert len(calls(town)) == 1


def test_an_attack_is_kept_as_refused(cadre: TestClient, town: Town) -> None:
    """Shown with its reason, downloadable, never run or shown as markup."""
    files = {"file": ("x.xml", b"<!DOCTYPE a><script>alert(1)</script>")}
    address = cadre.post("/alerts/incoming", files=files).headers["location"]
    assert "DOCTYPE" in cadre.get(address).text
    raw = cadre.get(f"{address}/xml")
    assert raw.headers["content-type"] == "application/octet-stream"
    assert cadre.get("/alerts/incoming").status_code == 200


def test_without_a_file_one_is_asked_for(cadre: TestClient) -> None:
    """At its field."""
    answer = cadre.post("/alerts/incoming", files={"x": ("", b"")})
    assert answer.status_code == 422
    assert 'href="#file"' in answer.text


def test_a_token_is_shown_once(admin: TestClient, town: Town) -> None:
    """On the answer to the press, on no page afterwards."""
    address = admin.post("/settings/warnings/new", data={"name": "Tỉnh"}).headers["location"].partition("?")[0]
    token = admin.post(f"{address}/token").text.partition("cap_")[2].partition("<")[0]
    assert len(token) > 30
    assert token not in admin.get(address).text
    with unit_of_work(town.station.sessions, writes=False) as session:
        assert sources.by_token(session, f"cap_{token}").airs_itself is False
    admin.post(f"{address}/token/revoke")
    with unit_of_work(town.station.sessions, writes=False) as session:
        assert session.scalars(select(Source)).one().token_sha256 is None


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "x", "url": "ftp://x"}, "url"),
        ({"name": "x", "certificate": "PEM"}, "certificate"),
        ({"name": "x", "poll_seconds": "oft"}, "poll_seconds"),
    ],
)
def test_a_wrong_source_is_said_at_its_field(admin: TestClient, town: Town, typed: dict[str, str], field: str) -> None:
    """Nothing is kept."""
    answer = admin.post("/settings/warnings/new", data=typed)
    assert answer.status_code == 422
    assert f'href="#{field}"' in answer.text
    with unit_of_work(town.station.sessions, writes=False) as session:
        assert session.scalars(select(Source)).all() == []


def test_removing_a_source_can_be_undone(admin: TestClient) -> None:
    """From the page that it leads to."""
    address = admin.post("/settings/warnings/new", data={"name": "Tỉnh"}).headers["location"].partition("?")[0]
    gone = admin.post(f"{address}/remove").headers["location"]
    assert f"{address}/restore" in admin.get(gone).text
    admin.post(f"{address}/restore")
    assert "Tỉnh" in admin.get("/settings/warnings").text


def test_places_are_kept_and_shown_again(admin: TestClient, town: Town) -> None:
    """A wrong position is said at its field, with all that was typed."""
    slugs = ["coc-san", "un-ta", "luong-lao-1"]
    typed = {
        "slugs": slugs,
        "positions": ["", "22.44, 103.93", ""],
        "codes": ["02680", "", ""],
        "names": ["", "", "Lao"],
    }
    assert admin.post("/settings/warnings/places", data=typed).status_code == 303
    page = words(admin.get("/settings/warnings/places").text)
    assert 'value="22.44, 103.93"' in page
    assert 'value="02680"' in page
    wrong = admin.post("/settings/warnings/places", data={**typed, "positions": ["", "đâu đó", ""]})
    assert wrong.status_code == 422
    assert "đâu đó" in words(wrong.text)
    assert 'aria-describedby="position-un-ta-error"' in wrong.text
    assert 'aria-describedby="position-luong-lao-1-error"' not in wrong.text
    with unit_of_work(town.station.sessions, writes=False) as session:
        assert places.places(session, town.commune)[0][0].position is not None


def test_why_a_feed_fails_is_said_in_the_readers_words(admin: TestClient, town: Town) -> None:
    """Its row keeps a name and a detail; what an earlier version kept in English is not shown."""
    with unit_of_work(town.station.sessions) as session:
        for name, noted in (("Tỉnh", "FeedAnswered 503"), ("Huyện", "it is broken")):
            wanted = sources.Wanted(name, "https://example.org/feed")
            sources.add(session, town.commune, wanted, None, town.clock.now()).error = noted
    page, vietnamese = words(admin.get("/settings/warnings").text), i18n.load("vi")
    assert vietnamese.say(FeedAnswered.sentence, {"detail": "503"}) in page
    assert vietnamese.say(FeedBroken.sentence) in page
    assert "FeedAnswered" not in page
    assert "it is broken" not in page


def test_a_channels_address_is_never_shown_again(admin: TestClient, town: Town) -> None:
    """Adding one sends a test; its page has no secret in it."""
    typed = {"name": "Trực ban", "address": HOOK, "kinds": ["alert_started"]}
    assert admin.post("/settings/notices/new", data=typed).status_code == 303
    with unit_of_work(town.station.sessions, writes=False) as session:
        uuid = session.scalars(select(Channel)).one().uuid
        assert len(session.scalars(select(Delivery)).all()) == 1
    for page in ("/settings/notices", f"/settings/notices/{uuid}"):
        assert "bimat" not in admin.get(page).text
    admin.post(f"/settings/notices/{uuid}/test")
    gone = admin.post(f"/settings/notices/{uuid}/remove").headers["location"]
    assert f"/settings/notices/{uuid}/restore" in admin.get(gone).text


def test_a_wrong_channel_is_said_at_its_field(admin: TestClient) -> None:
    """What was typed stays."""
    answer = admin.post("/settings/notices/new", data={"name": "Trực ban", "address": "x://y", "kinds": ["report"]})
    assert answer.status_code == 422
    assert 'href="#address"' in answer.text
    assert "Trực ban" in words(answer.text)


def test_the_link_to_the_province_keeps_its_token(admin: TestClient, town: Town) -> None:
    """Sealed, never shown; an empty field leaves it."""
    admin.post("/settings/province", data={"url": "https://tinh.example/api", "token": "khoa-bi-mat"})
    assert "khoa-bi-mat" not in admin.get("/settings/province").text
    admin.post("/settings/province", data={"url": "https://tinh.example/api", "submits": "false"})
    with unit_of_work(town.station.sessions, writes=False) as session:
        link = session.scalars(select(Link)).one()
        assert (bool(link.token_sealed), link.submits) == (True, False)
    assert admin.post("/settings/province", data={"url": "tinh"}).status_code == 422


def test_our_alerts_are_told_without_a_login(cadre: TestClient, town: Town) -> None:
    """A stranger's reader gets the feed and the message, and a short answer when nothing changed."""
    cadre.post(bring(cadre, town), data={"do": "air", "text": "Lên đồi.", "villages": ["un-ta"]})
    cadre.cookies.clear()
    feed = cadre.get("/cap/feed.atom")
    assert feed.headers["content-type"].startswith("application/atom+xml")
    assert cadre.get("/cap/feed.atom", headers={"if-none-match": feed.headers["etag"]}).status_code == 304
    message = feed.text.partition("/cap/")[2].partition("cap/")[2].partition('"')[0]
    assert "urn:oasis:names:tc:emergency:cap:1.2" in cadre.get(f"/cap/{message}").text
