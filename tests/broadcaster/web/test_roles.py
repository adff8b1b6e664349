"""Every press of every page, for every role: who may, and who is told that they may not."""

import pytest

from broadcaster.accounts.models import Role
from tests.broadcaster.web.conftest import Browser, Town

ORDER = [Role.VIEWER, Role.SECRETARY, Role.CADRE, Role.ADMIN]
PRESSES = {
    "/announcements/new": Role.SECRETARY,
    "/announcements/{draft}/edit": Role.SECRETARY,
    "/announcements/{waiting}/retry": Role.SECRETARY,
    "/announcements/{approved}/revise": Role.SECRETARY,
    "/announcements/{approved}/withdraw": Role.SECRETARY,
    "/announcements/{waiting}/review": Role.CADRE,
    "/schedule/slots": Role.CADRE,
    "/schedule/slots/{nothing}/cancel": Role.CADRE,
    "/schedule/slots/{nothing}/restore": Role.CADRE,
    "/villages": Role.ADMIN,
    "/villages/un-ta/code": Role.ADMIN,
    "/villages/un-ta/settings": Role.ADMIN,
    "/villages/un-ta/players/{nothing}/remove": Role.ADMIN,
}


@pytest.mark.parametrize("role", ORDER)
def test_a_press_needs_its_role(browser: Browser, town: Town, role: Role) -> None:
    """Below its role a press is refused in words; from it on it is not refused for the role."""
    uuids = {
        "draft": town.draft().announcement.uuid,
        "waiting": town.submitted().announcement.uuid,
        "approved": town.approved().announcement.uuid,
        "nothing": "00000000-0000-4000-8000-000000000000",
    }
    someone = browser(role)
    for address, least in PRESSES.items():
        answer = someone.post(address.format(**uuids), data={"do": "return"})
        refused = answer.status_code == 403 and "cần vai trò" in answer.text
        assert refused == (ORDER.index(role) < ORDER.index(least)), address
        assert answer.status_code < 500, address
