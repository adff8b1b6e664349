"""The chimes that slots open and close with: made once for each format of a village, kept as objects of their own."""

from collections.abc import Collection
from functools import cache

from sqlalchemy import select
from sqlalchemy.orm import Session

from audio_out.chimes import chime
from audio_out.codecs import RATE, Codec, Pcm, mime_of
from audio_out.mastering import master, press
from audio_out.mastering.horn import Preset, shaped
from audio_out.store import Store
from broadcaster import i18n
from broadcaster.publishing.models import ChimeRow
from content.kernel.nodes import Node
from content.kernel.priority import Priority
from content.kernel.units import DurationMs, Sha256
from schedules import queries as schedules
from schedules.planner import Chime, Media
from schedules.service import Chimes


def mark(message: str) -> str:
    """The message itself; marks it for the catalogue."""
    return message


OPENING, CLOSING = "opening", "closing"
_TITLES = {OPENING: mark("opening chime"), CLOSING: mark("closing chime")}


def chimes(session: Session, commune: Node, store: Store, formats: Collection[str]) -> dict[str, Chimes]:
    """By format: the chimes, made where they are new. Empty while no slot of the commune has any, nor a relay."""
    if not any(
        slot.opening_chime or slot.closing_chime or slot.relay_url for slot in schedules.slots(session, commune)
    ):
        return {}
    kept = {(row.name, row.format): row for row in session.scalars(select(ChimeRow))}
    for form in formats:
        for name in (OPENING, CLOSING):
            if (name, form) not in kept:
                kept[name, form] = _made(session, store, name, form)
    return {form: Chimes(_chime(kept[OPENING, form]), _chime(kept[CLOSING, form])) for form in formats}


def _made(session: Session, store: Store, name: str, form: str) -> ChimeRow:
    codec, preset = form.split("/")
    sound = shaped(master(Pcm(chime(Priority.ROUTINE), RATE)), Preset(preset))
    data = press(sound, Codec(codec), {"title": name}).data
    row = ChimeRow(
        name=name,
        format=form,
        sha256=store.put(data),
        mime=mime_of(Codec(codec)),
        size_bytes=len(data),
        duration_ms=sound.duration_ms,
    )
    session.add(row)
    session.flush()
    return row


def _chime(row: ChimeRow) -> Chime:
    return Chime(Media(Sha256(row.sha256), DurationMs(row.duration_ms)), _title(row.name))


@cache
def _title(name: str) -> str:
    """As loudspeakers and logs show it: what a playlist holds is in the language of the commune."""
    return i18n.load("vi").say(_TITLES[name])
