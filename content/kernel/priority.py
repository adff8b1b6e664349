"""How urgent a message is, by the three levels that the law knows."""

from enum import StrEnum


class Priority(StrEnum):
    """Circular 39/2020/TT-BTTTT, lowest first: thông thường, ưu tiên, khẩn cấp."""

    ROUTINE = "routine"
    IMPORTANT = "important"
    EMERGENCY = "emergency"
