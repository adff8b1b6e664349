"""The list of all checks: what a rule is called, where it stands, and how it is tried."""

from collections.abc import Callable
from dataclasses import dataclass

from broadcaster.player.conformance.bench import Bench


@dataclass(frozen=True)
class Check:
    """One rule and its trial; `anchor` is its heading in docs/player.md."""

    name: str
    rule: str
    anchor: str
    run: Callable[[Bench], None]


def check(name: str, anchor: str) -> Callable[[Callable[[Bench], None]], Check]:
    """Make a function a check; its docstring's first sentence is the rule."""

    def make(run: Callable[[Bench], None]) -> Check:
        return Check(name, (run.__doc__ or "").strip().splitlines()[0], anchor, run)

    return make
