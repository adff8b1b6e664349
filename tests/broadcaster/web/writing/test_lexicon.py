"""The page of the lexicon: everybody sees and hears, who writes changes, nothing approved changes unseen."""

import pytest
from starlette.testclient import TestClient

from audio_out.codecs import decode
from broadcaster.accounts.models import Role
from content import queries
from content.kernel.db import unit_of_work
from content.models import LexiconRow
from content.reading import LexiconEntry
from tests.broadcaster.web.conftest import Browser, Town, words

ENTRY = {"written": "UBND", "spoken": "ủy ban", "case_sensitive": "true"}


def entries(town: Town) -> list[LexiconEntry]:
    with unit_of_work(town.station.sessions, writes=False) as session:
        return queries.lexicon(session, town.commune)


def row(town: Town) -> LexiconRow:
    with unit_of_work(town.station.sessions, writes=False) as session:
        return queries.lexicon_rows(session, town.commune)[-1]


def test_a_word_is_put_in_and_changes_how_drafts_are_read(secretary: TestClient, town: Town) -> None:
    """From now on the reading beside the text says it so."""
    assert secretary.post("/lexicon/new", data=ENTRY).headers["location"] == "/lexicon?did=entry-added"
    assert entries(town) == [LexiconEntry("UBND", "ủy ban")]
    piece = secretary.post("/announcements/reading", data={"text": "Mời đến UBND xã."})
    assert "Mời đến" in piece.text
    assert ">ủy ban</a>" in words(piece.text)


@pytest.mark.parametrize(
    ("wrong", "field"), [({"written": " "}, "written"), ({"spoken": ""}, "spoken"), ({"spoken": "☎"}, "spoken")]
)
def test_a_wrong_entry_is_told_at_its_field(secretary: TestClient, wrong: dict[str, str], field: str) -> None:
    """The summary links to the field, and what was typed stays."""
    answer = secretary.post("/lexicon/new", data=ENTRY | wrong)
    assert answer.status_code == 422
    assert f'<a href="#{field}">' in answer.text
    assert f'id="{field}-error"' in answer.text


def test_a_word_that_is_there_leads_to_its_entry(secretary: TestClient, town: Town) -> None:
    """A second reading of one word is refused, with the way to the first."""
    secretary.post("/lexicon/new", data=ENTRY)
    answer = secretary.post("/lexicon/new", data=ENTRY | {"spoken": "ủy ban nhân dân"})
    assert answer.status_code == 422
    assert f'href="/lexicon/{row(town).uuid}/edit"' in answer.text
    changed = secretary.post(f"/lexicon/{row(town).uuid}/edit", data=ENTRY | {"spoken": "ủy ban nhân dân"})
    assert changed.headers["location"] == "/lexicon?did=entry-changed"
    assert entries(town) == [LexiconEntry("UBND", "ủy ban nhân dân")]


def test_removing_is_undone_not_asked_about(secretary: TestClient, town: Town) -> None:
    """One press takes it out, the page offers to bring it back."""
    secretary.post("/lexicon/new", data=ENTRY)
    uuid = row(town).uuid
    gone = secretary.post(f"/lexicon/{uuid}/remove")
    assert entries(town) == []
    assert f'action="/lexicon/{uuid}/restore"' in secretary.get(gone.headers["location"]).text
    assert secretary.get(f"/lexicon/{uuid}/edit").status_code == 404
    secretary.post(f"/lexicon/{uuid}/restore")
    assert entries(town) == [LexiconEntry("UBND", "ủy ban")]


def test_a_long_lexicon_is_searched_and_comes_in_pages(secretary: TestClient, town: Town) -> None:
    """By either side, without diacritics; sixty a page."""
    table = "Viết,Đọc là\n" + "".join(f"Từ{number:03},đọc số {number}\n" for number in range(70))
    secretary.post("/lexicon/import", data={"table": table})
    first, second = (secretary.get(f"/lexicon?page={page}").text for page in (1, 2))
    assert [page.count('class="entry"') for page in (first, second)] == [60, 10]
    assert 'rel="next"' in first
    assert secretary.get("/lexicon?q=tu069").text.count('class="entry"') == 1
    assert len(first.encode()) < 90_000


def test_everybody_hears_an_entry(browser: Browser, secretary: TestClient, town: Town) -> None:
    """The embedded voice says it in a sentence, the second time from the cache."""
    secretary.post("/lexicon/new", data=ENTRY)
    address = f"/lexicon/{row(town).uuid}/sound"
    answer = browser(Role.VIEWER).get(address)
    assert answer.headers["content-type"] == "audio/mpeg"
    assert 1000 < decode(answer.content).duration_ms < 5000
    assert list((town.station.settings.data_dir / "speech-cache").glob("*/*.flac"))
    assert browser(Role.VIEWER).get(address).content == answer.content


def test_a_part_of_a_sound_is_given_to_who_asks_for_it(secretary: TestClient, town: Town) -> None:
    """What a Range header names comes as a part; a range that is none, or beyond the end, gives the whole."""
    secretary.post("/lexicon/new", data=ENTRY)
    address = f"/lexicon/{row(town).uuid}/sound"
    whole = secretary.get(address).content
    asked = {wanted: secretary.get(address, headers={"range": wanted}) for wanted in ("bytes=0-1", "bytes=5-", "x")}
    assert [answer.status_code for answer in asked.values()] == [206, 206, 200]
    assert asked["bytes=0-1"].content == whole[:2]
    assert asked["bytes=0-1"].headers["content-range"] == f"bytes 0-1/{len(whole)}"
    assert asked["bytes=5-"].content == whole[5:]
    assert secretary.get(address, headers={"range": f"bytes={len(whole)}-"}).content == whole


def test_an_entry_is_heard_before_it_is_saved(secretary: TestClient, town: Town) -> None:
    """The form plays what stands in it and saves nothing."""
    page = words(secretary.post("/lexicon/new", data=ENTRY | {"do": "listen"}).text)
    address = page.split('<audio controls autoplay src="')[1].split('"')[0]
    assert secretary.get(address).headers["content-type"] == "audio/mpeg"
    assert entries(town) == []


def test_the_table_goes_out_and_in(secretary: TestClient, town: Town) -> None:
    """An import shows what is new, changed and wrong, and changes nothing before the second press."""
    secretary.post("/lexicon/new", data=ENTRY)
    exported = secretary.get("/lexicon/export")
    assert exported.content.startswith(b"\xef\xbb\xbf")
    assert "attachment" in exported.headers["content-disposition"]
    table = exported.text.replace("ủy ban", "ủy ban nhân dân") + "TYT,trạm y tế,có\r\n,mất chữ,có\r\n"
    shown = secretary.post("/lexicon/import", files={"file": ("tu-dien.csv", table.encode())})
    page = words(shown.text)
    assert "<del>ủy ban</del> <ins>ủy ban nhân dân</ins>" in page
    assert "<strong>TYT</strong> → trạm y tế" in page
    assert len(entries(town)) == 1
    hidden = page.split('<textarea name="table" hidden>')[1].split("</textarea>")[0]
    secretary.post("/lexicon/import", data={"table": hidden})
    assert entries(town) == [LexiconEntry("UBND", "ủy ban nhân dân"), LexiconEntry("TYT", "trạm y tế")]


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04\xff\xfe", b"\n"])
def test_what_is_no_table_is_told_at_the_file(secretary: TestClient, data: bytes) -> None:
    """A workbook or nothing is refused with what to do."""
    answer = secretary.post("/lexicon/import", files={"file": ("x.xlsx", data)})
    assert answer.status_code == 422
    assert 'id="file-error"' in answer.text


def test_approved_announcements_that_would_change_are_listed(secretary: TestClient, town: Town) -> None:
    """The page names them with a press for a new version, and leaves them as they are."""
    revision = town.approved(title="Họp ở Na", texts={"vi": "Mời bà con thôn Na họp."})
    frozen = town.latest(revision).parts[0].reading
    assert "Họp ở Na" not in words(secretary.get("/lexicon").text)
    town.clock.pass_by(minutes=1)
    secretary.post("/lexicon/new", data=ENTRY | {"written": "Na", "spoken": "Nà"})
    page = words(secretary.get("/lexicon").text)
    assert "Họp ở Na" in page
    assert f'action="/announcements/{revision.announcement.uuid}/revise"' in page
    assert town.latest(revision).parts[0].reading == frozen


def test_a_viewer_sees_and_changes_nothing(browser: Browser, secretary: TestClient, town: Town) -> None:
    """The buttons are not there, and the presses are refused."""
    secretary.post("/lexicon/new", data=ENTRY)
    viewer = browser(Role.VIEWER)
    page = viewer.get("/lexicon").text
    assert "UBND" in page
    assert "/remove" not in page
    uuid = row(town).uuid
    for address in ("new", f"{uuid}/edit", f"{uuid}/remove", f"{uuid}/restore", "import"):
        assert viewer.post(f"/lexicon/{address}", data=ENTRY).status_code == 403, address
    assert viewer.get("/lexicon/export").status_code == 200


@pytest.mark.parametrize("back", ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:x"])
def test_the_way_back_stays_on_this_site(secretary: TestClient, back: str) -> None:
    """A forged address to go back to leads to the lexicon instead."""
    answer = secretary.post("/lexicon/new", data=ENTRY | {"back": back})
    assert answer.headers["location"] == "/lexicon?did=entry-added"
    assert "evil" not in secretary.get("/lexicon/new", params={"back": back}).text
