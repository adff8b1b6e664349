"""How a village's loudspeaker is, from its newest report: one mood and the troubles in words. Values in, values out."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from broadcaster.fleet.models import Player
from broadcaster.fleet.outages import Rules, State, state_of
from broadcaster.protocol import ClockState, Heartbeat
from broadcaster.web.forms import Problem
from broadcaster.web.words import mark

LOW_DISK_BYTES = 500_000_000
HOT_C = 80.0
"""A Raspberry Pi slows itself down from here on."""


class Mood(StrEnum):
    """From best to worst; the names are those of the tile's styles."""

    ON_AIR = "on-air"
    WELL = "well"
    TROUBLE = "trouble"
    UNPAIRED = "unpaired"


@dataclass(frozen=True, slots=True)
class Health:
    """A player's mood, what is wrong with it, and its newest report."""

    mood: Mood
    troubles: tuple[Problem, ...] = ()
    player: Player | None = None
    report: Heartbeat | None = None


def health_of(players: Sequence[Player], now: datetime, rules: Rules) -> Health:
    """A village is as well as the best of its players."""
    order = list(Mood)
    healths = [player_health(player, now, rules) for player in players]
    return min(healths, key=lambda health: order.index(health.mood), default=Health(Mood.UNPAIRED))


def player_health(player: Player, now: datetime, rules: Rules, *, relays: bool = False) -> Health:
    """How one player is; `relays`: it is meant to relay a station."""
    if player.last_seen_at is None or player.heartbeat is None:
        return Health(Mood.TROUBLE, (Problem("", NEVER_SEEN),), player)
    report = Heartbeat.model_validate(player.heartbeat)
    state = state_of(player, rules, now)
    if state is not State.HEARD:
        return Health(Mood.TROUBLE, (Problem("", OFFLINE if state is State.OFFLINE else SILENT),), player, report)
    troubles = (*_troubles(report), *([Problem("", CANNOT_RELAY)] if relays and cannot_relay(player) else ()))
    playing = report.playing and (report.playing_until is None or report.playing_until > now)
    mood = Mood.ON_AIR if playing else Mood.TROUBLE if troubles else Mood.WELL
    return Health(mood, troubles, player, report)


def cannot_relay(player: Player) -> bool:
    """Whether it has said what it can, and relaying is not among that; older players do not even know the word."""
    return player.heartbeat is not None and not Heartbeat.model_validate(player.heartbeat).can_relay


def complaints(report: Heartbeat) -> tuple[str, ...]:
    """What the player itself writes of its troubles, in English: for technicians."""
    return report.problems


def _troubles(report: Heartbeat) -> list[Problem]:
    found = []
    if report.clock_state is ClockState.UNTRUSTED:
        found.append(Problem("", CLOCK_UNTRUSTED))
    if report.objects_missing:
        found.append(Problem("", OBJECTS_MISSING, {"count": report.objects_missing}))
    if report.disk_free_bytes is not None and report.disk_free_bytes < LOW_DISK_BYTES:
        found.append(Problem("", DISK_LOW))
    if report.under_voltage:
        found.append(Problem("", UNDER_VOLTAGE))
    if report.temperature_c is not None and report.temperature_c >= HOT_C:
        found.append(Problem("", HOT, {"degrees": round(report.temperature_c)}))
    steps = {complaint.partition(":")[0] for complaint in report.problems}
    found += [Problem("", sentence) for step, sentence in CANNOT.items() if step in steps]
    return found


NEVER_SEEN = mark("Paired, but has never reported. Is it switched on and in the network?")
SILENT = mark("No report for a while. It goes on airing what it holds.")
OFFLINE = mark("Offline: nothing was heard from it for long. It goes on airing what it holds.")
HOT = mark("It is {degrees} °C hot: give it air, or shade.")
CANNOT = {
    "time": mark("It cannot compare its clock with the server's."),
    "manifest": mark("It cannot fetch its programme."),
    "objects": mark("It cannot fetch some of its audio."),
    "rows": mark("It cannot hand over its reports, or not keep them."),
}
"""What of a player's round with the server fails, by the name that its complaint begins with."""
CLOCK_UNTRUSTED = mark("It is not sure of the time, so it stays silent until the network is back.")
OBJECTS_MISSING = mark("Still fetching audio: {count} files to go.")
DISK_LOW = mark("Its disk is almost full.")
CANNOT_RELAY = mark(
    "It cannot relay a station, though a slot does: only the chime, or the announcement chosen for it, sounds here. "
    "Its player needs the addition “player-relay”."
)
UNDER_VOLTAGE = mark("Its power supply is too weak.")
