"""What an older release stored of the schedule, read after an upgrade."""

from pathlib import Path

from alembic import command
from sqlalchemy import select
from sqlalchemy.orm import selectinload

from broadcaster import migrations
from content.kernel.db import open_engine, session_factory
from schedules.models import Booking, CueRow

_UUID = "0" * 31
_BEFORE = (
    f"INSERT INTO node (id, uuid, kind, slug, name, time_zone) VALUES (1, '{_UUID}1', 'commune', 'x', 'X', 'UTC')",
    (
        "INSERT INTO slot (id, uuid, node_id, name, start_local, duration_ms, starts_on) "
        f"VALUES (1, '{_UUID}2', 1, 'Chiều', '17:00:00.000000', 900000, '2026-11-22')"
    ),
    *(
        (
            "INSERT INTO booking (id, uuid, node_id, announcement_uuid, revision_uuid, from_on, until_on, "
            "times_per_day, slot_id, priority, position, created_at) VALUES "
            f"({n}, '{_UUID}{n}', 1, '{_UUID}5', '{_UUID}6', '2026-11-22', '2026-11-25', 1, {slot}, 'routine', {n}, "
            "'2026-11-22 03:00:00')"
        )
        for n, slot in ((1, "1"), (2, "NULL"))
    ),
    f"INSERT INTO playlist (id, sha256, duration_ms, size_bytes) VALUES (1, '{'a' * 64}', 1000, 10)",
    (
        "INSERT INTO cue (playlist_id, position, key, offset_ms, duration_ms, latest_start_ms, kind, media, title, "
        "language, priority, announcement_uuid, revision_uuid, repeat) VALUES "
        f"(1, 0, 'k', 0, 1000, 2000, 'speech', '[]', 'Tin', 'vi', 'routine', '{_UUID}5', '{_UUID}6', 1)"
    ),
)


def test_bookings_keep_their_slot_and_slots_their_days(tmp_path: Path) -> None:
    """One slot becomes a list of one, any slot an empty one; a slot has no exceptions and no chimes; back again too."""
    url = f"sqlite:///{tmp_path / 'x.db'}"
    command.upgrade(migrations.config(url), "0003")
    engine = open_engine(url)
    with engine.begin() as connection:
        for row in _BEFORE:
            connection.exec_driver_sql(row)
    migrations.upgrade(url)
    with session_factory(engine)() as session:
        query = select(Booking).order_by(Booking.id).options(selectinload(Booking.slots))
        one, any_slot = session.scalars(query)
        assert [slot.name for slot in one.slots] == ["Chiều"]
        assert any_slot.slots == []
        assert (one.every_slot, one.gap_minutes) == (False, None)
        assert (str(one.slots[0].rule.also), str(one.slots[0].rule.but_not)) == ("", "")
        assert session.scalars(select(CueRow.announcement_uuid)).one().int == 5
    engine.dispose()
    command.downgrade(migrations.config(url), "0003")
    engine = open_engine(url)
    with engine.begin() as connection:
        assert connection.exec_driver_sql("SELECT slot_id FROM booking ORDER BY id").fetchall() == [(1,), (None,)]
    engine.dispose()
