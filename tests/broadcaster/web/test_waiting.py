"""What waits for whom."""

from collections.abc import Callable

import pytest

from broadcaster.accounts.models import LoginSession, Role
from broadcaster.deps import Visit
from broadcaster.i18n import load
from broadcaster.web.waiting import Need, Task, waiting_for
from content import queries, service
from content.kernel.db import unit_of_work
from content.models import Revision
from tests.broadcaster.web.conftest import Town

Waiting = Callable[[Role], list[Task]]


@pytest.fixture
def waiting(town: Town) -> Waiting:
    """What waits for a role's person."""

    def ask(role: Role) -> list[Task]:
        with unit_of_work(town.station.sessions, writes=False) as session:
            login = LoginSession(user_id=town.people[role].id)
            return waiting_for(session, Visit(town.people[role], login, town.commune, load("vi"), town.clock.now()))

    return ask


def returned(town: Town, revision: Revision, reason: str) -> None:
    with unit_of_work(town.station.sessions) as session:
        cadre = town.people[Role.CADRE].uuid
        service.send_back(session, queries.revision(session, revision.id), cadre, town.clock.now(), reason)


def test_a_review_waits_for_those_who_may_approve(town: Town, waiting: Waiting) -> None:
    """For cadres who did not write it, once it can be heard; for its writer and for viewers nothing waits."""
    town.submitted(title="Còn đang làm")
    town.rendered(title="Nghe được")
    assert [(task.need, task.revision.title) for task in waiting(Role.CADRE)] == [(Need.REVIEW, "Nghe được")]
    assert waiting(Role.SECRETARY) == waiting(Role.VIEWER) == []


def test_what_was_returned_stays_returned_when_people_comment(town: Town, waiting: Waiting) -> None:
    """Comments come in between; only sending it again settles it."""
    revision = town.rendered()
    returned(town, revision, "Ghi rõ giờ họp.")
    with unit_of_work(town.station.sessions) as session:
        somebody = town.people[Role.VIEWER].uuid
        service.comment(session, queries.revision(session, revision.id), "Đúng rồi.", somebody, town.clock.now())
    (task,) = waiting(Role.SECRETARY)
    assert (task.need, task.reason) == (Need.CORRECT, "Ghi rõ giờ họp.")


def test_what_is_returned_comes_before_what_is_unfinished(town: Town, waiting: Waiting) -> None:
    """The most pressing is first, whatever was edited last."""
    revision = town.rendered(title="Bị trả lại")
    returned(town, revision, "Sửa.")
    town.draft(title="Viết dở")
    assert [(task.need, task.revision.title) for task in waiting(Role.SECRETARY)] == [
        (Need.CORRECT, "Bị trả lại"),
        (Need.FINISH, "Viết dở"),
    ]
