"""The web application: the players' API and the pages, joined into one ASGI app.

The manifest and what concerns alerts are bare routes outside both, since every player asks for the one every minute,
and all of them for the other at the same moment: no middleware, no ORM.
"""

from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse
from fastapi.staticfiles import StaticFiles
from starlette.applications import Starlette
from starlette.routing import Mount, Route

from broadcaster import i18n
from broadcaster.alerts.incoming.errors import UnknownSourceToken
from broadcaster.api import cap, v1
from broadcaster.api.board import Board
from broadcaster.api.events import get_alerts, get_events, post_receipts
from broadcaster.api.hub import Hub
from broadcaster.api.index import ManifestIndex
from broadcaster.api.intake import Intake
from broadcaster.api.manifest import get_manifest
from broadcaster.api.throttle import Throttle
from broadcaster.errors import status_of
from broadcaster.fleet.errors import UnknownToken
from broadcaster.protocol import API
from broadcaster.station import Station
from broadcaster.web import render, security
from broadcaster.web.log.guesses import Guesses
from broadcaster.web.routes import router as page_routes
from content.kernel.errors import BroadcastError


class _Static(StaticFiles):
    """Addresses carry a hash of the content, so browsers may keep them for ever."""

    def file_response(self, *arguments: Any, **named: Any) -> Response:
        """The file, never asked for again."""
        answer = super().file_response(*arguments, **named)
        answer.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        return answer


def create_app(station: Station) -> Starlette:
    """The application over an open station. The API describes itself at `/api/v1/openapi.json`."""
    index = ManifestIndex(station.sessions, station.settings.database)
    board = Board(station.sessions, station.settings.database, station.clock.now)
    hub = Hub(board, index, Intake(station.sessions))
    app = Starlette(
        routes=[
            Route(f"{API}/manifest", get_manifest, methods=["GET"]),
            Route(f"{API}/events", get_events, methods=["GET"]),
            Route(f"{API}/alerts", get_alerts, methods=["GET"]),
            Route(f"{API}/alerts/receipts", post_receipts, methods=["POST"]),
            Route("/health", _health, methods=["GET"]),
            Mount(API, _players(station)),
            Mount("/", _pages(station, hub)),
        ]
    )
    app.state.station = station
    app.state.index = index
    app.state.hub = hub
    return app


async def _health(_request: Request) -> Response:
    """The process is up."""
    return JSONResponse({"status": "up"})


def _players(station: Station) -> FastAPI:
    api = FastAPI(title="Village broadcaster: players", version=version("village-broadcaster"), docs_url=None)
    api.state.station = station
    api.state.throttle = Throttle(station.clock.now)
    api.include_router(v1.router)
    api.include_router(cap.router)
    api.add_exception_handler(BroadcastError, _say_in_json)
    return api


def _pages(station: Station, hub: Hub) -> FastAPI:
    pages = FastAPI(openapi_url=None)
    pages.state.station = station
    pages.state.hub = hub
    pages.state.guesses = Guesses(station.clock.now)
    pages.state.tongues = {code: i18n.load(code) for code in i18n.LANGUAGES}
    pages.mount("/static", _Static(directory=Path(str(files("broadcaster.web") / "static"))))
    pages.include_router(page_routes)
    pages.middleware("http")(security.guard)
    pages.add_exception_handler(BroadcastError, _show_page)
    render.add_error_pages(pages)
    return pages


async def _show_page(request: Request, error: Exception) -> Response:
    """What people read: a page in their language."""
    assert isinstance(error, BroadcastError)
    return await render.on_error(request, error)


async def _say_in_json(_request: Request, error: Exception) -> Response:
    """What programs and their writers read: English, one sentence."""
    assert isinstance(error, BroadcastError)
    status = 401 if isinstance(error, UnknownToken | UnknownSourceToken) else status_of(error)
    return JSONResponse({"error": str(error)}, status_code=status)
