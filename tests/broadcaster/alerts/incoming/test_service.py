"""Others' warnings: what airs, what waits, what is refused, and what ends what."""

from dataclasses import replace
from datetime import timedelta

import pytest

from broadcaster.alerts.cap.model import Area, Circle, MsgType, Point, Scope, Status
from broadcaster.alerts.cap.speaking import text_to_speak
from broadcaster.alerts.cap.writing import to_xml
from broadcaster.alerts.errors import NothingChosen, NotSigned
from broadcaster.alerts.incoming import places, service
from broadcaster.alerts.incoming.errors import MessageIsOver
from broadcaster.alerts.incoming.models import Message, State
from broadcaster.alerts.incoming.service import Via
from broadcaster.alerts.service import By
from broadcaster.fleet import lives
from broadcaster.notices import posting
from broadcaster.notices import service as notices
from broadcaster.notices.models import CHOSEN
from broadcaster.protocol import AlertScope
from tests.broadcaster.alerts.cap.messages import FLOOD, SENT, alert
from tests.broadcaster.alerts.cap.test_signing import OURS, THEIRS, signed
from tests.broadcaster.alerts.incoming.conftest import CADRE, Desk

LATER = SENT + timedelta(minutes=1)


def press(desk: Desk, message: Message, **chosen: object) -> None:
    by = By(CADRE, desk.clock.now(), "page")
    service.air(desk.session, desk.signer, desk.commune, message, by, **chosen)  # type: ignore[arg-type]


def first() -> tuple[object, ...]:
    return (alert().name,)


def test_a_warning_waits_and_people_are_told(desk: Desk) -> None:
    """Nothing sounds before somebody has read it and pressed."""
    address = posting.address("json://127.0.0.1:9/")
    notices.add_channel(desk.session, desk.commune, b"k" * 32, "Trực ban", address, CHOSEN, None, desk.clock.now())
    message = desk.message(via=Via(desk.source()))
    assert (message.state, message.decision, desk.alerts()) == (State.WAITING, "air", [])
    due = notices.next_due(desk.session, desk.clock.now())
    assert due is not None
    assert due.notice.facts["title"] == "Cảnh báo lũ quét"


def test_a_press_puts_it_on_the_air(desk: Desk) -> None:
    """In the villages it means, in its words, until it expires."""
    message = desk.message(replace(FLOOD, areas=(Area("Thôn Ún Tà"),)))
    press(desk, message)
    (call,) = desk.calls()
    assert call.villages == (desk.villages[0].uuid,)
    assert call.lines[0].text.startswith("Cảnh báo lũ quét")
    assert call.scope == AlertScope.ACTUAL
    assert desk.alerts()[0].expires_at <= SENT + timedelta(hours=2)
    assert service.alerts_of(desk.session, message) == [desk.alerts()[0].uuid]
    with pytest.raises(MessageIsOver):
        press(desk, message)


def test_who_presses_may_choose_other_villages_and_words(desk: Desk) -> None:
    """The commune knows its villages better than the province."""
    message = desk.message(replace(FLOOD, areas=(Area("Thôn Ún Tà"),)))
    press(desk, message, villages=[desk.villages[1].uuid], text="Nước suối lên. Lên đồi ngay.")
    (call,) = desk.calls()
    assert call.villages == (desk.villages[1].uuid,)
    assert call.lines[0].text == "Nước suối lên. Lên đồi ngay."


def test_words_that_stand_in_several_parts_are_said_once(desk: Desk) -> None:
    """Senders write the same part again for each area."""
    message = desk.message(FLOOD, replace(FLOOD, areas=(Area("Thôn Ún Tà"),)))
    press(desk, message)
    assert {call.lines[0].text for call in desk.calls()} == {text_to_speak(FLOOD)}


def test_a_trusted_source_airs_what_is_urgent_by_itself(desk: Desk) -> None:
    """Only where an admin said so."""
    message = desk.message(via=Via(desk.source(airs_itself=True)))
    assert message.state == State.AIRED
    assert len(desk.alerts()) == 1


def test_after_a_restore_nothing_airs_by_itself_before_somebody_has_looked(desk: Desk) -> None:
    """Whom the commune trusts may have changed since the backup. What ends a call of the same source still ends it."""
    via = Via(desk.source(airs_itself=True))
    before = desk.message(via=via)
    lives.begin_restored(desk.session, SENT, SENT)
    after = desk.message(via=via, identifier="laocai-2", sent_at=LATER)
    assert (before.state, after.state) == (State.AIRED, State.WAITING)
    desk.message(via=via, identifier="laocai-3", sent_at=LATER, msg_type=MsgType.CANCEL, references=first())
    assert [bool(one.cancelled_at) for one in desk.alerts()] == [True]


def test_what_was_sent_before_a_restore_waits_also_after_the_look(desk: Desk) -> None:
    """A feed still offers what somebody here has ended since the backup; what is sent from then on airs as always."""
    via = Via(desk.source(airs_itself=True))
    lives.begin_restored(desk.session, SENT - timedelta(hours=3), LATER)
    lives.release(desk.session, LATER)
    old = desk.message(via=via)
    new = desk.message(via=via, identifier="laocai-2", sent_at=LATER + timedelta(minutes=1))
    assert (old.state, new.state) == (State.WAITING, State.AIRED)


@pytest.mark.parametrize(
    "info",
    [
        replace(FLOOD, urgency="Future"),
        replace(FLOOD, severity="Minor"),
        replace(FLOOD, certainty="Possible"),
        replace(FLOOD, language="en-US"),
        replace(FLOOD, areas=(Area("khu vực bão", circles=(Circle(Point(22.4, 103.9), 5),)),)),
    ],
    ids=["not-urgent", "not-severe", "not-likely", "not-in-vietnamese", "perhaps-not-for-us"],
)
def test_what_is_less_or_unsure_waits_even_from_a_trusted_source(desk: Desk, info: object) -> None:
    """A siren by itself is for what is urgent, grave, likely, in Vietnamese and surely for our villages."""
    message = desk.message(info, via=Via(desk.source(airs_itself=True)))
    assert message.state == State.WAITING


def test_without_vietnamese_somebody_must_write_the_words(desk: Desk) -> None:
    """No voice here speaks English; nothing is translated by a machine in an emergency."""
    message = desk.message(replace(FLOOD, language="en-US"))
    with pytest.raises(NothingChosen):
        press(desk, message)
    press(desk, message, text="Lũ quét. Lên đồi ngay.")
    assert message.state == State.AIRED


@pytest.mark.parametrize("status", [Status.EXERCISE, Status.TEST])
def test_practice_airs_as_an_exercise(desk: Desk, status: Status) -> None:
    """The player says the word first in each village."""
    message = desk.message(status=status)
    assert message.decision == "drill"
    press(desk, message)
    assert desk.calls()[0].scope == AlertScope.EXERCISE


@pytest.mark.parametrize(
    "changed", [{"status": Status.DRAFT}, {"status": Status.SYSTEM}, {"scope": Scope.PRIVATE, "addresses": "a@b.vn"}]
)
def test_what_is_never_aired_is_refused_with_its_reason(desk: Desk, changed: dict[str, object]) -> None:
    """Also from a source that airs by itself."""
    message = desk.message(via=Via(desk.source(airs_itself=True)), **changed)
    assert message.state == State.REFUSED
    assert message.reason
    assert desk.alerts() == []


def test_a_warning_for_others_is_refused(desk: Desk) -> None:
    """None of our villages lies there."""
    far = replace(FLOOD, areas=(Area("Tỉnh Cà Mau"),))
    unsure = desk.message(far)
    assert unsure.state == State.WAITING  # nobody has entered yet which province is ours
    typed = {desk.commune.id: places.Typed(names="Lào Cai")}
    places.enter(desk.session, desk.commune, typed, CADRE, desk.clock.now())
    message = desk.message(far, identifier="laocai-2")
    assert (message.state, message.reason) == (State.REFUSED, "elsewhere")


def test_the_same_again_changes_nothing(desk: Desk) -> None:
    """Neither the same bytes nor the same name in other bytes."""
    source = desk.source(airs_itself=True)
    message = desk.message(via=Via(source))
    assert desk.message(via=Via(source)) is message
    assert desk.take(to_xml(alert()).replace(b"\n", b"\n\n"), Via(source)) is message
    assert (message.times, len(desk.alerts())) == (3, 1)


def test_an_update_takes_the_place_of_what_sounds(desk: Desk) -> None:
    """One alert goes on with new words; nobody hears both."""
    source = desk.source(airs_itself=True)
    before = desk.message(via=Via(source))
    info = replace(FLOOD, headline="Lũ đã về đến suối Ún Tà")
    desk.message(
        info, via=Via(source), identifier="laocai-2", sent_at=LATER, msg_type=MsgType.UPDATE, references=first()
    )
    (one,) = desk.alerts()
    assert (one.version, one.title) == (2, "Lũ đã về đến suối Ún Tà")
    assert before.state == State.REPLACED


def test_an_update_of_what_waits_takes_its_place(desk: Desk) -> None:
    """Somebody presses for the newest words only."""
    source = desk.source()
    before = desk.message(via=Via(source))
    after = desk.message(
        via=Via(source), identifier="laocai-2", sent_at=LATER, msg_type=MsgType.UPDATE, references=first()
    )
    press(desk, after)
    assert (before.state, after.state, len(desk.alerts())) == (State.REPLACED, State.AIRED, 1)


def test_a_cancel_ends_what_sounds(desk: Desk) -> None:
    """By a press, or by itself where the source may."""
    source = desk.source(airs_itself=True)
    desk.message(via=Via(source))
    ends = desk.message(
        via=Via(source), identifier="laocai-2", sent_at=LATER, msg_type=MsgType.CANCEL, references=first()
    )
    assert ends.state == State.SETTLED
    assert desk.alerts()[0].cancelled_at == desk.clock.now()


def test_a_cancel_of_what_only_waits_needs_no_press(desk: Desk) -> None:
    """Nothing sounds that it could silence; what waited is withdrawn."""
    source = desk.source()
    before = desk.message(via=Via(source))
    ends = desk.message(
        via=Via(source), identifier="laocai-2", sent_at=LATER, msg_type=MsgType.CANCEL, references=first()
    )
    assert (before.state, ends.state) == (State.REPLACED, State.SETTLED)


def test_a_cancel_waits_where_the_source_does_nothing_by_itself(desk: Desk) -> None:
    """Silencing a siren is a decision too."""
    source = desk.source()
    press(desk, desk.message(via=Via(source)))
    ends = desk.message(
        via=Via(source), identifier="laocai-2", sent_at=LATER, msg_type=MsgType.CANCEL, references=first()
    )
    assert ends.state == State.WAITING
    assert desk.alerts()[0].cancelled_at is None
    press(desk, ends)
    assert desk.alerts()[0].cancelled_at is not None


def test_one_source_cannot_end_what_another_sent(desk: Desk) -> None:
    """Nor keep it from airing, by a name that it guessed."""
    desk.message(via=Via(desk.source("Tỉnh", airs_itself=True)))
    stranger = Via(desk.source("Người lạ", airs_itself=True))
    ends = desk.message(via=stranger, identifier="laocai-2", sent_at=LATER, msg_type=MsgType.CANCEL, references=first())
    assert (ends.state, ends.reason) == (State.REFUSED, "nothing_to_end")
    assert desk.alerts()[0].cancelled_at is None


def test_a_cancel_that_comes_first_is_kept_for_what_comes_late(desk: Desk) -> None:
    """The order of the network is not the order of the world."""
    via = Via(desk.source(airs_itself=True))
    desk.message(via=via, identifier="laocai-2", sent_at=LATER, msg_type=MsgType.CANCEL, references=first())
    late = desk.message(via=via)
    assert (late.state, late.reason, desk.alerts()) == (State.REFUSED, "ended", [])


def test_a_person_may_end_anything(desk: Desk) -> None:
    """Who brings a file answers for it."""
    desk.message(via=Via(desk.source(airs_itself=True)))
    ends = desk.message(identifier="laocai-2", sent_at=LATER, msg_type=MsgType.CANCEL, references=first())
    press(desk, ends)
    assert desk.alerts()[0].cancelled_at is not None


def test_a_source_with_a_certificate_must_sign(desk: Desk) -> None:
    """Unsigned and foreign messages are kept as refused; the true one airs."""
    via = Via(desk.source(certificate=OURS[1], airs_itself=True))
    unsigned = desk.message(via=via)
    assert (unsigned.state, unsigned.refusal) == (State.REFUSED, NotSigned.sentence)
    assert desk.take(signed(THEIRS), via).state == State.REFUSED
    true = desk.take(signed(), via)
    assert (true.state, true.signed) == (State.AIRED, True)


def test_what_has_expired_meanwhile_cannot_be_aired(desk: Desk) -> None:
    """A press an hour late wakes nobody."""
    message = desk.message()
    desk.clock.pass_by(hours=3)
    with pytest.raises(MessageIsOver):
        press(desk, message)
    assert service.waiting(desk.session, desk.commune, desk.clock.now()) == []


def test_passing_over_can_be_undone(desk: Desk) -> None:
    """As everything that is not heard in the villages."""
    message = desk.message()
    service.pass_over(desk.session, message, CADRE, desk.clock.now())
    with pytest.raises(MessageIsOver):
        press(desk, message)
    service.take_up(desk.session, message, CADRE, desk.clock.now())
    press(desk, message)
    assert message.state == State.AIRED


def test_the_unusable_is_kept_with_its_reason(desk: Desk) -> None:
    """A receipt for every message, also for attacks."""
    message = desk.take(b"<!DOCTYPE bomb>", Via(desk.source()))
    assert (message.state, bool(message.refusal)) == (State.REFUSED, True)


def test_several_parts_sound_where_each_is_meant(desk: Desk) -> None:
    """A message of two dangers in two places makes two calls."""
    un_ta = replace(FLOOD, headline="Lũ", areas=(Area("Ún Tà"),))
    lao = replace(FLOOD, headline="Sạt lở", areas=(Area("Luổng Láo 1"),))
    press(desk, desk.message(un_ta, lao))
    assert {(call.title, call.villages) for call in desk.calls()} == {
        ("Lũ", (desk.villages[0].uuid,)),
        ("Sạt lở", (desk.villages[1].uuid,)),
    }


def test_a_position_that_was_entered_decides(desk: Desk) -> None:
    """The shape reaches one village; the other lies outside."""
    typed = {
        desk.villages[0].id: places.Typed("22.44, 103.93"),
        desk.villages[1].id: places.Typed("22.60, 104.20", "02680", "Lao Mot"),
    }
    assert places.enter(desk.session, desk.commune, typed, CADRE, desk.clock.now()) == {}
    shape = Area("vùng mưa", circles=(Circle(Point(22.44, 103.94), 3),))
    press(desk, desk.message(replace(FLOOD, areas=(shape,))))
    assert desk.calls()[0].villages == (desk.villages[0].uuid,)


@pytest.mark.parametrize("typed", ["đây", "22.4", "91, 0", "1,2,3"])
def test_a_wrong_position_keeps_all_as_it_was(desk: Desk, typed: str) -> None:
    """What cannot be understood is said, and nothing else is changed."""
    wrong = places.enter(
        desk.session, desk.commune, {desk.villages[0].id: places.Typed(typed)}, CADRE, desk.clock.now()
    )
    assert list(wrong) == [desk.villages[0].id]
    assert places.places(desk.session, desk.commune)[0][0].position is None
