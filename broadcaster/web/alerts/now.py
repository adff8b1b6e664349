"""What goes on now and what waits for a press: a piece of the pages “Today” and “Emergency”."""

from typing import Any

from fastapi import APIRouter, Response
from sqlalchemy.orm import Session

from broadcaster.accounts import service as accounts
from broadcaster.alerts import proposals, queries, wishes
from broadcaster.alerts.cap.deciding import Kind
from broadcaster.alerts.incoming import second, service
from broadcaster.alerts.incoming.models import Message
from broadcaster.deps import Looking, Reads, Visit
from broadcaster.web.alerts import incoming_words
from broadcaster.web.alerts.live import is_finished
from broadcaster.web.render import render

router = APIRouter(prefix="/alerts")


@router.get("/now")
def show_now(visit: Looking, session: Reads) -> Response:
    """The piece, as it is now."""
    return render(visit, "alerts/_now.html", **now(visit, session))


def now(visit: Visit, session: Session) -> dict[str, Any]:
    """What the piece shows: what others ask somebody to confirm or to decide, and the alerts in force.

    `settled`: of those in force what no village sounds any more, or ever does.
    """
    asked = second.asked(session, visit.commune, visit.now)
    warnings = service.waiting(session, visit.commune, visit.now)
    in_force = queries.in_force(session, visit.commune, visit.now)
    settled = [alert for alert in in_force if not alert.audible or is_finished(visit, session, alert)]
    return {
        "sounding": [alert for alert in in_force if alert not in settled],
        "settled": settled,
        "waiting": wishes.waiting(session, visit.commune, visit.now),
        "proposed": proposals.waiting(session, visit.commune),
        "asked": asked,
        "warnings": sorted((one for one in reversed(warnings) if one not in asked), key=_is_drill),
        "names": accounts.names(session, visit.commune),
        "says": incoming_words,
    }


def _is_drill(message: Message) -> bool:
    return message.decision == Kind.DRILL
