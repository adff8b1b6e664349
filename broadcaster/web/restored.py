"""After a restore: what will air and who is paired, to be looked at before anything is published."""

from fastapi import APIRouter, Response
from fastapi.responses import RedirectResponse

from broadcaster.accounts import service as accounts
from broadcaster.accounts.models import Role
from broadcaster.alerts import queries as alerts
from broadcaster.alerts.incoming import service as incoming
from broadcaster.alerts.incoming import sources
from broadcaster.backup import service as backup
from broadcaster.deps import Acting, Looking, Reads, Writes
from broadcaster.fleet import lives
from broadcaster.fleet import service as fleet
from broadcaster.web.render import render
from content import queries
from content.kernel.nodes import villages_of

router = APIRouter(prefix="/restored")


@router.get("")
def show(visit: Looking, session: Reads, did: str = "") -> Response:
    """What the backup cannot know, and what to look at."""
    accounts.require(visit.user, Role.ADMIN)
    villages = villages_of(session, visit.commune)
    return render(
        visit,
        "restored/show.html",
        did=did,
        life=lives.held(session),
        airable=queries.airable(session, visit.commune, visit.today),
        in_force=alerts.in_force(session, visit.commune, visit.now),
        sources=sources.all_of(session, visit.commune),
        waiting=incoming.waiting(session, visit.commune, visit.now),
        players=fleet.players_of(session, villages),
        villages={village.id: village for village in villages},
    )


@router.post("/release")
def release(visit: Acting, session: Writes) -> Response:
    """It is right as it is: publish from now on."""
    accounts.require(visit.user, Role.ADMIN)
    backup.release(session, visit.commune, visit.user.uuid, visit.now)
    return RedirectResponse("/restored?did=released", 303)
