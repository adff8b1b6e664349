"""Our alerts as others read them."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadcaster.alerts import errors
from broadcaster.alerts.cap.model import (
    Alert,
    Area,
    Circle,
    Info,
    MsgType,
    Point,
    Reference,
    Resource,
    Scope,
    Status,
    Value,
)
from broadcaster.alerts.cap.parsing import parse
from broadcaster.alerts.cap.writing import to_xml
from tests.broadcaster.alerts.cap.messages import FLOOD, SENT, alert, earlier

TEXT = st.text(st.characters(min_codepoint=32, exclude_categories=("Cs", "Cn")), min_size=1, max_size=20)
WORD = st.text(st.characters(codec="ascii", categories=("L", "N")), min_size=1, max_size=12)
TIME = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1)).map(lambda at: at.replace(microsecond=0, tzinfo=UTC))  # noqa: DTZ001
VALUES = st.lists(st.builds(Value, TEXT, st.just("") | TEXT), max_size=2).map(tuple)
POINT = st.builds(Point, st.floats(-90, 90), st.floats(-180, 180))
POLYGON = st.lists(POINT, min_size=3, max_size=5).map(lambda points: (*points, points[0]))
FEET = st.none() | st.decimals(-1000, 30000, places=1)


def some(strategy: st.SearchStrategy[object]) -> st.SearchStrategy[object]:
    return st.lists(strategy, max_size=2).map(tuple)


AREA = st.builds(
    Area, TEXT, some(POLYGON), some(st.builds(Circle, POINT, st.floats(0, 500))), VALUES, FEET, FEET
)  # fmt: skip
RESOURCE = st.builds(Resource, TEXT, TEXT, st.none() | st.integers(0, 10**9), st.just("http://example.vn/a.png"))
INFO = st.builds(
    Info,
    categories=st.just(("Met", "Geo")),
    event=TEXT,
    urgency=st.just("Expected"),
    severity=st.just("Minor"),
    certainty=st.just("Observed"),
    language=st.sampled_from(("vi", "vi-VN", "en-US", "pcc")),
    responses=some(st.sampled_from(("Shelter", "AllClear", "None"))),
    effective_at=st.none() | TIME,
    headline=st.none() | TEXT,
    description=st.none() | TEXT,
    parameters=VALUES,
    resources=some(RESOURCE),
    areas=some(AREA),
)
ALERT = st.builds(
    Alert,
    identifier=WORD,
    sender=WORD,
    sent_at=TIME,
    status=st.sampled_from(Status),
    msg_type=st.sampled_from((MsgType.ALERT, MsgType.ACK)),
    scope=st.sampled_from(Scope),
    note=st.none() | TEXT,
    codes=some(TEXT),
    references=some(st.builds(Reference, st.just("another"), WORD, TIME)),
    infos=some(INFO),
)


@given(ALERT)
def test_what_is_written_is_read_as_the_same(message: Alert) -> None:
    """Valid by schema and rules, nothing lost."""
    assert parse(to_xml(message)) == message


def test_times_are_written_as_cap_wants_them() -> None:
    """A zone with its offset, UTC as -00:00, never Z."""
    hanoi = SENT.astimezone(timezone(timedelta(hours=7)))
    message = alert(sent_at=hanoi, msg_type=MsgType.UPDATE, references=(earlier(),))
    written = to_xml(message).decode()
    assert "<sent>2026-11-22T17:00:00+07:00</sent>" in written
    assert "laocai-0,2026-11-22T09:00:00-00:00" in written


def test_small_numbers_have_no_exponent() -> None:
    """Others need not know that way of writing."""
    area = Area("x", circles=(Circle(Point(0.00001, 1e-7), 0.5),), ceiling_ft=Decimal("1E+3"))
    written = to_xml(alert(replace(FLOOD, areas=(area,)))).decode()
    assert "<circle>0.00001,0.0000001 0.5</circle>" in written
    assert "<ceiling>1000</ceiling>" in written


@pytest.mark.parametrize(
    ("message", "error"),
    [
        (alert(identifier="a b"), errors.BadName),
        (alert(sent_at=SENT.replace(tzinfo=None)), errors.NotBySchema),
        (alert(sent_at=SENT.replace(microsecond=1)), ValueError),
        (alert(note=""), ValueError),
        (alert(note="\x00"), ValueError),
        (alert(msg_type=MsgType.UPDATE), errors.NoReferences),
        (alert(replace(FLOOD, urgency="Soon")), errors.NotBySchema),
        (alert(replace(FLOOD, categories=())), errors.NotBySchema),
        (alert(replace(FLOOD, expires_at=SENT)), errors.ExpiresBeforeSent),
    ],
)
def test_what_is_no_cap_is_not_written(message: Alert, error: type[Exception]) -> None:
    """Nothing leaves that a strict reader would refuse, or take for something else."""
    with pytest.raises(error):
        to_xml(message)
