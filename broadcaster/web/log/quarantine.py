"""Reports of players that could not be taken: each with its reason, to be looked at, or judged anew."""

import json

from fastapi import APIRouter, Response
from fastapi.responses import RedirectResponse

from broadcaster.accounts import service as accounts
from broadcaster.accounts.models import Role
from broadcaster.asrun import queries, service
from broadcaster.deps import Acting, Looking, Reads, Writes
from broadcaster.web.render import render
from broadcaster.web.words import mark

router = APIRouter(prefix="/log/quarantine")
MOST = 50
_LONGEST = 3000
ADDRESS = router.prefix
WHY = {
    "lies in the future": mark("It says that it began in the future, though its clock was believed."),
    "belongs to no programme": mark("It was planned at a time for which there can be no programme."),
    "row_uuid is known with other content": mark("It bears the number of another report, with other content."),
    "cannot be stored": mark("It holds what the database cannot hold."),
    "too large": mark("A number in it is too large."),
}
"""What people are told, by a part of the technical reason."""
NOT_UNDERSTOOD = mark("It could not be understood: something in it is missing or wrong.")


def why(reason: str) -> str:
    """A reason for people."""
    return next((said for part, said in WHY.items() if part in reason), NOT_UNDERSTOOD)


@router.get("")
def show(visit: Looking, session: Reads, every: str = "", did: str = "") -> Response:
    """What nobody has looked at yet, or all, newest first."""
    accounts.require(visit.user, Role.ADMIN)
    found = queries.set_aside(session, visit.commune, all_of_them=bool(every), limit=MOST + 1)
    return render(
        visit,
        "log/quarantine.html",
        rows=[(one, json.dumps(one.row.row, ensure_ascii=False, indent=1)[:_LONGEST]) for one in found[:MOST]],
        has_more=len(found) > MOST,
        every=bool(every),
        why=why,
        did=did,
    )


@router.post("/{row_id}/looked")
def looked(visit: Acting, session: Writes, row_id: int) -> Response:
    """Take it off the list. Raises NoSuchQuarantined."""
    accounts.require(visit.user, Role.ADMIN)
    service.set_looked_at(session, visit.commune, row_id, visit.user.uuid, visit.now, looked=True)
    return RedirectResponse(f"{ADDRESS}?did=row-looked-at", 303)


@router.post("/{row_id}/reopen")
def reopen(visit: Acting, session: Writes, row_id: int) -> Response:
    """Put it back on the list. Raises NoSuchQuarantined."""
    accounts.require(visit.user, Role.ADMIN)
    service.set_looked_at(session, visit.commune, row_id, visit.user.uuid, visit.now, looked=False)
    return RedirectResponse(f"{ADDRESS}?did=row-reopened", 303)


@router.post("/{row_id}/again")
def again(visit: Acting, session: Writes, row_id: int) -> Response:
    """Judge it anew, by the present rules and the present time. Raises NoSuchQuarantined."""
    accounts.require(visit.user, Role.ADMIN)
    is_taken = service.look_again(session, visit.commune, row_id, visit.user.uuid, visit.now)
    return RedirectResponse(f"{ADDRESS}?did={'row-taken' if is_taken else 'row-not-taken'}", 303)
