"""Prepared phrases by four eyes."""

from uuid import uuid4

import pytest
from sqlalchemy import select

from broadcaster.alerts import phrases, proposals, sounds
from broadcaster.alerts.errors import NothingProposed, OtherWordsMeanwhile, OwnProposal
from broadcaster.alerts.proposals import Proposal
from content.kernel.audit import AuditEntry
from tests.broadcaster.alerts.conftest import Hall

WORDS = {"vi": "Cháy rừng! Bà con tránh xa."}


def propose(hall: Hall, text: str = WORDS["vi"]) -> Proposal:
    row = proposals.change(hall.session, hall.commune, "fire", "Cháy rừng", {"vi": text}, hall.cadre, hall.clock.now())
    return Proposal.of(row)


def test_what_was_approved_airs_until_another_person_approves(hall: Hall) -> None:
    """The proposal is made ready for hearing, but is no part of what players keep; every step is audited."""
    former = phrases.by_key(hall.session, hall.commune, "fire").texts
    shown = propose(hall)
    palette = sounds.palette(hall.session, hall.commune)
    assert [line.text for line in palette.phrases["fire"]] == [former["vi"]]
    assert [line.text for line in palette.soon()] == [WORDS["vi"]]
    other = uuid4()
    proposals.approve(hall.session, hall.commune, "fire", shown.at, other, hall.clock.now())
    row = phrases.by_key(hall.session, hall.commune, "fire")
    assert (row.texts, row.changed_by, row.approved_by, row.proposal) == (WORDS, hall.cadre, other, None)
    acts = [entry.act for entry in hall.session.scalars(select(AuditEntry).where(AuditEntry.subject == "phrase:fire"))]
    assert acts == ["phrase.proposed", "phrase.approved"]


def test_nobody_approves_what_they_had_a_hand_in(hall: Hall) -> None:
    """Nor who only added a recording to another's words."""
    propose(hall)
    helper, now = uuid4(), hall.clock.now()
    row = proposals.set_take(hall.session, hall.commune, "fire", "pcc", "a" * 64, helper, now)
    shown = Proposal.of(row)
    assert (shown.texts, shown.takes) == (WORDS, {"pcc": "a" * 64})
    for actor in (hall.cadre, helper):
        with pytest.raises(OwnProposal):
            proposals.approve(hall.session, hall.commune, "fire", shown.at, actor, now)


def test_only_what_was_shown_is_approved(hall: Hall) -> None:
    """A change between looking and pressing asks for another look."""
    shown = propose(hall)
    hall.clock.pass_by(seconds=1)
    propose(hall, "Cháy to!")
    with pytest.raises(OtherWordsMeanwhile):
        proposals.approve(hall.session, hall.commune, "fire", shown.at, uuid4(), hall.clock.now())


def test_what_says_nothing_new_waits_for_nobody(hall: Hall) -> None:
    """The former words written again end the proposal."""
    row = phrases.by_key(hall.session, hall.commune, "fire")
    title, texts = row.title, dict(row.texts)
    propose(hall)
    proposals.change(hall.session, hall.commune, "fire", title, texts, uuid4(), hall.clock.now())
    assert proposals.waiting(hall.session, hall.commune) == []
    with pytest.raises(NothingProposed):
        proposals.drop(hall.session, hall.commune, "fire", uuid4(), hall.clock.now())
