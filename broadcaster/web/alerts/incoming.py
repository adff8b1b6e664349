"""Others' warnings (CAP): what came, what it would do and why, and the press that puts it on the air."""

from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Response, UploadFile
from fastapi.responses import RedirectResponse
from pydantic import BaseModel
from sqlalchemy.orm import Session

from broadcaster.accounts import service as accounts
from broadcaster.accounts.models import Role
from broadcaster.alerts import queries, wishes
from broadcaster.alerts.calls import LONGEST_TEXT
from broadcaster.alerts.cap.parsing import MAX_BYTES
from broadcaster.alerts.cap.speaking import is_in
from broadcaster.alerts.errors import SecondPersonNeeded
from broadcaster.alerts.incoming import second, service, sources
from broadcaster.alerts.incoming.hearing import within
from broadcaster.alerts.incoming.models import Message, State
from broadcaster.alerts.incoming.service import VOICED, Understood, Via
from broadcaster.alerts.service import By
from broadcaster.deps import Acting, Looking, Reads, TheStation, Visit, Writes
from broadcaster.web.alerts import incoming_words
from broadcaster.web.forms import Problem, problem_of
from broadcaster.web.render import render
from broadcaster.web.words import mark
from content.kernel.errors import Invalid
from content.kernel.nodes import villages_of

router = APIRouter(prefix="/alerts/incoming")
PER_PAGE = 30
NO_FILE = mark("Choose the file of the warning first (.xml or .cap).")


class AirForm(BaseModel):
    """The words and villages of a warning, as somebody left them, and what was pressed; `reason`: why alone."""

    text: str = ""
    villages: list[str] = []
    reason: str = ""
    do: str = ""


@router.get("")
def show_all(visit: Looking, session: Reads, page: int = 1, did: str = "") -> Response:
    """What came, newest first; what waits on top."""
    return _list_page(visit, session, max(1, min(page, 10_000)), did=did)


@router.post("")
def bring(visit: Acting, session: Writes, station: TheStation, file: UploadFile | None = None) -> Response:
    """Take in a file that somebody brings."""
    accounts.require(visit.user, Role.CADRE)
    if file is None or not file.filename:
        return _list_page(visit, session, 1, [Problem("file", NO_FILE)])
    xml = file.file.read(MAX_BYTES + 1)
    found = service.receive(session, station.signer, visit.commune, xml, Via(actor=visit.user.uuid), visit.now)
    return RedirectResponse(f"/alerts/incoming/{found.uuid}", 303)


@router.get("/{uuid}")
def show(visit: Looking, session: Reads, uuid: UUID, did: str = "") -> Response:
    """One message: what it says, what would be done, and why."""
    return _page(visit, session, service.message(session, visit.commune, uuid), did=did)


@router.get("/{uuid}/xml")
def raw(visit: Looking, session: Reads, uuid: UUID) -> Response:
    """The message exactly as it came, to be kept."""
    found = service.message(session, visit.commune, uuid)
    headers = {"Content-Disposition": f'attachment; filename="{uuid}.cap.xml"', "X-Content-Type-Options": "nosniff"}
    return Response(found.xml, media_type="application/octet-stream", headers=headers)


@router.post("/{uuid}")
def settle(
    visit: Acting, session: Writes, station: TheStation, uuid: UUID, form: Annotated[AirForm, Form()]
) -> Response:
    """Put it on the air, pass it over, or take it up again."""
    accounts.require(visit.user, Role.CADRE)
    message = service.message(session, visit.commune, uuid)
    if form.do == "pass_over":
        service.pass_over(session, message, visit.user.uuid, visit.now)
        return RedirectResponse(f"/alerts/incoming/{uuid}?did=warning-passed-over", 303)
    if form.do == "take_up":
        service.take_up(session, message, visit.user.uuid, visit.now)
        return RedirectResponse(f"/alerts/incoming/{uuid}", 303)
    if form.do == "confirm":
        by = By(visit.user.uuid, station.clock.now(), service.ORIGIN)
        raised = second.confirm(session, station.signer, visit.commune, message, by)
        return RedirectResponse(_where(message, raised), 303)
    alone = form.do == "alone"
    if alone and not _may_alone(visit, session):
        raise SecondPersonNeeded
    by = By(visit.user.uuid, visit.now, service.ORIGIN, form.reason.strip()[: wishes.LONGEST_REASON])
    found = service.understood(session, visit.commune, message, visit.now)
    try:
        villages, text = _chosen(visit, session, found, form)
        concerned = second.press(
            session, station.signer, visit.commune, message, by, villages=villages, text=text, alone=alone
        )
    except Invalid as error:
        return _page(visit, session, message, form, [problem_of(error)])
    return RedirectResponse(_where(message, concerned or ()), 303)


def _where(message: Message, concerned: Sequence[UUID]) -> str:
    """To what sounds now: of several alerts to the page that shows all of them."""
    if len(concerned) > 1:
        return "/alerts"
    return f"/alerts/{concerned[0]}" if concerned else f"/alerts/incoming/{message.uuid}"


def _may_alone(visit: Visit, session: Session) -> bool:
    return accounts.reaches(visit.user, Role(queries.rules(session, visit.commune).alone_role))


def _chosen(
    visit: Visit, session: Session, found: Understood | None, form: AirForm
) -> tuple[list[UUID] | None, str | None]:
    """What somebody changed; nothing where all was left as the message has it."""
    if found is None:
        return None, None
    text, villages = _proposed(visit, session, found)
    if " ".join(form.text.split()) == " ".join(text.split()) and set(form.villages) == set(villages):
        return None, None
    meant = [place.uuid for place in villages_of(session, visit.commune) if place.slug in form.villages]
    return meant, form.text


def _proposed(visit: Visit, session: Session, found: Understood) -> tuple[str, list[str]]:
    """The words and the villages (slugs) that the message itself means."""
    texts = [words for part in found.heard.parts if (words := part.texts.get(VOICED[0], ""))]
    text = "\n".join(texts) or within([info for info in found.decision.facts.infos if is_in(info, VOICED[0])])
    slugs = [place.slug for place in villages_of(session, visit.commune) if place.uuid in found.heard.how]
    return text, slugs


def _page(
    visit: Visit,
    session: Session,
    message: Message,
    form: AirForm | None = None,
    problems: Sequence[Problem] = (),
    *,
    did: str = "",
) -> Response:
    found = service.understood(session, visit.commune, message, visit.now)
    if form is None and found:
        text, slugs = _proposed(visit, session, found)
        form = AirForm(text=text, villages=slugs)
    return render(
        visit,
        "incoming/message.html",
        422 if problems else 200,
        message=message,
        found=found,
        form=form or AirForm(),
        villages=villages_of(session, visit.commune),
        is_open=bool(message.state == State.WAITING and found and found.decision.kind != "refuse"),
        alerts=service.alerts_of(session, message),
        needs_second=second.needs_second(queries.rules(session, visit.commune), found),
        is_asked=second.is_asked(message, visit.now),
        may_alone=_may_alone(visit, session),
        longest=LONGEST_TEXT,
        names=accounts.names(session, visit.commune),
        says=incoming_words,
        problems=problems,
        did=did,
    )


def _list_page(
    visit: Visit, session: Session, page: int, problems: Sequence[Problem] = (), *, did: str = ""
) -> Response:
    listed = service.newest(session, visit.commune, visit.now, limit=PER_PAGE + 1, offset=(page - 1) * PER_PAGE)
    return render(
        visit,
        "incoming/list.html",
        422 if problems else 200,
        messages=listed[:PER_PAGE],
        waiting={one.id for one in service.waiting(session, visit.commune, visit.now)},
        sources=sources.all_of(session, visit.commune),
        page=page,
        has_more=len(listed) > PER_PAGE,
        says=incoming_words,
        problems=problems,
        did=did,
    )
