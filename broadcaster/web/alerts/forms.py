"""What somebody chooses on the page of alerts, kept as it was typed."""

from collections.abc import Sequence
from typing import Final

from pydantic import BaseModel
from sqlalchemy.orm import Session

from broadcaster.alerts import service as alerts
from broadcaster.alerts.calls import LONGEST_MINUTES, Call
from broadcaster.protocol import AlertScope
from broadcaster.web.forms import NOT_OFFERED, Problem, chosen
from broadcaster.web.words import mark
from content.kernel.nodes import Node, villages_of

VALID: Final = {
    "15": mark("15 minutes"),
    "60": mark("1 hour"),
    "180": mark("3 hours"),
    "720": mark("12 hours"),
    "1440": mark("24 hours"),
}
"""How long a loudspeaker that was cut off may still begin with it."""
REPEATS: Final = {
    "0": mark("again and again"),
    "1": mark("only once"),
    "3": mark("3 times"),
    "5": mark("5 times"),
    "10": mark("10 times"),
}
TYPED = "text"
BAD_MINUTES = mark("Write a whole number from 1 to {most}.")


class AlertForm(BaseModel):
    """The page “Emergency”, field by field as typed."""

    phrase: str = ""
    text: str = ""
    where: str = "all"
    villages: list[str] = []
    scope: str = AlertScope.ACTUAL
    minutes: str = "10"
    repeats: str = "0"
    valid_minutes: str = "60"

    @classmethod
    def of(cls, call: Call, villages: Sequence[Node]) -> "AlertForm":
        """The form that would have made this call."""
        slugs = [node.slug for node in villages if node.uuid in call.villages]
        return cls(
            phrase=call.phrase or TYPED,
            text="" if call.phrase else "\n".join(line.text for line in call.lines),
            where="all" if len(slugs) == len(villages) else "some",
            villages=slugs,
            scope=call.scope,
            minutes=str(call.minutes),
            repeats=str(call.repeats),
            valid_minutes=str(call.valid_minutes),
        )

    def call(self, session: Session, commune: Node) -> tuple[Call | None, list[Problem]]:
        """What is to be heard, None where a problem is. Raises NothingChosen, TextTooLong, NoSuchPhrase."""
        problems = list(self._problems())
        said = self.text.strip() if self.phrase in {"", TYPED} else ""
        is_typed = self.phrase in {"", TYPED}
        call = (
            alerts.text_call(session, commune, said) if is_typed else alerts.phrase_call(session, commune, self.phrase)
        )
        if problems:
            return None, problems
        where = chosen(villages_of(session, commune), self.where, self.villages)
        return call.model_copy(
            update={
                "villages": tuple(node.uuid for node in where),
                "scope": AlertScope(self.scope),
                "minutes": int(self.minutes),
                "repeats": int(self.repeats),
                "valid_minutes": int(self.valid_minutes),
            }
        ), []

    def _problems(self) -> list[Problem]:
        found = []
        if not (self.minutes.isascii() and self.minutes.isdecimal() and 1 <= int(self.minutes) <= LONGEST_MINUTES):
            found.append(Problem("minutes", BAD_MINUTES, {"most": LONGEST_MINUTES}))
        offered = {"repeats": REPEATS, "valid_minutes": VALID, "scope": set(AlertScope)}
        found += [Problem(name, NOT_OFFERED) for name, known in offered.items() if getattr(self, name) not in known]
        return found
