"""Commenting in the log: said, removed, and back."""

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Response
from fastapi.responses import RedirectResponse
from sqlalchemy.orm import Session

from broadcaster.accounts import service as accounts
from broadcaster.accounts.models import Role
from broadcaster.asrun import comments
from broadcaster.deps import Acting, Visit, Writes
from broadcaster.web.forms import problem_of
from broadcaster.web.log.day import Talk
from broadcaster.web.render import render
from broadcaster.web.writing.searching import day_of, uuid_of
from content import queries as contents
from content.kernel.errors import Invalid
from content.kernel.nodes import village as find_village
from content.kernel.nodes import villages_of

router = APIRouter(prefix="/log/comments")


@router.post("")
def add(
    visit: Acting,
    session: Writes,
    text: Annotated[str, Form()] = "",
    on: Annotated[str, Form()] = "",
    village: Annotated[str, Form()] = "",
    announcement: Annotated[str, Form()] = "",
    back: Annotated[str, Form()] = "",
) -> Response:
    """Say something of a day, of a village's day, or of an announcement."""
    accounts.require(visit.user, Role.SECRETARY)
    place = find_village(session, visit.commune, village) if village else None
    about = uuid_of(announcement)
    known = about if about and about in contents.titles(session, visit.commune, {about}) else None
    day = day_of(on) or visit.today
    try:
        comments.add(session, visit.commune, visit.user, text, day, visit.now, village=place, announcement_uuid=known)
    except Invalid as error:
        return _again(visit, session, error, text, day, village, str(known or ""), back)
    return _to(back, "log-commented")


@router.post("/{uuid}/remove")
def remove(visit: Acting, session: Writes, uuid: UUID, back: Annotated[str, Form()] = "") -> Response:
    """Take one's own comment away. Raises NoSuchComment, NotYours."""
    accounts.require(visit.user, Role.SECRETARY)
    comments.set_removed(session, visit.commune, uuid, visit.user, visit.now, removed=True)
    return RedirectResponse(f"{_within(back)}removed={uuid}#comments", 303)


@router.post("/{uuid}/restore")
def restore(visit: Acting, session: Writes, uuid: UUID, back: Annotated[str, Form()] = "") -> Response:
    """Bring it back. Raises NoSuchComment, NotYours."""
    accounts.require(visit.user, Role.SECRETARY)
    comments.set_removed(session, visit.commune, uuid, visit.user, visit.now, removed=False)
    return _to(back, "log-comment-restored")


def _to(back: str, did: str) -> Response:
    return RedirectResponse(f"{_within(back)}did={did}", 303)


def _within(back: str) -> str:
    """The page of the log where the form stood, ready for another word in its address; never another site."""
    page = back if back.startswith("/log") and "\\" not in back and "#" not in back else "/log"
    return f"{page}{'&' if '?' in page else '?'}"


def _again(
    visit: Visit,
    session: Session,
    error: Invalid,
    text: str,
    day: date,
    village: str,
    announcement: str,
    back: str,
) -> Response:
    """The form alone, with what was typed and what is wrong with it."""
    places = villages_of(session, visit.commune)
    return render(
        visit,
        "log/comment.html",
        422,
        on=day,
        one=next((place for place in places if place.slug == village), None),
        villages=places,
        announcement=announcement,
        back=_within(back)[:-1],
        talked=Talk((), {}, {}, problems=[problem_of(error)], typed=text),
        shapes={},
    )
