"""Taking in as-run rows: one by one, idempotent, nothing lost, nothing blocked. `settling` makes the log of them."""

import hashlib
import json
from collections.abc import Mapping, Sequence
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
    return _Intake(session, player, now).take(rows)


def look_again(session: Session, commune: Node, row_id: int, actor: UUID, now: datetime) -> bool:
    """Judge a row that was set aside anew; whether it is in the log now. Raises NoSuchQuarantined."""
    row = _quarantined(session, commune, row_id)
    player = session.get_one(Player, row.player_id)
    if ingest(session, player, [row.row], now)[0].verdict is RowVerdict.QUARANTINED:
        return False
    row.taken_at = now
    audit.record(session, commune.id, now, actor, "log.row_taken", f"quarantine:{row.id}", reason=row.reason)
    return True


def set_looked_at(session: Session, commune: Node, row_id: int, actor: UUID, now: datetime, *, looked: bool) -> None:
    """Somebody has seen why the row was set aside, or wants it back on the list. Raises NoSuchQuarantined."""
    row = _quarantined(session, commune, row_id)
    row.looked_at, row.looked_by = (now, actor) if looked else (None, None)
    session.flush()
    act = "log.row_looked_at" if looked else "log.row_reopened"
    audit.record(session, commune.id, now, actor, act, f"quarantine:{row.id}", reason=row.reason)


class _Intake:
    """One batch of one player: what is known is asked for once, what is new is written at once."""

    def __init__(self, session: Session, player: Player, now: datetime) -> None:
        self._session, self._player, self._now = session, player, now

    def take(self, raws: Sequence[object]) -> list[RowAnswer]:
        read = [_read(raw) for raw in raws]
        rows = [row for row in read if isinstance(row, AsRunRow)]
        known, villages = _known(self._session, rows), _villages(self._session, rows)
        verdicts: list[AsRunEntry | str | None] = []
        for row in read:
            verdict = row if isinstance(row, str) else self._judged(row, known, villages)
            if isinstance(verdict, AsRunEntry):
                known[verdict.row_uuid] = verdict
            verdicts.append(verdict)
        verdicts = self._kept(verdicts)
        entries = [verdict for verdict in verdicts if isinstance(verdict, AsRunEntry)]
        touched = {(entry.village_id, entry.occurrence_uuid) for entry in entries}
        weigh(self._session, touched | _now_measured(self._session, entries), self._now)
        return [self._answer(raw, verdict) for raw, verdict in zip(raws, verdicts, strict=True)]

    def _judged(
        self, row: AsRunRow, known: Mapping[UUID, AsRunEntry], villages: Mapping[UUID, int]
    ) -> AsRunEntry | str | None:
        """A new entry, why it is set aside, or None for what is here already."""
        # By its name alone: a player that was paired again, or whose card was copied, sends under another identity.
        before = known.get(row.row_uuid)
        if before is not None:
            return None if _is_same(before.row, row) else "row_uuid is known with other content"
        # A player may have been carried to another village since: rows belong to that of their occurrence.
        is_alert = row.alert_version is not None
        village_id = self._player.village_id if is_alert else villages.get(row.occurrence_uuid, self._player.village_id)
        return _unbelievable(row, self._now) or _entry(self._player, village_id, row, self._now)

    def _kept(self, verdicts: list[AsRunEntry | str | None]) -> list[AsRunEntry | str | None]:
        """All new entries in the database at once; where one cannot be there, one by one: it blocks no other."""
        new = [verdict for verdict in verdicts if isinstance(verdict, AsRunEntry)]
        if not new or self._add(new) is None:
            return verdicts
        return [self._add([one]) or one if isinstance(one, AsRunEntry) else one for one in verdicts]

    def _add(self, entries: Sequence[AsRunEntry]) -> str | None:
        """Why they cannot be kept; None if they are."""
        try:
            with self._session.begin_nested():
                self._session.add_all(entries)
        except StatementError as error:
            if type(error) not in {StatementError, DataError}:  # the database itself: the player sends again
                raise
            return f"cannot be stored: {error.orig}"
        return None

    def _answer(self, raw: object, verdict: AsRunEntry | str | None) -> RowAnswer:
        name = _name_of(raw)
        if isinstance(verdict, str):
            return _quarantine(self._session, self._player, raw, name, verdict, self._now)
        return RowAnswer(row_uuid=name, verdict=RowVerdict.ACCEPTED if verdict else RowVerdict.DUPLICATE)


def _read(raw: object) -> AsRunRow | str:
    """The row, or why it is none."""
    try:
        return AsRunRow.model_validate(raw)
    except (ValidationError, OverflowError) as error:
        return _why(error)


def _known(session: Session, rows: Sequence[AsRunRow]) -> dict[UUID, AsRunEntry]:
    query = select(AsRunEntry).where(AsRunEntry.row_uuid.in_({row.row_uuid for row in rows}))
    return {entry.row_uuid: entry for entry in session.scalars(query)}


def _villages(session: Session, rows: Sequence[AsRunRow]) -> dict[UUID, int]:
    query = select(Occurrence.uuid, Occurrence.village_id).where(
        Occurrence.uuid.in_({row.occurrence_uuid for row in rows})
    )
    return {uuid: village_id for uuid, village_id in session.execute(query)}  # noqa: C416  (a row is no pair to mypy)


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
    return f"{'.'.join(map(str, first['loc']))}: {first['msg']}".removeprefix(": ").encode("ascii", "replace").decode()


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


def _entry(player: Player, village_id: int, row: AsRunRow, now: datetime) -> AsRunEntry:
    return AsRunEntry(
        player_id=player.id,
        village_id=village_id,
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


def _now_measured(session: Session, entries: Sequence[AsRunEntry]) -> set[Name]:
    """What rows under a trusted clock tell the true time of: older rows of the same starts of the machine."""
    sure = [entry for entry in entries if entry.clock_state == ClockState.TRUSTED and entry.started_at]
    found: set[Name] = set()
    for player_id, boot_id in {(entry.player_id, entry.boot_id) for entry in sure if entry.boot_id}:
        query = select(AsRunEntry.village_id, AsRunEntry.occurrence_uuid).where(
            AsRunEntry.player_id == player_id,
            AsRunEntry.boot_id == boot_id,
            AsRunEntry.clock_state != ClockState.TRUSTED,
        )
        found.update((village_id, uuid) for village_id, uuid in session.execute(query))
    return found


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
