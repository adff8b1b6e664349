"""Messages to test with: one that airs, and the same with anything changed."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from broadcaster.alerts.cap.model import Alert, Area, Info, MsgType, Reference, Scope, Status
from broadcaster.alerts.cap.writing import to_xml

SAMPLES = Path(__file__).parents[3] / "data" / "cap"
SENT = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
NOW = SENT + timedelta(minutes=5)

FLOOD = Info(
    language="vi-VN",
    categories=("Met", "Safety"),
    event="Lũ quét",
    urgency="Immediate",
    severity="Extreme",
    certainty="Likely",
    responses=("Evacuate",),
    expires_at=SENT + timedelta(hours=2),
    headline="Cảnh báo lũ quét",
    description="Nước suối Ún Tà đang lên nhanh.",
    instruction="Rời khỏi bờ suối ngay.",
    areas=(Area("Xã Cốc San"),),
)


def alert(*infos: Info, **changed: Any) -> Alert:
    """A real public alert of a flood, with other parts and facts as wanted."""
    usual = Alert(
        "laocai-1", "pctt@example.vn", SENT, Status.ACTUAL, MsgType.ALERT, Scope.PUBLIC, infos=infos or (FLOOD,)
    )
    return replace(usual, **changed)


def xml(**changed: Any) -> str:
    """The same as text, to be broken by hand."""
    return to_xml(alert(**changed)).decode()


def earlier(identifier: str = "laocai-0") -> Reference:
    """The name of a message before."""
    return Reference("pctt@example.vn", identifier, SENT - timedelta(hours=1))
