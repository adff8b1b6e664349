"""What the page shows, gathered from a running player at one moment: plain values, no HTML and no language."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone, tzinfo
from itertools import islice
from pathlib import Path
from zoneinfo import ZoneInfo

from broadcaster.player import VERSION, machine
from broadcaster.player.agent import Agent
from broadcaster.player.clock import Reading
from broadcaster.player.errors import Trouble
from broadcaster.player.keeping.signatures import fingerprint
from broadcaster.player.local.network import Network, networks
from broadcaster.player.sound.volume import volume_at
from broadcaster.protocol import Phrase, Priority

NEXT_CUES = 6
VIETNAM = timezone(timedelta(hours=7))


@dataclass(frozen=True)
class Coming:
    """A cue that is still to come."""

    at: datetime
    title: str


@dataclass(frozen=True)
class Box:
    """The machine, paired or not."""

    hardware: str
    networks: tuple[Network, ...]
    disk_free_bytes: int
    temperature_c: float | None
    under_voltage: bool | None
    version: str = VERSION


@dataclass(frozen=True)
class View:
    """A paired player. Instants are in the village's time zone; `valid_until` None: no programme yet.

    `volume_percent` is what the commune set, `volume_here` what somebody set here in its place.
    """

    village: str
    server: str
    fingerprints: tuple[str, ...]
    clock: Reading
    now: datetime
    box: Box
    playing: tuple[str, datetime | None] | None = None
    coming: tuple[Coming, ...] = ()
    valid_until: datetime | None = None
    volume_percent: int = 100
    volume_here: int | None = None
    emergency_volume_percent: int = 100
    phrases: tuple[Phrase, ...] = ()
    last_contact_at: datetime | None = None
    trouble: Trouble | None = None
    problems: Mapping[str, str] = field(default_factory=dict)
    missing: int = 0
    waiting: int = 0
    bytes_month: int = 0


def look_at_box(data: Path) -> Box:
    """Look at the machine."""
    return Box(
        hardware=machine.hardware_name(),
        networks=tuple(networks()),
        disk_free_bytes=machine.disk_free_bytes(data),
        temperature_c=machine.temperature_c(),
        under_voltage=machine.under_voltage(),
    )


def look(agent: Agent, box: Box) -> View:
    """Look at a running player."""
    identity, manifest, standing = agent.manifests.identity, agent.manifests.current, agent.sync.standing
    zone: tzinfo = ZoneInfo(manifest.time_zone) if manifest else VIETNAM
    reading = agent.clock.read()
    now = reading.at.astimezone(zone)
    last = agent.sync.last_contact_at
    return View(
        village=identity.village_name,
        server=identity.server,
        fingerprints=tuple(fingerprint(key) for key in identity.keys),
        clock=reading,
        now=now,
        box=box,
        playing=_playing(agent, zone),
        coming=_coming(agent, now, zone),
        valid_until=manifest.valid_until.astimezone(zone) if manifest else None,
        volume_percent=volume_at(manifest.settings, now.time()) if manifest else 100,
        volume_here=agent.knob.turned(manifest),
        emergency_volume_percent=(volume_at(manifest.settings, now.time(), Priority.EMERGENCY) if manifest else 100),
        phrases=agent.alerts.phrases(),
        last_contact_at=last.astimezone(zone) if last else None,
        trouble=Trouble(standing.trouble) if standing.trouble else None,
        problems=dict(standing.problems),
        missing=standing.missing,
        waiting=agent.journal.count_waiting(),
        bytes_month=agent.traffic.month_bytes(),
    )


def _playing(agent: Agent, zone: tzinfo) -> tuple[str, datetime | None] | None:
    alert = agent.alerts.sounding
    if alert is not None:
        return alert.title, None
    cue = agent.conductor.now_playing()
    return (cue[0], cue[1].astimezone(zone)) if cue else None


def _coming(agent: Agent, now: datetime, zone: tzinfo) -> tuple[Coming, ...]:
    manifest = agent.manifests.current
    if manifest is None:
        return ()
    cues = (cue for cue in agent.playlists.programme(manifest).cues if cue.at > now)
    return tuple(Coming(cue.at.astimezone(zone), cue.title or cue.id[1]) for cue in islice(cues, NEXT_CUES))
