"""Monthly drills."""

from datetime import UTC, datetime, time, timedelta

import pytest
from sqlalchemy.exc import IntegrityError

from broadcaster.alerts import drills, queries, receipts, rules
from broadcaster.alerts.models import AlertDrill, DrillKind
from broadcaster.alerts.receipts import Note
from broadcaster.alerts.rules import Rules
from broadcaster.protocol import AlertScope, AlertStage
from schedules import queries as schedules
from tests.broadcaster.alerts.conftest import Hall

DUE = datetime(2026, 12, 1, 2, 0, tzinfo=UTC)
"""The first of the month, nine o'clock in Cốc San."""


def test_a_silent_drill_comes_by_itself_and_once(hall: Hall) -> None:
    """Without anybody's settings: on the first of the month, an exercise that is not heard; however often one looks."""
    hall.clock.at = DUE
    first = drills.raise_due(hall.session, hall.signer, hall.commune, hall.clock.now())
    hall.clock.pass_by(minutes=1)
    again = drills.raise_due(hall.session, hall.signer, hall.commune, hall.clock.now())
    assert [(alert.scope, alert.audible, alert.origin) for alert in first] == [(AlertScope.EXERCISE, False, "drill")]
    assert again == []
    assert not hall.document(first[0]).audible


def test_a_drill_happens_once_whoever_raises_it(hall: Hall) -> None:
    """Two workers cannot both: the second one's row is refused."""
    hall.clock.at = DUE
    drills.raise_due(hall.session, hall.signer, hall.commune, hall.clock.now())
    hall.session.add(AlertDrill(node_id=hall.commune.id, kind=DrillKind.SILENT, planned_at=DUE))
    with pytest.raises(IntegrityError):
        hall.session.flush()


def test_a_drill_is_not_made_up_for_at_another_hour(hall: Hall) -> None:
    """After an hour it would alarm people who were told of another time."""
    hall.clock.at = DUE
    hall.clock.pass_by(minutes=61)
    assert drills.due(hall.session, hall.commune, hall.clock.now()) == []


def test_audible_drills_are_heard_as_exercises(hall: Hall) -> None:
    """Only where an admin wants them, at their own time, once."""
    rules.change(
        hall.session,
        hall.commune,
        Rules(False, "admin", None, time(9), 15, time(16, 30)),
        hall.cadre,
        hall.clock.now(),
    )
    hall.clock.at = datetime(2026, 12, 15, 9, 30, tzinfo=UTC)
    (alert,) = drills.raise_due(hall.session, hall.signer, hall.commune, hall.clock.now())
    wire = hall.document(alert)
    assert (wire.audible, wire.scope, wire.repeats) == (True, AlertScope.EXERCISE, 1)
    assert wire.expires_at - wire.issued_at == timedelta(minutes=5)  # later it would alarm people


def test_an_audible_drill_leaves_out_who_sleeps(hall: Hall) -> None:
    """A village in its quiet hours is not woken for practice; where all sleep there is none, and it is not made up."""
    usual = Rules(False, "admin", None, time(9), 15, time(12, 30))
    rules.change(hall.session, hall.commune, usual, hall.cadre, hall.clock.now())
    first, second = schedules.village_airings(hall.session, hall.commune)
    first.quiet_from_local, first.quiet_until_local = time(11, 30), time(13, 30)
    second.quiet_from_local, second.quiet_until_local = time(21), time(5)
    hall.clock.at = datetime(2026, 12, 15, 5, 30, tzinfo=UTC)
    (alert,) = drills.raise_due(hall.session, hall.signer, hall.commune, hall.clock.now())
    assert queries.call_of(alert).villages == (second.village.uuid,)
    for airing in (first, second):
        airing.quiet_from_local, airing.quiet_until_local = time(12), time(13)
    hall.clock.at = datetime(2027, 1, 15, 5, 30, tzinfo=UTC)
    assert drills.raise_due(hall.session, hall.signer, hall.commune, hall.clock.now()) == []
    assert drills.due(hall.session, hall.commune, hall.clock.now()) == []


def test_the_next_drill_can_be_told(hall: Hall) -> None:
    """This month's if it is still to come, else the next month's."""
    row = queries.rules(hall.session, hall.commune)
    assert drills.next_at(row, DrillKind.SILENT, hall.commune, hall.clock.now()) == DUE
    assert drills.next_at(row, DrillKind.AUDIBLE, hall.commune, hall.clock.now()) is None


def test_progress_is_the_furthest_stage(hall: Hall) -> None:
    """Sent, received, sounding, finished, each with its time; a refusal with its reason; nothing where nothing came."""
    (alert,) = [drills.raise_now(hall.session, hall.signer, hall.commune, hall.cadre, hall.clock.now())]
    players = [hall.player(village) for village in hall.villages]
    now = hall.clock.now()
    stages = (queries.SENT, AlertStage.RECEIVED)
    receipts.keep(hall.session, [Note(alert.uuid, 1, players[0].id, stage, now, now) for stage in stages])
    receipts.keep(
        hall.session,
        [Note(alert.uuid, 1, players[1].id, AlertStage.REFUSED, now, now, detail="bad signature")],
    )
    first, second = queries.progress(hall.session, alert, players)
    assert (first.stage, first.received_at, first.sounding_at) == (AlertStage.RECEIVED, now, None)
    assert (second.stage, second.refused) == (AlertStage.REFUSED, "bad signature")
