"""For admins: the link to the province's source system, and what came by it."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Form, Response
from fastapi.responses import RedirectResponse
from pydantic import BaseModel
from sqlalchemy.orm import Session

from broadcaster.accounts import service as accounts
from broadcaster.accounts.models import Role
from broadcaster.alerts.incoming.models import Source
from broadcaster.deps import Acting, Looking, Reads, TheStation, Visit, Writes
from broadcaster.province import service
from broadcaster.province.models import Link
from broadcaster.province.wire import Stage
from broadcaster.web.forms import Problem, problem_of, typed_number
from broadcaster.web.render import render
from broadcaster.web.words import mark
from content.kernel.errors import Invalid

router = APIRouter(prefix="/settings/province")
STAGES = {
    Stage.RECEIVED: mark("received"),
    Stage.QUARANTINED: mark("cannot be used"),
    Stage.NOT_FOR_US: mark("not for our villages"),
    Stage.WAITING: mark("waits for approval"),
    Stage.APPROVED: mark("approved"),
    Stage.AIRED: mark("put on the air"),
    Stage.DECLINED: mark("not used"),
    Stage.REVOKED: mark("revoked"),
}


class LinkForm(BaseModel):
    """The link, as typed; an empty token leaves the one there is."""

    url: str = ""
    token: str = ""
    poll_seconds: str = "60"
    submits: bool = True

    @classmethod
    def of(cls, link: Link | None) -> "LinkForm":
        """The form that would have made this link."""
        if link is None:
            return cls()
        return cls(url=link.url, poll_seconds=str(link.poll_seconds), submits=link.submits)


@router.get("")
def show(visit: Looking, session: Reads, did: str = "") -> Response:
    """The link, and the newest bulletins with how far they came."""
    accounts.require(visit.user, Role.ADMIN)
    return _page(visit, session, LinkForm.of(service.link_of(session, visit.commune)), did=did)


@router.post("")
def change(visit: Acting, session: Writes, station: TheStation, form: Annotated[LinkForm, Form()]) -> Response:
    """Another address, token, pace or rule."""
    accounts.require(visit.user, Role.ADMIN)
    problems: list[Problem] = []
    seconds = typed_number(form.poll_seconds, "poll_seconds", problems)
    name = visit.tongue.say(mark("The province's system"))
    wanted = service.Wanted(form.url, form.token or None, seconds, form.submits, source_name=name)
    if not problems:
        try:
            key = station.signer.secret_for(service.SEAL)
            service.set_up(session, visit.commune, key, wanted, visit.user.uuid, visit.now)
        except Invalid as error:
            problems = [problem_of(error)]
    if problems:
        return _page(visit, session, form, problems)
    return RedirectResponse("/settings/province?did=province-saved", 303)


def _page(
    visit: Visit, session: Session, form: LinkForm, problems: Sequence[Problem] = (), *, did: str = ""
) -> Response:
    link = service.link_of(session, visit.commune)
    return render(
        visit,
        "incoming/province.html",
        422 if problems else 200,
        link=link,
        source=session.get(Source, link.source_id) if link else None,
        bulletins=service.newest(session, link) if link else [],
        stages=STAGES,
        form=form,
        problems=problems,
        did=did,
    )
