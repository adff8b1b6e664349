"""Why an approved announcement airs nowhere, for its writer: the programme itself tells of openings only."""

from collections.abc import Iterator, Mapping
from datetime import timedelta

from sqlalchemy.orm import Session

from broadcaster.deps import Visit
from broadcaster.web.words import WHY_NOT, mark
from content.models import Revision
from schedules import queries as schedules
from schedules.models import Booking

AHEAD = mark("It airs from {day} on; the programme reaches {count} days ahead.")
UNHEARD = mark("It has no part in a language of {villages}.")
SOON = mark("It is planned within a minute, once its audio for the loudspeakers is made.")


def why_nowhere(
    session: Session, visit: Visit, revision: Revision, booking: Booking, horizon_days: int
) -> Iterator[tuple[str, Mapping[str, object]]]:
    """Sentences with their facts: what stands in the way, or that it only takes a moment."""
    first = schedules.first_opening(session, visit.commune, booking, visit.now)
    spoken = {part.language for part in revision.parts}
    airings = schedules.village_airings(session, visit.commune)
    heard_in = {village.id for village in booking.villages}
    unheard = [it.village.name for it in airings if it.village_id in heard_in and not spoken & set(it.languages)]
    if unheard:
        yield UNHEARD, {"villages": ", ".join(unheard)}
    if first is None:
        yield WHY_NOT["no_opening"], {}
    elif first >= visit.now + timedelta(days=horizon_days):
        yield AHEAD, {"day": first.astimezone(visit.zone).date(), "count": horizon_days}
    elif len(unheard) < len(heard_in):
        yield SOON, {}
