"""The pages of emergency calls."""

import html
import re
from collections.abc import Callable

import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

from broadcaster.accounts.models import Role
from broadcaster.alerts import phrases, queries, receipts, rules, sounds
from broadcaster.alerts.models import Alert, AlertSound
from broadcaster.alerts.receipts import Note
from broadcaster.alerts.rules import Rules
from broadcaster.fleet.models import Player
from broadcaster.protocol import AlertStage
from broadcaster.web.alerts import calls as page
from content.kernel.db import unit_of_work
from tests.broadcaster.web.acting import player
from tests.broadcaster.web.conftest import Town, words

CHOICE = {"where": "all", "scope": "actual", "minutes": "10", "repeats": "0", "valid_minutes": "60"}


@pytest.fixture(autouse=True)
def ready(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    """All phrases are kept rendered; no test waits for a voice."""
    monkeypatch.setattr(page, "SOUNDS_WITHIN_S", 0.0)
    with unit_of_work(town.station.sessions) as session:
        phrases.seed(session, town.commune, town.clock.now())
        palette = sounds.palette(session, town.commune)
        sounds.want(session, palette.always(), palette.formats, town.clock.now())
        for row in session.scalars(select(AlertSound)):
            row.sha256 = f"{row.id:064x}"


def choose(browser: TestClient, **changes: str) -> str:
    """The first press; where it leads."""
    answer = browser.post("/alerts", data={**CHOICE, "phrase": "flash_flood", **changes})
    assert answer.status_code == 303
    return str(answer.headers["location"])


def sent(browser: TestClient, **changes: str) -> str:
    """Both presses; the live page's address."""
    answer = browser.post(f"{choose(browser, **changes)}/send")
    assert answer.status_code == 303
    return str(answer.headers["location"])


def alerts_of(town: Town) -> list[Alert]:
    with unit_of_work(town.station.sessions, writes=False) as session:
        return queries.history(session, town.commune)


def test_two_presses_send_an_alert(cadre: TestClient, town: Town) -> None:
    """The first shows exactly what will be heard and where, the second sends it and shows how far it is."""
    address = choose(cadre)
    shown = cadre.get(address).text
    assert alerts_of(town) == []
    assert "Nước suối đang lên rất nhanh" in shown
    assert "Ún Tà, Luổng Láo 1" in shown
    live = cadre.post(f"{address}/send").headers["location"]
    assert [alert.title for alert in alerts_of(town)] == ["Lũ quét"]
    assert cadre.get(live).status_code == 200
    assert cadre.post(f"{address}/send").headers["location"] == live
    assert len(alerts_of(town)) == 1


def test_once_is_said_in_both_languages(cadre: TestClient) -> None:
    """On the form, before the press and after it."""
    address = choose(cadre, repeats="1")
    assert cadre.get(address).status_code == 200
    assert cadre.get(cadre.post(f"{address}/send").headers["location"]).status_code == 200


def test_own_words_in_some_villages_as_an_exercise(cadre: TestClient, town: Town) -> None:
    """What was typed, where it was ticked, and as it was meant."""
    sent(cadre, phrase="text", text="Cầu gãy.", where="some", villages="un-ta", scope="exercise", repeats="3")
    (alert,) = alerts_of(town)
    call = queries.call_of(alert)
    assert (alert.scope, call.repeats, len(call.villages), call.lines[0].text) == ("exercise", 3, 1, "Cầu gãy.")


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("phrase", {"phrase": "text", "text": " "}),
        ("text", {"phrase": "text", "text": "a " * 400}),
        ("villages", {"where": "some"}),
        ("minutes", {"minutes": "61"}),
        ("repeats", {"repeats": "999"}),
    ],
)
def test_what_cannot_be_meant_is_said_at_its_field(cadre: TestClient, field: str, changes: dict[str, str]) -> None:
    """Nothing is chosen, and nothing typed is lost."""
    answer = cadre.post("/alerts", data={**CHOICE, "phrase": "flash_flood", **changes})
    assert answer.status_code == 422
    assert f'href="#{field}"' in answer.text
    assert changes.get("text", "").strip() in answer.text


def test_a_choice_can_be_changed(cadre: TestClient) -> None:
    """Going back brings the form as it was filled in."""
    address = choose(cadre, phrase="text", text="Cầu gãy.", minutes="7")
    again = re.search(r'href="(/alerts\?again=[^"]+)"', cadre.get(address).text)
    assert again
    form = cadre.get(again.group(1)).text
    assert ">Cầu gãy.</textarea>" in form
    assert 'value="7"' in form


def test_one_press_stops_it(cadre: TestClient, town: Town) -> None:
    """And a second one stops nothing twice."""
    live = sent(cadre)
    assert cadre.post(f"{live}/cancel").headers["location"] == live
    assert cadre.post(f"{live}/cancel").status_code == 303
    (alert,) = alerts_of(town)
    assert (alert.version, alert.cancelled_by) == (2, town.people[Role.CADRE].uuid)


def test_stopping_with_the_all_clear(cadre: TestClient, town: Town) -> None:
    """The villages fall silent and then hear that it is over; the page shows that alert now."""
    live = sent(cadre)
    clear = cadre.post(f"{live}/cancel", data={"all_clear": "1"}).headers["location"]
    assert clear != live
    assert [alert.origin for alert in alerts_of(town)] == ["all_clear", "page"]


def test_other_words_take_the_place_of_an_alert(cadre: TestClient, town: Town) -> None:
    """The same alert, two presses, a higher version."""
    live = sent(cadre)
    uuid = live.rsplit("/", 1)[1]
    assert cadre.get(f"/alerts?update={uuid}").status_code == 200
    chosen = cadre.post(f"/alerts?update={uuid}", data={**CHOICE, "phrase": "evacuation"}).headers["location"]
    assert cadre.post(f"{chosen}/send").headers["location"] == live
    assert [(alert.version, alert.title) for alert in alerts_of(town)] == [(2, "Sơ tán")]


def test_a_second_person_confirms(town: Town, browser: Callable[[Role], TestClient]) -> None:
    """Where the commune wants it: asked on "Today", confirmed there, sent in the first one's name."""
    with unit_of_work(town.station.sessions) as session:
        row = queries.rules(session, town.commune)
        wanted = Rules(True, Role.ADMIN, 1, row.silent_at_local, None, row.audible_at_local)
        rules.change(session, town.commune, wanted, town.people[Role.ADMIN].uuid, town.clock.now())
    cadre, admin = browser(Role.CADRE), browser(Role.ADMIN)
    address = choose(cadre)
    assert cadre.post(f"{address}/send").headers["location"] == address
    assert alerts_of(town) == []
    assert address in admin.get("/").text
    assert "data-settled" not in admin.get(f"{address}/state").text
    assert cadre.post(f"{address}/confirm").status_code == 403
    assert cadre.post(f"{address}/send", data={"alone": "1", "reason": "gấp"}).status_code == 403
    assert admin.post(f"{address}/confirm").status_code == 303
    assert [alert.raised_by for alert in alerts_of(town)] == [town.people[Role.CADRE].uuid]


def test_who_has_not_got_it_is_telephoned(cadre: TestClient, town: Town) -> None:
    """After ten seconds a silent village stands on top, with since when and whom to call."""
    cadre.post("/alerts/phones", data={"village": ["un-ta"], "contacts": ["Trưởng thôn Páo, 0912 345 678"]})
    live = sent(cadre)
    assert "0912345678" not in cadre.get(f"{live}/progress").text
    town.clock.pass_by(seconds=11)
    piece = cadre.get(f"{live}/progress").text
    assert 'href="tel:0912345678"' in piece
    assert "17:00:00" in piece


def test_seconds_of_silence_are_counted_one_by_one(cadre: TestClient, town: Town) -> None:
    """Twelve seconds ago is not one."""
    loudspeaker = player(town, town.villages[0])
    with unit_of_work(town.station.sessions) as session:
        session.get_one(Player, loudspeaker.id).last_seen_at = town.clock.now()
    live = sent(cadre)
    town.clock.pass_by(seconds=12)
    assert "12 giây trước" in cadre.get(f"{live}/progress").text


def test_numbers_that_are_none_are_refused(cadre: TestClient) -> None:
    """At the village's field, with what was typed."""
    answer = cadre.post("/alerts/phones", data={"village": ["un-ta"], "contacts": ["ông Páo"]})
    assert answer.status_code == 422
    assert "contacts-un-ta-error" in answer.text
    assert "ông Páo" in answer.text


def test_a_changed_phrase_airs_once_another_person_approved_it(
    cadre: TestClient, browser: Callable[[Role], TestClient], town: Town
) -> None:
    """Until then what was approved is called; who proposed cannot approve, and the other one is asked on "Today"."""
    words = {"title": "Cháy rừng", "text": "Cháy rừng! Bà con tránh xa."}
    assert cadre.post("/alerts/phrases/fire", data=words).status_code == 303
    assert words["text"] not in cadre.get("/alerts/phrases").text
    assert words["text"] not in cadre.get(choose(cadre, phrase="fire")).text
    own = cadre.get("/alerts/phrases/fire").text
    assert "/alerts/phrases/fire/approve" not in own
    admin = browser(Role.ADMIN)
    assert "/alerts/phrases/fire" in admin.get("/").text
    shown_at = re.search(r'name="shown_at" value="([^"]+)"', admin.get("/alerts/phrases/fire").text)
    assert shown_at
    form = {"shown_at": html.unescape(shown_at[1])}
    assert cadre.post("/alerts/phrases/fire/approve", data=form).status_code == 403
    assert admin.post("/alerts/phrases/fire/approve", data=form).status_code == 303
    shown = cadre.get("/alerts/phrases").text
    assert words["text"] in shown
    assert town.people[Role.CADRE].name in shown
    assert words["text"] in cadre.get(choose(cadre, phrase="fire")).text


def test_a_phrase_without_words_is_refused(cadre: TestClient) -> None:
    """At its field."""
    assert cadre.post("/alerts/phrases/fire", data={"title": "Cháy", "text": ""}).status_code == 422


def test_a_proposal_is_taken_back(cadre: TestClient) -> None:
    """What was approved stays, and nothing waits any more."""
    cadre.post("/alerts/phrases/fire", data={"title": "Cháy", "text": "Cháy to!"})
    assert cadre.post("/alerts/phrases/fire/drop").status_code == 303
    assert "Cháy to!" not in cadre.get("/alerts/phrases/fire").text


def test_a_drill_now_is_an_exercise_that_nobody_hears(cadre: TestClient, town: Town) -> None:
    """And its page is its report, as a table too."""
    live = cadre.post("/alerts/drills").headers["location"]
    (alert,) = alerts_of(town)
    assert (alert.scope, alert.audible) == ("exercise", False)
    table = cadre.get(f"{live}/times.csv")
    assert table.headers["content-type"].startswith("text/csv")
    assert table.text.startswith("\ufeff")
    assert ",Thôn," in table.text


def test_rules_are_an_admins(browser: Callable[[Role], TestClient], town: Town) -> None:
    """A day that no month has, a time that is none: said at their fields."""
    admin = browser(Role.ADMIN)
    form = {"alone_role": "admin", "silent_day": "31", "silent_at_local": "x", "audible_at_local": "09:30"}
    answer = admin.post("/alerts/rules", data=form)
    assert answer.status_code == 422
    assert 'href="#silent_day"' in answer.text
    assert 'href="#silent_at_local"' in answer.text
    good = {"second_person": "true", "silent_day": "5", "silent_at_local": "08:00", "audible_day": "20"}
    assert admin.post("/alerts/rules", data={**form, **good}).status_code == 303
    with unit_of_work(town.station.sessions, writes=False) as session:
        row = queries.rules(session, town.commune)
    assert (row.second_person, row.silent_day, row.audible_day) == (True, 5, 20)


def test_the_page_lives_until_every_village_is_silent(cadre: TestClient, town: Town) -> None:
    """After the stop it shows that a loudspeaker still sounds, and looks again until that says it does not."""
    device = player(town, town.villages[0])
    live = sent(cadre)
    said(town, device, 1, AlertStage.RECEIVED, AlertStage.SOUNDING)
    cadre.post(f"{live}/cancel")
    assert "data-refresh" in cadre.get(f"{live}/progress").text
    said(town, device, 2, AlertStage.RECEIVED, AlertStage.FINISHED)
    assert "data-refresh" not in cadre.get(f"{live}/progress").text


def test_what_every_village_has_sounded_is_not_told_as_sounding(cadre: TestClient, town: Town) -> None:
    """It holds on, for a loudspeaker that was cut off; the first page says all the same that it is silent there."""
    device = player(town, town.villages[0])
    sent(cadre, where="some", villages=town.villages[0].slug)
    said(town, device, 1, AlertStage.RECEIVED, AlertStage.SOUNDING)
    assert "Đang phát khẩn cấp ở các thôn." in words(cadre.get("/alerts/now").text)
    said(town, device, 1, AlertStage.FINISHED)
    assert "Đang phát khẩn cấp ở các thôn." not in words(cadre.get("/alerts/now").text)


def said(town: Town, device: Player, version: int, *stages: AlertStage) -> None:
    (alert,), now = alerts_of(town), town.clock.now()
    with unit_of_work(town.station.sessions) as session:
        receipts.keep(session, [Note(alert.uuid, version, device.id, stage, now, now) for stage in stages])
