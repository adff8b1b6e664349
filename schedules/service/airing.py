"""How a commune airs (its gap, its holidays) and each village: languages, quiet hours, volume."""

from collections.abc import Collection, Sequence
from datetime import date, datetime, time
from uuid import UUID

from sqlalchemy.orm import Session

from content.kernel import audit
from content.kernel.nodes import Node
from schedules import days, queries
from schedules.errors import FixedByLaw, HalfQuietHours, NoLanguages, NotInRange, NotOfTheCalendar, RequiredUnheard
from schedules.lunar import FIRST_YEAR, LAST_YEAR
from schedules.models import QUIET_FROM, QUIET_UNTIL, TEST_CHIME, CommuneAiring, VillageAiring

LONGEST_WARM_UP_MS = 60_000
LARGEST_OFFSET_MS = 10_000
MOST_KBYTES_S = 100_000
MOST_CACHE_MB = 1_000_000
LOUDEST = 100
LONGEST_FREEZE_MINUTES = 24 * 60
LONGEST_GAP_MINUTES = 24 * 60
_SETTINGS = (
    "languages",
    "required",
    "quiet_from_local",
    "quiet_until_local",
    "volume_percent",
    "volumes",
    "emergency_volume_percent",
    "warm_up_ms",
    "output_offset_ms",
    "max_kbytes_s",
    "cache_mb",
    "test_chime_local",
    "freeze_minutes",
    "codec",
    "preset",
)
_RANGES = (
    ("volume_percent", 0, LOUDEST),
    ("emergency_volume_percent", 0, LOUDEST),
    ("warm_up_ms", 0, LONGEST_WARM_UP_MS),
    ("output_offset_ms", -LARGEST_OFFSET_MS, LARGEST_OFFSET_MS),
    ("max_kbytes_s", 0, MOST_KBYTES_S),
    ("cache_mb", 0, MOST_CACHE_MB),
    ("freeze_minutes", 0, LONGEST_FREEZE_MINUTES),
)


def change_commune_airing(
    session: Session,
    commune: Node,
    now: datetime,
    actor: UUID | None = None,
    *,
    gap_minutes: int | None = None,
    holidays: Collection[date] | None = None,
) -> CommuneAiring:
    """Change what holds for all villages; None stays as it is.

    Args:
        session: unit of work.
        commune: whose.
        now: when.
        actor: who.
        gap_minutes: between two airings of an announcement, unless its booking says otherwise; 0 to a day.
        holidays: what the yearly decisions fixed, of all years: a year with any date has these instead of the guess.

    Raises:
        NotInRange.
    """
    check_gap(gap_minutes)
    airing = session.get(CommuneAiring, commune.id)
    if airing is None:
        airing = queries.commune_airing(session, commune)
        session.add(airing)
    facts: dict[str, object] = {}
    if gap_minutes is not None:
        facts["gap_minutes"] = airing.gap_minutes = gap_minutes
    if holidays is not None:
        facts["holidays"] = airing.holidays = sorted(on.isoformat() for on in set(holidays))
    audit.record(session, commune.id, now, actor, "rules.changed", f"commune:{commune.uuid}", **facts)
    session.flush()
    for slot in queries.slots(session, commune, cancelled=True):
        session.refresh(slot, ["commune"])
    return airing


def enter_holidays(
    session: Session, commune: Node, on: Collection[date], now: datetime, actor: UUID | None = None
) -> None:
    """Make these days holidays. In years without a decision the days that counted until now count on beside them.

    Raises:
        NotOfTheCalendar: a year that lies beyond the lunar calendar.
    """
    airing = queries.commune_airing(session, commune)
    years = {day.year for day in on}
    if any(not FIRST_YEAR < year < LAST_YEAR for year in years):
        raise NotOfTheCalendar(first=FIRST_YEAR + 1, last=LAST_YEAR - 1)
    assumed = [day for year in years for day in days.movable(year, airing.decided)]
    change_commune_airing(session, commune, now, actor, holidays=[*airing.decided, *assumed, *on])


def strike_holiday(session: Session, commune: Node, on: date, now: datetime, actor: UUID | None = None) -> None:
    """Make a day no holiday; `enter_holidays` undoes it.

    Raises:
        FixedByLaw: the law itself names it.
        NotOfTheCalendar.
    """
    if not FIRST_YEAR < on.year < LAST_YEAR:
        raise NotOfTheCalendar(first=FIRST_YEAR + 1, last=LAST_YEAR - 1)
    if on in days.fixed(on.year):
        raise FixedByLaw(on=on)
    decided = queries.commune_airing(session, commune).decided
    left = {*decided, *days.movable(on.year, decided)} - {on}
    change_commune_airing(session, commune, now, actor, holidays=left)


def check_gap(gap_minutes: int | None) -> None:
    """Raise NotInRange unless it is none, or between nothing and a day."""
    if gap_minutes is not None and not 0 <= gap_minutes <= LONGEST_GAP_MINUTES:
        raise NotInRange(name="gap_minutes", low=0, high=LONGEST_GAP_MINUTES)


def add_village_airing(  # noqa: PLR0913  (the settings by name)
    session: Session,
    village: Node,
    *,
    languages: Sequence[str] = ("vi",),
    required: Sequence[str] = (),
    quiet_from_local: time | None = QUIET_FROM,
    quiet_until_local: time | None = QUIET_UNTIL,
    volume_percent: int = 100,
    warm_up_ms: int = 0,
    freeze_minutes: int = 5,
) -> VillageAiring:
    """Let a village be planned for; a village without these settings is not.

    Args:
        session: unit of work.
        village: the node.
        languages: codes in the order in which an announcement's parts follow each other.
        required: those of them without which nothing important may be sent for approval.
        quiet_from_local: nothing but emergencies sounds from then on; None at both ends for no quiet hours.
        quiet_until_local: until then; may be the next day.
        volume_percent: 0 to 100.
        warm_up_ms: what the amplifier needs before the first word.
        freeze_minutes: how long before air nothing new is published; 0 for never.

    Raises:
        NoLanguages, RequiredUnheard, HalfQuietHours, NotInRange.
    """
    airing = VillageAiring(
        village_id=village.id,
        languages=list(languages),
        required=list(required),
        quiet_from_local=quiet_from_local,
        quiet_until_local=quiet_until_local,
        volume_percent=volume_percent,
        volumes=[],
        emergency_volume_percent=LOUDEST,
        warm_up_ms=warm_up_ms,
        output_offset_ms=0,
        max_kbytes_s=0,
        cache_mb=0,
        test_chime_local=TEST_CHIME,
        freeze_minutes=freeze_minutes,
    )
    _check(airing)
    session.add(airing)
    session.flush()
    return airing


def change_village_airing(
    session: Session, airing: VillageAiring, now: datetime, actor: UUID | None = None, **changes: object
) -> None:
    """Change some settings, named as in `VillageAiring`; raises as `add_village_airing`, then does nothing."""
    before = {name: getattr(airing, name) for name in _SETTINGS}
    _check(VillageAiring(**(before | changes)))
    for name, value in changes.items():
        setattr(airing, name, value)
    village = session.get_one(Node, airing.village_id)
    facts = {name: value if isinstance(value, int | list) else str(value) for name, value in changes.items()}
    audit.record(
        session, village.parent_id or village.id, now, actor, "airing.changed", f"village:{village.uuid}", **facts
    )
    session.flush()


def _check(airing: VillageAiring) -> None:
    if not airing.languages or len(set(airing.languages)) < len(airing.languages):
        raise NoLanguages
    if unheard := [language for language in airing.required or () if language not in airing.languages]:
        raise RequiredUnheard(language=unheard[0])
    if (airing.quiet_from_local is None) != (airing.quiet_until_local is None):
        raise HalfQuietHours
    for name, low, high in _RANGES:
        if not low <= getattr(airing, name) <= high:
            raise NotInRange(name=name, low=low, high=high)
