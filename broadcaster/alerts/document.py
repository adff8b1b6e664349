"""An alert's document: values in, the wire's `Alert` out. Pure; signing and storing are the service's."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from broadcaster.alerts.calls import Call, Line
from broadcaster.alerts.sounds import Made, Palette, Place
from broadcaster.protocol import Alert as WireAlert
from broadcaster.protocol import AlertAudience, ObjectRef

MS_A_MINUTE = 60_000


@dataclass(frozen=True, slots=True)
class Head:
    """What names a version and when it holds."""

    uuid: UUID
    version: int
    epoch: int
    issued_at: datetime
    starts_at: datetime
    expires_at: datetime
    cancelled: bool = False


def written(head: Head, call: Call, palette: Palette, made: Made) -> tuple[WireAlert, bool]:
    """The document, and whether all of the call's own sounds are in it.

    Where one is missing the call for attention is heard instead; of that, whatever is there.
    """
    places = [place for place in palette.places if place.village.uuid in call.villages]
    grouped: dict[tuple[tuple[str, ...], tuple[str, ...]], list[UUID]] = {}
    is_whole = True
    for place in places:
        own = _names(palette.order_of(call, place), place, made)
        fallback = tuple(name for name in _names(palette.fallback_of(call, place), place, made) if name)
        whole = all(own)
        is_whole = is_whole and whole
        media = tuple(name for name in own if name) if whole else fallback
        grouped.setdefault((() if head.cancelled else media, () if head.cancelled else fallback), []).append(
            place.village.uuid
        )
    audiences = tuple(
        AlertAudience(villages=tuple(villages), media=media, fallback=fallback)
        for (media, fallback), villages in grouped.items()
    )
    return _wire(head, call, audiences, made), is_whole


def refs(names: Iterable[str], made: Made) -> tuple[ObjectRef, ...]:
    """The objects of these names, each once, to be fetched before all else."""
    rows = {row.sha256: row for row in made.values()}
    return tuple(
        ObjectRef(sha256=name, size_bytes=rows[name].size_bytes, mime=rows[name].mime, fetch_first=True)
        for name in dict.fromkeys(names)
    )


def _wire(head: Head, call: Call, audiences: tuple[AlertAudience, ...], made: Made) -> WireAlert:
    names = [name for audience in audiences for name in (*audience.media, *audience.fallback)]
    return WireAlert(
        alert_uuid=head.uuid,
        version=head.version,
        server_epoch=head.epoch,
        scope=call.scope,
        cancelled=head.cancelled,
        audible=call.audible,
        title=call.title,
        issued_at=head.issued_at,
        starts_at=head.starts_at,
        expires_at=head.expires_at,
        max_sounding_ms=call.minutes * MS_A_MINUTE,
        repeats=call.repeats,
        pause_ms=call.pause_ms,
        audiences=audiences,
        objects=refs(names, made),
    )


def _names(lines: Sequence[Line], place: Place, made: Made) -> list[str | None]:
    found = (made.get((line.source, place.format)) for line in lines)
    return [row.sha256 if row else None for row in found]


def valid_until(call: Call, now: datetime) -> datetime:
    """When a call issued now stops beginning anywhere."""
    return now + timedelta(minutes=max(call.valid_minutes, call.minutes))
