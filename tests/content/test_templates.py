"""Templates of recurring announcements: their fields, and the four that come along."""

from uuid import uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from content import queries, reading
from content.errors import NoSuchTemplate, TemplateNameMissing, TemplateTextMissing
from content.kernel.audit import AuditEntry
from content.kernel.errors import Invalid
from content.kernel.nodes import Node
from content.service import templates
from content.service.fields import Field, FieldKind, fields, filled, said
from content.service.templates import Pattern
from tests.conftest import HandClock

SOMEBODY = uuid4()


def test_a_field_is_asked_for_once_in_the_order_of_the_text() -> None:
    """The same name in title and text is one field; a kind named anywhere is its kind."""
    assert fields("Họp [ngày họp]", "Mời họp [ngày họp: ngày] lúc [giờ:giờ], [số  hộ: Số] hộ, [nội dung]") == (
        Field("ngày họp", FieldKind.DATE),
        Field("giờ", FieldKind.TIME),
        Field("số hộ", FieldKind.NUMBER),
        Field("nội dung", FieldKind.WORDS),
    )


def test_what_is_no_kind_belongs_to_the_name() -> None:
    """A colon alone makes no kind; brackets over lines or without words make no field."""
    assert fields("[Lưu ý: đem sổ] [] [ ] [hai\ndòng]") == (Field("Lưu ý: đem sổ", FieldKind.WORDS),)


@pytest.mark.parametrize(
    ("kind", "typed", "expected"),
    [
        (FieldKind.DATE, "2026-11-25", "thứ Tư ngày 25/11/2026"),
        (FieldKind.DATE, "2026-11-29", "Chủ nhật ngày 29/11/2026"),
        (FieldKind.TIME, "19:30", "19 giờ 30 phút"),
        (FieldKind.TIME, "08:00", "8 giờ"),
        (FieldKind.NUMBER, " 1.500 ", "1.500"),
        (FieldKind.WORDS, " Nhà  văn hóa\nthôn ", "Nhà văn hóa thôn"),
        (FieldKind.LONG_WORDS, "Một.\nHai.", "Một.\nHai."),
    ],
)
def test_values_are_written_as_one_writes_them(kind: FieldKind, typed: str, expected: str) -> None:
    """Dates carry their weekday, times their hours and minutes in words."""
    assert said(kind, typed) == expected


@pytest.mark.parametrize(
    ("kind", "typed"),
    [(FieldKind.DATE, "ngày mai"), (FieldKind.TIME, "25:00"), (FieldKind.NUMBER, "mấy"), (FieldKind.WORDS, " ")],
)
def test_what_does_not_fit_its_field_is_refused(kind: FieldKind, typed: str) -> None:
    """Neither words for a number, nor nothing for words."""
    with pytest.raises(ValueError):  # noqa: PT011  (its words are nobody's business)
        said(kind, typed)


def test_filling_in_leaves_what_has_no_value() -> None:
    """Every field of a name is filled in, others stay as they stand; a value's own brackets are its own."""
    assert filled("[a: ngày] và [a], [b]", {"a": "[b]"}) == "[b] và [b], [b]"


def test_the_shipped_templates_are_read_without_a_doubt() -> None:
    """Filled in, each of the four is spoken without one warning."""
    typed = {
        FieldKind.DATE: "2026-11-25",
        FieldKind.TIME: "19:30",
        FieldKind.NUMBER: "5",
        FieldKind.WORDS: "nhà văn hóa thôn",
        FieldKind.LONG_WORDS: "Bàn việc làm đường.",
    }
    patterns = templates.shipped()
    assert [pattern.name for pattern in patterns] == ["Họp thôn", "Cắt điện", "Tiêm chủng", "Thời tiết"]
    for pattern in patterns:
        values = {field.name: said(field.kind, typed[field.kind]) for field in fields(pattern.title, pattern.text)}
        text = filled(pattern.text, values)
        assert "[" not in text + filled(pattern.title, values)
        read = reading.read(text)
        assert read.warnings == ()
        assert not any(char.isdigit() for char in read.spoken)


def test_seeding_twice_adds_nothing(session: Session, commune: Node, clock: HandClock) -> None:
    """What is there by its name is not added again; what was removed comes back anew."""
    first = templates.seed(session, commune, clock.now())
    assert templates.seed(session, commune, clock.now()) == []
    templates.remove(session, first[0], SOMEBODY, clock.now())
    assert [template.name for template in templates.seed(session, commune, clock.now())] == [first[0].name]


def test_templates_come_and_go_and_are_audited(session: Session, commune: Node, clock: HandClock) -> None:
    """Added, changed, removed and back."""
    pattern = Pattern("Thu gom rác", "Thu gom rác", "Thu gom rác [ngày: ngày].", "doi-song")
    template = templates.add(session, commune, pattern, SOMEBODY, clock.now())
    templates.change(
        session, template, Pattern("Rác", "Thu gom rác", "Mời bà con gom rác.", "doi-song"), SOMEBODY, clock.now()
    )
    templates.remove(session, template, SOMEBODY, clock.now())
    assert queries.templates(session, commune) == []
    templates.restore(session, template, SOMEBODY, clock.now())
    assert [(found.name, found.text) for found in queries.templates(session, commune)] == [
        ("Rác", "Mời bà con gom rác.")
    ]
    acts = session.scalars(select(AuditEntry.act).order_by(AuditEntry.sequence)).all()
    assert acts == ["template.added", "template.changed", "template.removed", "template.restored"]


@pytest.mark.parametrize(
    ("pattern", "error"),
    [
        (Pattern(" ", "", "Có chữ.", "khac"), TemplateNameMissing),
        (Pattern("Tên", "", " \n ", "khac"), TemplateTextMissing),
    ],
)
def test_a_template_has_a_name_and_a_text(
    session: Session, commune: Node, clock: HandClock, pattern: Pattern, error: type[Invalid]
) -> None:
    """Without either nobody could choose it or begin from it."""
    with pytest.raises(error):
        templates.add(session, commune, pattern, SOMEBODY, clock.now())


def test_a_template_belongs_to_its_commune(
    session: Session, commune: Node, villages: list[Node], clock: HandClock
) -> None:
    """Another place does not see it."""
    template = templates.seed(session, commune, clock.now())[0]
    with pytest.raises(NoSuchTemplate):
        queries.template(session, villages[0], template.uuid)
