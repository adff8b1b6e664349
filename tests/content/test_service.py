"""An announcement's way from draft to the air and back."""

from datetime import date
from uuid import uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from content import queries, service
from content.errors import (
    DraftExists,
    EditedMeanwhile,
    FourEyes,
    LegacyEncoding,
    NotRendered,
    ReasonMissing,
    Stale,
    TextGarbled,
    TextMissing,
    TextTooLong,
    TimesPerDayOutOfRange,
    TitleMissing,
    UntilBeforeFrom,
    UntilIsPast,
    VillagesMissing,
    WrongState,
)
from content.kernel.audit import AuditEntry, check_chain
from content.kernel.nodes import Node
from content.kernel.units import Sha256
from content.models import Revision
from content.workflow import State, digest
from tests.conftest import HandClock
from tests.factories import draft, wording

MASTERS = {"vi": Sha256("a" * 64)}


@pytest.fixture
def in_review(session: Session, commune: Node, villages: list[Node], clock: HandClock) -> Revision:
    revision = draft(session, commune, villages, clock.now())
    service.submit(session, revision, revision.edited_by, clock.now())
    return revision


@pytest.fixture
def approved(session: Session, in_review: Revision, clock: HandClock) -> Revision:
    service.approve(session, in_review, MASTERS, shown(in_review), uuid4(), clock.now())
    return in_review


def shown(revision: Revision) -> Sha256:
    return digest(service.approvable(revision, MASTERS))


def test_submission_freezes_the_reading(in_review: Revision) -> None:
    """A submitted part carries the words to be spoken, without a digit left."""
    assert in_review.state is State.IN_REVIEW
    reading = in_review.parts[0].reading
    assert reading is not None
    assert "mười chín giờ ba mươi" in reading
    assert not any(char.isdigit() for char in reading)


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"title": " "}, TitleMissing),
        ({"texts": {"vi": ""}}, TextMissing),
        ({"texts": {"vi": "... !!"}}, TextMissing),
        ({"texts": {"vi": "a" * 100_000}}, TextTooLong),
        ({"texts": {"vi": "Th\ufffdng báo họp"}}, TextGarbled),
        ({"texts": {"vi": "Th«ng b¸o lÞch tiªm chñng më réng th¸ng 12"}}, LegacyEncoding),
        ({"texts": {"vi": "Thoâng baùo lòch tieâm chuûng môû roäng"}}, LegacyEncoding),
        ({"villages": []}, VillagesMissing),
        ({"until_on": date(2026, 11, 21)}, UntilBeforeFrom),
        ({"from_on": date(2026, 11, 1), "until_on": date(2026, 11, 21)}, UntilIsPast),
        ({"times_per_day": 0}, TimesPerDayOutOfRange),
    ],
)
def test_what_cannot_be_aired_stays_a_draft(
    session: Session,
    commune: Node,
    villages: list[Node],
    clock: HandClock,
    change: dict[str, object],
    error: type[Exception],
) -> None:
    """Each thing that cannot be right is refused by its own error, and what was typed is kept."""
    changes = {"villages": villages, **change}
    revision = service.start_draft(session, commune, wording(**changes), uuid4(), clock.now())  # type: ignore[arg-type]
    with pytest.raises(error):
        service.submit(session, revision, revision.edited_by, clock.now())
    assert revision.state is State.DRAFT


@pytest.mark.parametrize("who", ["author", "editor"])
def test_who_wrote_never_approves(
    session: Session, commune: Node, villages: list[Node], clock: HandClock, who: str
) -> None:
    """Four eyes: neither the author nor the last editor approves."""
    author, editor = uuid4(), uuid4()
    revision = draft(session, commune, villages, clock.now(), author)
    service.save_draft(session, revision, wording(villages), editor, clock.now(), edits=1)
    service.submit(session, revision, editor, clock.now())
    with pytest.raises(FourEyes):
        service.approve(
            session, revision, MASTERS, shown(revision), {"author": author, "editor": editor}[who], clock.now()
        )


def test_an_approval_is_bound_to_what_was_shown(session: Session, in_review: Revision, clock: HandClock) -> None:
    """Other audio than the one that was listened to cannot be approved."""
    with pytest.raises(Stale):
        service.approve(session, in_review, {"vi": Sha256("b" * 64)}, shown(in_review), uuid4(), clock.now())
    assert in_review.state is State.IN_REVIEW


def test_nothing_is_approved_before_it_can_be_heard(session: Session, in_review: Revision, clock: HandClock) -> None:
    """A revision without a master of each part cannot be approved."""
    with pytest.raises(NotRendered):
        service.approve(session, in_review, {}, Sha256(""), uuid4(), clock.now())


def test_two_people_on_one_draft(session: Session, commune: Node, villages: list[Node], clock: HandClock) -> None:
    """The second to save is told, and the first one's text is still there."""
    revision = draft(session, commune, villages, clock.now())
    service.save_draft(session, revision, wording(villages, title="Một"), uuid4(), clock.now(), edits=1)
    with pytest.raises(EditedMeanwhile):
        service.save_draft(session, revision, wording(villages, title="Hai"), uuid4(), clock.now(), edits=1)
    assert revision.title == "Một"


def test_a_return_needs_a_reason_and_keeps_what_was_submitted(
    session: Session, in_review: Revision, clock: HandClock
) -> None:
    """A returned revision is a draft again; its submission can still be compared."""
    with pytest.raises(ReasonMissing):
        service.send_back(session, in_review, uuid4(), clock.now(), "  ")
    service.send_back(session, in_review, uuid4(), clock.now(), "Thiếu địa điểm")
    assert in_review.state is State.DRAFT
    submitted = in_review.events[0].content
    assert submitted is not None
    assert submitted["title"] == "Họp thôn"


def test_the_approved_airs_until_its_successor_is_approved(
    session: Session, commune: Node, approved: Revision, clock: HandClock
) -> None:
    """Revising starts a new draft and leaves the approved revision in force; only one revision is in the making."""
    successor = service.revise(session, approved, uuid4(), clock.now())
    with pytest.raises(DraftExists):
        service.revise(session, approved, uuid4(), clock.now())
    announcement = approved.announcement.uuid
    assert queries.in_force(session, commune, announcement) is approved
    service.submit(session, successor, successor.edited_by, clock.now())
    service.approve(session, successor, MASTERS, shown(successor), uuid4(), clock.now())
    assert queries.in_force(session, commune, announcement) is successor


def test_a_withdrawal_can_be_undone(session: Session, commune: Node, approved: Revision, clock: HandClock) -> None:
    """Withdrawn is off the air; restored it is in force again, by the same approval."""
    service.withdraw(session, approved, uuid4(), clock.now(), "sai ngày")
    assert queries.in_force(session, commune, approved.announcement.uuid) is None
    service.restore(session, approved, uuid4(), clock.now())
    assert queries.in_force(session, commune, approved.announcement.uuid) is approved


def test_no_step_twice(session: Session, approved: Revision, clock: HandClock) -> None:
    """A step from the wrong state is refused."""
    with pytest.raises(WrongState):
        service.submit(session, approved, uuid4(), clock.now())


def test_every_step_is_in_the_audit(session: Session, commune: Node, approved: Revision) -> None:
    """Who did what is recorded in the same transaction, and the chain holds."""
    acts = session.scalars(select(AuditEntry.act).where(AuditEntry.node_id == commune.id)).all()
    assert acts == ["announcement.drafted", "announcement.submit", "announcement.approve"]
    assert check_chain(session, commune.id) is None


def test_the_list_shows_each_announcement_once(
    session: Session, commune: Node, approved: Revision, clock: HandClock
) -> None:
    """A list holds the newest revision of each announcement, and filters by its state."""
    service.revise(session, approved, uuid4(), clock.now())
    assert [revision.number for revision in queries.all_latest(session, commune)] == [2]
    assert queries.all_latest(session, commune, states=(State.APPROVED,)) == []
