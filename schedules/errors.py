"""Every error of the schedule, drawn from the kernel's five kinds.

NotFound
├── NoSuchSlot, NoSuchBooking
Conflict
├── SlotsOverlap          a free start is known
│   └── SlotsOverlapAllDay
├── NeedsApproval
│   └── MoreVillages, OtherDays, OtherSlots, MoreOften
Invalid
├── SlotWithoutLength, SlotTooLong, SlotOverlapsItself, BadRecurrence, BadDays, NeverRecurs, UntilBeforeFrom, BadRelay,
│   FallbackNotBooked, FixedByLaw, NotOfTheCalendar
├── TimesPerDayTooFew, NoVillages, SlotElsewhere
└── NoLanguages, RequiredUnheard, HalfQuietHours, NotInRange
"""

from content.kernel.errors import Conflict, Invalid, NotFound


class NoSuchSlot(NotFound):
    """No slot by this uuid in the commune."""

    sentence = "This slot does not exist. Choose one from the list."
    field = "slots"


class NoSuchBooking(NotFound):
    """No booking by this uuid in the commune."""

    sentence = "This booking does not exist. Look for it in the announcement."


class SlotsOverlap(Conflict):
    """Two slots would sound at once in one village; the nearest free start is known."""

    sentence = (
        "“{name}” would overlap “{other}” in {village} on {on} at {at}. {free} is free: choose it, or another time."
    )
    field = "start_local"


class SlotsOverlapAllDay(SlotsOverlap):
    """Two slots would sound at once in one village, and no start of that day is free."""

    sentence = (
        "“{name}” would overlap “{other}” in {village} on {on} at {at}, and no other time of that day is free. "
        "Make it shorter, choose other days, or cancel “{other}” first."
    )


class NeedsApproval(Conflict):
    """More than was approved would be heard."""

    sentence = "More than was approved would be heard. Make a new version of the announcement and have it approved."


class MoreVillages(NeedsApproval):
    """Villages that were not approved."""

    sentence = (
        "It was not approved for all these villages. Make a new version of the announcement and have it approved."
    )
    field = "villages"


class OtherDays(NeedsApproval):
    """Days before the first approved one, or after the last."""

    sentence = (
        "It was approved from {from_on} to {until_on}. Stay within these days, or make a new version of the "
        "announcement and have it approved."
    )
    field = "until_on"


class OtherSlots(NeedsApproval):
    """Slots that were not approved, or any where some were named."""

    sentence = (
        "It was approved for {slots}. Choose among these, or make a new version of the announcement and have it "
        "approved."
    )
    field = "slots"


class MoreOften(NeedsApproval):
    """More airings a day than were approved."""

    sentence = (
        "It was approved for {times_per_day} times a day. Take no more, or make a new version of the announcement and "
        "have it approved."
    )
    field = "times_per_day"


class SlotWithoutLength(Invalid):
    """It would end when or before it starts."""

    sentence = "The slot ends before it starts. Give it at least one second."
    field = "duration_ms"


class SlotTooLong(Invalid):
    """Longer than a day."""

    sentence = "A slot lasts 24 hours at most. Make it shorter or let it recur."
    field = "duration_ms"


class SlotOverlapsItself(Invalid):
    """It would start again before it has ended."""

    sentence = "The slot starts again on {on} at {at} before it has ended. Make it shorter or let it recur less often."
    field = "rrule"


class BadRecurrence(Invalid):
    """Not an RFC 5545 rule that we expand."""

    sentence = "“{rrule}” is not a recurrence. Write one like FREQ=DAILY or FREQ=WEEKLY;BYDAY=MO,TH."
    field = "rrule"


class BadDays(Invalid):
    """Not a list of days that we know."""

    sentence = (
        "“{text}” is not a day. Write a date like 2026-12-24, lunar:15 (each month), lunar:10/3 (each year), tet, "
        "or holidays."
    )
    field = "days"


class NeverRecurs(Invalid):
    """The rule is well-formed, but no day of its dates meets it."""

    sentence = "No day from {starts_on} on fits “{rrule}”. Choose other days or other dates."
    field = "rrule"


class UntilBeforeFrom(Invalid):
    """The last day lies before the first."""

    sentence = "The last day ({until_on}) lies before the first ({from_on}). Exchange them."
    field = "until_on"


class TimesPerDayTooFew(Invalid):
    """Less than once a day."""

    sentence = "{times_per_day} times a day is never. Give 1 or more."
    field = "times_per_day"


class NoVillages(Invalid):
    """Nobody would hear it."""

    sentence = "Nobody would hear this. Choose at least one village."
    field = "villages"


class SlotElsewhere(Invalid):
    """None of the booked slots is heard in one of the booked villages."""

    sentence = "“{slot}” is not heard in {village}. Choose another slot, or leave that village out."
    field = "slots"


class NoLanguages(Invalid):
    """A village that understands nothing."""

    sentence = "Choose at least one language, each of them once."
    field = "languages"


class BadRelay(Invalid):
    """Not the address of a stream."""

    sentence = (
        "“{url}” is not the address of a stream. It begins with http:// or https://; copy it from the station's page."
    )
    field = "relay_url"


class FixedByLaw(Invalid):
    """A holiday that no decision takes away."""

    sentence = "{on} is a holiday by law. For a slot that shall open on it take away “Closed on public holidays”."
    field = "holiday"


class NotOfTheCalendar(Invalid):
    """A year whose lunar dates nobody computes here."""

    sentence = "Holidays are known from {first} to {last}. Choose a day between them."
    field = "from_on"


class FallbackNotBooked(Invalid):
    """What shall sound in a relay's stead is no approved announcement."""

    sentence = "This announcement is not approved, or was withdrawn. Choose another one, or the chime."
    field = "relay_fallback"


class RequiredUnheard(Invalid):
    """A language that must be heard where it does not sound."""

    sentence = "{language} must be heard here, so it has to be among the languages of the village."
    field = "languages"


class HalfQuietHours(Invalid):
    """One end without the other."""

    sentence = "Quiet hours need a beginning and an end. Give both, or neither."
    field = "quiet_from_local"


class NotInRange(Invalid):
    """A setting beyond its limits."""

    sentence = "{name} must lie between {low} and {high}."
