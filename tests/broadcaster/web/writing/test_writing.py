"""The form of an announcement beyond typing: files, old fonts, languages, forged choices, ways out of it."""

import re
from datetime import UTC, datetime, time
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import pytest
from starlette.testclient import TestClient

from audio_out.models import Recording
from broadcaster.accounts.models import Role, UserVillage
from broadcaster.web.writing import carrying
from content import queries, service
from content.kernel.db import unit_of_work
from content.models import Revision
from content.workflow import State
from schedules import queries as schedules
from schedules.models import Slot
from tests.broadcaster.web.conftest import Browser, Town, typed, uuid_in, words

OFFICIAL = """CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM
Độc lập - Tự do - Hạnh phúc
Số: 12/TB-UBND
THÔNG BÁO
Về việc tiêm chủng mở rộng
Mời bà con đưa con em đi tiêm chủng tại Trạm Y tế xã.
Nơi nhận:
- Như trên;
- Lưu: VT."""
TCVN3 = "Th«ng b¸o lÞch tiªm chñng më réng th¸ng 12 t¹i Tr¹m Y tÕ x·."


def send_file(client: TestClient, data: bytes, address: str = "/announcements/new", **form: object) -> Any:
    return client.post(address, data=typed(do="import", **form), files={"file": ("thong-bao.txt", data)})


def draft_at(town: Town, address: str) -> Revision:
    with unit_of_work(town.station.sessions, writes=False) as session:
        return queries.latest(session, town.commune, uuid_in(urlsplit(address).path))


def test_a_file_comes_in_below_what_was_typed(secretary: TestClient, town: Town) -> None:
    """Nothing typed is replaced; the title is kept where there is one."""
    answer = send_file(secretary, "Mời bà con đi tiêm.".encode(), text="Đã gõ.", title="Tiêu đề của tôi")
    draft = draft_at(town, answer.headers["location"])
    assert (draft.title, draft.parts[0].text) == ("Tiêu đề của tôi", "Đã gõ.\n\nMời bà con đi tiêm.")


def test_the_frame_of_a_document_is_left_out_on_request_and_named(secretary: TestClient, town: Town) -> None:
    """Motto, number and recipients are not for loudspeakers; the page names what it left out."""
    answer = send_file(secretary, OFFICIAL.encode(), text="", title="", without_official="true")
    text = draft_at(town, answer.headers["location"]).parts[0].text
    assert "Mời bà con đưa con em đi tiêm chủng" in text
    assert "CỘNG HÒA" not in text
    assert "Nơi nhận" not in text
    left_out = parse_qs(urlsplit(answer.headers["location"]).query)["left_out"]
    assert {"national motto", "recipients"} <= set(left_out)
    assert secretary.get(answer.headers["location"]).status_code == 200
    kept = send_file(secretary, OFFICIAL.encode(), text="", title="")
    assert "CỘNG HÒA" in draft_at(town, kept.headers["location"]).parts[0].text


def test_a_title_comes_with_a_document_that_has_one(secretary: TestClient, town: Town) -> None:
    """An empty title takes the document's subject."""
    answer = send_file(secretary, OFFICIAL.encode(), text="", title=" ", without_official="true")
    assert "tiêm chủng mở rộng" in draft_at(town, answer.headers["location"]).title


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "Tệp trống"),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 100, "Không đọc được loại tệp này"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "Word"),
        (b"a" * (carrying.LARGEST_FILE + 1), "10 MB"),
    ],
)
def test_a_file_that_cannot_come_in_is_explained_at_its_field(
    secretary: TestClient, town: Town, data: bytes, sentence: str
) -> None:
    """The error stands at the file, and what was typed is saved all the same."""
    answer = send_file(secretary, data, text="Đã gõ.")
    page = words(answer.text)
    assert answer.status_code == 422
    assert 'id="file-error"' in page
    assert sentence in page
    assert "Đã gõ.</textarea>" in page
    action = answer.text.split('action="/announcements/')[1].split('"')[0]
    assert draft_at(town, f"/announcements/{action}").parts[0].text == "Đã gõ."


def test_no_file_is_said_too(secretary: TestClient) -> None:
    """The button without a file asks for one."""
    answer = secretary.post("/announcements/new", data=typed(do="import"))
    assert answer.status_code == 422
    assert 'id="file-error"' in answer.text


def test_a_form_of_absurd_size_is_not_read(secretary: TestClient) -> None:
    """What no form can be is refused by its announced size."""
    answer = secretary.post(
        "/announcements/new", content=b"", headers={"content-length": "999999999999", "content-type": "text/plain"}
    )
    assert answer.status_code == 422


def test_old_fonts_are_noticed_and_turned_on_request(secretary: TestClient, town: Town) -> None:
    """The form offers to convert, and shows the result before it is saved."""
    piece = words(secretary.post("/announcements/reading", data={"text": TCVN3}).text)
    assert 'value="convert"' in piece
    answer = secretary.post("/announcements/new", data=typed(do="convert", text=TCVN3, title="LÞch tiªm chñng"))
    page = words(answer.text)
    assert answer.status_code == 200
    assert "Thông báo lịch tiêm chủng mở rộng tháng 12 tại Trạm Y tế xã.</textarea>" in page
    assert 'value="Lịch tiêm chủng"' in page
    assert 'data-held="no"' in page
    assert 'value="convert"' not in page
    assert "<li><a href=" not in secretary.get("/announcements").text


@pytest.mark.parametrize(
    ("forged", "field"),
    [
        ({"slots": str(uuid4())}, "slots"),
        ({"slots": "không có"}, "slots"),
        ({"priority": "absolute"}, "priority"),
        ({"category": "tin-vit"}, "category"),
        ({"voice": "gtts:xx"}, "voice"),
    ],
)
def test_what_was_never_offered_is_told_at_its_field(
    secretary: TestClient, town: Town, forged: dict[str, str], field: str
) -> None:
    """A choice that the list does not have is no choice; the draft is kept with the default."""
    answer = secretary.post("/announcements/new", data=typed(**forged))
    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.text
    action = answer.text.split('action="/announcements/')[1].split('"')[0]
    draft = draft_at(town, f"/announcements/{action}")
    defaults = {"slots": [], "priority": "routine", "category": "khac", "voice": "auto"}
    assert getattr(draft, field) == defaults[field]


def slots_of(town: Town) -> list[Slot]:
    with unit_of_work(town.station.sessions, writes=False) as session:
        return schedules.slots(session, town.commune)


def test_several_slots_are_chosen_kept_and_sent(secretary: TestClient, town: Town) -> None:
    """None chosen takes any; those that are ticked stay ticked; with the announcement they come before the approver."""
    for hour, name in ((6, "Bản tin sáng"), (11, "Bản tin trưa"), (17, "Bản tin chiều")):
        town.slot(time(hour), 20, name)
    morning, noon, _ = slots_of(town)
    chosen = [str(noon.uuid), str(morning.uuid)]
    answer = secretary.post("/announcements/new", data=typed(slots=chosen, do="send"))
    assert answer.status_code == 303
    draft = draft_at(town, answer.headers["location"])
    assert draft.slots == sorted(chosen)
    assert "Bản tin sáng, Bản tin trưa" in words(secretary.get(answer.headers["location"]).text)
    secretary.post(f"/announcements/{draft.announcement.uuid}/recall")
    form = secretary.get(f"/announcements/{draft.announcement.uuid}/edit").text
    assert [f'value="{slot.uuid}" checked' in form for slot in slots_of(town)] == [True, True, False]
    secretary.post(f"/announcements/{draft.announcement.uuid}/edit", data=typed(edits=str(draft.edits)))
    assert draft_at(town, answer.headers["location"]).slots == []


def test_a_slot_that_a_village_does_not_hear_is_told_before_it_is_sent(secretary: TestClient, town: Town) -> None:
    """The writer can mend it, the approver could not."""
    town.slot(villages=town.villages[:1])
    (slot,) = slots_of(town)
    everywhere = typed(slots=[str(slot.uuid)], where="all", do="send")
    answer = secretary.post("/announcements/new", data=everywhere)
    assert answer.status_code == 422
    assert 'id="slots-error"' in answer.text
    assert f'value="{slot.uuid}" checked' in answer.text
    assert secretary.post("/announcements/new", data=typed(slots=[str(slot.uuid)], do="send")).status_code == 303


def test_each_language_of_the_villages_is_asked_for(secretary: TestClient, town: Town) -> None:
    """The form names the villages' languages, and where what is important needs them."""
    with unit_of_work(town.station.sessions) as session:
        first = schedules.village_airings(session, town.commune)[0]
        first.languages, first.required = ["vi", "pcc"], ["pcc"]
    page = words(secretary.get("/announcements/new").text)
    assert 'value="record:pcc"' in page
    assert "Ún Tà" in page.split('id="parts"')[1]
    piece = secretary.post("/announcements/languages", data=typed(villages=["luong-lao-1"])).text
    assert 'value="record:pcc"' not in piece
    answer = secretary.post("/announcements/new", data=typed(do="send", priority="important"))
    assert answer.status_code == 422
    assert '<a href="#parts">' in answer.text
    assert 'id="parts-error"' in answer.text


@pytest.mark.parametrize(("do", "language"), [("record:pcc", "pcc"), ("record:vi", "vi"), ("record", "hmn")])
def test_recording_begins_with_a_saved_draft(secretary: TestClient, town: Town, do: str, language: str) -> None:
    """The press saves what was typed and leads to the page of that part."""
    answer = secretary.post("/announcements/new", data=typed(do=do, language="hmn"))
    address = answer.headers["location"]
    assert urlsplit(address).path.endswith(f"/parts/{language}")
    assert draft_at(town, address).title == "Họp thôn"


def test_a_language_that_nobody_speaks_here_is_refused(secretary: TestClient) -> None:
    """A forged language is told at its field."""
    answer = secretary.post("/announcements/new", data=typed(do="record", language="xx"))
    assert answer.status_code == 422
    assert 'id="language-error"' in answer.text


def test_a_recorded_part_is_told_with_its_length(secretary: TestClient, town: Town) -> None:
    """What is recorded shows how long it lasts; a Vietnamese one tells that the text no longer airs."""
    draft = town.draft()
    address = f"/announcements/{draft.announcement.uuid}/edit"
    assert 'value="record:vi"' in secretary.get(address).text
    with unit_of_work(town.station.sessions) as session:
        revision = queries.revision(session, draft.id)
        recording = Recording(
            node_id=town.commune.id,
            sha256="a" * 64,
            take_sha256="b" * 64,
            file_name="ghi.m4a",
            mime="audio/mp4",
            size_bytes=1,
            duration_ms=83_000,
            findings=[],
            waveform=[],
            received_by=town.people[Role.SECRETARY].uuid,
            received_at=datetime(2026, 11, 22, tzinfo=UTC),
        )
        session.add(recording)
        session.flush()
        service.put_recording(session, revision, "vi", recording.uuid, recording.received_by, town.clock.now())
    page = words(secretary.get(address).text)
    assert "1 phút 23 giây" in page
    assert page.index("<textarea") > page.index("#parts".removeprefix("#")) or 'class="notice"' in page


def test_a_draft_is_discarded_with_its_last_words_and_comes_back(secretary: TestClient, town: Town) -> None:
    """One press saves and puts it away; restoring brings all of it back."""
    address = f"/announcements/{town.draft().announcement.uuid}"
    answer = secretary.post(f"{address}/edit", data=typed(do="discard", title="Chữ cuối cùng", edits="1"))
    assert answer.headers["location"] == f"{address}?did=discarded"
    assert draft_at(town, address).state == State.DISCARDED
    secretary.post(f"{address}/restore")
    draft = draft_at(town, address)
    assert (draft.state, draft.title) == (State.DRAFT, "Chữ cuối cùng")


def test_a_word_leads_to_the_lexicon_and_back(secretary: TestClient, town: Town) -> None:
    """The draft is saved, the word comes along, and the way back is the draft."""
    answer = secretary.post("/announcements/new", data=typed(do="lexicon:19h30→mười chín giờ ba mươi phút"))
    form = secretary.get(answer.headers["location"])
    assert 'value="19h30"' in form.text
    assert 'value="mười chín giờ ba mươi phút"' in words(form.text)
    back = parse_qs(urlsplit(answer.headers["location"]).query)["back"][0]
    added = secretary.post("/lexicon/new", data={"written": "19h30", "spoken": "bảy giờ rưỡi tối", "back": back})
    assert added.headers["location"] == f"{back}?did=entry-added"
    assert "bảy giờ rưỡi tối" in words(secretary.get(back).text)


def test_doubts_show_both_readings_and_a_way_out(secretary: TestClient) -> None:
    """What may mean two things tells both; an unknown abbreviation can be taught at once."""
    piece = words(secretary.post("/announcements/reading", data={"text": "Giá 1,500 đồng. Mời HĐXYZ họp."}).text)
    doubts = piece.split("</ul>")[0]
    assert "một nghìn năm trăm" in doubts
    assert "một phẩy năm" in doubts
    assert 'value="lexicon:HĐXYZ"' in doubts


def test_every_marked_word_leads_to_its_line(secretary: TestClient) -> None:
    """Each link of the reading has its target, and words that occur twice share it."""
    piece = secretary.post("/announcements/reading", data={"text": "Từ 7h30, nghỉ 11h00, lại 7h30 ngày 25/11."}).text
    links, targets = re.findall(r'href="#(word-\d+)"', piece), re.findall(r'id="(word-\d+)"', piece)
    assert len(links) == 4
    assert set(links) == set(targets)
    assert len(targets) == 3


def test_a_text_that_begins_with_an_empty_line_keeps_it(secretary: TestClient) -> None:
    """The form shows a text as it was typed, its first line break too."""
    page = secretary.post("/announcements/new", data=typed(do="preview", text="\nMời bà con.")).text
    assert "\n\nMời bà con.</textarea>" in page.replace("\r\n", "\n")


def test_a_secretary_writes_for_their_own_villages(browser: Browser, town: Town) -> None:
    """The form offers no others, “all” means all of theirs, and a forged one is refused by its name."""
    with unit_of_work(town.station.sessions) as session:
        session.add(UserVillage(user_id=town.people[Role.SECRETARY].id, village_id=town.villages[0].id))
    someone = browser(Role.SECRETARY)
    assert "luong-lao-1" not in someone.get("/announcements/new").text
    answer = someone.post("/announcements/new", data=typed(where="all", villages=[]))
    assert [node.slug for node in draft_at(town, answer.headers["location"]).villages] == ["un-ta"]
    refused = someone.post("/announcements/new", data=typed(villages=["un-ta", "luong-lao-1"]))
    assert refused.status_code == 403
    assert "Luổng Láo 1" in words(refused.text)
    assert browser(Role.CADRE).post("/announcements/new", data=typed(villages=["luong-lao-1"])).status_code == 303


def test_what_others_chose_stays_in_a_draft(browser: Browser, town: Town) -> None:
    """Who writes for one village and corrects a draft for two takes none out of it unseen."""
    with unit_of_work(town.station.sessions) as session:
        session.add(UserVillage(user_id=town.people[Role.SECRETARY].id, village_id=town.villages[0].id))
    draft = town.draft(Role.CADRE)
    address = f"/announcements/{draft.announcement.uuid}/edit"
    answer = browser(Role.SECRETARY).post(address, data=typed(where="all", villages=[], edits="1"))
    assert answer.status_code == 303
    assert len(town.latest(draft).villages) == 2


def test_who_may_not_write_sends_no_file(browser: Browser) -> None:
    """A viewer's file is refused before it is read."""
    assert send_file(browser(Role.VIEWER), b"x").status_code == 403
