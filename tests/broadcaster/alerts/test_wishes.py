"""The first press, the second one, and the second person."""

from datetime import time
from uuid import uuid4

import pytest
from sqlalchemy import select

from broadcaster.alerts import queries, rules, wishes
from broadcaster.alerts import service as alerts
from broadcaster.alerts.errors import NobodyAsked, QuietNow, SamePerson, WhyMissing, WishIsOld, WishWasSent
from broadcaster.alerts.models import Alert, AlertSound, AlertWish
from broadcaster.alerts.rules import Rules
from broadcaster.alerts.service import By
from broadcaster.protocol import AlertScope
from content.kernel import audit
from schedules import queries as schedules
from tests.broadcaster.alerts.conftest import Hall


def chosen(hall: Hall, **changes: object) -> AlertWish:
    call = alerts.text_call(hall.session, hall.commune, "Nước lên rất nhanh.").model_copy(update=changes)
    return wishes.make(hall.session, hall.commune, call, hall.cadre, hall.clock.now())


def send(hall: Hall, wish: AlertWish, reason: str = "", *, alone: bool = False) -> Alert | None:
    by = By(hall.cadre, hall.clock.now(), reason=reason)
    return wishes.send(hall.session, hall.signer, hall.commune, wish, by, alone=alone)


def confirm(hall: Hall, wish: AlertWish, other: bool = True) -> Alert:  # noqa: FBT001, FBT002
    by = By(uuid4() if other else hall.cadre, hall.clock.now())
    return wishes.confirm(hall.session, hall.signer, hall.commune, wish, by)


@pytest.fixture
def two_people(hall: Hall) -> Hall:
    """A commune that wants two people for each alert."""
    row = queries.rules(hall.session, hall.commune)
    wanted = Rules(True, "admin", row.silent_day, row.silent_at_local, None, row.audible_at_local)
    rules.change(hall.session, hall.commune, wanted, hall.cadre, hall.clock.now())
    return hall


def test_choosing_sounds_nothing_but_has_it_spoken(hall: Hall) -> None:
    """At the second press the words are there already."""
    chosen(hall)
    assert hall.session.scalars(select(Alert)).all() == []
    assert any(row.urgent for row in hall.session.scalars(select(AlertSound)))


def test_the_second_press_sends_and_a_third_changes_nothing(hall: Hall) -> None:
    """One alert, however often the button is pressed."""
    wish = chosen(hall)
    first, again = send(hall, wish), send(hall, wish)
    assert first is not None
    assert first is again
    assert first.uuid == wish.uuid


def test_an_exercise_wakes_nobody_and_a_real_alert_everybody(hall: Hall) -> None:
    """In a village's quiet hours, also where they began between the two presses."""
    airing = schedules.village_airings(hall.session, hall.commune)[0]
    airing.quiet_from_local, airing.quiet_until_local = time(17, 5), time(5)
    practice = chosen(hall, scope=AlertScope.EXERCISE)
    hall.clock.pass_by(minutes=6)
    with pytest.raises(QuietNow):
        send(hall, practice)
    with pytest.raises(QuietNow):
        chosen(hall, scope=AlertScope.EXERCISE)
    assert send(hall, chosen(hall)) is not None


def test_an_old_choice_is_looked_at_again(hall: Hall) -> None:
    """What was true a quarter of an hour ago may not be now."""
    wish = chosen(hall)
    hall.clock.pass_by(minutes=16)
    with pytest.raises(WishIsOld):
        send(hall, wish)


def test_a_second_person_has_a_minute(two_people: Hall) -> None:
    """The press asks; another person's press sends it in the name of the first, and both are in the audit log."""
    wish = chosen(two_people)
    assert send(two_people, wish) is None
    assert wishes.waiting(two_people.session, two_people.commune, two_people.clock.now()) == [wish]
    two_people.clock.pass_by(seconds=59)
    alert = confirm(two_people, wish)
    assert alert.raised_by == two_people.cadre
    acts = [entry.act for entry in audit.stream(two_people.session, [two_people.commune.id])]
    assert acts[-3:] == ["alert.asked", "alert.confirmed", "alert.raised"]
    with pytest.raises(WishWasSent):
        confirm(two_people, wish)


def test_after_the_minute_it_is_asked_for_anew(two_people: Hall) -> None:
    """A confirmation that comes late sends nothing; asking again opens another minute."""
    wish = chosen(two_people)
    send(two_people, wish)
    two_people.clock.pass_by(seconds=60)
    with pytest.raises(NobodyAsked):
        confirm(two_people, wish)
    assert send(two_people, wish) is None
    assert confirm(two_people, wish).version == 1


def test_nobody_is_their_own_second_person(two_people: Hall) -> None:
    """Four eyes are those of two people."""
    wish = chosen(two_people)
    send(two_people, wish)
    with pytest.raises(SamePerson):
        confirm(two_people, wish, other=False)


def test_alone_says_why(two_people: Hall) -> None:
    """The fast path sends at once, and the reason is in the audit log."""
    wish = chosen(two_people)
    with pytest.raises(WhyMissing):
        send(two_people, wish, alone=True)
    assert send(two_people, wish, "một mình trực đêm", alone=True) is not None
    last = list(audit.stream(two_people.session, [two_people.commune.id]))[-1]
    assert (last.act, last.facts["reason"]) == ("alert.raised", "một mình trực đêm")


def test_what_nobody_hears_needs_one_person(two_people: Hall) -> None:
    """A silent drill alarms nobody."""
    assert send(two_people, chosen(two_people, audible=False)) is not None


def test_an_update_goes_the_same_way(hall: Hall) -> None:
    """Other words for an alert are chosen and sent like a new one."""
    hall.ready()
    alert = send(hall, chosen(hall))
    assert alert is not None
    call = alerts.phrase_call(hall.session, hall.commune, "evacuation")
    wish = wishes.make(hall.session, hall.commune, call, hall.cadre, hall.clock.now(), alert)
    assert send(hall, wish) is alert
    assert (alert.title, hall.document(alert).version) == ("Sơ tán", alert.version)
