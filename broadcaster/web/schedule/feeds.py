"""Each village's programme for other programs: a calendar (iCalendar) and playlists (M3U8) with their sounds.

No login: an address holds a token that only this station can make (`publishing.feeds`), so that a calendar or a player
can be given it. It opens what the village's loudspeakers will say aloud anyway, and nothing else.
"""

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import FileResponse, RedirectResponse
from sqlalchemy import String, cast, select
from sqlalchemy.orm import Session

from broadcaster.accounts import service as accounts
from broadcaster.accounts.models import Role
from broadcaster.deps import Acting, Looking, Reads, TheStation, TheTongue, Visit, Writes
from broadcaster.fleet import lives
from broadcaster.fleet.errors import HeldAfterRestore
from broadcaster.i18n import Tongue
from broadcaster.publishing import feeds as links
from broadcaster.publishing import service as publishing
from broadcaster.station import Station
from broadcaster.web.render import render
from broadcaster.web.schedule import evening
from broadcaster.web.schedule.calendar import calendar
from broadcaster.web.schedule.playlist import Track, m3u8
from broadcaster.web.words import mark
from content.kernel.errors import NotFound
from content.kernel.nodes import Node, villages_of
from content.kernel.nodes import village as find_village
from content.kernel.units import Sha256
from schedules import queries
from schedules.models import CueRow, Occurrence

router = APIRouter()
DAYS_AHEAD = 14
_READ = ["GET", "HEAD"]
"""Liquidsoap asks for the head first."""
_HELD_BACK = timedelta(days=1)
"""A player that was given a playlist yesterday may still fetch its sounds."""
_ENDINGS = {"audio/ogg": "ogg", "audio/mpeg": "mp3", "audio/wav": "wav", "audio/flac": "flac"}
CALENDAR, PLAYLIST = "text/calendar; charset=utf-8", "audio/x-mpegurl; charset=utf-8"
Change = Callable[[Session, Node, datetime, UUID], None]
_ASK_AGAIN = {"Cache-Control": "private, no-cache", "X-Robots-Tag": "noindex"}


class NoSuchFeed(NotFound):
    """A token that this station did not make, or something that its village does not air."""

    sentence = "There is nothing at this address. Take the address anew from the page “Schedule”."


@dataclass(frozen=True, slots=True)
class Feed:
    """A village that an address names, and what its addresses begin with."""

    village: Node
    base: str


def feed(request: Request, session: Reads, station: TheStation, token: str) -> Feed:
    """What the address opens. Raises NoSuchFeed, HeldAfterRestore."""
    village = links.village_of(session, station.signer, token)
    if village is None:
        raise NoSuchFeed
    if lives.held(session):
        raise HeldAfterRestore
    return Feed(village, f"{request.base_url}feeds/{token}")


TheFeed = Annotated[Feed, Depends(feed)]


@router.get("/schedule/feeds")
def show(
    request: Request, visit: Looking, session: Reads, station: TheStation, did: str = "", village: str = ""
) -> Response:
    """The addresses of all villages, and what to do with them."""
    villages = villages_of(session, visit.commune)
    tokens = [(place, links.token_of(session, station.signer, place)) for place in villages]
    return render(
        visit,
        "schedule/feeds.html",
        addresses=[(place, token and f"{request.base_url}feeds/{token}") for place, token in tokens],
        did=did,
        shown=village,
        shut=next(
            (place for place, token in tokens if did == "feed-shut" and place.slug == village and not token), None
        ),
    )


@router.post("/schedule/feeds/{slug}/renew")
def renew(visit: Acting, session: Writes, slug: str) -> Response:
    """Another address for a village; the one before stops at once."""
    return _changed(visit, session, slug, links.renew, "feed-renewed")


@router.post("/schedule/feeds/{slug}/shut")
def shut(visit: Acting, session: Writes, slug: str) -> Response:
    """No address for a village, undoably."""
    return _changed(visit, session, slug, links.shut, "feed-shut")


@router.post("/schedule/feeds/{slug}/reopen")
def reopen(visit: Acting, session: Writes, slug: str) -> Response:
    """Undo that."""
    return _changed(visit, session, slug, links.reopen, "feed-opened")


@router.api_route("/feeds/{token}/village.ics", methods=_READ)
def ics(request: Request, feed: TheFeed, session: Reads, station: TheStation, tongue: TheTongue) -> Response:
    """What airs in the village from today on, as a calendar that asks again by itself."""
    return _unless_known(request, calendar_of(session, feed, station.clock.now(), tongue), CALENDAR)


@router.api_route("/feeds/{token}/today.m3u8", methods=_READ)
def today(request: Request, feed: TheFeed, session: Reads, station: TheStation, tongue: TheTongue) -> Response:
    """All that airs in the village today, in order."""
    on = station.clock.now().astimezone(feed.village.zone).date()
    return _unless_known(request, playlist_of(session, feed, on, tongue), PLAYLIST)


@router.api_route("/feeds/{token}/occurrences/{uuid}.m3u8", methods=_READ)
def playlist(request: Request, feed: TheFeed, session: Reads, uuid: UUID) -> Response:
    """What airs in one occurrence of the village, in order."""
    planned = _occurrence(session, feed.village, uuid)
    at = planned.starts_at.astimezone(feed.village.zone)
    name = f"{feed.village.name}, {planned.slot.name}, {at:%H:%M %d/%m/%Y}"
    return _unless_known(request, m3u8(name, _tracks(session, [planned], feed)), PLAYLIST)


@router.api_route("/feeds/{token}/occurrences/{uuid}.ogg", methods=_READ)
def whole(feed: TheFeed, session: Reads, station: TheStation, uuid: UUID) -> FileResponse:
    """One occurrence of the village in one go."""
    return evening.answer(station, session, _occurrence(session, feed.village, uuid))


@router.api_route("/feeds/{token}/media/{sha256}.{ending}", methods=_READ)
def media(feed: TheFeed, session: Reads, station: TheStation, sha256: str, ending: str) -> FileResponse:
    """A sound that is planned in the village, and no other. Raises NoSuchFeed."""
    name = Sha256(sha256)
    mime = publishing.published_mime(session, name) if _is_planned(session, station, feed.village, sha256) else None
    if mime is None or _ENDINGS.get(mime) != ending or not station.store.exists(name):
        raise NoSuchFeed
    headers = {"Cache-Control": "private, max-age=86400, immutable", "X-Robots-Tag": "noindex"}
    return FileResponse(station.store.path(name), media_type=mime, headers=headers)


def calendar_of(session: Session, feed: Feed, now: datetime, tongue: Tongue) -> bytes:
    """What airs in the village from today on, as an iCalendar file."""
    village = feed.village
    midnight = datetime.combine(now.astimezone(village.zone).date(), time.min, tzinfo=village.zone)
    planned = queries.occurrences_between(session, village, midnight, now + timedelta(days=DAYS_AHEAD))
    name = tongue.say(mark("Loudspeakers of {village}"), {"village": village.name})
    return calendar(name, planned, village, lambda one: f"{feed.base}/occurrences/{one.uuid}.ogg")


def playlist_of(session: Session, feed: Feed, on: date, tongue: Tongue) -> bytes:
    """All that airs in the village on a local date, in order, as an M3U8 file."""
    commune = session.get_one(Node, feed.village.parent_id)
    planned = queries.day_plan(session, commune, on, village=feed.village)
    return m3u8(f"{feed.village.name}, {tongue.day(on)}", _tracks(session, planned, feed))


def _changed(visit: Visit, session: Session, slug: str, change: Change, did: str) -> Response:
    accounts.require(visit.user, Role.CADRE)
    change(session, find_village(session, visit.commune, slug), visit.now, visit.user.uuid)
    return RedirectResponse(f"/schedule/feeds?did={did}&village={slug}#{slug}", 303)


def _occurrence(session: Session, village: Node, uuid: UUID) -> Occurrence:
    found = evening.occurrence(session, session.get_one(Node, village.parent_id), uuid)
    if found.village_id != village.id:
        raise NoSuchFeed
    return found


def _is_planned(session: Session, station: Station, village: Node, sha256: str) -> bool:
    if len(sha256) != 64 or not sha256.isalnum():
        return False
    query = (
        select(CueRow.id)
        .join(Occurrence, Occurrence.playlist_id == CueRow.playlist_id)
        .where(Occurrence.village_id == village.id, Occurrence.ends_at > station.clock.now() - _HELD_BACK)
        .where(cast(CueRow.media, String).contains(sha256))
    )
    return session.scalars(query.limit(1)).first() is not None


def _tracks(session: Session, planned: Iterable[Occurrence], feed: Feed) -> Sequence[Track]:
    """A track for each sound; one of a kind that we do not name is left out."""
    cues = [(one, cue) for one in planned for cue in queries.cues(one) if cue.relay_url is None]
    mimes = {name: publishing.published_mime(session, Sha256(name)) for _, cue in cues for name in cue.media}
    found: list[Track] = []
    for one, cue in cues:
        at = (one.starts_at + timedelta(milliseconds=cue.offset_ms)).astimezone(feed.village.zone)
        for name in cue.media:
            ending = _ENDINGS.get(mimes[name] or "")
            if ending is not None:
                address = f"{feed.base}/media/{name}.{ending}"
                found.append(Track(f"{at:%H:%M} {cue.title}", cue.duration_ms // len(cue.media), address, ending))
    return found


def _unless_known(request: Request, body: bytes, mime: str) -> Response:
    """The body, or 304 to who has it already."""
    headers = {**_ASK_AGAIN, "ETag": f'"{hashlib.sha256(body).hexdigest()[:32]}"'}
    known = [tag.strip().removeprefix("W/") for tag in request.headers.get("if-none-match", "").split(",")]
    if headers["ETag"] in known:
        return Response(status_code=304, headers=headers)
    return Response(body, media_type=mime, headers=headers)
