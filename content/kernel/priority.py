"""How urgent an announcement is: the one scale of approval, planning and playing."""

from enum import StrEnum


class Priority(StrEnum):
    """The three levels of Circular 39/2020/TT-BTTTT: thông thường, ưu tiên, khẩn cấp; lowest first."""

    ROUTINE = "routine"
    IMPORTANT = "important"
    EMERGENCY = "emergency"
