"""The listening trial: hear a sentence, write what you understood, see which voice the commune understands."""

import secrets
import threading
from contextlib import closing
from datetime import timedelta
from functools import cache
from typing import Annotated

from fastapi import APIRouter, Form, Query, Response
from fastapi.responses import RedirectResponse
from pydantic import BaseModel
from sqlalchemy.orm import Session

from audio_out import queries as audio
from audio_out import trials
from audio_out.codecs import Codec, mime_of
from audio_out.mastering.horn import Preset
from audio_out.phrasing import phrases
from audio_out.voices import ONLINE, Voice
from broadcaster import texts
from broadcaster.accounts import service as accounts
from broadcaster.accounts.models import Role
from broadcaster.deps import Acting, Looking, Reads, TheStation, Visit, Writes
from broadcaster.jobs.worker import studio_of
from broadcaster.station import Station
from broadcaster.web.forms import LANGUAGE, Problem
from broadcaster.web.render import render
from broadcaster.web.turns import one_of
from broadcaster.web.words import mark
from broadcaster.web.writing.uploading import Listener
from content import reading, service
from content.kernel.nodes import village as village_of
from content.kernel.nodes import villages_of

router = APIRouter(prefix="/voices/trial")
SHORTEST, LONGEST = 7, 16
FEWEST_ANSWERS = 5
LATELY = timedelta(days=1)
_SPEAKING = threading.BoundedSemaphore(2)
"""Speech for a page never takes the machine away from pages and players."""
IN_AN_ANNOUNCEMENT = 10
NOTHING_WRITTEN = mark("Write what you understood, or press “I understood nothing”.")


class AnswerForm(BaseModel):
    """What was played and what was understood; `place` is a village's slug, empty for this device."""

    sentence: int = 0
    voice: str = ""
    preset: str = Preset.PLAIN
    place: str = ""
    heard: str = ""
    do: str = "answer"


@router.get("")
def ask(
    visit: Looking, session: Reads, station: TheStation, place: str = "", voice: str = "", preset: str = ""
) -> Response:
    """The next sentence for this visitor; in a voice that they do not choose, unless a loudspeaker says it."""
    voices = _speaking(session, station, visit)
    form = AnswerForm(
        sentence=_next(session, visit),
        voice=voice if voice in {one.id for one in voices} else secrets.choice(voices).id,
        preset=preset if preset in set(Preset) else secrets.choice(list(Preset)),
        place=place,
    )
    return _page(visit, session, station, form)


@router.get("/sound")
def play(
    station: TheStation,
    _listener: Listener,
    voice: str,
    sentence: Annotated[int, Query(ge=0)] = 0,
    preset: Preset = Preset.PLAIN,
) -> Response:
    """A sentence in a voice, mastered like an announcement, as the horn would get it."""
    spoken = sentences()[sentence % len(sentences())]
    folder = station.settings.data_dir
    with one_of(_SPEAKING), closing(studio_of(station.settings, station.store, folder / "speech-cache")) as studio:
        sound = studio.sample(spoken, language=LANGUAGE, voice=voice, preset=preset)
    return Response(sound, media_type=mime_of(Codec.OPUS), headers={"Cache-Control": "private, max-age=3600"})


@router.post("")
def answer(visit: Acting, session: Writes, station: TheStation, form: Annotated[AnswerForm, Form()]) -> Response:
    """Keep an answer, and show it beside what was said."""
    if form.do == "answer" and not form.heard.strip():
        return _page(visit, session, station, form, [Problem("heard", NOTHING_WRITTEN)])
    said = sentences()[form.sentence % len(sentences())]
    place = village_of(session, visit.commune, form.place) if form.place else None
    heard = "" if form.do == "nothing" else form.heard.strip()[:1000]
    kept = trials.Heard(form.voice, form.preset, said, heard)
    share = trials.note(session, visit.commune, kept, visit.user.uuid, visit.now, place)
    return _page(visit, session, station, form, said=said, share=share)


@router.post("/announce")
def announce(visit: Acting, session: Writes, place: Annotated[str, Form()], voice: Annotated[str, Form()]) -> Response:
    """A draft with the sentences, to be approved and aired by a village's loudspeaker like any announcement."""
    accounts.require(visit.user, Role.SECRETARY)
    chosen, village = sentences()[:IN_AN_ANNOUNCEMENT], village_of(session, visit.commune, place)
    accounts.require_villages(session, visit.user, [village])
    wording = service.Wording(
        title=visit.tongue.say(mark("Listening trial")),
        texts={LANGUAGE: "\n\n".join(chosen)},
        villages=[village],
        from_on=visit.today,
        until_on=visit.today,
        voice=voice[:64],
    )
    draft = service.start_draft(session, visit.commune, wording, visit.user.uuid, visit.now)
    return RedirectResponse(f"/announcements/{draft.announcement.uuid}/edit", 303)


@cache
def sentences() -> tuple[str, ...]:
    """Sentences of the sample announcements as they are spoken, neither short nor long, always in the same order."""
    spoken = (
        phrase.text for text in texts.load(None) for phrase in phrases(reading.read(text.text).spoken.replace(":", "."))
    )
    return tuple(dict.fromkeys(said for said in spoken if SHORTEST <= len(said.split()) <= LONGEST))


def _speaking(session: Session, station: Station, visit: Visit) -> list[Voice]:
    """The voices that can be tried now: those of this machine, and those far away that have spoken lately."""
    since = visit.now - LATELY
    return [
        voice
        for voice in station.voices(LANGUAGE)
        if voice.engine not in ONLINE or audio.has_spoken_since(session, voice.id, since)
    ]


def _next(session: Session, visit: Visit) -> int:
    known = trials.times_heard(session, visit.commune, visit.user.uuid)
    return sentences().index(trials.next_sentence(sentences(), known))


def _page(
    visit: Visit,
    session: Session,
    station: Station,
    form: AnswerForm,
    problems: list[Problem] | None = None,
    said: str = "",
    share: float | None = None,
) -> Response:
    villages = villages_of(session, visit.commune)
    return render(
        visit,
        "voices/trial.html",
        422 if problems else 200,
        form=form,
        problems=problems or [],
        said=said,
        share=share,
        villages=[(village.slug, village.name) for village in villages],
        places={village.id: village.name for village in villages},
        voices=[(voice.id, visit.tongue.say(voice.label)) for voice in station.voices(LANGUAGE)],
        fewest=FEWEST_ANSWERS,
        standings=trials.standings(session, visit.commune),
        presets={preset: visit.tongue.say(words) for preset, words in PRESETS.items()},
    )


PRESETS = {Preset.PLAIN: mark("as it is"), Preset.HORN: mark("made for horns")}
