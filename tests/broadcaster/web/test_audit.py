"""The audit log's pages: in words, narrowed, checked, taken along."""

import ast
import csv
import io
import re
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

import pytest
from sqlalchemy import update
from starlette.testclient import TestClient

from broadcaster.accounts.models import Role
from broadcaster.web import words as words_of
from content.kernel import audit
from content.kernel.audit import AuditEntry
from content.kernel.db import unit_of_work
from content.workflow import Step
from tests.broadcaster.web.conftest import Browser, Town, words

PAGES = ("/audit", "/audit/check", "/audit/export.csv", "/audit/export.jsonl")


@pytest.mark.parametrize("role", [Role.VIEWER, Role.SECRETARY])
def test_the_log_is_for_those_who_answer_for_it(browser: Browser, role: Role) -> None:
    """Cadres and admins read it, others are refused in words."""
    someone = browser(role)
    assert [someone.get(page).status_code for page in PAGES] == [403] * len(PAGES)


def test_acts_are_told_in_words(cadre: TestClient, town: Town) -> None:
    """Who, what, to which announcement, when, and with what reason; the newest first."""
    revision = town.approved(title="Họp <thôn>")
    address = f"/announcements/{revision.announcement.uuid}"
    cadre.post(f"{address}/withdraw", data={"reason": "Nhầm ngày."})
    page = words(cadre.get("/audit").text)
    acts = [
        page.index(act) for act in ("gỡ bản tin", "duyệt bản tin –", "gửi bản tin chờ duyệt", "bắt đầu viết bản tin")
    ]
    assert acts == sorted(acts)
    assert f'<strong>Trần Văn Hải</strong>: gỡ bản tin – <a href="{address}">Họp <thôn></a>' in page
    assert f'bỏ đăng ký phát – <a href="{address}">' in page
    assert "<blockquote>Nhầm ngày.</blockquote>" in page
    assert "Họp <thôn>" not in cadre.get("/audit").text


def acts_in_code() -> Iterator[str]:
    """Every act that the code notes: constants given to a recorder, and the steps of a revision."""
    for package in ("broadcaster", "schedules", "audio_out", "content"):
        for file in Path(str(files(package))).rglob("*.py"):
            for node in ast.walk(ast.parse(file.read_text())):
                if isinstance(node, ast.Call) and ast.unparse(node.func).endswith(("record", "_audit", "_note")):
                    names = (arg.value for arg in node.args if isinstance(arg, ast.Constant))
                    yield from (name for name in names if re.fullmatch(r"[a-z]+\.[a-z_]+", str(name)))
    yield from (f"announcement.{step}" for step in Step)


def test_every_act_of_the_code_has_words() -> None:
    """What we note ourselves can be read by people, and found under its kind."""
    acts = set(acts_in_code())
    assert {"announcement.approve", "slot.opened", "account.logged_in"} < acts
    assert acts - set(words_of.ACTS) == set()
    assert {act.partition(".")[0] + "." for act in acts} == set(words_of.KINDS_OF_ACTS)


def test_an_unknown_act_is_shown_by_its_name(cadre: TestClient, town: Town) -> None:
    """What a later version notes can be read all the same; acts of the system have no person."""
    with unit_of_work(town.station.sessions) as session:
        audit.record(session, town.commune.id, town.clock.now(), None, "moon.landed", "moon:1")
    assert "<strong>Hệ thống</strong>: moon.landed" in words(cadre.get("/audit").text)


def test_the_log_is_narrowed(cadre: TestClient, town: Town) -> None:
    """By person, kind, thing and days of the commune; what cannot be understood narrows nothing."""
    town.slot()
    revision = town.draft(title="Sáng sớm")
    town.clock.pass_by(days=1)
    town.draft(title="Hôm sau", author=Role.CADRE)

    def acts(asked: str) -> list[str]:
        page = words(cadre.get(f"/audit?{asked}").text)
        return [name for name in ("Sáng sớm", "Hôm sau", "Bản tin chiều") if f">{name}</a>" in page]

    assert acts("") == ["Sáng sớm", "Hôm sau", "Bản tin chiều"]
    assert acts(f"who={town.people[Role.CADRE].uuid}") == ["Hôm sau"]
    assert acts("kind=slot.") == ["Bản tin chiều"]
    assert acts(f"subject=announcement:{revision.announcement.uuid}") == ["Sáng sớm"]
    assert acts("from_on=2026-11-23") == ["Hôm sau"]
    assert acts("until_on=2026-11-22") == ["Sáng sớm", "Bản tin chiều"]
    assert acts("who=x&kind=y&from_on=z") == acts("")


def test_a_long_log_comes_in_pages(cadre: TestClient, town: Town) -> None:
    """Fifty acts a page, filters kept."""
    for number in range(55):
        town.draft(title=f"Tin {number}.")
    first, second = (words(cadre.get(f"/audit?kind=announcement.&page={page}").text) for page in (1, 2))
    assert [page.count('class="act"') for page in (first, second)] == [50, 5]
    assert 'rel="next" href="/audit?kind=announcement.&page=2"' in first
    assert 'rel="next"' not in second


def test_a_changed_log_is_found_out(cadre: TestClient, town: Town) -> None:
    """Whole as long as nobody touched it, and then the first entry that does not follow."""
    town.approved()
    page = words(cadre.get("/audit/check").text)
    assert "Nhật ký còn nguyên vẹn" in page
    with unit_of_work(town.station.sessions) as session:
        session.execute(update(AuditEntry).where(AuditEntry.sequence == 3).values(actor=None))
    page = words(cadre.get("/audit/check").text)
    assert "Cốc San: mục số 3 không khớp với mục trước." in page


def test_the_whole_log_is_taken_along_and_checked(cadre: TestClient, town: Town) -> None:
    """One line an act with all that its hash covers, of all places of the commune."""
    town.approved()
    with unit_of_work(town.station.sessions) as session:
        audit.record(session, town.villages[0].id, town.clock.now(), None, "player.paired", "player:1")
    answer = cadre.get("/audit/export.jsonl")
    assert answer.headers["content-disposition"] == 'attachment; filename="audit-2026-11-22.jsonl"'
    chains = audit.check(map(audit.from_line, answer.text.splitlines()))
    assert set(chains) == {town.commune.id, town.villages[0].id}
    assert all(chain.broken_at is None for chain in chains.values())


def test_the_table_opens_in_a_spreadsheet(cadre: TestClient, town: Town) -> None:
    """UTF-8 with its mark, narrowed as on the page, in words, and nothing in it is taken for a formula."""
    with unit_of_work(town.station.sessions) as session:
        who = town.people[Role.CADRE].uuid
        audit.record(session, town.commune.id, town.clock.now(), who, "=1+1", "thing:1", reason="x")
    town.draft()
    answer = cadre.get(f"/audit/export.csv?who={town.people[Role.CADRE].uuid}")
    assert answer.content.startswith(b"\xef\xbb\xbf")
    head, *rows = csv.reader(io.StringIO(answer.text.removeprefix("\ufeff")))
    (row,) = (row for row in rows if "thing:1" in row)
    assert head == ["node", "sequence", "at", "who", "act", "subject", "facts", "hash"]
    assert row[:1] + row[2:-1] == [
        "Cốc San",
        "2026-11-22T17:00:00+07:00",
        "Trần Văn Hải",
        "'=1+1",
        "thing:1",
        "reason: x",
    ]
    assert {row[3] for row in rows} == {"Trần Văn Hải"}
