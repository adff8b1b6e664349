"""What browsers are told about every answer, and which writes are refused because another site sent them."""

from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

from fastapi import Request, Response

from broadcaster.deps import LOGIN_COOKIE, LoginNeeded, cookie_name, login_of, station
from broadcaster.web import render
from content.kernel.errors import NotAllowed

_READS = {"GET", "HEAD", "OPTIONS"}


class CrossSite(NotAllowed):
    """A form of another site posts in the visitor's name."""

    sentence = "This request came from another site, so nothing was done. Open the page here and press again."


async def guard(request: Request, call_next: Callable[[Request], Awaitable[Response]]) -> Response:
    """Middleware: refuse writes that another site sent; add `render.HEADERS` where an answer has none of its own."""
    refusal = _refusal(request)
    answer = await (render.on_error(request, refusal) if refusal else call_next(request))
    for name, value in render.HEADERS.items():
        answer.headers.setdefault(name, value)
    return answer


def _refusal(request: Request) -> NotAllowed | None:
    """Why this is not even read."""
    if request.method in _READS:
        return None
    if _is_from_elsewhere(request):
        return CrossSite()
    brings_files = request.headers.get("content-type", "").startswith("multipart/")
    # Bodies are taken in before a route asks who sends them: files of nobody we know would fill the disk.
    return LoginNeeded() if brings_files and login_of(request, station(request)) is None else None


def _is_from_elsewhere(request: Request) -> bool:
    """By what browsers say of a request's origin and pages cannot forge (ADR 0013).

    Every browser says one of the three with a write of ours. Who says none is no browser, and then carries no login.
    """
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site not in {"same-origin", "none"}
    came_from = request.headers.get("origin", request.headers.get("referer"))
    if came_from is None:
        return any(cookie_name(LOGIN_COOKIE, secure=secure) in request.cookies for secure in (True, False))
    try:
        return urlsplit(came_from).netloc != request.headers.get("host")
    except ValueError:  # no address at all
        return True
