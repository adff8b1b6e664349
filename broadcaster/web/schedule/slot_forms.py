"""The form of a slot, as typed, made into a rule where it can be; and a stored slot made into its form again."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, time

from pydantic import BaseModel

from broadcaster.i18n import Tongue
from broadcaster.web.forms import NO_NAME, NO_NUMBER, NO_TIME, Problem, clock_time, typed_date
from broadcaster.web.schedule.day_words import FIRST, FULL, days_in, said_days
from broadcaster.web.words import mark
from broadcaster.web.writing.searching import uuid_of
from content.kernel.errors import BroadcastError
from content.kernel.nodes import Node
from content.kernel.units import DurationMs
from schedules.days import NONE, TET, Days, LunarDay
from schedules.errors import BadDays
from schedules.models import Slot
from schedules.planner import Relay
from schedules.recurrence import Rule

DAILY, WEEKLY, MONTHLY, LUNAR, ONCE, OWN = "daily", "weekly", "monthly", "lunar", "once", "own"
WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
LONGEST_NAME = 120
_MINUTE_MS = 60_000
_FIELD_OF_SLOT = {"duration_ms": "minutes"}
"""Where the form asks for what the schedule calls otherwise."""

_LUNAR_TICKS: dict[str, tuple[LunarDay, ...]] = {"first": (FIRST,), "full": (FULL,), "tet": TET}
"""The days of the lunar calendar that a tick stands for; others are typed."""

NO_WEEKDAY = mark("Choose at least one day of the week.")
NO_LUNAR_DAY = mark("Choose at least one day of the lunar calendar.")
NO_DAY = mark(
    "“{text}” is not a day. Write a date such as 24/12/2026, or a lunar day such as 10 lunar (each month) or 10/3 "
    "lunar (each year); commas between several."
)


class SlotForm(BaseModel):
    """Field by field as typed. `rrule` counts only with a recurrence of its own, which the form does not make."""

    name: str = ""
    start_local: str = ""
    minutes: str = "20"
    recurs: str = DAILY
    weekdays: list[str] = []
    lunar: list[str] = []
    rrule: str = ""
    starts_on: str = ""
    until_on: str = ""
    where: str = "all"
    villages: list[str] = []
    also: str = ""
    but_not: str = ""
    not_on_holidays: bool = False
    opening_chime: bool = False
    closing_chime: bool = False
    relay_url: str = ""
    relay_title: str = ""
    relay_fallback: str = ""

    @property
    def is_special(self) -> bool:
        """Whether any of the rarer wishes is filled in."""
        return bool(self.also or self.but_not or self.not_on_holidays or self.opening_chime or self.closing_chime)

    @classmethod
    def blank(cls, today: date) -> "SlotForm":
        """A daily slot in the late afternoon, from today on."""
        return cls(start_local="17:30", starts_on=today.isoformat())

    @classmethod
    def of(cls, slot: Slot, villages: Sequence[Node], tongue: Tongue) -> "SlotForm":
        """The form that would have made this slot."""
        heard_in = {village.id for village in slot.villages}
        rule = slot.rule
        return cls(
            name=slot.name,
            start_local=f"{slot.start_local:%H:%M:%S}".removesuffix(":00"),
            minutes=f"{slot.duration_ms / _MINUTE_MS:.2f}".removesuffix(".00"),
            **_recurrence(rule, tongue),
            starts_on=slot.starts_on.isoformat(),
            until_on=slot.until_on.isoformat() if slot.until_on else "",
            where="all" if heard_in >= {village.id for village in villages} else "some",
            villages=[village.slug for village in slot.villages],
            but_not=said_days(tongue, rule.but_not),
            not_on_holidays=rule.but_not.holidays,
            opening_chime=slot.opening_chime,
            closing_chime=slot.closing_chime,
            relay_url=slot.relay_url or "",
            relay_title=slot.relay_title,
            relay_fallback=str(slot.relay_fallback or ""),
        )

    def relay(self) -> Relay | None:
        """The station to be relayed; a name without an address is for the schedule to refuse."""
        typed = self.relay_url.strip() or self.relay_title.strip()
        return Relay(self.relay_url, self.relay_title, uuid_of(self.relay_fallback)) if typed else None

    def rule(self, today: date) -> tuple[Rule, list[Problem]]:
        """When it opens, and what could not be understood."""
        problems = [] if self.name.strip() else [Problem("name", NO_NAME)]
        starts_on = typed_date(self.starts_on, "starts_on", today, problems)
        until_on = (
            typed_date(self.until_on, "until_on", today, problems) if self.until_on and self.recurs != ONCE else None
        )
        if self.recurs == WEEKLY and not self.weekdays:
            problems.append(Problem("weekdays", NO_WEEKDAY))
        rule = Rule(
            start_local=_time(self.start_local, problems),
            duration_ms=_length(self.minutes, problems),
            starts_on=starts_on,
            until_on=until_on,
            rrule=self._rrule(starts_on),
            also=self._also(starts_on, problems),
            but_not=replace(_days(self.but_not, "but_not", problems), holidays=self.not_on_holidays),
        )
        return rule, problems

    def _also(self, starts_on: date, problems: list[Problem]) -> Days:
        days = _days(self.also, "also", problems)
        if self.recurs == LUNAR:
            ticked = [day for name in self.lunar for day in _LUNAR_TICKS.get(name, ())]
            days = replace(days, lunar=tuple(dict.fromkeys((*ticked, *days.lunar))))
            if not days.lunar:
                problems.append(Problem("lunar", NO_LUNAR_DAY))
        if self.recurs == ONCE and days:  # a list of days counts instead of the first one
            days = replace(days, dates=tuple(sorted({starts_on, *days.dates})))
        return days

    def _rrule(self, starts_on: date) -> str | None:
        if self.recurs == WEEKLY:
            return f"FREQ=WEEKLY;BYDAY={','.join(day for day in WEEKDAYS if day in self.weekdays)}"
        if self.recurs == MONTHLY:
            return f"FREQ=MONTHLY;BYMONTHDAY={starts_on.day}"
        if self.recurs == OWN:
            return self.rrule.strip()
        return None if self.recurs in {ONCE, LUNAR} else "FREQ=DAILY"


def _length(typed: str, problems: list[Problem]) -> DurationMs:
    """Minutes with or without a fraction, as whole seconds: what the form shows of a stored slot gives it back."""
    try:
        return DurationMs(round(float(typed.replace(",", ".")) * 60) * 1000)
    except (ValueError, OverflowError):
        problems.append(Problem("minutes", NO_NUMBER))
        return DurationMs(_MINUTE_MS)


def slot_problem(error: BroadcastError, form: SlotForm) -> Problem:
    """An error of the schedule, at the field of the form that it belongs to."""
    field = error.field or ""
    if field == "rrule" and form.recurs != OWN:
        field = "weekdays" if form.recurs == WEEKLY else "starts_on"
    return Problem(_FIELD_OF_SLOT.get(field, field), error.sentence, error.facts)


def _recurrence(rule: Rule, tongue: Tongue) -> dict[str, object]:
    also = {"also": said_days(tongue, rule.also)}
    if rule.rrule is None:
        return _lunar(rule.also, tongue) if rule.also.lunar else {"recurs": ONCE, **also}
    if rule.rrule == "FREQ=DAILY":
        return {"recurs": DAILY, **also}
    days = rule.rrule.removeprefix("FREQ=WEEKLY;BYDAY=").split(",")
    if set(days) <= set(WEEKDAYS):
        return {"recurs": WEEKLY, "weekdays": days, **also}
    if rule.rrule == f"FREQ=MONTHLY;BYMONTHDAY={rule.starts_on.day}":
        return {"recurs": MONTHLY, **also}
    return {"recurs": OWN, "rrule": rule.rrule, **also}


def _lunar(days: Days, tongue: Tongue) -> dict[str, object]:
    ticked = {name: ticks for name, ticks in _LUNAR_TICKS.items() if set(ticks) <= set(days.lunar)}
    typed = tuple(day for day in days.lunar if not any(day in ticks for ticks in ticked.values()))
    return {"recurs": LUNAR, "lunar": list(ticked), "also": said_days(tongue, replace(days, lunar=typed))}


def _days(typed: str, field: str, problems: list[Problem]) -> Days:
    try:
        return days_in(typed)
    except BadDays as error:
        problems.append(Problem(field, NO_DAY, error.facts))
        return NONE


def _time(typed: str, problems: list[Problem]) -> time:
    at = clock_time(typed)
    if at is None:
        problems.append(Problem("start_local", NO_TIME))
    return at or time()
