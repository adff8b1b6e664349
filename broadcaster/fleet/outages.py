"""Which players are silent: late, then offline; told once, and once more when they are back for good.

Values of `state_of` are computed; a silence that people were told of is a row (`PlayerOutage`). One that comes and goes
does not make a stream of news: a player is back when it was heard steadily for a while, the longer the more often it
was silent that day, and those that fall silent together are told of together.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from broadcaster.fleet.models import Player, PlayerOutage
from broadcaster.settings import Settings

LATE_AFTER_POLLS: Final = 3
"""A player with nothing new reports at every second poll, and one report may be lost."""
LATE_AT_LEAST: Final = timedelta(minutes=1)
STEADY: Final = timedelta(minutes=5)
STEADY_AT_MOST: Final = timedelta(hours=1)
_DAY: Final = timedelta(days=1)


class State(StrEnum):
    """How long ago a player was heard from."""

    HEARD = "heard"
    LATE = "late"
    OFFLINE = "offline"


@dataclass(frozen=True, slots=True)
class Rules:
    """After how long a silence is noticed, and after how long people are told."""

    late_after: timedelta = timedelta(minutes=3)
    offline_after: timedelta = timedelta(minutes=15)

    @classmethod
    def of(cls, settings: Settings) -> "Rules":
        """As this installation has it."""
        late_after = max(LATE_AT_LEAST, timedelta(seconds=LATE_AFTER_POLLS * settings.poll_seconds))
        return cls(late_after, max(late_after, timedelta(minutes=settings.offline_minutes)))


@dataclass(frozen=True, slots=True)
class News:
    """Players that fell silent, or are back; each with the instant since when."""

    are_back: bool
    outages: tuple[tuple[Player, PlayerOutage], ...]


def silent_since(player: Player) -> datetime:
    """When it was last heard from; if never, when it was paired."""
    return player.last_seen_at or player.paired_at


def state_of(player: Player, rules: Rules, now: datetime) -> State:
    """How the player is to be called now."""
    silence = now - silent_since(player)
    return State.OFFLINE if silence > rules.offline_after else State.LATE if silence > rules.late_after else State.HEARD


def watch(
    session: Session, players: Sequence[Player], rules: Rules, now: datetime, *, listening_since: datetime
) -> list[News]:
    """Note who fell silent and who is back since the last look, and return what people are to be told.

    Args:
        session: unit of work.
        players: all living players of a commune; the silence of removed ones ends untold.
        rules: how long is long.
        now: aware instant.
        listening_since: what was before is no player's fault: the server itself was away.
    """
    _forget_removed(session, now)
    living = {player.id: player for player in players}
    query = select(PlayerOutage).where(PlayerOutage.player_id.in_(living), PlayerOutage.over_at.is_(None))
    known = {outage.player_id: outage for outage in session.scalars(query)}
    back = [(living[of], one) for of, one in known.items() if _is_over(session, living[of], one, rules, now)]
    gone = _gone(session, [one for one in players if one.id not in known], rules, now, listening_since)
    session.flush()
    return [News(are_back, tuple(some)) for are_back, some in ((False, gone), (True, back)) if some]


def outages_since(session: Session, players: Iterable[Player], since: datetime) -> dict[int, list[PlayerOutage]]:
    """By player id: its silences that had not ended by then, the newest first."""
    found: dict[int, list[PlayerOutage]] = {player.id: [] for player in players}
    ended = func.coalesce(PlayerOutage.over_at, since)
    query = select(PlayerOutage).where(PlayerOutage.player_id.in_(found), ended >= since)
    for outage in session.scalars(query.order_by(PlayerOutage.since_at.desc())):
        found[outage.player_id].append(outage)
    return found


def _gone(
    session: Session, players: Sequence[Player], rules: Rules, now: datetime, listening_since: datetime
) -> list[tuple[Player, PlayerOutage]]:
    """Who is silent for too long; with the first one also who is about to be: it is one failure."""
    silences = {player.id: now - max(silent_since(player), listening_since) for player in players}
    if not any(silence > rules.offline_after for silence in silences.values()):
        return []
    enough = rules.offline_after - min(rules.late_after, rules.offline_after / 2)
    found = [
        (player, PlayerOutage(player_id=player.id, since_at=silent_since(player), told_at=now))
        for player in players
        if silences[player.id] > enough
    ]
    session.add_all(outage for _, outage in found)
    return found


def _is_over(session: Session, player: Player, outage: PlayerOutage, rules: Rules, now: datetime) -> bool:
    seen_at = silent_since(player)
    if seen_at <= outage.since_at or now - seen_at > rules.late_after:
        outage.heard_at = None
        return False
    outage.heard_at = outage.heard_at or seen_at
    if now - outage.heard_at < _steady(session, player, now):
        return False
    outage.over_at = outage.heard_at
    return True


def _steady(session: Session, player: Player, now: datetime) -> timedelta:
    """For how long it must be heard to be back: doubled by each earlier silence of a day."""
    of_day = PlayerOutage.player_id == player.id, PlayerOutage.since_at > now - _DAY
    times = session.scalar(select(func.count(PlayerOutage.id)).where(*of_day)) or 0
    return min(STEADY * (1 << min(max(times - 1, 0), 10)), STEADY_AT_MOST)


def _forget_removed(session: Session, now: datetime) -> None:
    """A player that was removed is not awaited any more."""
    removed = PlayerOutage.player_id.in_(select(Player.id).where(Player.revoked_at.is_not(None)))
    session.execute(update(PlayerOutage).where(PlayerOutage.over_at.is_(None), removed).values(over_at=now))
