"""Taking in as-run rows: one by one, idempotent, nothing lost, nothing blocked. `settling` makes the log of them."""

import hashlib
import json
from collections.abc import Collection, Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

from pydantic import ValidationError
from sqlalchemy import select
from sqlalchemy.exc import DataError, StatementError
from sqlalchemy.orm import Session

from broadcaster.asrun.errors import NoSuchQuarantined
from broadcaster.asrun.models import AsRunEntry, QuarantinedRow
from broadcaster.asrun.settling import Name, weigh
from broadcaster.fleet.models import Player
from broadcaster.protocol import AsRunRow, ClockState, RowAnswer, RowVerdict
from content.kernel import audit
from content.kernel.nodes import Node
from schedules.models import Occurrence

AHEAD = timedelta(minutes=10)
"""A row that says it started further in the future than this comes from a clock that ran ahead."""
PLANNED_WITHIN = timedelta(days=400)
"""No programme reaches further ahead, so that a row planned later than this names none."""
EARLIEST = datetime(2020, 1, 1, tzinfo=UTC)
"""Before there was anything to be aired."""
_LARGEST = 2**31
_NAME_MOST = 64


def ingest(session: Session, player: Player, rows: Sequence[object], now: datetime) -> list[RowAnswer]:
    """Take in a batch of raw rows; the answer at each place is that row's. Every row is acknowledged."""
    answers, touched = [], set[Name]()
    for raw in rows:
        answer, entry = _take(session, player, raw, now)
        answers.append(answer)
        if entry is not None:
            touched.add((entry.village_id, entry.occurrence_uuid))
            touched.update(_now_measured(session, entry))
    weigh(session, touched, now)
    return answers


def look_again(session: Session, commune: Node, row_id: int, actor: UUID, now: datetime) -> bool:
    """Judge a row that was set aside anew; whether it is in the log now. Raises NoSuchQuarantined."""
    row = _quarantined(session, commune, row_id)
    player = session.get_one(Player, row.player_id)
    answer, entry = _take(session, player, row.row, now)
    if answer.verdict is RowVerdict.QUARANTINED:
        return False
    row.taken_at = now
    if entry is not None:
        weigh(session, {(entry.village_id, entry.occurrence_uuid), *_now_measured(session, entry)}, now)
    audit.record(session, commune.id, now, actor, "log.row_taken", f"quarantine:{row.id}", reason=row.reason)
    return True


def set_looked_at(session: Session, commune: Node, row_id: int, actor: UUID, now: datetime, *, looked: bool) -> None:
    """Somebody has seen why the row was set aside, or wants it back on the list. Raises NoSuchQuarantined."""
    row = _quarantined(session, commune, row_id)
    row.looked_at, row.looked_by = (now, actor) if looked else (None, None)
    session.flush()
    act = "log.row_looked_at" if looked else "log.row_reopened"
    audit.record(session, commune.id, now, actor, act, f"quarantine:{row.id}", reason=row.reason)


def _take(session: Session, player: Player, raw: object, now: datetime) -> tuple[RowAnswer, AsRunEntry | None]:
    name = _name_of(raw)
    try:
        row = AsRunRow.model_validate(raw)
    except (ValidationError, OverflowError) as error:
        return _quarantine(session, player, raw, name, _why(error), now), None
    # By its name alone: a player that was paired again, or whose card was copied, sends under another identity.
    known = session.scalars(select(AsRunEntry).where(AsRunEntry.row_uuid == row.row_uuid)).first()
    if known is not None and _is_same(known.row, row):
        return RowAnswer(row_uuid=name, verdict=RowVerdict.DUPLICATE), None
    problem = "row_uuid is known with other content" if known else _unbelievable(row, now)
    kept = problem or _keep(session, player, row, now)
    if isinstance(kept, str):
        return _quarantine(session, player, raw, name, kept, now), None
    return RowAnswer(row_uuid=name, verdict=RowVerdict.ACCEPTED), kept


def _keep(session: Session, player: Player, row: AsRunRow, now: datetime) -> AsRunEntry | str:
    """The row in the database, or why it cannot be there: what no rule foresaw still blocks nothing."""
    try:
        with session.begin_nested():
            entry = _entry(session, player, row, now)
            session.add(entry)
    except StatementError as error:
        if type(error) not in {StatementError, DataError}:  # the database itself: the player sends again
            raise
        return f"cannot be stored: {error.orig}"
    return entry


def _is_same(kept: object, row: AsRunRow) -> bool:
    """Also where the row was kept before a field was added to the protocol."""
    try:
        return kept == row.model_dump(mode="json") or AsRunRow.model_validate(kept) == row
    except ValidationError:
        return False


def _name_of(raw: object) -> str:
    name = str(raw.get("row_uuid", "")) if isinstance(raw, dict) else ""
    return name.encode("ascii", "replace").decode()[:_NAME_MOST]


def _why(error: ValidationError | OverflowError) -> str:
    if isinstance(error, OverflowError):
        return f"a number is too large: {error}"
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    return f"{'.'.join(map(str, first['loc']))}: {first['msg']}".encode("ascii", "replace").decode()


def _unbelievable(row: AsRunRow, now: datetime) -> str:
    """Why the row cannot be true, empty if it can.

    Beginning in the future although the player trusted its clock is impossible. Of a clock that said itself that it
    was not sure it is a fact: such a row is taken, and shown corrected once its error can be measured.
    """
    if not EARLIEST <= row.planned_at <= now + PLANNED_WITHIN:
        return f"planned_at {row.planned_at} belongs to no programme"
    if row.started_at and row.started_at > now + AHEAD and row.clock_state is ClockState.TRUSTED:
        return f"started_at {row.started_at} lies in the future"
    numbers = {"late_ms": row.late_ms or 0, "attempt": row.attempt, "alert_version": row.alert_version or 0}
    too_large = [name for name, number in numbers.items() if abs(number) >= _LARGEST]
    if row.monotonic_ms >= 2**62:
        too_large.append("monotonic_ms")
    return f"{too_large[0]} is too large" if too_large else ""


def _entry(session: Session, player: Player, row: AsRunRow, now: datetime) -> AsRunEntry:
    return AsRunEntry(
        player_id=player.id,
        village_id=_village_of(session, player, row),
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
        position_ms=row.position_ms,
        clock_state=row.clock_state,
        boot_id=row.boot_id,
        monotonic_ms=row.monotonic_ms,
        heard=row.heard,
        alert_version=row.alert_version,
        is_exercise=row.exercise,
        row=row.model_dump(mode="json"),
    )


def _village_of(session: Session, player: Player, row: AsRunRow) -> int:
    """That of the occurrence: a player may have been carried to another village since."""
    if row.alert_version is not None:
        return player.village_id
    query = select(Occurrence.village_id).where(Occurrence.uuid == row.occurrence_uuid)
    return session.scalars(query).first() or player.village_id


def _now_measured(session: Session, entry: AsRunEntry) -> Collection[Name]:
    """What a row under a trusted clock tells the true time of: older rows of the same start of the machine."""
    if entry.clock_state != ClockState.TRUSTED or not entry.boot_id or entry.started_at is None:
        return ()
    query = select(AsRunEntry.village_id, AsRunEntry.occurrence_uuid).where(
        AsRunEntry.player_id == entry.player_id,
        AsRunEntry.boot_id == entry.boot_id,
        AsRunEntry.clock_state != ClockState.TRUSTED,
    )
    return {(village_id, uuid) for village_id, uuid in session.execute(query)}


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


def _quarantined(session: Session, commune: Node, row_id: int) -> QuarantinedRow:
    query = (
        select(QuarantinedRow)
        .join(Player, Player.id == QuarantinedRow.player_id)
        .join(Node, Node.id == Player.village_id)
        .where(QuarantinedRow.id == row_id, Node.parent_id == commune.id)
    )
    found = session.scalars(query).one_or_none()
    if found is None:
        raise NoSuchQuarantined
    return found
