"""What village heads say was heard: their page without a login, and the cards with its QR code.

The page works on the oldest phone: no script, no cookie, plain forms. Its address opens nothing else.
"""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse

from broadcaster.accounts import service as accounts
from broadcaster.accounts.models import Role
from broadcaster.asrun import hearing
from broadcaster.deps import Acting, Looking, Reads, TheStation, TheTongue, Writes
from broadcaster.station import Station
from broadcaster.web import qr
from broadcaster.web.render import page, render
from content.kernel.errors import NotFound
from content.kernel.nodes import village as find_village
from content.kernel.nodes import villages_of

router = APIRouter()
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
    address = f"{request.base_url}h/{hearing.token_of(_key(station), link)}"
    return render(
        visit,
        "heard/card.html",
        village=village,
        address=address,
        code=qr.drawn(address),
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


@router.get("/h/{token}")
def ask(session: Reads, station: TheStation, tongue: TheTongue, token: str, thanks: str = "") -> Response:
    """What was to be heard in the village today and yesterday. Raises DeadHearingLink."""
    _, village = hearing.whose(session, _key(station), token)
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
    session: Writes,
    station: TheStation,
    token: str,
    occurrence: Annotated[UUID, Form()],
    group: Annotated[str, Form(max_length=200)],
    verdict: Annotated[hearing.Verdict, Form()],
    words: Annotated[str, Form()] = "",
) -> Response:
    """Keep what was said. Raises DeadHearingLink, HearingTooOften."""
    link, _ = hearing.whose(session, _key(station), token)
    hearing.say(session, link, occurrence, group, verdict, words, station.clock.now())
    return RedirectResponse(f"/h/{token}?thanks=1", 303, headers=_PRIVATE)


def _key(station: Station) -> bytes:
    return station.signer.secret_for(hearing.PURPOSE)
