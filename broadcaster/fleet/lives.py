"""The lives of this database: a restored one begins anew, and publishes nothing until an admin has looked.

Players compare manifests by (epoch, id), so that a life must have a higher epoch than any that a player has seen: also
than that of an earlier restore from the same backup, which this database knows nothing of. The epoch of a restored
life is therefore at least the minutes since 1970 at its beginning, and what players report is outdone at the release.
"""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from broadcaster.fleet.models import Player, ServerEpoch
from broadcaster.protocol import Heartbeat

_MINUTE_S = 60


def epoch(session: Session, now: datetime) -> int:
    """The present life of this database, begun at the first call."""
    return (newest(session) or _begin(session, ServerEpoch(begun_at=now))).id


def newest(session: Session) -> ServerEpoch | None:
    """The present life, None before the first."""
    return session.scalars(select(ServerEpoch).order_by(ServerEpoch.id.desc()).limit(1)).first()


def held(session: Session) -> ServerEpoch | None:
    """The present life if it was restored and nobody has looked yet: then nothing is published."""
    life = newest(session)
    return life if life and life.backup_at and not life.released_at else None


def is_of_before(session: Session, sent_at: datetime) -> bool:
    """Whether people may have settled what was sent then without this database knowing: nothing of it airs by itself.

    While a restored life is held that holds of everything: whom it trusts is as old as the backup.
    """
    life = newest(session)
    return bool(life and life.backup_at and (not life.released_at or sent_at <= life.begun_at))


def begin_restored(session: Session, backup_at: datetime, now: datetime) -> ServerEpoch:
    """The database was restored from what was kept at `backup_at`: a new life, held."""
    before = newest(session)
    number = max(before.id + 1 if before else 1, int(now.timestamp()) // _MINUTE_S)
    return _begin(session, ServerEpoch(id=number, begun_at=now, backup_at=backup_at))


def release(session: Session, now: datetime) -> bool:
    """Let the held life publish, above every epoch that a player reports; whether it was held."""
    life = held(session)
    if life is None:
        return False
    life.released_at = now
    reported = max((report.server_epoch for report in _reports(session)), default=0)
    if reported >= life.id:
        restored = {"begun_at": now, "backup_at": life.backup_at, "released_at": now}
        _begin(session, ServerEpoch(id=reported + 1, **restored))
    session.flush()
    return True


def reported_manifest(player: Player) -> int:
    """The number of the newest manifest that the player says it has, 0 if it says nothing."""
    return Heartbeat.model_validate(player.heartbeat).manifest_id if player.heartbeat else 0


def _reports(session: Session) -> list[Heartbeat]:
    said = session.scalars(select(Player.heartbeat).where(Player.heartbeat.is_not(None)))
    return [Heartbeat.model_validate(report) for report in said if report]


def _begin(session: Session, life: ServerEpoch) -> ServerEpoch:
    session.add(life)
    session.flush()
    return life
