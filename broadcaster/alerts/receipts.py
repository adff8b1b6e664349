"""What became of alerts in the players, kept once: saying the same again changes nothing."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Insert, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from broadcaster.alerts.models import Alert, AlertReceiptRow
from broadcaster.protocol import AlertReceipt


@dataclass(frozen=True, slots=True)
class Note:
    """One stage of one version in one player. `alert` is its uuid as players say it."""

    alert: UUID
    version: int
    player_id: int
    stage: str
    at: datetime
    received_at: datetime
    clock_state: str = ""
    detail: str = ""


def note_of(receipt: AlertReceipt, player_id: int, now: datetime) -> Note:
    """What a player says, as it is kept."""
    return Note(
        receipt.alert_uuid,
        receipt.version,
        player_id,
        receipt.stage,
        receipt.at,
        now,
        receipt.clock_state,
        receipt.detail,
    )


def keep(session: Session, notes: Sequence[Note]) -> None:
    """Keep these notes, in one go; alerts unknown here are left out, notes known stay as they are."""
    uuids = {note.alert for note in notes}
    found = session.execute(select(Alert.uuid, Alert.id).where(Alert.uuid.in_(uuids)))
    ids = {row.uuid: row.id for row in found}
    rows = [_row(note, ids[note.alert]) for note in notes if note.alert in ids]
    if rows:
        session.execute(_insert(session), rows)


def _row(note: Note, alert_id: int) -> dict[str, object]:
    row = asdict(note) | {"alert_id": alert_id}
    del row["alert"]
    return row


def _insert(session: Session) -> Insert:
    if session.get_bind().dialect.name == "postgresql":
        return postgresql.insert(AlertReceiptRow).on_conflict_do_nothing()
    return sqlite.insert(AlertReceiptRow).on_conflict_do_nothing()
