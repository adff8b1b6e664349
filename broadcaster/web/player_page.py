"""The web player: a page without login for an old phone with a cable to the amplifier, its modules and its worker.

Nothing here knows who pairs: the page talks to the players' API by itself. Its modules import each other, so they lie
under an address that changes with any of them, and a service worker keeps all of it for days without a server.
"""

import gzip
import hashlib
import json
from functools import cache
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from typing import NamedTuple

from fastapi import APIRouter, Request, Response

from broadcaster.i18n import Tongue
from broadcaster.web import render
from broadcaster.web.templating import environment

router = APIRouter(prefix="/player")
_FOLDER = Path(str(files("broadcaster.web") / "static" / "player"))
_WORKER = "worker.js"
_SHARED = ("tokens.css", "style.css", "page.js", "icon.svg")
_FOR_EVER = {"Cache-Control": "public, max-age=31536000, immutable"}
_NO_CACHE = {"Cache-Control": "no-cache"}


class Modules(NamedTuple):
    """The player's modules by name, and the name of them all together."""

    version: str
    sources: dict[str, bytes]


@cache
def modules() -> Modules:
    """Read them once."""
    sources = {path.name: path.read_bytes() for path in sorted(_FOLDER.glob("*.js"))}
    worker = sources.pop(_WORKER)
    told = b"".join(name.encode() + source for name, source in sources.items()) + worker
    return Modules(hashlib.sha256(told).hexdigest()[:12], sources)


@router.get("")
def show(request: Request) -> Response:
    """The page, in English where the browser prefers it to Vietnamese."""
    answer = _page(_tongue(request))
    answer.headers["Vary"] = "Accept-Language"
    answer.headers["Content-Security-Policy"] += "; manifest-src 'self'"
    return answer


@router.get("/app.webmanifest")
def app(request: Request) -> Response:
    """What makes the page an app on the home screen: such a one may sound without a press."""
    name = _tongue(request).catalogue.gettext("Village loudspeaker")
    icon = {"src": _static("icon.svg"), "sizes": "any", "type": "image/svg+xml"}
    facts = {"name": name, "short_name": name, "start_url": "/player", "scope": "/player", "display": "standalone"}
    return Response(json.dumps(facts | {"icons": [icon]}), media_type="application/manifest+json", headers=_NO_CACHE)


@router.get(f"/{_WORKER}")
def worker(request: Request) -> Response:
    """The service worker, with the list of what it keeps: another page, or another file, makes it another worker."""
    kept = ["/player", *(f"/player/{modules().version}/{name}" for name in modules().sources), *map(_static, _SHARED)]
    pages = b"".join(bytes(_page(tongue).body) for tongue in request.app.state.tongues.values())
    name = hashlib.sha256(json.dumps(kept).encode() + pages).hexdigest()[:12]
    head = f"const VERSION = {json.dumps(name)};\nconst FILES = {json.dumps(kept)};\n"
    source = head.encode() + (_FOLDER / _WORKER).read_bytes()
    return Response(source, media_type="text/javascript", headers=_NO_CACHE | {"Service-Worker-Allowed": "/player"})


@router.get("/{release}/{name}")
def module(request: Request, release: str, name: str) -> Response:
    """A module; only of the version that is here."""
    source = modules().sources.get(name)
    if source is None or release != modules().version:
        return Response(status_code=404)
    headers = _FOR_EVER | {"Vary": "Accept-Encoding"}
    if "gzip" in request.headers.get("accept-encoding", ""):
        return Response(_packed(name), media_type="text/javascript", headers=headers | {"Content-Encoding": "gzip"})
    return Response(source, media_type="text/javascript", headers=headers)


@cache
def _packed(name: str) -> bytes:
    return gzip.compress(modules().sources[name], mtime=0)


def _page(tongue: Tongue) -> Response:
    folder, release = f"/player/{modules().version}", version("village-broadcaster")
    return render.page(tongue, "player/index.html", modules=folder, release=release)


def _static(name: str) -> str:
    address: str = environment().globals["static"](name)  # type: ignore[operator]
    return address


def _tongue(request: Request) -> Tongue:
    tongues: dict[str, Tongue] = request.app.state.tongues
    return tongues["en" if request.headers.get("accept-language", "").lower().startswith("en") else "vi"]
