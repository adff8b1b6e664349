"""The chimes that slots open and close with: made once for each format of a village, kept as objects of their own.

A row is named by its motif. Earlier releases had one sound for both; their rows stay: settled programmes name them.
"""

from collections.abc import Collection, Mapping
from functools import cache
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from audio_out.chimes import begins, ends
from audio_out.codecs import RATE, Codec, Pcm, mime_of
from audio_out.mastering import master, press
from audio_out.mastering.horn import Preset, shaped
from audio_out.store import Store
from broadcaster import i18n
from broadcaster.i18n import mark
from broadcaster.publishing.models import ChimeRow
from content.kernel.nodes import Node
from content.kernel.units import DurationMs, Sha256
from schedules import queries as schedules
from schedules.models import Slot
from schedules.planner import Chime, Media, room_beside
from schedules.service import Chimes

OPENING, CLOSING = "begins", "ends"
_SOUNDS = {OPENING: begins, CLOSING: ends}
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


def longest_room_ms(
    session: Session, commune: Node, villages: Collection[Node], only: Collection[UUID] = ()
) -> DurationMs | None:
    """How long an announcement may last, chimes taken off, to fit the roomiest open slot of any of these villages.

    `only` names the slots that it may use, none for any. None if there is no such slot.
    """
    wanted = {village.id for village in villages}
    heard = [
        slot
        for slot in schedules.slots(session, commune)
        if (not only or slot.uuid in only) and wanted & {village.id for village in slot.villages}
    ]
    longest = dict(session.execute(select(ChimeRow.name, func.max(ChimeRow.duration_ms)).group_by(ChimeRow.name)).all())
    return max((_room_ms(slot, longest) for slot in heard), default=None)


def _room_ms(slot: Slot, longest: Mapping[str, int]) -> DurationMs:
    sounding = [name for name, is_on in ((OPENING, slot.opening_chime), (CLOSING, slot.closing_chime)) if is_on]
    return room_beside(DurationMs(slot.duration_ms), [longest.get(name) or _nominal_ms(name) for name in sounding])


def _nominal_ms(name: str) -> int:
    """Before it was made for any format: as long as it is written."""
    return len(_SOUNDS[name]()) * 1000 // RATE


def _made(session: Session, store: Store, name: str, form: str) -> ChimeRow:
    codec, preset = form.split("/")
    sound = shaped(master(Pcm(_SOUNDS[name](), RATE)), Preset(preset))
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
