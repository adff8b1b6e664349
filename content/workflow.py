"""The states of a revision and the steps between them: values in, values out.

    draft --submit--> in_review --approve--> approved --withdraw--> withdrawn --restore--> approved
      ^---- return, recall --------'
      '--discard--> discarded --restore--> draft

*expired* and *superseded* are computed (`queries`), never stored. A comment or an attestation changes no state.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

from content.errors import FourEyes, WrongState
from content.kernel.priority import Priority
from content.kernel.units import Sha256


class State(StrEnum):
    """A revision's states."""

    DRAFT = "draft"
    IN_REVIEW = "in_review"
    APPROVED = "approved"
    WITHDRAWN = "withdrawn"
    DISCARDED = "discarded"


class Step(StrEnum):
    """What people do to a revision."""

    SUBMIT = "submit"
    RETURN = "return"
    RECALL = "recall"
    APPROVE = "approve"
    WITHDRAW = "withdraw"
    RESTORE = "restore"
    DISCARD = "discard"
    COMMENT = "comment"
    ATTEST = "attest"


class Heard(StrEnum):
    """What an approver says of the listening: the page saw it, they declare it, or they say why they did not."""

    TO_THE_END = "to_the_end"
    DECLARED = "declared"
    NOT = "not"


_STEPS: dict[tuple[State, Step], State] = {
    (State.DRAFT, Step.SUBMIT): State.IN_REVIEW,
    (State.IN_REVIEW, Step.RETURN): State.DRAFT,
    (State.IN_REVIEW, Step.RECALL): State.DRAFT,
    (State.IN_REVIEW, Step.APPROVE): State.APPROVED,
    (State.APPROVED, Step.WITHDRAW): State.WITHDRAWN,
    (State.WITHDRAWN, Step.RESTORE): State.APPROVED,
    (State.DRAFT, Step.DISCARD): State.DISCARDED,
    (State.DISCARDED, Step.RESTORE): State.DRAFT,
}


@dataclass(frozen=True, slots=True)
class Approvable:
    """All that an approval is bound to; any other bytes need another approval."""

    title: str
    texts: Mapping[str, str]
    readings: Mapping[str, str]
    masters: Mapping[str, Sha256]
    priority: Priority
    villages: tuple[str, ...]
    from_on: date
    until_on: date
    times_per_day: int
    slots: tuple[str, ...]
    every_slot: bool = False


def after(state: State, step: Step) -> State:
    """The state that follows. Raises WrongState where the step does not exist."""
    try:
        return _STEPS[state, step]
    except KeyError:
        raise WrongState(state=state, step=step) from None


def check_four_eyes(approver: UUID, *authors: UUID) -> None:
    """Raises FourEyes if the approver is one of those who wrote."""
    if approver in authors:
        raise FourEyes


def digest(what: Approvable) -> Sha256:
    """The one name of everything an approval is bound to; of one slot or any the name that earlier releases gave."""
    facts = asdict(what)
    if len(what.slots) < 2:
        facts["slot"] = next(iter(facts.pop("slots")), None)
    text = json.dumps(facts, sort_keys=True, ensure_ascii=False, default=str)
    return Sha256(hashlib.sha256(text.encode()).hexdigest())
