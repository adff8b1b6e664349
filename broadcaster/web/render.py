"""Answers that people look at: pages out of templates, and the page for what no form could show."""

import logging
from urllib.parse import quote, urlsplit

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, RedirectResponse
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from broadcaster import deps
from broadcaster.deps import LoginNeeded, SettleFirst, Visit
from broadcaster.errors import status_of
from broadcaster.i18n import Tongue
from broadcaster.web import words
from broadcaster.web.templating import environment
from broadcaster.web.words import mark
from content.kernel.errors import BroadcastError

log = logging.getLogger(__name__)
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; media-src 'self' blob:; "
        "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), payment=(), microphone=(self)",
}
"""Browsers run and show nothing but ours, and no other site frames it."""
_PRIVATE = {"Cache-Control": "private, no-cache"}
NO_SUCH_PAGE = mark("There is no such page. Perhaps the address was mistyped, or what it showed has been removed.")
BROKEN = mark("Something went wrong here, not with you. Nothing stored is lost. Go back and try again.")


def render(visit: Visit, template: str, status: int = 200, **context: object) -> Response:
    """A page for somebody who is logged in."""
    return page(visit.tongue, template, status, visit=visit, zone=visit.zone, now=visit.now, **context)


def page(tongue: Tongue, template: str, status: int = 200, **context: object) -> Response:
    """A page for anybody: `visit` is None unless given."""
    known = {"tongue": tongue, "visit": None, "words": words, "zone": None, "now": None, "did": ""} | context
    return HTMLResponse(environment().get_template(template).render(known), status, HEADERS | _PRIVATE)


async def on_error(request: Request, error: BroadcastError) -> Response:
    """The page for one of our errors; who must log in (or settle their login) does so, and comes back afterwards."""
    if isinstance(error, LoginNeeded | SettleFirst):
        return RedirectResponse(f"{error.facts.get('address', '/login')}{_come_back(request)}", 303)
    return _error_page(request, words.said(_tongue(request), error), status_of(error))


def add_error_pages(app: FastAPI) -> None:
    """Pages without code words for what FastAPI itself refuses, and for what we did not foresee."""
    app.add_exception_handler(HTTPException, _no_such_page)
    app.add_exception_handler(RequestValidationError, _no_such_page)
    app.add_exception_handler(Exception, _broken)


async def _no_such_page(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 404
    return _error_page(request, _tongue(request).say(NO_SUCH_PAGE), status)


async def _broken(request: Request, error: Exception) -> Response:
    if isinstance(error, ClientDisconnect):  # who left in the middle hears no answer
        return Response(status_code=499)
    log.error("page_broken", extra={"path": request.url.path}, exc_info=error)
    return _error_page(request, _tongue(request).say(BROKEN), 500)


def _error_page(request: Request, sentence: str, status: int) -> Response:
    return page(_tongue(request), "error.html", status, sentence=sentence)


def _tongue(request: Request) -> Tongue:
    return deps.tongue(request, deps.station(request))


def _come_back(request: Request) -> str:
    """Where to go after the login: this page, or the one whose form was sent (the browser keeps what was typed)."""
    url = urlsplit(str(request.url) if request.method == "GET" else request.headers.get("referer", ""))
    target = url.path + (f"?{url.query}" if url.query else "")
    return f"?next={quote(target, safe='/')}" if target not in {"", "/"} else ""
