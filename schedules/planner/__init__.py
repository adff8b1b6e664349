"""What airs in each opening, and why. Pure: values in, values out, no clock; the same input makes the same plan.

`values` holds what goes in and comes out, `filling` lays blocks into one opening, `planning` decides between
announcements, `document` writes a programme as the bytes that players fetch.
"""

from schedules.planner.document import playlist_bytes
from schedules.planner.planning import plan, shrink
from schedules.planner.values import (
    Because,
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
    Village,
    WhyNot,
)

__all__ = [
    "Because",
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
    "Village",
    "WhyNot",
    "plan",
    "playlist_bytes",
    "shrink",
]
