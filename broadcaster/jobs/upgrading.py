"""Before approval, audio by a reserve voice is made anew by itself once the better voice is back.

After approval never: an approval is bound to what was heard, so the pages only offer a new version.
"""

import logging
from collections.abc import Iterator
from datetime import timedelta
from typing import NamedTuple

from sqlalchemy.orm import Session

from audio_out import queries as audio
from audio_out import service as rendering
from audio_out.assembly import Studio
from audio_out.models import JobState
from audio_out.voices import Voice, better_than
from broadcaster.station import Station
from content import queries as content
from content.kernel.db import unit_of_work
from content.kernel.errors import BroadcastError
from content.kernel.nodes import the_commune
from content.models import Revision
from content.workflow import State

log = logging.getLogger(__name__)
LOOK_EVERY = timedelta(minutes=10)


class Reserve(NamedTuple):
    """A revision in review that a reserve voice reads, and the voices that should, best first."""

    revision: Revision
    better: tuple[Voice, ...]


class Upgrades:
    """Looks now and then whether a better voice answers again, and asks for the renderings that want it."""

    def __init__(self, station: Station, studio: Studio) -> None:
        self._station, self._studio = station, studio
        self._next_look = station.clock.now()

    def look(self) -> bool:
        """Ask each better voice once; whether anything was asked for."""
        now = self._station.clock.now()
        if now < self._next_look:
            return False
        self._next_look = now + LOOK_EVERY
        asked = self._ask_for_what_is_missing()
        with unit_of_work(self._station.sessions, writes=False) as session:
            better = {voice for reserve in _reserves(session, self._station) for voice in reserve.better}
        back = {voice for voice in better if self._studio.answers(voice)}
        if not back:
            return asked
        with unit_of_work(self._station.sessions) as session:
            for reserve in list(_reserves(session, self._station)):
                if answering := [voice.id for voice in reserve.better if voice in back]:
                    rendering.enqueue(session, reserve.revision, now)
                    log.info("upgrade.asked", extra={"revision": reserve.revision.id, "voice": answering[0]})
        return True

    def _ask_for_what_is_missing(self) -> bool:
        """What waits for approval without audio, as a newer release may leave it: have it made."""
        with unit_of_work(self._station.sessions) as session:
            silent = [revision for revision in _waiting(session) if not _is_whole(session, revision)]
            for revision in silent:
                rendering.enqueue(session, revision, self._station.clock.now())
                log.info("upgrade.missing", extra={"revision": revision.id})
        return bool(silent)


def _waiting(session: Session) -> list[Revision]:
    """What is in review, its rendering done."""
    commune = the_commune(session)
    waiting = content.all_latest(session, commune, states=(State.IN_REVIEW,)) if commune else []
    progress = audio.progress(session, waiting)
    return [
        revision for revision in waiting if revision.id in progress and progress[revision.id].state == JobState.DONE
    ]


def _is_whole(session: Session, revision: Revision) -> bool:
    sounds = audio.sounds(session, [revision]).get(revision.id, {})
    return all(part.language in sounds for part in revision.parts)


def _reserves(session: Session, station: Station) -> Iterator[Reserve]:
    waiting = _waiting(session)
    sounds = audio.sounds(session, waiting)
    for revision in waiting:
        for language, sound in sounds.get(revision.id, {}).items():
            if better := better_voices(station, sound, language):
                yield Reserve(revision, better)
                break


def better_voices(station: Station, sound: audio.Sound, language: str) -> tuple[Voice, ...]:
    """The voices that should have read this, best first; none where the best one did."""
    spoken, wished = sound.rendition.voice, sound.rendition.wished_voice
    try:
        return better_than(spoken, wished, language, station.settings.voice_order, station.voicebox.catalogue())
    except BroadcastError:  # the wished voice is not here any more
        return ()
