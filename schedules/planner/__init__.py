"""What airs in each opening, and why. Pure: values in, values out, no clock; the same input makes the same plan.

`values` holds what goes in and comes out, `filling` lays blocks into one opening, `cues` makes them what players get,
`planning` decides between announcements, `settled` says what may still change in a programme that players may hold,
`document` writes a programme as the bytes that they fetch.
"""

from schedules.planner.document import playlist_bytes
from schedules.planner.filling import lasting_ms, quiet_offsets, room_beside
from schedules.planner.planning import parts_for, plan
from schedules.planner.settled import admit, airings, shrink
from schedules.planner.values import (
    Aired,
    Because,
    Chime,
    CueKind,
    Item,
    Media,
    NotPlaced,
    Opening,
    Part,
    Plan,
    Planned,
    PlannedCue,
    Programme,
    QuietHours,
    Relay,
    Village,
    WhyNot,
)

__all__ = [
    "Aired",
    "Because",
    "Chime",
    "CueKind",
    "Item",
    "Media",
    "NotPlaced",
    "Opening",
    "Part",
    "Plan",
    "Planned",
    "PlannedCue",
    "Programme",
    "QuietHours",
    "Relay",
    "Village",
    "WhyNot",
    "admit",
    "airings",
    "lasting_ms",
    "parts_for",
    "plan",
    "playlist_bytes",
    "quiet_offsets",
    "room_beside",
    "shrink",
]
