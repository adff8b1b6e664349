"""A programme as the immutable document that players fetch: canonical, so that equal programmes are equal bytes."""

import json
from datetime import UTC, datetime

from schedules.planner.values import PlannedCue, Programme


def playlist_bytes(programme: Programme) -> bytes:
    """Canonical JSON (sorted keys, no spaces, UTF-8) in the shape of the protocol's `Playlist`.

    It says nothing of village, date or reasons, so that whoever hears the same shares one object.
    """
    document = {"cues": [_cue(cue) for cue in programme]}
    return json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def _cue(cue: PlannedCue) -> dict[str, object]:
    # Only where there is one: the names of all other programmes stay as they were.
    relay = {"relay": {"url": cue.relay_url}} if cue.relay_url else {}
    return relay | {
        "key": cue.key,
        "offset_ms": cue.offset_ms,
        "duration_ms": cue.duration_ms,
        "latest_start_ms": cue.latest_start_ms,
        "kind": cue.kind,
        "media": cue.media,
        "title": cue.title,
        "language": cue.language,
        "priority": cue.priority,
        "not_before": _instant(cue.not_before),
        "expires_at": _instant(cue.expires_at),
    }


def _instant(at: datetime | None) -> str | None:
    return None if at is None else at.astimezone(UTC).isoformat().replace("+00:00", "Z")
