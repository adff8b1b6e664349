"""Voices: which speak here, fetching one, taking one in from a stick, and what each sounds like."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import Annotated

from fastapi import APIRouter, Form, Response, UploadFile
from fastapi.responses import RedirectResponse
from sqlalchemy.orm import Session

from audio_out import orders
from audio_out.engines import piper
from audio_out.errors import EngineMissing
from audio_out.models import JobState, VoiceOrder
from audio_out.voicebox import PUBLISHED, InstalledVoice, PublishedVoice, Voicebox
from audio_out.voices import VOICES
from broadcaster.accounts import service as accounts
from broadcaster.accounts.models import Role
from broadcaster.deps import Acting, Looking, Reads, TheStation, Visit, Writes
from broadcaster.station import Station
from broadcaster.web.forms import Problem, problem_of
from broadcaster.web.render import render
from content.kernel import audit
from content.kernel.db import unit_of_work
from content.kernel.errors import BroadcastError

router = APIRouter(prefix="/voices")


@dataclass(frozen=True, slots=True)
class Offer:
    """A voice that can be fetched, and how far that is."""

    voice: PublishedVoice
    order: VoiceOrder | None

    @property
    def is_coming(self) -> bool:
        """Whether it is being fetched or waits for that."""
        return self.order is not None and self.order.state in {JobState.QUEUED, JobState.RUNNING}


@router.get("")
def show(visit: Looking, session: Reads, station: TheStation, did: str = "") -> Response:
    """All voices, and how to get more."""
    return _page(visit, session, station, did=did)


@router.get("/progress")
def show_progress(visit: Looking, session: Reads, station: TheStation) -> Response:
    """A piece of page: how far the ordered voices are."""
    offers = list(_offers(session, station.voicebox))
    return render(visit, "voices/_offers.html", offers=offers, piper=_piper_problem(), settled=not _any_coming(offers))


@router.post("/order")
def order(visit: Acting, session: Writes, name: Annotated[str, Form()]) -> Response:
    """Fetch a published voice; the worker does it."""
    accounts.require(visit.user, Role.ADMIN)
    orders.order(session, name, visit.user.uuid, visit.now)
    _note(session, visit, "voice.ordered", name)
    return RedirectResponse("/voices?did=voice-ordered", 303)


@router.post("/add")
def add(
    visit: Looking,
    session: Reads,
    station: TheStation,
    model: UploadFile | None = None,
    settings: UploadFile | None = None,
) -> Response:
    """Take in a voice's two files, as carried on a stick; copying and trying it keeps no other writer waiting."""
    accounts.require(visit.user, Role.ADMIN)
    try:
        added = _add(station, [file for file in (model, settings) if file and file.filename])
    except BroadcastError as error:
        return _page(visit, session, station, [Problem("model", error.sentence, problem_of(error).facts)])
    with unit_of_work(station.sessions) as writing:
        for voice in added:
            _note(writing, visit, "voice.added", voice.name)
    return RedirectResponse("/voices?did=voice-added", 303)


@router.post("/{name}/remove")
def remove(visit: Acting, session: Writes, station: TheStation, name: str) -> Response:
    """Put a voice out of use; its files stay until another one of its name comes."""
    accounts.require(visit.user, Role.ADMIN)
    station.voicebox.remove(name)
    _note(session, visit, "voice.removed", name)
    return RedirectResponse(f"/voices?did=voice-removed&name={name}", 303)


@router.post("/{name}/restore")
def restore(visit: Acting, session: Writes, station: TheStation, name: str) -> Response:
    """Undo a removal."""
    accounts.require(visit.user, Role.ADMIN)
    station.voicebox.restore(name)
    _note(session, visit, "voice.restored", name)
    return RedirectResponse("/voices?did=voice-restored", 303)


def _page(
    visit: Visit, session: Session, station: Station, problems: list[Problem] | None = None, did: str = ""
) -> Response:
    voicebox = station.voicebox
    return render(
        visit,
        "voices/index.html",
        422 if problems else 200,
        did=did,
        problems=problems or [],
        known=[(voice, voice.engine in station.settings.voice_order) for voice in VOICES],
        installed=voicebox.installed(),
        removed=voicebox.removed(),
        offers=list(_offers(session, voicebox)),
        piper=_piper_problem(),
        settled=False,
    )


def _offers(session: Session, voicebox: Voicebox) -> Iterator[Offer]:
    here, asked = {voice.name for voice in voicebox.installed()}, orders.orders(session)
    return (Offer(voice, asked.get(voice.name)) for voice in PUBLISHED if voice.name not in here)


def _any_coming(offers: list[Offer]) -> bool:
    return any(offer.is_coming for offer in offers)


def _piper_problem() -> Problem | None:
    """Why no Piper voice can speak here, None if they can."""
    try:
        piper.library()
    except EngineMissing as error:
        return problem_of(error)
    return None


def _add(station: Station, files: list[UploadFile]) -> tuple[InstalledVoice, ...]:
    piper.library()
    with TemporaryDirectory(dir=station.settings.data_dir) as folder:
        for file in files:
            with Path(folder, PurePosixPath(file.filename or "").name).open("wb") as target:
                shutil.copyfileobj(file.file, target)
        return station.voicebox.add(Path(folder), piper.try_out)


def _note(session: Session, visit: Visit, act: str, name: str) -> None:
    audit.record(session, visit.commune.id, visit.now, visit.user.uuid, act, f"voice:{name}")
