"""Writing: nothing typed is lost, everything wrong is said beside its field."""

from datetime import date

import pytest
from starlette.testclient import TestClient

from audio_out.models import JobState, RenderJob
from broadcaster.accounts.models import Role
from content import queries, service
from content.kernel.db import unit_of_work
from content.workflow import State
from schedules.planner import Relay
from tests.broadcaster.web.acting import player, reports, with_recording
from tests.broadcaster.web.conftest import Browser, Town, typed, uuid_in, words


def test_a_draft_is_saved_as_typed(secretary: TestClient, town: Town) -> None:
    """What was typed is what the draft holds, and the form shows it again."""
    answer = secretary.post("/announcements/new", data=typed())
    assert answer.status_code == 303
    page = words(secretary.get(answer.headers["location"]).text)
    assert "Đã lưu bản nháp." in page
    assert "Mời bà con họp thôn lúc 19h30" in page
    assert 'value="un-ta" checked' in page
    assert 'value="luong-lao-1" checked' not in page
    assert 'value="2026-11-25"' in page


def test_half_a_thought_can_be_saved(secretary: TestClient) -> None:
    """An empty form is a draft too."""
    assert secretary.post("/announcements/new", data={"do": "save"}).status_code == 422
    assert "Chưa có tiêu đề" in secretary.get("/announcements").text


def test_sending_freezes_the_draft_and_asks_for_audio(secretary: TestClient, town: Town) -> None:
    """One press saves and sends; the page then tells how the audio comes along."""
    answer = secretary.post("/announcements/new", data=typed(do="send"))
    page = words(secretary.get(answer.headers["location"]).text)
    assert "Đã gửi duyệt." in page
    assert "Đang tạo âm thanh" in page
    with unit_of_work(town.station.sessions, writes=False) as session:
        assert session.query(RenderJob).one().state == JobState.QUEUED


@pytest.mark.parametrize(
    ("wrong", "field", "sentence"),
    [
        ({"title": ""}, "title", "Bản tin chưa có tiêu đề."),
        ({"title": "x" * 201}, "title", "Tiêu đề quá dài: nhiều nhất 200 ký tự."),
        ({"text": " \n "}, "text", "Chưa có nội dung để đọc."),
        ({"text": "a" * 100_000}, "text", "Nội dung có 100.000 ký tự"),
        ({"text": "Th\ufffdng b\ufffdo họp"}, "text", "Một số ký tự bị hỏng"),
        ({"villages": []}, "villages", "Chưa chọn thôn nào."),
        ({"villages": ["khong-co-thon-nay"]}, "villages", "Chưa chọn thôn nào."),
        ({"until_on": "2026-11-01"}, "until_on", "lại trước ngày đầu (22/11/2026)"),
        ({"from_on": "ngày mai"}, "from_on", "Đây không phải là ngày."),
        ({"times_per_day": "99"}, "times_per_day", "từ 1 đến 12 lần mỗi ngày, không phải 99"),
        ({"times_per_day": "nhiều"}, "times_per_day", "Hãy viết một số nguyên"),
    ],
)
def test_what_is_wrong_is_said_on_top_and_at_the_field(
    secretary: TestClient, wrong: dict[str, object], field: str, sentence: str
) -> None:
    """The summary links to the field, the field tells the error, and what was typed stays."""
    answer = secretary.post("/announcements/new", data=typed(do="send", **wrong))
    page = words(answer.text)
    assert answer.status_code == 422
    assert f'<a href="#{field}">' in page
    assert f'id="{field}-error"' in page
    assert page.count(sentence) == 2
    assert str(wrong.get("text", "Mời bà con họp thôn"))[:200].strip() in page


def test_a_refused_announcement_is_kept_as_a_draft(secretary: TestClient) -> None:
    """Sending what is not ready saves it all the same, and the next press goes on with that draft."""
    answer = secretary.post("/announcements/new", data=typed(do="send", villages=[]))
    action = answer.text.split('action="/announcements/')[1].split('"')[0]
    edits = answer.text.split('name="edits" value="')[1].split('"')[0]
    sent = secretary.post(f"/announcements/{action}", data=typed(do="send", edits=edits))
    assert sent.headers["location"].endswith("?did=submitted")
    assert secretary.get("/announcements").text.count('<li><a href="/announcements/') == 1


def test_the_reading_is_shown_with_its_changes_marked(secretary: TestClient) -> None:
    """Without a script a button shows how the text will be read, and saves nothing."""
    page = words(secretary.post("/announcements/new", data=typed(do="preview")).text)
    assert 'data-written="19h30"' in page
    assert "mười chín giờ" in page
    assert "Chưa có bản tin nào" in secretary.get("/announcements").text
    assert 'data-written="19h30"' in secretary.post("/announcements/reading", data={"text": "Họp lúc 19h30."}).text


def test_a_text_without_diacritics_is_warned_of(secretary: TestClient) -> None:
    """The writer is told before anybody hears nonsense."""
    piece = secretary.post(
        "/announcements/reading", data={"text": "Moi ba con hop thon vao toi thu bay tai nha van hoa."}
    )
    assert "thiếu dấu tiếng Việt" in words(piece.text)


def test_the_browser_saves_by_itself(secretary: TestClient) -> None:
    """A save that asks for JSON is told where the draft lives now and how often it was saved."""
    headers = {"accept": "application/json"}
    begun = secretary.post("/announcements/new", data=typed(), headers=headers).json()
    saved = secretary.post(begun["address"], data=typed(title="Họp gấp", edits=begun["edits"]), headers=headers).json()
    assert saved == {"address": begun["address"], "edits": begun["edits"] + 1}
    assert "Họp gấp" in secretary.get(begun["address"]).text


def test_two_people_editing_lose_nothing(browser: Browser, town: Town) -> None:
    """The second one sees both texts; pressing again replaces the other's knowingly."""
    address = f"/announcements/{town.draft().announcement.uuid}/edit"
    first, second = browser(Role.SECRETARY), browser(Role.CADRE)
    assert first.post(address, data=typed(text="Bản của người thứ nhất.", edits="1")).status_code == 303
    answer = second.post(address, data=typed(text="Bản của người thứ hai.", edits="1"))
    page = words(answer.text)
    assert answer.status_code == 409
    assert "Bản của người thứ nhất." in page
    assert "Bản của người thứ hai.</textarea>" in page
    assert "Bản Lù Thị Mai đã lưu" in page
    told = second.post(address, data=typed(edits="1"), headers={"accept": "application/json"})
    assert (told.status_code, "người khác đã sửa" in told.json()["conflict"]) == (409, True)
    edits = page.split('name="edits" value="')[1].split('"')[0]
    assert second.post(address, data=typed(text="Bản của người thứ hai.", edits=edits)).status_code == 303


def test_what_was_sent_meanwhile_cannot_be_overwritten_nor_the_typed_text_be_lost(
    secretary: TestClient, town: Town
) -> None:
    """A save that comes after the submission shows what was typed and says why it was not kept."""
    revision = town.submitted()
    answer = secretary.post(
        f"/announcements/{revision.announcement.uuid}/edit", data=typed(text="Thêm một câu nữa.", edits="1")
    )
    assert answer.status_code == 409
    assert "Thêm một câu nữa.</textarea>" in words(answer.text)
    assert "“chờ duyệt”" in words(answer.text)


def test_a_failed_rendering_is_explained_and_can_be_tried_again(secretary: TestClient, town: Town) -> None:
    """The error stands there in Vietnamese, with one button that settles it."""
    revision = town.submitted()
    with unit_of_work(town.station.sessions) as session:
        job = session.query(RenderJob).one()
        job.state = JobState.FAILED
        job.error = {
            "sentence": "No voice could read this announcement ({reasons}). Please try again, or add a recording.",
            "facts": {"reasons": "gtts: no network"},
        }
    address = f"/announcements/{revision.announcement.uuid}"
    page = words(secretary.get(address).text)
    assert "Chưa giọng đọc nào đọc được bản tin này." in page
    assert "Thử lại" in words(secretary.get("/").text)
    again = secretary.post(f"{address}/retry")
    assert "Đang tạo âm thanh" in words(secretary.get(again.headers["location"]).text)


def test_progress_is_told_in_sentences(secretary: TestClient, town: Town) -> None:
    """The page tells how many sentences are done, and without a script it loads itself again."""
    revision = town.submitted()
    with unit_of_work(town.station.sessions) as session:
        job = session.query(RenderJob).one()
        job.state, job.done, job.total = JobState.RUNNING, 3, 12
    address = f"/announcements/{revision.announcement.uuid}"
    assert "3 trên 12 câu" in secretary.get(f"{address}/progress").text
    assert '<noscript><meta http-equiv="refresh" content="5"></noscript>' in secretary.get(address).text


def test_what_is_ready_can_be_heard_sentence_by_sentence(secretary: TestClient, town: Town) -> None:
    """The player knows each sentence's place, and the page no longer waits."""
    page = secretary.get(f"/announcements/{town.rendered().announcement.uuid}").text
    assert '<li data-start="2000" data-end="24000">' in page
    assert "data-refresh" not in page


def test_each_language_is_shown_with_its_sound(secretary: TestClient, town: Town) -> None:
    """A recording has a player and what is said in it, labelled; it has no reading."""
    revision = with_recording(town, "pcc", gist="Mời họp thôn tối nay.")
    page = words(secretary.get(f"/announcements/{revision.announcement.uuid}").text)
    assert "Phần tiếng Giáy" in page
    assert page.count("<audio") == 2
    assert page.count('<div class="reading">') == 1
    assert page.index("Bản ghi âm; nội dung được nói là") < page.index("Mời họp thôn tối nay.")


def test_a_writer_takes_back_what_was_sent(browser: Browser, town: Town) -> None:
    """One press and it is a draft again; nobody else does that without a reason, and the review knows of it."""
    revision = town.rendered()
    address = f"/announcements/{revision.announcement.uuid}"
    writer, cadre = browser(Role.SECRETARY), browser(Role.CADRE)
    assert f'action="{address}/recall"' not in cadre.get(address).text
    assert cadre.post(f"{address}/recall").status_code == 403
    assert f'action="{address}/recall"' in writer.get(address).text
    back = writer.post(f"{address}/recall")
    assert "Đã lấy lại" in words(writer.get(back.headers["location"]).text)
    assert town.latest(revision).state == State.DRAFT
    assert "lấy lại để soạn tiếp" in words(writer.get(address).text)


def test_somebody_else_vouches_for_a_recording(browser: Browser, town: Town) -> None:
    """Everybody but its writers may; it stays said while the audio is the same, and is asked for until then."""
    revision = with_recording(town, "pcc")
    address = f"/announcements/{revision.announcement.uuid}"
    viewer, writer = browser(Role.VIEWER), browser(Role.SECRETARY)
    assert "Chưa ai xác nhận bản ghi âm này" in words(viewer.get(address).text)
    assert f'action="{address}/attest"' not in writer.get(address).text
    assert writer.post(f"{address}/attest", data={"language": "pcc"}).status_code == 403
    done = viewer.post(f"{address}/attest", data={"language": "pcc"})
    page = words(viewer.get(done.headers["location"]).text)
    assert "Vàng A Páo biết tiếng này và xác nhận bản ghi âm" in page
    assert "Vàng A Páo: xác nhận bản ghi âm (tiếng Giáy)" in page
    assert "Chưa ai xác nhận" not in page


def test_everybody_can_comment_and_nothing_empty_is_kept(browser: Browser, town: Town) -> None:
    """A comment stands in the history with who said it; an empty one is refused at its field."""
    address = f"/announcements/{town.submitted().announcement.uuid}"
    viewer = browser(Role.VIEWER)
    refused = viewer.post(f"{address}/comment", data={"comment": " "})
    assert (refused.status_code, 'id="comment-error"' in refused.text) == (422, True)
    done = viewer.post(f"{address}/comment", data={"comment": "Loa thôn tôi <rè>."})
    page = viewer.get(done.headers["location"]).text
    assert "Vàng A Páo: góp ý" in words(page)
    assert "Loa thôn tôi &lt;rè&gt;." in page


def test_a_copy_is_a_draft_of_its_own(secretary: TestClient, town: Town) -> None:
    """The same words from today on, and the copied one stays as it is."""
    revision = town.approved(title="Họp định kỳ")
    copied = secretary.post(f"/announcements/{revision.announcement.uuid}/copy")
    page = words(secretary.get(copied.headers["location"]).text)
    assert "Đây là bản sao" in page
    assert 'value="Họp định kỳ"' in page
    assert uuid_in(copied.headers["location"]) != revision.announcement.uuid
    assert town.latest(revision).state == State.APPROVED


def test_a_discarded_draft_is_found_and_comes_back(browser: Browser, town: Town) -> None:
    """It is in no list but its own; its writer or a cadre restores it, nobody else does."""
    revision = town.draft(title="Bỏ đi")
    with unit_of_work(town.station.sessions) as session:
        author = town.people[Role.SECRETARY].uuid
        service.discard(session, queries.revision(session, revision.id), author, town.clock.now())
    writer, address = browser(Role.SECRETARY), f"/announcements/{revision.announcement.uuid}"
    assert "Bỏ đi</strong>" not in words(writer.get("/announcements").text)
    assert "Bỏ đi</strong>" in words(writer.get("/announcements?state=discarded").text)
    assert "Bản nháp này đã bỏ" in words(writer.get(address).text)
    assert browser(Role.VIEWER).post(f"{address}/restore").status_code == 403
    restored = writer.post(f"{address}/restore")
    assert "Đã khôi phục bản nháp." in words(writer.get(restored.headers["location"]).text)
    assert town.latest(revision).state == State.DRAFT


def test_a_withdrawal_is_followed_until_every_loudspeaker_has_confirmed(secretary: TestClient, town: Town) -> None:
    """Village by village: confirmed, or until when its old programme may still air it; the piece renews itself."""
    town.slot()
    revision = town.approved()
    players = [player(town, village) for village in town.villages]
    town.plan()
    address = f"/announcements/{revision.announcement.uuid}"
    for each in players:
        reports(town, each)
    secretary.post(f"{address}/withdraw", data={"reason": "Nhầm ngày họp."})
    page = words(secretary.get(address).text)
    assert "0 trên 2 cụm loa đã xác nhận" in page
    assert "chưa nhận: chương trình cũ còn có thể phát đến 17 giờ 50, Thứ Ba" in page
    assert "Nhầm ngày họp." in page
    town.plan()
    reports(town, players[0])
    piece = words(secretary.get(f"{address}/confirmations").text)
    assert "1 trên 2 cụm loa đã xác nhận" in piece
    assert f'data-refresh="{address}/confirmations"' in piece
    reports(town, players[1])
    assert "Tất cả cụm loa đã xác nhận" in words(secretary.get(f"{address}/confirmations").text)


def test_withdrawing_is_undone_not_asked_about(secretary: TestClient, town: Town) -> None:
    """One press takes it off, the page offers to bring it back."""
    revision = town.approved()
    address = f"/announcements/{revision.announcement.uuid}"
    gone = secretary.post(f"{address}/withdraw")
    page = words(secretary.get(gone.headers["location"]).text)
    assert "Đã gỡ bản tin." in page
    assert "Khôi phục" in page
    assert town.latest(revision).state == State.WITHDRAWN
    assert secretary.post(f"{address}/restore").status_code == 303
    assert town.latest(revision).state == State.APPROVED


def test_what_a_cadre_withdrew_a_secretary_does_not_bring_back(
    secretary: TestClient, cadre: TestClient, town: Town
) -> None:
    """A decision is undone by whoever made it, or by somebody who approves."""
    revision = town.approved()
    address = f"/announcements/{revision.announcement.uuid}"
    cadre.post(f"{address}/withdraw")
    assert secretary.post(f"{address}/restore").status_code == 403
    assert town.latest(revision).state == State.WITHDRAWN
    assert cadre.post(f"{address}/restore").status_code == 303


def test_a_new_version_leaves_the_approved_one_on_air(secretary: TestClient, town: Town) -> None:
    """Revising opens a draft with the same words; the page says what goes on airing."""
    revision = town.approved()
    answer = secretary.post(f"/announcements/{revision.announcement.uuid}/revise")
    assert answer.headers["location"].endswith("/edit")
    page = words(secretary.get(f"/announcements/{uuid_in(answer.headers['location'])}").text)
    assert "vẫn phát cho đến khi phiên bản này được duyệt" in page


def test_what_airs_is_withdrawn_although_a_new_version_is_written(secretary: TestClient, town: Town) -> None:
    """A wrong announcement leaves the air at once; the draft stays, and the withdrawal can be undone beside it."""
    town.slot()
    revision = town.approved()
    loud = player(town, town.villages[0])
    town.plan()
    address = f"/announcements/{revision.announcement.uuid}"
    secretary.post(f"{address}/revise")
    page = words(secretary.get(secretary.post(f"{address}/withdraw").headers["location"]).text)
    assert "Đã gỡ bản tin." in page
    assert "0 trên 1 cụm loa đã xác nhận" in page
    assert town.latest(revision).state == State.DRAFT
    assert "phiên bản này được duyệt" not in words(secretary.get(address).text)
    town.plan()
    reports(town, loud)
    assert "Tất cả cụm loa đã xác nhận" in words(secretary.get(f"{address}/confirmations").text)
    secretary.post(f"{address}/restore")
    assert "phiên bản này được duyệt" in words(secretary.get(address).text)


def test_a_discarded_new_version_comes_back_beside_the_one_that_airs(secretary: TestClient, town: Town) -> None:
    """The page of the approved one offers it, and the history tells of every version."""
    revision = town.approved()
    address = f"/announcements/{revision.announcement.uuid}"
    secretary.post(f"{address}/revise")
    with unit_of_work(town.station.sessions) as session:
        draft = queries.latest(session, town.commune, revision.announcement.uuid)
        service.discard(session, draft, town.people[Role.SECRETARY].uuid, town.clock.now())
    page = words(secretary.get(f"{address}?did=discarded").text)
    assert "Đã bỏ bản nháp." in page
    assert "Trần Văn Hải: đã duyệt · khai đã nghe hết" in page
    assert "Lù Thị Mai: đã bỏ (phiên bản 2)" in page
    assert "Một bản nháp mới hơn" in words(secretary.get(address).text)
    secretary.post(f"{address}/restore")
    assert (town.latest(revision).state, town.latest(revision).number) == (State.DRAFT, 2)


def test_the_page_tells_where_and_when_it_airs(secretary: TestClient, town: Town) -> None:
    """As soon as it is planned, the next airing is told in words."""
    town.slot()
    revision = town.approved()
    town.plan()
    page = words(secretary.get(f"/announcements/{revision.announcement.uuid}").text)
    assert "17 giờ 30 hôm nay" in page
    assert "phát lúc 17 giờ 30 hôm nay" in words(secretary.get("/announcements").text)


def test_words_are_found_without_diacritics_in_titles_and_texts(secretary: TestClient, town: Town) -> None:
    """The words “tiem chung” find “Tiêm chủng”, and a hit in the text shows its place, with what was found marked."""
    town.draft(title="Lịch tiêm chủng tháng 12")
    town.draft(title="Cắt điện", texts={"vi": "Điện lực cắt điện để sửa đường dây <110 kV>."})
    page = words(secretary.get("/announcements?q=tiem chung").text)
    assert "Lịch tiêm chủng tháng 12" in page
    assert "Cắt điện" not in page
    assert "Tìm thấy 1 bản tin" in page
    raw = secretary.get("/announcements?q=sua duong").text
    assert "để <mark>sửa</mark> đường dây &lt;110" in raw
    assert "Không tìm thấy" in words(secretary.get("/announcements?q=bau cu").text)


def test_filters_narrow_and_are_taken_off_one_by_one(secretary: TestClient, town: Town) -> None:
    """Village, subject, author and days narrow by a plain form; each that is on stands there with a way to drop it."""
    town.draft(title="Ở Ún Tà", villages=town.villages[:1], category="y-te")
    town.draft(title="Ở Luổng Láo", villages=town.villages[1:], author=Role.CADRE)
    asked = "village=un-ta&category=y-te&from_on=2026-11-23&until_on=2026-11-30&q=un"
    page = words(secretary.get(f"/announcements?{asked}").text)
    assert ("Ở Ún Tà" in page, "Ở Luổng Láo</strong>" in page) == (True, False)
    assert 'href="/announcements?q=un&category=y-te&from_on=2026-11-23&until_on=2026-11-30"' in page
    assert '<option value="un-ta" selected>' in page
    assert "phát từ 23/11/2026" in page
    by_cadre = words(secretary.get(f"/announcements?author={town.people[Role.CADRE].uuid}").text)
    assert ("Ở Ún Tà</strong>" in by_cadre, "Ở Luổng Láo</strong>" in by_cadre) == (False, True)
    assert secretary.get("/announcements?author=x&from_on=y&state=z").status_code == 200


def test_what_waits_for_me_is_a_filter(browser: Browser, town: Town) -> None:
    """A cadre finds what is to be reviewed, its writer does not."""
    town.rendered(title="Chờ duyệt đây")
    shown = [words(browser(role).get("/announcements?state=waiting").text) for role in (Role.CADRE, Role.SECRETARY)]
    assert ["Chờ duyệt đây" in page for page in shown] == [True, False]
    assert "Mọi thứ đã xong." in shown[1]


def test_the_list_can_be_narrowed_to_a_state(secretary: TestClient, town: Town) -> None:
    """A chip shows one state only; an approved one whose days are over is called expired."""
    town.draft(title="Còn viết dở")
    town.submitted(title="Đã gửi đi")
    page = words(secretary.get("/announcements?state=in_review").text)
    assert "Đã gửi đi" in page
    assert "Còn viết dở" not in page
    town.approved(title="Tin cũ", until_on=date(2026, 11, 23))
    town.clock.pass_by(days=2)
    assert "Tin cũ" not in words(secretary.get("/announcements?state=approved").text)
    page = words(secretary.get("/announcements?state=expired").text)
    assert "Tin cũ" in page
    assert '<span class="badge expired">hết hạn</span>' in page


def test_the_page_says_where_an_announcement_is_not_and_why(secretary: TestClient, town: Town) -> None:
    """Slot by slot, with the reason in words."""
    town.slot(minutes=1, name="Khung ngắn")
    for title in ("Họp thôn", "Cắt điện"):
        town.approved(title=title)
    late = town.approved(title="Tiêm phòng")
    town.plan()
    page = words(secretary.get(f"/announcements/{late.announcement.uuid}").text)
    assert "Khung ngắn: Hết chỗ" in page


def test_the_page_says_that_an_announcement_stands_by_for_a_station(secretary: TestClient, town: Town) -> None:
    """And does not ask for another slot then."""
    revision = town.approved(title="Tạm nghỉ tiếp sóng")
    uuid = revision.announcement.uuid
    town.slot(name="Tiếp sóng", relay=Relay("https://vov.example/vov1.m3u8", "VOV1", uuid))
    town.plan()
    page = words(secretary.get(f"/announcements/{uuid}").text)
    assert "“Tiếp sóng”" in page
    assert "VOV1" in page
    assert "Chưa có trong chương trình phát" not in page


def test_a_long_list_comes_in_pages_and_is_searched_whole(secretary: TestClient, town: Town) -> None:
    """Forty a page, newest first; a search reaches the oldest."""
    for number in range(45):
        town.draft(title=f"Tin số {number}")
        town.clock.pass_by(minutes=1)
    first, second = (secretary.get(f"/announcements?page={page}").text for page in (1, 2))
    assert [page.count('<li><a href="/announcements/') for page in (first, second)] == [40, 5]
    assert 'rel="next" href="/announcements?page=2' in first
    assert 'rel="next"' not in second
    assert "Tin số 0<" in second
    assert "Tin số 44<" in secretary.get("/announcements?q=tin+so+44").text
    assert "Tin số 0<" in secretary.get("/announcements?q=tin+so&page=2").text
    assert len(first.encode()) < 60_000


def test_text_of_people_is_never_markup(secretary: TestClient, town: Town) -> None:
    """What people write is shown as they wrote it."""
    revision = town.draft(title="<script>x</script>", texts={"vi": 'Giá < 5 & "rẻ" <b>hơn</b>'})
    for address in ("/announcements", f"/announcements/{revision.announcement.uuid}", "/"):
        page = secretary.get(address).text
        assert "<script>x" not in page
        assert "<b>hơn" not in page
