"""What village heads say was heard: their page without a login, and the cards with its QR code.

The page works on the oldest phone: no script, no cookie, plain forms. Its address opens nothing else.
"""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse
from sqlalchemy.orm import Session

from broadcaster.accounts import service as accounts
from broadcaster.accounts.models import Role
from broadcaster.asrun import hearing
from broadcaster.asrun.errors import DeadHearingLink
from broadcaster.asrun.models import HearingLink
from broadcaster.deps import Acting, Looking, Reads, TheStation, TheTongue, Writes
from broadcaster.station import Station
from broadcaster.web import qr
from broadcaster.web.forms import Problem
from broadcaster.web.log.guesses import Guesses
from broadcaster.web.render import page, render
from broadcaster.web.words import mark
from content.kernel.errors import NotFound
from content.kernel.nodes import Node, villages_of
from content.kernel.nodes import village as find_village

router = APIRouter()
WRONG_CODE = mark("No card has this code. Look at the card once more, or ask the commune for a new one.")
_PRIVATE = {"Cache-Control": "no-store", "X-Robots-Tag": "noindex", "Referrer-Policy": "same-origin"}


class NoCard(NotFound):
    """The village has no living link."""

    sentence = "This village has no card yet. Make one first."


@router.get("/log/heard")
def show_all(visit: Looking, session: Reads, did: str = "") -> Response:
    """The villages, who has a card, and what was said last."""
    accounts.require(visit.user, Role.CADRE)
    villages = villages_of(session, visit.commune)
    links = hearing.links(session, villages)
    return render(
        visit, "heard/list.html", villages=villages, links=links, names=accounts.names(session, visit.commune), did=did
    )


@router.get("/log/heard/{slug}/card")
def card(request: Request, visit: Looking, session: Reads, station: TheStation, slug: str) -> Response:
    """The card to print, with the address as letters and as a QR code. Raises NoSuchNode, NoCard."""
    accounts.require(visit.user, Role.CADRE)
    village = find_village(session, visit.commune, slug)
    link = hearing.links(session, [village]).get(village.id)
    if link is None:
        raise NoCard
    code = hearing.code_of(_key(station), link)
    return render(
        visit,
        "heard/card.html",
        village=village,
        address=f"{request.base_url}h",
        code=hearing.shown(code),
        picture=qr.drawn(f"{request.base_url}h/{code}"),
        works_elsewhere=qr.works_elsewhere(request),
    )


@router.post("/log/heard/{slug}")
def make(visit: Acting, session: Writes, slug: str) -> Response:
    """A new card; the one before ends. Raises NoSuchNode."""
    accounts.require(visit.user, Role.CADRE)
    village = find_village(session, visit.commune, slug)
    hearing.make_link(session, village, visit.user.uuid, visit.now)
    return RedirectResponse("/log/heard?did=card-made", 303)


@router.post("/log/heard/{slug}/end")
def end(visit: Acting, session: Writes, slug: str) -> Response:
    """The village's card opens nothing any more. Raises NoSuchNode."""
    accounts.require(visit.user, Role.CADRE)
    village = find_village(session, visit.commune, slug)
    hearing.end_link(session, village, visit.user.uuid, visit.now)
    return RedirectResponse("/log/heard?did=card-ended", 303)


@router.get("/h")
def enter(request: Request, session: Reads, station: TheStation, tongue: TheTongue, code: str = "") -> Response:
    """Where the code on a card is typed. Raises TooManyGuesses."""
    problems: list[Problem] = []
    if code.strip():
        try:
            link, _ = _whose(request, session, station, code)
        except DeadHearingLink:
            problems = [Problem("code", WRONG_CODE)]
        else:
            return RedirectResponse(f"/h/{hearing.code_of(_key(station), link)}", 303, headers=_PRIVATE)
    answer = page(tongue, "heard/enter.html", 422 if problems else 200, problems=problems, code=code[:40])
    answer.headers.update(_PRIVATE)
    return answer


@router.get("/h/{token}")
def ask(
    request: Request, session: Reads, station: TheStation, tongue: TheTongue, token: str, thanks: str = ""
) -> Response:
    """What was to be heard in the village today and yesterday. Raises DeadHearingLink, TooManyGuesses."""
    _, village = _whose(request, session, station, token)
    now = station.clock.now()
    answer = page(
        tongue,
        "heard/ask.html",
        zone=village.zone,
        now=now,
        village=village,
        token=token,
        broadcasts=hearing.broadcasts(session, village, now),
        thanks=bool(thanks),
    )
    answer.headers.update(_PRIVATE)
    return answer


@router.post("/h/{token}")
def answer(
    request: Request,
    session: Writes,
    station: TheStation,
    token: str,
    occurrence: Annotated[UUID, Form()],
    group: Annotated[str, Form(max_length=200)],
    verdict: Annotated[hearing.Verdict, Form()],
    words: Annotated[str, Form()] = "",
) -> Response:
    """Keep what was said. Raises DeadHearingLink, HearingTooOften, TooManyGuesses."""
    link, _ = _whose(request, session, station, token)
    hearing.say(session, link, occurrence, group, verdict, words, station.clock.now())
    return RedirectResponse(f"/h/{token}?thanks=1", 303, headers=_PRIVATE)


def _whose(request: Request, session: Session, station: Station, said: str) -> tuple[HearingLink, Node]:
    """The card that is meant. An address that guesses learns nothing for a while, right or wrong."""
    guesses: Guesses = request.app.state.guesses
    address = request.client.host if request.client else ""
    guesses.check(address)
    try:
        return hearing.whose(session, _key(station), said)
    except DeadHearingLink:
        guesses.wrong(address)
        raise


def _key(station: Station) -> bytes:
    return station.signer.secret_for(hearing.PURPOSE)
