"""Villages and their loudspeakers: who is well, pairing, settings, and what a sample player's village heard."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import FileResponse, RedirectResponse
from markupsafe import Markup
from sqlalchemy.orm import Session

from broadcaster.accounts import service as accounts
from broadcaster.accounts.models import Role
from broadcaster.deps import Acting, Looking, Reads, TheStation, Visit, Writes
from broadcaster.fleet import service as fleet
from broadcaster.fleet.models import Player
from broadcaster.fleet.outages import Rules
from broadcaster.publishing import service as publishing
from broadcaster.station import Station
from broadcaster.web import qr
from broadcaster.web.forms import NO_NAME, Problem, problem_of
from broadcaster.web.health import Mood, health_of, player_health
from broadcaster.web.render import render
from broadcaster.web.text import slug_of
from broadcaster.web.villages.forms import CODECS, PRESETS, AiringForm, DeviceForm, LanguagesForm, SoundForm
from content.kernel.errors import Invalid, NotFound
from content.kernel.nodes import Node, NodeKind, add_node, village, villages_of
from schedules import queries as schedules
from schedules import service as scheduling
from schedules.models import VillageAiring

router = APIRouter(prefix="/villages")
LONGEST_NAME = 120
VillageForm = AiringForm | LanguagesForm | SoundForm | DeviceForm
_STAMP, _STAMP_LENGTH = "%Y%m%dT%H%M%SZ", 16
_SECOND = timedelta(seconds=1)


class NoSuchRecording(NotFound):
    """A file that the sample player did not write, or has cleared away."""

    sentence = "This recording is not here any more: only the newest ones are kept."


class VillageExists(Invalid):
    """Two villages of one name would be mistaken for each other."""

    sentence = "There is a village of this name already."
    field = "name"


@dataclass(frozen=True, slots=True)
class Heard:
    """What a sample player's loudspeaker played in one opening of a slot, and which announcements those were."""

    name: str
    starts_at: datetime
    titles: tuple[str, ...]


@dataclass(frozen=True)
class Pairing:
    """A code, and the address at which a phone takes it."""

    code: str
    address: str

    @property
    def picture(self) -> Markup:
        """The address with the code in it, for a camera."""
        return qr.drawn(f"{self.address}#{self.code}")


@router.get("")
def show_all(visit: Looking, session: Reads, station: TheStation) -> Response:
    """All villages by health, and the form for another one."""
    return _list_page(visit, session, station)


@router.post("")
def add(visit: Acting, session: Writes, station: TheStation, name: Annotated[str, Form()] = "") -> Response:
    """A new village of the commune, with the usual quiet hours."""
    accounts.require(visit.user, Role.ADMIN)
    name = name.strip()[:LONGEST_NAME]
    slug = slug_of(name)
    if not slug:
        return _list_page(visit, session, station, [Problem("name", NO_NAME)], name)
    if slug in {place.slug for place in villages_of(session, visit.commune)}:
        return _list_page(visit, session, station, [problem_of(VillageExists())], name)
    place = add_node(session, NodeKind.VILLAGE, slug, name, parent=visit.commune, time_zone=visit.commune.time_zone)
    scheduling.add_village_airing(session, place)
    publishing.want_plan(session, visit.commune)
    return RedirectResponse(f"/villages/{slug}?did=village-added", 303)


@router.get("/{slug}")
def show(visit: Looking, session: Reads, station: TheStation, slug: str, did: str = "") -> Response:
    """One village: its players, settings, and what was heard there."""
    return _page(visit, session, station, village(session, visit.commune, slug), did=did)


@router.post("/{slug}/code")
def make_code(request: Request, visit: Acting, session: Writes, station: TheStation, slug: str) -> Response:
    """A pairing code, shown on this answer only."""
    accounts.require(visit.user, Role.ADMIN)
    place = village(session, visit.commune, slug)
    code = fleet.make_code(session, place, visit.user.uuid, visit.now)
    return _page(visit, session, station, place, pairing=Pairing(code, f"{request.base_url}player"))


@router.post("/{slug}/players/{uuid}/remove")
def remove_player(visit: Acting, session: Writes, slug: str, uuid: UUID) -> Response:
    """End a player's pairing."""
    accounts.require(visit.user, Role.ADMIN)
    fleet.revoke(session, uuid, visit.user.uuid, visit.now)
    publishing.want_plan(session, visit.commune)
    return RedirectResponse(f"/villages/{slug}?did=player-removed", 303)


@router.post("/{slug}/settings")
def change(
    visit: Acting, session: Writes, station: TheStation, slug: str, form: Annotated[AiringForm, Form()]
) -> Response:
    """Quiet hours and volume."""
    return _changed(visit, session, station, slug, form)


@router.post("/{slug}/languages")
def change_languages(
    visit: Acting, session: Writes, station: TheStation, slug: str, form: Annotated[LanguagesForm, Form()]
) -> Response:
    """Which languages are heard, in which order, and which of them what is important needs."""
    return _changed(visit, session, station, slug, form)


@router.post("/{slug}/sound")
def change_sound(
    visit: Acting, session: Writes, station: TheStation, slug: str, form: Annotated[SoundForm, Form()]
) -> Response:
    """What the players get, and until when before air."""
    return _changed(visit, session, station, slug, form)


@router.post("/{slug}/device")
def change_device(
    visit: Acting, session: Writes, station: TheStation, slug: str, form: Annotated[DeviceForm, Form()]
) -> Response:
    """What the device must know of its amplifier, line and disk."""
    return _changed(visit, session, station, slug, form)


@router.get("/{slug}/air/{name}")
def listen(visit: Looking, session: Reads, station: TheStation, slug: str, name: str) -> FileResponse:
    """What a sample player's village heard, whole or by Range. Raises NoSuchRecording."""
    folder = _air_folder(station, village(session, visit.commune, slug))
    found = next((path for path in _recordings(folder).values() if path.name == name), None)
    if found is None:
        raise NoSuchRecording
    return FileResponse(found, media_type="audio/wav", headers={"Cache-Control": "private, no-cache"})


def _changed(visit: Visit, session: Session, station: Station, slug: str, form: VillageForm) -> Response:
    """The answer to one of the forms: saved, or shown again with what is wrong."""
    place, problems = _change(visit, session, slug, *form.changes())
    if problems:
        return _page(visit, session, station, place, form=form, problems=problems)
    return RedirectResponse(f"/villages/{slug}?did=village-saved", 303)


def _change(
    visit: Visit, session: Session, slug: str, changes: dict[str, object], problems: list[Problem]
) -> tuple[Node, list[Problem]]:
    """Change a village's settings unless there are problems; the village, and all problems there are."""
    accounts.require(visit.user, Role.ADMIN)
    place = village(session, visit.commune, slug)
    if problems:
        return place, problems
    try:
        airing = _airing(session, visit.commune, place)
        scheduling.change_village_airing(session, airing, visit.now, visit.user.uuid, **changes)
    except Invalid as error:
        return place, [problem_of(error)]
    publishing.want_plan(session, visit.commune)
    return place, []


def _list_page(
    visit: Visit, session: Session, station: Station, problems: Sequence[Problem] = (), name: str = ""
) -> Response:
    villages = villages_of(session, visit.commune)
    players = fleet.players_of(session, villages)
    rules = Rules.of(station.settings)
    tiles = [
        (place, health_of([p for p in players if p.village_id == place.id], visit.now, rules)) for place in villages
    ]
    return render(
        visit,
        "villages/list.html",
        422 if problems else 200,
        tiles=tiles,
        next_cues=schedules.next_cues(session, visit.commune, visit.now),
        ill=sum(health.mood in {Mood.TROUBLE, Mood.UNPAIRED} for _, health in tiles),
        problems=problems,
        name=name,
    )


def _page(
    visit: Visit,
    session: Session,
    station: Station,
    place: Node,
    *,
    form: VillageForm | None = None,
    problems: Sequence[Problem] = (),
    pairing: Pairing | None = None,
    did: str = "",
) -> Response:
    players: list[Player] = fleet.players_of(session, [place])
    airing, rules = _airing(session, visit.commune, place), Rules.of(station.settings)
    relays = any(slot.relay_url and place in slot.villages for slot in schedules.slots(session, visit.commune))
    return render(
        visit,
        "villages/village.html",
        422 if problems else 200,
        did=did,
        village=place,
        healths=[player_health(player, visit.now, rules, relays=relays) for player in players],
        next_cue=schedules.next_cues(session, visit.commune, visit.now).get(place.id),
        form=form if isinstance(form, AiringForm) else AiringForm.of(airing),
        device=form if isinstance(form, DeviceForm) else DeviceForm.of(airing),
        device_open=isinstance(form, DeviceForm),
        sound=form if isinstance(form, SoundForm) else SoundForm.of(airing),
        codecs=[(codec, visit.tongue.say(label)) for codec, label in CODECS.items()],
        presets=[(preset, visit.tongue.say(label)) for preset, label in PRESETS.items()],
        spoken=form if isinstance(form, LanguagesForm) else LanguagesForm.of(airing),
        problems=problems,
        pairing=pairing,
        code_until=visit.now + fleet.CODE_LIVES,
        heard=_heard(session, place, _air_folder(station, place)) if any(one.is_sample for one in players) else None,
    )


def _airing(session: Session, commune: Node, place: Node) -> VillageAiring:
    return next(one for one in schedules.village_airings(session, commune) if one.village_id == place.id)


def _air_folder(station: Station, place: Node) -> Path:
    return station.sample_players_dir / place.slug / "air"


def _recordings(folder: Path) -> dict[datetime, Path]:
    """The player's files by the start of their occurrence, which begins their name, newest first."""
    found = {_starts_at(path): path for path in folder.glob("*.wav") if path.is_file()}
    return {at: found[at] for at in sorted((at for at in found if at), reverse=True)}


def _starts_at(path: Path) -> datetime | None:
    try:
        return datetime.strptime(path.name[:_STAMP_LENGTH], _STAMP).replace(tzinfo=UTC)
    except ValueError:
        return None


def _heard(session: Session, place: Node, folder: Path) -> list[Heard]:
    recordings = _recordings(folder)
    if not recordings:
        return []
    occurrences = schedules.occurrences_between(session, place, min(recordings), max(recordings) + _SECOND)
    titles = {
        one.starts_at.replace(microsecond=0): tuple(dict.fromkeys(cue.title for cue in schedules.cues(one)))
        for one in occurrences
    }
    return [Heard(path.name, at, titles.get(at, ())) for at, path in recordings.items()]
