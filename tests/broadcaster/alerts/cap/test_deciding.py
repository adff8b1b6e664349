"""What is done with a message, case by case."""

from dataclasses import replace
from datetime import timedelta
from itertools import product

import pytest

from broadcaster.alerts.cap.deciding import ASSUMED_LIFE, Decision, Facts, Kind, Reason, decide
from broadcaster.alerts.cap.model import Alert, Info, MsgType, Reference, Scope, Status
from tests.broadcaster.alerts.cap.messages import FLOOD, NOW, SENT, alert, earlier

OVER = replace(FLOOD, responses=("AllClear",), urgency="Past")
KNOWN = {earlier(): Status.ACTUAL}
DRILLED = {earlier(): Status.EXERCISE}


def judged(message: Alert, known: dict[Reference, Status] | None = None) -> tuple[Kind, Reason]:
    decision = decide(message, NOW, known or {})
    return decision.kind, decision.reason


def after(msg_type: MsgType, *infos: Info, status: Status = Status.ACTUAL) -> Alert:
    return alert(*infos, msg_type=msg_type, references=(earlier(),), status=status)


def test_a_real_public_alert_airs() -> None:
    """With what can be spoken, and until when."""
    assert decide(alert(), NOW, {}) == Decision(Kind.AIR, Reason.ALERT, Facts((FLOOD,), until_at=FLOOD.expires_at))


@pytest.mark.parametrize(
    ("message", "known", "expected"),
    [
        (alert(status=Status.EXERCISE), {}, (Kind.DRILL, Reason.PRACTICE)),
        (alert(status=Status.TEST), {}, (Kind.DRILL, Reason.PRACTICE)),
        (alert(status=Status.DRAFT), {}, (Kind.REFUSE, Reason.NOT_MEANT_TO_AIR)),
        (alert(status=Status.SYSTEM), {}, (Kind.REFUSE, Reason.NOT_MEANT_TO_AIR)),
        (alert(scope=Scope.RESTRICTED), {}, (Kind.REFUSE, Reason.NOT_PUBLIC)),
        (alert(scope=Scope.PRIVATE), {}, (Kind.REFUSE, Reason.NOT_PUBLIC)),
        (alert(scope=Scope.PRIVATE, status=Status.EXERCISE), {}, (Kind.REFUSE, Reason.NOT_PUBLIC)),
        (after(MsgType.ACK), KNOWN, (Kind.REFUSE, Reason.RECEIPT)),
        (after(MsgType.ERROR), KNOWN, (Kind.REFUSE, Reason.RECEIPT)),
        (after(MsgType.UPDATE, FLOOD), KNOWN, (Kind.UPDATE, Reason.UPDATES_KNOWN)),
        (after(MsgType.UPDATE, FLOOD), {}, (Kind.AIR, Reason.UPDATES_UNKNOWN)),
        (after(MsgType.CANCEL), KNOWN, (Kind.CANCEL, Reason.CANCELS)),
        (after(MsgType.CANCEL), {}, (Kind.REFUSE, Reason.NOTHING_TO_END)),
        (after(MsgType.UPDATE, OVER), KNOWN, (Kind.CANCEL, Reason.ALL_CLEAR)),
        (after(MsgType.UPDATE, OVER), {}, (Kind.REFUSE, Reason.NOTHING_TO_END)),
        (after(MsgType.UPDATE, OVER, FLOOD), KNOWN, (Kind.UPDATE, Reason.UPDATES_KNOWN)),
        (alert(OVER), {}, (Kind.REFUSE, Reason.NOTHING_TO_END)),
        (replace(alert(), infos=()), {}, (Kind.REFUSE, Reason.NOTHING_TO_SAY)),
        (
            alert(replace(FLOOD, event=" ", headline="<br/>", description=None, instruction=None)),
            {},
            (Kind.REFUSE, Reason.NOTHING_TO_SAY),
        ),
        (alert(replace(FLOOD, expires_at=NOW)), {}, (Kind.REFUSE, Reason.EXPIRED)),
        (alert(replace(FLOOD, expires_at=NOW + timedelta(seconds=1))), {}, (Kind.AIR, Reason.ALERT)),
        (alert(replace(FLOOD, expires_at=None)), {}, (Kind.AIR, Reason.ALERT)),
        (alert(replace(FLOOD, expires_at=None), sent_at=NOW - ASSUMED_LIFE), {}, (Kind.REFUSE, Reason.EXPIRED)),
    ],
)
def test_each_case(message: Alert, known: dict[Reference, Status], expected: tuple[Kind, Reason]) -> None:
    """As the module's text says."""
    assert judged(message, known) == expected


@pytest.mark.parametrize("status", [Status.EXERCISE, Status.TEST])
@pytest.mark.parametrize("known", [KNOWN, {}])
def test_practice_never_touches_a_real_alert(status: Status, known: dict[Reference, Status]) -> None:
    """Neither ends nor replaces it."""
    assert judged(after(MsgType.CANCEL, status=status), known) == (Kind.REFUSE, Reason.NOTHING_TO_END)
    assert judged(after(MsgType.UPDATE, OVER, status=status), known) == (Kind.REFUSE, Reason.NOTHING_TO_END)
    update = decide(after(MsgType.UPDATE, FLOOD, status=status), NOW, known)
    assert (update.kind, update.facts.ends, update.facts.unknown) == (Kind.DRILL, (), (earlier(),))


def test_practice_ends_practice_and_nothing_real_does() -> None:
    """A drill is cancelled by a drill's cancel; a real cancel is for real alerts."""
    assert judged(after(MsgType.CANCEL, status=Status.EXERCISE), DRILLED) == (Kind.CANCEL, Reason.CANCELS)
    assert judged(after(MsgType.CANCEL), DRILLED) == (Kind.REFUSE, Reason.NOTHING_TO_END)
    drill = decide(after(MsgType.UPDATE, FLOOD, status=Status.EXERCISE), NOW, DRILLED)
    assert (drill.kind, drill.facts.ends) == (Kind.DRILL, (earlier(),))


@pytest.mark.parametrize("status", Status)
def test_draft_and_system_are_never_heard_whatever_their_type(status: Status) -> None:
    """Of all combinations only Actual airs for real, and only Exercise and Test are drills."""
    heard = {
        decide(after(msg_type, info, status=status), NOW, known).kind
        for msg_type, info, known in product(MsgType, (FLOOD, OVER), (KNOWN, DRILLED, {}))
    }
    real, drill = {Kind.AIR, Kind.UPDATE} & heard, {Kind.DRILL} & heard
    assert bool(real) == (status is Status.ACTUAL)
    assert bool(drill) == status.is_practice


@pytest.mark.parametrize("msg_type", MsgType)
def test_receiving_twice_does_nothing_twice(msg_type: MsgType) -> None:
    """The name decides, whatever else has changed."""
    first = after(msg_type)
    assert judged(first, KNOWN | {first.name: Status.ACTUAL}) == (Kind.REFUSE, Reason.KNOWN)


def test_an_alert_that_comes_after_its_cancel_is_refused() -> None:
    """Feeds give messages in any order."""
    cancel = after(MsgType.CANCEL)
    late = alert(identifier="laocai-0", sent_at=earlier().sent_at)
    assert decide(cancel, NOW, {}).facts.unknown == (late.name,)
    decision = decide(late, NOW, {cancel.name: Status.ACTUAL}, ended=cancel.references)
    assert (decision.kind, decision.reason) == (Kind.REFUSE, Reason.ENDED)


@pytest.mark.parametrize("info", [FLOOD, OVER])
def test_ending_late_is_better_than_not_at_all(info: Info) -> None:
    """Cancels and all-clears do not expire."""
    msg_type = MsgType.UPDATE if info is OVER else MsgType.CANCEL
    assert decide(after(msg_type, info), SENT + timedelta(days=30), KNOWN).kind is Kind.CANCEL


def test_what_has_expired_of_a_message_is_left_out() -> None:
    """The part in force is spoken, and no longer than it says."""
    gone = replace(FLOOD, expires_at=NOW)
    decision = decide(alert(gone, FLOOD), NOW, {})
    assert decision.facts == Facts((FLOOD,), until_at=FLOOD.expires_at)


def test_only_known_references_are_ended() -> None:
    """The rest is told."""
    message = alert(msg_type=MsgType.UPDATE, references=(earlier("other"), earlier()))
    facts = decide(message, NOW, KNOWN).facts
    assert (facts.ends, facts.unknown) == ((earlier(),), (earlier("other"),))
