"""Changing the schedule: airing settings, slots, bookings, and the plan made from them.

Each function takes the session first, flushes and never commits; what a person did is audited in the same
transaction. `now` is an aware instant, `actor` a person's uuid, None for the system. Afterwards the caller asks for
a new plan: nothing here replans by itself.
"""

from schedules.service.airing import (
    add_village_airing,
    change_commune_airing,
    change_village_airing,
    enter_holidays,
    strike_holiday,
)
from schedules.service.bookings import (
    book,
    change_booking,
    check_slots,
    put_before,
    restore_booking,
    withdraw_booking,
    withdraw_bookings,
)
from schedules.service.inputs import Airable, Chimes
from schedules.service.planning import PlanReport, replan
from schedules.service.publishing import mark_published
from schedules.service.slots import cancel_slot, change_slot, open_slot, reopen_slot

__all__ = [
    "Airable",
    "Chimes",
    "PlanReport",
    "add_village_airing",
    "book",
    "cancel_slot",
    "change_booking",
    "change_commune_airing",
    "change_slot",
    "change_village_airing",
    "check_slots",
    "enter_holidays",
    "mark_published",
    "open_slot",
    "put_before",
    "reopen_slot",
    "replan",
    "restore_booking",
    "strike_holiday",
    "withdraw_booking",
    "withdraw_bookings",
]
