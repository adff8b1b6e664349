"""The plan as files: what the pages let one hear, subscribe to and print, made by the same functions."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from sqlalchemy.orm import Session

from broadcaster import i18n
from broadcaster.publishing import feeds as links
from broadcaster.station import Station
from broadcaster.web.schedule import evening, feeds, printing
from broadcaster.web.schedule.overview import Place
from content.kernel.errors import Conflict, Invalid
from content.kernel.nodes import Node
from schedules import queries


class NoSuchKind(Invalid):
    """The ending of a file's name tells nothing."""

    sentence = "{file}: what is written goes by the ending: .ogg, .m3u8, .ics or .html."


class WhichVillage(Invalid):
    """A sound, a playlist and a calendar are one village's."""

    sentence = "{file} is one village's: name it, for instance --village un-ta."


class FeedShut(Conflict):
    """The village has no address to write into the file."""

    sentence = "The address of {village} is shut. Open it again: broadcaster feeds reopen {slug}"


@dataclass(frozen=True, slots=True)
class Wanted:
    """Of which day and village (None: all) a file tells, and at which server its addresses are."""

    commune: Node
    village: Node | None
    on: date
    server: str


def write(session: Session, station: Station, wanted: Wanted, file: Path) -> None:
    """Write what the ending says: sounds in one, playlist, calendar, or the week's notice.

    Raises:
        NoSuchKind, WhichVillage, FeedShut: see there.
        SoundIncomplete: nothing is planned, or not all of its audio is here.
    """
    tongue, now = i18n.load(station.settings.language), station.clock.now()
    match file.suffix, wanted.village:
        case ".html", village:
            place = Place.of(session, wanted.commune, village.slug if village else "")
            file.write_text(printing.alone(session, wanted.commune, place, wanted.on, tongue, now), "utf-8")
        case ".ogg" | ".m3u8" | ".ics", None:
            raise WhichVillage(file=file)
        case ".ogg", village:
            planned = queries.day_plan(session, wanted.commune, wanted.on, village=village)
            evening.write(file, evening.pieces_of_day(session, station.store, planned))
            file.chmod(0o644)  # it was written aside for its owner alone
        case ".m3u8", Node() as village:
            feed = _feed(session, station, village, wanted.server)
            file.write_bytes(feeds.playlist_of(session, feed, wanted.on, tongue))
        case ".ics", Node() as village:
            feed = _feed(session, station, village, wanted.server)
            file.write_bytes(feeds.calendar_of(session, feed, now, tongue))
        case _:
            raise NoSuchKind(file=file)


def _feed(session: Session, station: Station, village: Node, server: str) -> feeds.Feed:
    token = links.token_of(session, station.signer, village)
    if token is None:
        raise FeedShut(village=village.name, slug=village.slug)
    return feeds.Feed(village, f"{server.rstrip('/')}/feeds/{token}")
