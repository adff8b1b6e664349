"""Finding announcements by words, state, place, subject, days and author."""

from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import event
from sqlalchemy.orm import Session

from content import queries, service
from content.kernel.nodes import Node
from content.models import Revision
from content.queries import EXPIRED, Excerpt, Search, excerpt, find
from content.workflow import State
from tests import factories

NOW = datetime(2026, 11, 22, 3, tzinfo=UTC)
TODAY = date(2026, 11, 22)


@pytest.fixture
def clinic(session: Session, commune: Node, villages: list[Node]) -> Revision:
    """An announcement about vaccination in the first village."""
    return factories.draft(
        session,
        commune,
        villages[:1],
        NOW,
        title="Lịch tiêm chủng tháng 12",
        texts={"vi": "Trạm y tế tổ chức tiêm vắc-xin cho trẻ. Mời bà con đưa trẻ đến đúng giờ, 100% miễn phí."},
        category="y-te",
    )


@pytest.fixture
def power(session: Session, commune: Node, villages: list[Node]) -> Revision:
    """A later one about a power cut, everywhere."""
    at = NOW + timedelta(minutes=1)
    days = {"from_on": date(2026, 12, 1), "until_on": date(2026, 12, 3)}
    return factories.draft(session, commune, villages, at, title="Cắt điện", texts={"vi": "Đề nghị hợp tác."}, **days)


def found(session: Session, commune: Node, **search: object) -> list[str]:
    return [r.title for r in find(session, commune, Search(**search), TODAY, limit=10).revisions]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "words", ["tiem chung", "TIÊM CHỦNG", "tiêm chung", "chung tiem", "vac-xin tram", "tie\u0302m chu\u0309ng", "100%"]
)
def test_words_are_found_with_and_without_diacritics(
    session: Session, commune: Node, clinic: Revision, power: Revision, words: str
) -> None:
    """In title or text, in any order and any case, typed in either form of Unicode."""
    assert found(session, commune, words=words) == [clinic.title]


@pytest.mark.parametrize("words", ["họp", "tiếm", "tiem bầu", "%", "_", "1__%"])
def test_what_does_not_occur_is_not_found(session: Session, commune: Node, power: Revision, words: str) -> None:
    """Written diacritics count ("họp" is not "hợp"), every word must occur, and nothing is a wildcard."""
    assert found(session, commune, words=words) == []


def test_everything_narrows(
    session: Session, commune: Node, villages: list[Node], clinic: Revision, power: Revision
) -> None:
    """Village, subject, author, days that overlap, rows known from elsewhere; nothing narrows nothing."""
    both = [power.title, clinic.title]
    assert found(session, commune) == both
    assert found(session, commune, village=villages[0].slug) == both
    assert found(session, commune, village=villages[1].slug) == [power.title]
    assert found(session, commune, category="y-te") == [clinic.title]
    assert found(session, commune, author=power.announcement.author) == [power.title]
    assert found(session, commune, author=uuid4()) == []
    assert found(session, commune, from_on=date(2026, 11, 26)) == [power.title]
    assert found(session, commune, until_on=date(2026, 11, 22)) == [clinic.title]
    assert found(session, commune, from_on=date(2026, 11, 25), until_on=date(2026, 12, 1)) == both
    assert found(session, commune, only={clinic.id}) == [clinic.title]
    assert found(session, commune, only=()) == []


def test_expired_is_a_state_of_its_own(session: Session, commune: Node, villages: list[Node]) -> None:
    """What is approved and over is not among what is approved and airs."""
    over = {"from_on": date(2026, 11, 1), "until_on": date(2026, 11, 22)}
    factories.approved(session, commune, villages, NOW, title="Hôm nay hết")
    factories.approved(session, commune, villages, NOW, title="Tháng trước", **over)

    def titles(state: str, on: date) -> set[str]:
        return {r.title for r in find(session, commune, Search(state=state), on, limit=9).revisions}

    assert titles(State.APPROVED, TODAY) == {"Hôm nay hết", "Tháng trước"}
    assert titles(EXPIRED, TODAY) == set()
    assert titles(State.APPROVED, TODAY + timedelta(days=1)) == {"Hôm nay hết"}
    assert titles(EXPIRED, TODAY + timedelta(days=1)) == {"Tháng trước"}


def test_only_the_newest_revision_counts(session: Session, commune: Node, villages: list[Node]) -> None:
    """The words of a version that was replaced are not found; a discarded one leaves the old one to be found."""
    approved = factories.approved(session, commune, villages, NOW, title="Cũ")
    newer = service.revise(session, approved, uuid4(), NOW)
    newer.title = newer.search = "mới"
    session.flush()
    assert found(session, commune, words="cũ") == []
    service.discard(session, newer, uuid4(), NOW)
    assert found(session, commune, words="cũ") == ["Cũ"]
    assert found(session, commune, state=State.DISCARDED) == []


def test_pages_and_the_whole_count(session: Session, commune: Node, villages: list[Node]) -> None:
    """A page is a piece of the whole, whose size is told; it takes the same few queries however long it is."""
    for number in range(7):
        factories.draft(session, commune, villages, NOW + timedelta(minutes=number), title=f"Tin {number}")
    session.expire_all()
    asked: list[str] = []
    event.listen(session.connection(), "before_cursor_execute", lambda *said: asked.append(said[2]))
    page = find(session, commune, Search(words="tin"), TODAY, limit=3, offset=3)
    assert ([r.title for r in page.revisions], page.total) == (["Tin 3", "Tin 2", "Tin 1"], 7)
    assert len(asked) <= 7


def test_another_communes_announcements_are_not_found(session: Session, commune: Node, clinic: Revision) -> None:
    """A search stays in its commune, and so do titles."""
    elsewhere = Node(kind="commune", slug="khac", name="Khác")
    session.add(elsewhere)
    session.flush()
    assert found(session, elsewhere, words="tiem") == []
    uuid = clinic.announcement.uuid
    assert queries.titles(session, elsewhere, [uuid]) == {}
    assert queries.titles(session, commune, [uuid]) == {uuid: clinic.title}


def test_the_excerpt_shows_the_place_as_written(clinic: Revision) -> None:
    """What is found in the title needs none; what stands in the text is shown with a few words around it."""
    assert excerpt(clinic, "tiem chung") is None
    assert excerpt(clinic, "") is None
    assert excerpt(clinic, "tram") == Excerpt(
        "", "Trạm", " y tế tổ chức tiêm vắc-xin cho trẻ. Mời bà con đưa trẻ đến …"
    )
    late = excerpt(clinic, "chủng miễn")
    assert late is not None
    assert (late.before.startswith("… "), late.hit, late.after) == (True, "miễn", " phí.")


def test_nothing_airs_once_the_newest_decision_is_withdrawn(
    session: Session, commune: Node, villages: list[Node]
) -> None:
    """An older approved version does not come back by withdrawing its successor; all versions are told in order."""
    first = factories.approved(session, commune, villages, NOW)
    second = service.revise(session, first, uuid4(), NOW)
    uuid = first.announcement.uuid
    assert queries.in_force(session, commune, uuid) is first
    second.state = State.WITHDRAWN
    session.flush()
    assert queries.in_force(session, commune, uuid) is None
    assert queries.versions(session, commune, uuid) == [first, second]


def test_what_airs_is_found_although_somebody_writes_its_successor(
    session: Session, commune: Node, villages: list[Node]
) -> None:
    """Who wants to withdraw what is on air looks under "approved"."""
    airing = factories.approved(session, commune, villages, NOW, title="Đang phát")
    service.revise(session, airing, uuid4(), NOW)
    assert found(session, commune, state=State.APPROVED) == ["Đang phát"]
    service.withdraw(session, airing, uuid4(), NOW)
    assert found(session, commune, state=State.APPROVED) == []
