"""The commune's lexicon: one reading for a word, with its history, as a table and back."""

from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from content import queries
from content.errors import (
    EntryExists,
    EntryTwice,
    LexiconFileUnreadable,
    NoSuchEntry,
    SpokenMissing,
    SpokenTooLong,
    SpokenUnreadable,
    WrittenMissing,
    WrittenTooLong,
)
from content.kernel.audit import AuditEntry, check_chain
from content.kernel.errors import Invalid
from content.kernel.nodes import Node
from content.reading import LexiconEntry
from content.service import lexicon
from content.service.lexicon_file import from_csv, to_csv
from tests.conftest import HandClock
from tests.factories import approved

SOMEBODY = uuid4()


@pytest.mark.parametrize(
    ("entry", "error"),
    [
        (LexiconEntry(" ", "ủy ban"), WrittenMissing),
        (LexiconEntry("x" * 121, "ủy ban"), WrittenTooLong),
        (LexiconEntry("UBND", " … "), SpokenMissing),
        (LexiconEntry("UBND", "ủy " * 200), SpokenTooLong),
        (LexiconEntry("UBND", "ủy ban ☎"), SpokenUnreadable),
    ],
)
def test_an_entry_that_cannot_be_heard_is_refused(
    session: Session, commune: Node, clock: HandClock, entry: LexiconEntry, error: type[Invalid]
) -> None:
    """Neither an empty word, nor one that would be silent, nor a sentence."""
    with pytest.raises(error):
        lexicon.add(session, commune, entry, SOMEBODY, clock.now())


def test_a_word_has_one_reading_under_a_rule_of_case(session: Session, commune: Node, clock: HandClock) -> None:
    """The same word again is refused and points to its entry; in any case it is another rule."""
    row = lexicon.add(session, commune, LexiconEntry("UBND", "ủy ban"), SOMEBODY, clock.now())
    with pytest.raises(EntryExists) as refused:
        lexicon.add(session, commune, LexiconEntry(" UBND ", "ủy ban nhân dân"), SOMEBODY, clock.now())
    assert refused.value.facts["uuid"] == row.uuid
    lexicon.add(session, commune, LexiconEntry("UBND", "ủy ban", case_sensitive=False), SOMEBODY, clock.now())
    with pytest.raises(EntryExists):
        lexicon.add(session, commune, LexiconEntry("ubnd", "ủy ban", case_sensitive=False), SOMEBODY, clock.now())


def test_a_removed_entry_comes_back_unless_its_word_is_taken(session: Session, commune: Node, clock: HandClock) -> None:
    """Undo never makes two readings of one word."""
    row = lexicon.add(session, commune, LexiconEntry("UBND", "ủy ban"), SOMEBODY, clock.now())
    lexicon.remove(session, row, SOMEBODY, clock.now())
    assert queries.lexicon(session, commune) == []
    lexicon.restore(session, commune, row, SOMEBODY, clock.now())
    assert queries.lexicon(session, commune) == [LexiconEntry("UBND", "ủy ban")]
    lexicon.remove(session, row, SOMEBODY, clock.now())
    lexicon.add(session, commune, LexiconEntry("UBND", "ủy ban nhân dân"), SOMEBODY, clock.now())
    with pytest.raises(EntryExists):
        lexicon.restore(session, commune, row, SOMEBODY, clock.now())


def test_every_change_is_in_the_audit_chain(session: Session, commune: Node, clock: HandClock) -> None:
    """Who changed what how words are read can be told later."""
    row = lexicon.add(session, commune, LexiconEntry("UBND", "ủy ban"), SOMEBODY, clock.now())
    lexicon.change(session, commune, row, LexiconEntry("UBND", "ủy ban nhân dân"), SOMEBODY, clock.now())
    lexicon.change(session, commune, row, LexiconEntry("UBND xã", "ủy ban xã"), SOMEBODY, clock.now())
    acts = session.scalars(select(AuditEntry.act).order_by(AuditEntry.sequence)).all()
    assert acts == ["lexicon.added", "lexicon.changed", "lexicon.removed", "lexicon.added"]
    assert check_chain(session, commune.id) is None
    assert queries.lexicon(session, commune) == [LexiconEntry("UBND xã", "ủy ban xã")]


def test_entries_are_found_without_diacritics_and_by_what_is_said(
    session: Session, commune: Node, clock: HandClock
) -> None:
    """One finds an entry by either side of it."""
    lexicon.add(session, commune, LexiconEntry("BCĐ", "Ban chỉ đạo"), SOMEBODY, clock.now())
    lexicon.add(session, commune, LexiconEntry("Ún Tà", "Ủn Tà"), SOMEBODY, clock.now())
    assert [row.written for row in queries.lexicon_rows(session, commune, "chi dao")] == ["BCĐ"]
    assert [row.written for row in queries.lexicon_rows(session, commune, "un ta")] == ["Ún Tà"]


def test_an_entry_belongs_to_its_commune(
    session: Session, commune: Node, villages: list[Node], clock: HandClock
) -> None:
    """Another place neither sees nor changes it."""
    row = lexicon.add(session, commune, LexiconEntry("UBND", "ủy ban"), SOMEBODY, clock.now())
    with pytest.raises(NoSuchEntry):
        queries.lexicon_row(session, villages[0], row.uuid)
    assert queries.lexicon(session, villages[0]) == []


def test_what_is_approved_stays_and_is_told(
    session: Session, commune: Node, villages: list[Node], clock: HandClock
) -> None:
    """A change names the approved announcements that it would alter, and alters none."""
    revision = approved(session, commune, villages, clock.now(), texts={"vi": "Mời bà con thôn Na họp."})
    approved(session, commune, villages, clock.now(), texts={"vi": "Mời bà con thôn An San họp."})
    frozen = revision.parts[0].reading
    today = clock.now().date()
    clock.pass_by(minutes=5)
    row = lexicon.add(session, commune, LexiconEntry("Na", "Nà"), SOMEBODY, clock.now())
    (told,) = queries.read_otherwise(session, commune, today)
    assert (told.revision, told.words) == (revision, ("Na",))
    assert revision.parts[0].reading == frozen
    lexicon.remove(session, row, SOMEBODY, clock.now())
    assert queries.read_otherwise(session, commune, today) == []


def test_a_removed_word_is_told_where_it_was_read(
    session: Session, commune: Node, villages: list[Node], clock: HandClock
) -> None:
    """Taking an entry away, or giving it another word, alters what was read with it."""
    row = lexicon.add(session, commune, LexiconEntry("Na", "Nà"), SOMEBODY, clock.now())
    text = {"vi": "Mời bà con thôn Na họp."}
    revision = approved(session, commune, villages, clock.now(), texts=text)
    reading = queries.lexicon(session, commune)
    revision.parts[0].reading = "Mời bà con thôn Nà họp."
    assert reading == [LexiconEntry("Na", "Nà")]
    clock.pass_by(minutes=5)
    lexicon.change(session, commune, row, LexiconEntry("Na Hồ", "Nà Hồ"), SOMEBODY, clock.now())
    (told,) = queries.read_otherwise(session, commune, clock.now().date())
    assert told.words == ("Na",)


def test_putting_a_table_in_changes_only_what_is_named(session: Session, commune: Node, clock: HandClock) -> None:
    """New words come, known ones change, equal ones and those not named stay."""
    for written in ("A1", "A2", "A3"):
        lexicon.add(session, commune, LexiconEntry(written, "cũ"), SOMEBODY, clock.now())
    incoming = [LexiconEntry("A1", "mới"), LexiconEntry("A2", "cũ"), LexiconEntry("B1", "mới")]
    told = lexicon.put_all(session, commune, incoming, SOMEBODY, clock.now())
    assert [[entry.written for entry in part] for part in (told.new, told.changed, told.same)] == [
        ["B1"],
        ["A1"],
        ["A2"],
    ]
    assert {entry.written: entry.spoken for entry in queries.lexicon(session, commune)} == {
        "A1": "mới",
        "A2": "cũ",
        "A3": "cũ",
        "B1": "mới",
    }
    assert lexicon.compare(session, commune, incoming).same == tuple(incoming)


words = st.text(st.characters(codec="utf-8", categories=["L", "N", "P", "S"]), min_size=1, max_size=20)


@given(st.lists(st.builds(LexiconEntry, words, words.map(lambda said: f"a {said}"), st.booleans()), max_size=8))
def test_what_goes_out_comes_in_again(entries: list[LexiconEntry]) -> None:
    """The exported table gives the same entries, whatever signs they hold."""
    kept = {}
    for entry in entries:
        try:
            checked = lexicon.checked(entry)
        except Invalid:
            continue
        kept.setdefault(lexicon.key_of(checked), checked)
    if kept:
        assert from_csv(to_csv(kept.values())).entries == tuple(kept.values())


def test_what_looks_like_a_formula_is_no_formula_in_excel() -> None:
    """A cell never begins with a sign that Excel would calculate with."""
    text = to_csv([LexiconEntry("=1+1", "-2 độ")]).decode("utf-8-sig")
    assert "'=1+1,'-2 độ" in text
    assert from_csv(text.encode()).entries == (LexiconEntry("=1+1", "-2 độ"),)


@pytest.mark.parametrize(
    "data",
    [
        "Viết,Đọc là,Phân biệt chữ hoa\nUBND,ủy ban,có\n".encode(),
        "Viết;Đọc là;Phân biệt chữ hoa\r\nUBND;ủy ban;có\r\n".encode("utf-8-sig"),
        "Viết\tĐọc là\nUBND\tủy ban\n\n".encode("utf-16"),
        "UBND,ủy ban".encode(),
        "written,spoken,case\nUBND,ủy ban,yes".encode(),
    ],
)
def test_tables_as_excel_and_people_make_them_are_read(data: bytes) -> None:
    """Comma, semicolon or tab, with or without headings, UTF-8 or UTF-16."""
    assert from_csv(data).entries == (LexiconEntry("UBND", "ủy ban"),)


def test_wrong_lines_are_named_and_the_others_read() -> None:
    """One bad line keeps no other out."""
    sheet = from_csv("Viết,Đọc là\nUBND,ủy ban\n,mất\nBCĐ,\nUBND,ủy ban xã\nTYT,trạm y tế,không".encode())
    assert [entry.written for entry in sheet.entries] == ["UBND", "TYT"]
    assert not sheet.entries[1].case_sensitive
    assert [(bad.number, type(bad.error)) for bad in sheet.bad_lines] == [
        (3, WrittenMissing),
        (4, SpokenMissing),
        (5, EntryTwice),
    ]


@pytest.mark.parametrize(
    "data", [b"", b"PK\x03\x04\x00\xff", "UBND,ủy ban".encode("cp1258", "replace") + b"\xd5", b"\n\n"]
)
def test_what_is_no_table_is_refused(data: bytes) -> None:
    """A workbook, an old encoding or nothing at all is said to be no lexicon."""
    with pytest.raises(LexiconFileUnreadable):
        from_csv(data)
