"""A secretary who writes for some villages touches nothing of the others, whatever way is tried."""

from uuid import UUID

import pytest
from starlette.testclient import TestClient

from broadcaster.accounts import service as accounts
from broadcaster.accounts.models import Role
from content import queries
from content.kernel.db import unit_of_work
from content.models import Revision
from tests.broadcaster.web.conftest import Browser, Town, typed


@pytest.fixture
def elsewhere(town: Town, browser: Browser) -> TestClient:
    """The secretary, who from now on writes only for the second village."""
    with unit_of_work(town.station.sessions) as session:
        user = accounts.person(session, town.commune, town.people[Role.SECRETARY].uuid)
        admin = town.people[Role.ADMIN].uuid
        accounts.change(session, user, user.name, Role.SECRETARY, [town.villages[1]], admin, town.clock.now())
    return browser(Role.SECRETARY)


def uuid_of(town: Town, revision: Revision) -> UUID:
    with unit_of_work(town.station.sessions, writes=False) as session:
        return queries.revision(session, revision.id).announcement.uuid


@pytest.mark.parametrize("step", ["withdraw", "revise"])
def test_what_airs_elsewhere_is_not_touched(town: Town, elsewhere: TestClient, step: str) -> None:
    """Neither taken off the air nor written anew."""
    approved = town.approved(author=Role.ADMIN, villages=[town.villages[0]])
    answer = elsewhere.post(f"/announcements/{uuid_of(town, approved)}/{step}")
    assert answer.status_code == 403
    assert town.latest(approved).state == "approved"


@pytest.mark.parametrize("state", ["approved", "draft"])
def test_what_would_be_refused_is_not_offered(town: Town, elsewhere: TestClient, state: str) -> None:
    """Of what airs or is written elsewhere the page offers a copy, and no press that would be answered with no."""
    made = town.approved if state == "approved" else town.draft
    revision = made(author=Role.ADMIN, villages=[town.villages[0]])
    uuid = uuid_of(town, revision)
    page = elsewhere.get(f"/announcements/{uuid}").text
    assert f"/announcements/{uuid}/copy" in page
    assert not [step for step in ("revise", "withdraw", "edit") if f"{uuid}/{step}" in page]


def test_a_draft_for_elsewhere_is_not_rewritten(town: Town, elsewhere: TestClient) -> None:
    """Another writer's draft for another village is neither opened nor saved."""
    draft = town.draft(Role.ADMIN, villages=[town.villages[0]])
    address = f"/announcements/{uuid_of(town, draft)}/edit"
    assert elsewhere.get(address).status_code == 403
    words = typed(villages=[], title="Khác", text="Khác hẳn.", edits="1")
    assert elsewhere.post(address, data=words).status_code == 403
    assert town.latest(draft).title == draft.title


def test_a_copy_is_for_ones_own_villages(town: Town, elsewhere: TestClient) -> None:
    """Words may be taken over, villages not."""
    approved = town.approved(author=Role.ADMIN, villages=town.villages)
    answer = elsewhere.post(f"/announcements/{uuid_of(town, approved)}/copy")
    copied = UUID(answer.headers["location"].split("/")[2])
    with unit_of_work(town.station.sessions, writes=False) as session:
        assert [one.id for one in queries.latest(session, town.commune, copied).villages] == [town.villages[1].id]
