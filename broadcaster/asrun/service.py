"""Taking in as-run rows: one by one, idempotent, nothing lost, nothing blocked."""

import hashlib
import json
from collections.abc import Sequence
from datetime import datetime, timedelta

from pydantic import ValidationError
from sqlalchemy import select
from sqlalchemy.orm import Session

from broadcaster.asrun.models import AsRunEntry, QuarantinedRow
from broadcaster.fleet.models import Player
from broadcaster.protocol import AsRunRow, ClockState, RowAnswer, RowVerdict

AHEAD = timedelta(minutes=10)
"""A row that says it started further in the future than this comes from a clock that ran ahead."""


def ingest(session: Session, player: Player, rows: Sequence[object], now: datetime) -> list[RowAnswer]:
    """Take in a batch of raw rows; the answer at each place is that row's. Every row is acknowledged."""
    return [_take(session, player, raw, now) for raw in rows]


def _take(session: Session, player: Player, raw: object, now: datetime) -> RowAnswer:
    name = str(raw.get("row_uuid", "")) if isinstance(raw, dict) else ""
    try:
        row = AsRunRow.model_validate(raw)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False)[0]
        reason = f"{'.'.join(map(str, first['loc']))}: {first['msg']}"
        return _quarantine(session, player, raw, name, reason, now)
    known = session.scalars(
        select(AsRunEntry).where(AsRunEntry.player_id == player.id, AsRunEntry.row_uuid == row.row_uuid)
    ).one_or_none()
    if known is not None:
        if known.row == row.model_dump(mode="json"):
            return RowAnswer(row_uuid=name, verdict=RowVerdict.DUPLICATE)
        return _quarantine(session, player, raw, name, "row_uuid is known with other content", now)
    if _impossible(row, now):
        return _quarantine(session, player, raw, name, f"started_at {row.started_at} lies in the future", now)
    session.add(_entry(player, row, now))
    session.flush()
    return RowAnswer(row_uuid=name, verdict=RowVerdict.ACCEPTED)


def _impossible(row: AsRunRow, now: datetime) -> bool:
    """In the future although the player trusted its clock; of an untrusted clock it is a fact to be shown."""
    return row.started_at is not None and row.started_at > now + AHEAD and row.clock_state is not ClockState.UNTRUSTED


def _entry(player: Player, row: AsRunRow, now: datetime) -> AsRunEntry:
    return AsRunEntry(
        player_id=player.id,
        village_id=player.village_id,
        row_uuid=row.row_uuid,
        occurrence_uuid=row.occurrence_uuid,
        cue_key=row.cue_key,
        attempt=row.attempt,
        title=row.title,
        planned_at=row.planned_at,
        started_at=row.started_at,
        ended_at=row.ended_at,
        outcome=row.outcome,
        reason=row.reason,
        late_ms=row.late_ms,
        media_sha256=row.media[0] if row.media else None,
        received_at=now,
        row=row.model_dump(mode="json"),
    )


def _quarantine(session: Session, player: Player, raw: object, name: str, reason: str, now: datetime) -> RowAnswer:
    text = json.dumps(raw, sort_keys=True, default=str)
    content = hashlib.sha256(text.encode()).hexdigest()
    known = select(QuarantinedRow.id).where(
        QuarantinedRow.player_id == player.id, QuarantinedRow.content_sha256 == content
    )
    if session.scalars(known).first() is None:
        session.add(
            QuarantinedRow(
                player_id=player.id, content_sha256=content, reason=reason[:400], received_at=now, row=json.loads(text)
            )
        )
        session.flush()
    return RowAnswer(row_uuid=name, verdict=RowVerdict.QUARANTINED, reason=reason)
