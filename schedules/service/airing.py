"""How each village airs: languages, quiet hours, volume."""

from collections.abc import Sequence
from datetime import datetime, time
from uuid import UUID

from sqlalchemy.orm import Session

from content.kernel import audit
from content.kernel.nodes import Node
from schedules.errors import HalfQuietHours, NoLanguages, NotInRange, RequiredUnheard
from schedules.models import QUIET_FROM, QUIET_UNTIL, VillageAiring

LONGEST_WARM_UP_MS = 60_000
LONGEST_FREEZE_MINUTES = 24 * 60
_SETTINGS = (
    "languages",
    "required",
    "quiet_from_local",
    "quiet_until_local",
    "volume_percent",
    "warm_up_ms",
    "freeze_minutes",
    "codec",
    "preset",
)


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
        warm_up_ms=warm_up_ms,
        freeze_minutes=freeze_minutes,
    )
    _check(airing)
    session.add(airing)
    session.flush()
    return airing


def change_village_airing(
    session: Session, airing: VillageAiring, now: datetime, actor: UUID | None = None, **changes: object
) -> None:
    """Change some of the settings, named as in `add_village_airing`; raises what it raises and then changes nothing."""
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
    for name, high in (
        ("volume_percent", 100),
        ("warm_up_ms", LONGEST_WARM_UP_MS),
        ("freeze_minutes", LONGEST_FREEZE_MINUTES),
    ):
        if not 0 <= getattr(airing, name) <= high:
            raise NotInRange(name=name, low=0, high=high)
