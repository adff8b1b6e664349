"""Templates: chosen, filled in, kept and removed; what comes out is a draft like any other."""

from datetime import date
from urllib.parse import urlsplit
from uuid import UUID

import pytest
from starlette.testclient import TestClient

from broadcaster.accounts.models import Role
from content import queries
from content.kernel.db import unit_of_work
from content.models import Revision, Template
from tests.broadcaster.web.conftest import Browser, Town, typed, uuid_in, words

FORM = {
    "name": "Thu gom rác",
    "title": "Thu gom rác [ngày gom: ngày]",
    "category": "doi-song",
    "text": "Xe rác đến lúc [giờ: giờ], [ngày gom: ngày].\n[dặn thêm: chữ dài]\nCó [số xe: số] xe ở [chỗ].",
}
FILLED = {
    "field-1": "2026-12-02",
    "field-2": "06:30",
    "field-3": "Để rác trước nhà.\nKhông để rác xây dựng.",
    "field-4": "2",
    "field-5": "cổng chào",
}


def kept(town: Town) -> list[Template]:
    with unit_of_work(town.station.sessions, writes=False) as session:
        return queries.templates(session, town.commune)


@pytest.fixture
def template(secretary: TestClient, town: Town) -> UUID:
    secretary.post("/templates/new", data=FORM)
    return kept(town)[0].uuid


def draft_at(town: Town, address: str) -> Revision:
    with unit_of_work(town.station.sessions, writes=False) as session:
        return queries.latest(session, town.commune, uuid_in(urlsplit(address).path))


def test_a_filled_template_is_a_draft(secretary: TestClient, town: Town, template: UUID) -> None:
    """Its fields are in title and text, it airs from today to the day filled in, in all villages."""
    answer = secretary.post(f"/templates/{template}/fill", data=FILLED)
    draft = draft_at(town, answer.headers["location"])
    assert draft.title == "Thu gom rác thứ Tư ngày 2/12/2026"
    assert draft.parts[0].text == (
        "Xe rác đến lúc 6 giờ 30 phút, thứ Tư ngày 2/12/2026.\n"
        "Để rác trước nhà.\nKhông để rác xây dựng.\nCó 2 xe ở cổng chào."
    )
    assert (draft.from_on, draft.until_on) == (date(2026, 11, 22), date(2026, 12, 2))
    assert len(draft.villages) == 2
    assert draft.category == "doi-song"


def test_each_field_has_one_input_of_its_kind(secretary: TestClient, template: UUID) -> None:
    """A day and a time have the browser's own inputs, long words an area."""
    page = words(secretary.get(f"/templates/{template}/fill").text)
    assert [page.count(f'type="{kind}"') for kind in ("date", "time")] == [1, 1]
    assert page.count("<textarea") == 1
    assert "Ngày gom</label>" in page


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"field-1": "mai"}, "field-1"),
        ({"field-2": ""}, "field-2"),
        ({"field-4": "vài"}, "field-4"),
        ({"field-5": " "}, "field-5"),
    ],
)
def test_what_is_missing_is_told_at_its_field(
    secretary: TestClient, template: UUID, wrong: dict[str, str], field: str
) -> None:
    """No draft with holes; what was filled in stays."""
    answer = secretary.post(f"/templates/{template}/fill", data=FILLED | wrong)
    page = words(answer.text)
    assert answer.status_code == 422
    assert f'<a href="#{field}">' in page
    assert f'id="{field}-error"' in page
    assert page.count("-error") == 3
    assert "Để rác trước nhà." in page
    assert "<li><a href=" not in secretary.get("/announcements").text


def test_a_preview_shows_text_and_reading_and_saves_nothing(secretary: TestClient, template: UUID) -> None:
    """One sees and reads what will be said before there is a draft."""
    page = words(secretary.post(f"/templates/{template}/fill", data=FILLED | {"do": "preview"}).text)
    assert "thứ Tư ngày 2/12/2026" in page
    assert "sáu giờ ba mươi phút" in page
    assert "<li><a href=" not in secretary.get("/announcements").text


def test_the_four_come_along(secretary: TestClient, town: Town) -> None:
    """A commune without templates is offered them, each can be filled in."""
    assert 'action="/templates/shipped"' in secretary.get("/templates").text
    secretary.post("/templates/shipped")
    assert sorted(template.name for template in kept(town)) == ["Cắt điện", "Họp thôn", "Thời tiết", "Tiêm chủng"]
    assert 'action="/templates/shipped"' not in secretary.get("/templates").text
    for template in kept(town):
        assert secretary.get(f"/templates/{template.uuid}/fill").status_code == 200


def test_removing_is_undone_not_asked_about(secretary: TestClient, town: Town, template: UUID) -> None:
    """One press takes it out, the page offers to bring it back."""
    gone = secretary.post(f"/templates/{template}/remove")
    assert kept(town) == []
    assert f'action="/templates/{template}/restore"' in secretary.get(gone.headers["location"]).text
    secretary.post(f"/templates/{template}/restore")
    assert [found.uuid for found in kept(town)] == [template]


def test_a_template_is_changed_or_told_what_it_lacks(secretary: TestClient, town: Town, template: UUID) -> None:
    """Without a name or a text it is not kept, and what was typed stays."""
    address = f"/templates/{template}/edit"
    assert words(FORM["text"]).split("\n")[0] in words(secretary.get(address).text)
    for lacking, field in (({"name": ""}, "name"), ({"text": " "}, "text")):
        answer = secretary.post(address, data=FORM | lacking)
        assert answer.status_code == 422
        assert f'id="{field}-error"' in answer.text
    secretary.post(address, data=FORM | {"name": "Rác", "category": "forged"})
    assert [(found.name, found.category) for found in kept(town)] == [("Rác", "khac")]


def test_an_announcement_becomes_a_template(secretary: TestClient, town: Town) -> None:
    """The form of a new template begins with the words of an announcement."""
    answer = secretary.post("/announcements/new", data=typed(do="template"))
    page = words(secretary.get(answer.headers["location"]).text)
    assert 'value="Họp thôn"' in page
    assert "Mời bà con họp thôn lúc 19h30" in page
    revision = town.approved(title="Đã duyệt")
    assert 'value="Đã duyệt"' in words(secretary.get(f"/templates/new?of={revision.announcement.uuid}").text)


def test_templates_are_for_those_who_write(browser: Browser, town: Town, template: UUID) -> None:
    """A viewer neither sees nor fills in."""
    viewer = browser(Role.VIEWER)
    for address in ("", "/new", f"/{template}/edit", f"/{template}/fill"):
        assert viewer.get(f"/templates{address}").status_code == 403, address
    for address in ("/new", "/shipped", f"/{template}/edit", f"/{template}/fill", f"/{template}/remove"):
        assert viewer.post(f"/templates{address}", data=FORM).status_code == 403, address
