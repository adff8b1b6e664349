"""What an approval is bound to has one name."""

from datetime import date
from typing import Any
from uuid import UUID

import pytest

from content.kernel.priority import Priority
from content.kernel.units import Sha256
from content.workflow import Approvable, digest


def approvable(**changes: Any) -> Approvable:
    values: dict[str, Any] = {
        "title": "Họp",
        "texts": {"vi": "Mời."},
        "readings": {"vi": "Mời."},
        "masters": {"vi": Sha256("a" * 64)},
        "priority": Priority.ROUTINE,
        "villages": ("v",),
        "from_on": date(2026, 11, 22),
        "until_on": date(2026, 11, 25),
        "times_per_day": 2,
        "slots": (),
    }
    return Approvable(**{**values, **changes})


@pytest.mark.parametrize(
    ("slots", "name"),
    [
        ((), "c5718d7e261cb9a9bb4e8b2e823f2c29c9f47018c63880187cd84a1f1c6fcddf"),
        ((str(UUID(int=7)),), "aab4dc850ecff2974737897d426d6c68e103f19186af31f1242051af92d26401"),
    ],
)
def test_what_was_approved_before_there_were_several_slots_stays_approved(slots: tuple[str, ...], name: str) -> None:
    """One slot, or any, has the name that the releases with one slot gave it."""
    assert digest(approvable(slots=slots)) == name


def test_every_slot_is_part_of_what_is_approved() -> None:
    """One more, one less, another one: another name."""
    chosen = [(), ("a",), ("b",), ("a", "b"), ("a", "b", "c")]
    assert len({digest(approvable(slots=slots)) for slots in chosen}) == len(chosen)
