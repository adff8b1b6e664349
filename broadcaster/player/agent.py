"""A player put together: opens what lies in its folder, runs the conductor here and the sync in a thread."""

import json
import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from zoneinfo import ZoneInfo

from pydantic import ValidationError

from broadcaster.player import VERSION, machine
from broadcaster.player.alerts.courier import Courier
from broadcaster.player.alerts.desk import Alerts
from broadcaster.player.alerts.documents import Documents
from broadcaster.player.alerts.receipts import Receipts
from broadcaster.player.carrying import bundles
from broadcaster.player.carrying.bundles import Taken
from broadcaster.player.carrying.sticks import INBOX, Sticks, journal_file
from broadcaster.player.clock import Comparison, PlayerClock, Sources, SystemSources
from broadcaster.player.conductor import LONGEST_WAIT_S, Conductor
from broadcaster.player.control import Control
from broadcaster.player.device import Device
from broadcaster.player.files import note
from broadcaster.player.hearing.listening import Deaf, Ears
from broadcaster.player.keeping.cache import Cache
from broadcaster.player.keeping.identity import load_identity
from broadcaster.player.keeping.journal import Journal
from broadcaster.player.keeping.manifests import Manifests
from broadcaster.player.keeping.playlists import Playlists
from broadcaster.player.keeping.reserve import Reserve
from broadcaster.player.network.budget import Traffic
from broadcaster.player.network.events import SILENT_S, Events
from broadcaster.player.network.server import Server
from broadcaster.player.output.base import Output
from broadcaster.player.relay.stream import supported
from broadcaster.player.sound.amplifier import Amplifier, NoAmplifier
from broadcaster.player.sound.feed import Feed
from broadcaster.player.sound.knob import Knob
from broadcaster.player.sync import Sync, run
from broadcaster.player.systemd import ALIVE, READY, STOPPING, tell
from broadcaster.protocol import AlertScope, ClockState, Heartbeat, ObjectRef

log = logging.getLogger(__name__)
CLOCK_FILE = "clock.json"
STATUS_FILE = "status.json"
JOURNAL_FILE = "journal.db"
AFTER_ERROR_S = 1.0
LAST_WORDS_S = 2.0
"""How long calls to the server may hold up the end."""
EVENTS = "events"
"""The thread that always waits in a call."""

MakeOutput = Callable[[Feed, PlayerClock], Output]


class Agent:
    """One player over one folder."""

    def __init__(
        self,
        data: Path,
        make_output: MakeOutput,
        sources: Sources | None = None,
        amplifier: Amplifier | None = None,
        ears: Ears | None = None,
        sticks: Sequence[str] = (),
    ) -> None:
        """Open everything; nothing runs yet.

        `amplifier` is switched on before sounds and off after them; `sticks` are patterns of folders in which bundles
        are looked for, beside the data folder's own `inbox`; `ears` tell whether a sound was heard; without them nobody
        can say.

        Raises:
            PlayerError: not paired, or the output does not exist.
        """
        self.data = data
        self._stop = threading.Event()
        self._bell = threading.Event()
        self._hurry = threading.Event()
        identity = load_identity(data)
        self.clock = PlayerClock(sources or SystemSources(), _kept_comparison(data), self._keep_comparison)
        self._started = self.clock.monotonic()
        self._reserve = Reserve(data)
        self.manifests = Manifests(data, identity, self._reserve.free)
        self.cache = Cache(data / "objects")
        self.playlists = Playlists(self.cache)
        self.journal = Journal(data / JOURNAL_FILE, self._reserve.free)
        self._reserve.restore()
        for passed in (self.journal.floor(), self.manifests.current and self.manifests.current.issued_at):
            if passed:
                self.clock.raise_floor(passed)
        self._receipts = Receipts(self.journal, self.clock)
        self.knob = Knob(data)
        self.alerts = Alerts(
            clock=self.clock,
            manifests=self.manifests,
            cache=self.cache,
            documents=Documents(data / "alerts", self.manifests),
            receipts=self._receipts,
            ring=self._bell.set,
        )
        self.conductor = Conductor(
            clock=self.clock,
            journal=self.journal,
            manifests=self.manifests,
            playlists=self.playlists,
            cache=self.cache,
            alerts=self.alerts,
            make_device=lambda feed: Device(make_output(feed, self.clock), amplifier or NoAmplifier(), self.clock),
            ears=ears or Deaf(),
            knob=self.knob,
            bell=self._bell,
        )
        self.traffic = Traffic(data, self.clock.now)
        self._server = Server(identity.server, identity.token, clock=self.clock, count=self.traffic.count)
        self.sync = Sync(
            server=self._server,
            clock=self.clock,
            manifests=self.manifests,
            cache=self.cache,
            journal=self.journal,
            playlists=self.playlists,
            heartbeat=self.heartbeat,
            ring=self._bell.set,
            alerts=self.alerts,
        )
        self._courier = Courier(
            server=self._server,
            alerts=self.alerts,
            cache=self.cache,
            make_room=self._make_room,
            ring=self._bell.set,
            fetched=self._hurry.set,
        )
        self._events = Events(
            lambda last_id: self._server.events(last_id, SILENT_S),
            on_alert=lambda signed: self.alerts.take_in([signed], live=True),
            on_manifest=self._look_now,
            on_change=self._line_changed,
        )
        self.sticks = Sticks(data / INBOX, sticks, self.take_in, self.journal_to_carry)

    def take_in(self, path: Path) -> Taken:
        """Take in a bundle, an archive or an unpacked folder. Raises NotTrusted."""
        epoch = self.manifests.current.server_epoch if self.manifests.current else None
        taken = bundles.take_in(
            path,
            self.manifests,
            self.cache,
            self.sync.in_order,
            self._make_room,
        )
        manifest = self.manifests.current
        if taken.manifest and manifest:
            self.clock.raise_floor(manifest.issued_at)
            self.alerts.take_in(manifest.alerts, live=False)
            if epoch is not None and manifest.server_epoch > epoch:
                self.journal.send_again()
        if taken.manifest or taken.objects or taken.refused:
            facts = {
                "bundle": path.name,
                "manifest": taken.manifest,
                "objects": taken.objects,
                "refused": taken.refused,
            }
            self.journal.note(self.clock.now(), bundles.NOTE, facts)
        self.wake()
        return taken

    def _make_room(self, ref: ObjectRef) -> None:
        self.sync.make_room(self.manifests.current, ref)

    def journal_to_carry(self) -> tuple[str, bytes]:
        """Return the file, by its name, in which the rows go back that the server does not have."""
        return journal_file(self.manifests.identity, self.journal)

    def stop(self) -> None:
        """Ask `run` to end; may be called from a signal handler or another thread."""
        self._stop.set()
        self._bell.set()
        self._hurry.set()
        self._courier.wake()
        self._receipts.wake()

    def wake(self) -> None:
        """Look at once at what has changed: somebody did something here."""
        self._bell.set()
        self._hurry.set()

    def run(self) -> None:
        """Play until `stop`; then what sounds is journalled as `partial/shut_down`."""
        # Daemons: a hung call to the server must not hold up the end; all they write is written atomically.
        threads = [threading.Thread(target=work, name=name, daemon=True) for name, work in self._works().items()]
        for thread in threads:
            thread.start()
        control = Control(self.data, self._answer)
        log.info("player_started", extra={"village": self.manifests.identity.village, "version": VERSION})
        trusted = False
        tell(READY)
        while not self._stop.is_set():
            pause = AFTER_ERROR_S
            try:
                pause = self.conductor.turn()
                trusted = self._hurry_when_clock_fails(trusted=trusted)
                tell(ALIVE)
            except Exception:  # the edge of the loop: the next cue must have its chance
                log.exception("turn_failed")
            self._bell.wait(min(pause, LONGEST_WAIT_S))
            self._bell.clear()
        tell(STOPPING)
        control.close()
        self.conductor.shut_down()
        until = self.clock.monotonic() + LAST_WORDS_S
        for thread in threads:
            if thread.name != EVENTS:
                thread.join(max(0.0, until - self.clock.monotonic()))
        self.close()
        log.info("player_stopped")

    def _works(self) -> dict[str, Callable[[], None]]:
        """What goes on beside the conductor, by name."""
        return {
            "sync": lambda: run(self.sync, self._stop, self._hurry, self._write_status),
            "alerts": lambda: self._courier.run(self._stop),
            "receipts": lambda: self._receipts.run(self._server.receipts, self._stop),
            "sticks": lambda: self.sticks.run(self._stop),
            EVENTS: lambda: self._events.run(self._stop),
        }

    def close(self) -> None:
        """Journal what sounds as `partial/shut_down` and close everything."""
        self.conductor.shut_down()
        self.journal.close()
        self._server.close()

    def _answer(self, request: Mapping[str, str]) -> str:
        """Do what a command in another process asks for, and say what was done."""
        if request.get("do") == "sound-phrase":
            self.alerts.start(request.get("key", ""), AlertScope(request.get("scope", AlertScope.ACTUAL)))
            return "It sounds until `stop-phrase`, for five minutes at most"
        if request.get("do") == "came-of":
            return self.sticks.came_of.get(request.get("bundle", ""), "")
        return "Stopped" if self.alerts.stop() else "Nothing that was started here sounds"

    def _look_now(self) -> None:
        self.sync.look_now.set()
        self._hurry.set()

    def _line_changed(self, connected: bool) -> None:  # noqa: FBT001 - a callback's only fact
        self.alerts.listening = connected
        self._courier.wake()
        if connected:
            self._receipts.wake()

    def heartbeat(self) -> Heartbeat:
        """Describe how the player is."""
        reading = self.clock.read()
        manifest = self.manifests.current
        playing = self.conductor.now_playing()
        return Heartbeat(
            sent_at=reading.at,
            clock_state=reading.state,
            clock_offset_ms=reading.offset_ms,
            playing=playing[0][:300] if playing else None,
            playing_until=playing[1] if playing else None,
            manifest_id=manifest.manifest_id if manifest else 0,
            server_epoch=manifest.server_epoch if manifest else 0,
            objects_missing=self.sync.standing.missing,
            rows_waiting=self.journal.count_waiting(),
            disk_free_bytes=machine.disk_free_bytes(self.data),
            temperature_c=machine.temperature_c(),
            under_voltage=machine.under_voltage(),
            output_level_dbfs=self.conductor.level_dbfs(),
            volume_percent=self.knob.percent(manifest, reading.at),
            problems=tuple(f"{part}: {why}"[:300] for part, why in self.conductor.troubles.items()),
            version=VERSION[:40],
            can_relay=supported(),
            clock_error_ms=reading.error_ms,
            clock_source=reading.source or "",
            bytes_month=self.traffic.month_bytes(),
            cache_bytes=self.cache.size_bytes(),
            valid_until=manifest.valid_until if manifest else None,
            uptime_s=max(0.0, reading.monotonic - self._started),
        )

    def _hurry_when_clock_fails(self, *, trusted: bool) -> bool:
        believed = self.clock.read().state is not ClockState.UNTRUSTED
        if trusted and not believed:
            log.warning("clock_untrusted")
            self._hurry.set()
        return believed

    def _keep_comparison(self, comparison: Comparison) -> None:
        note(self.data / CLOCK_FILE, comparison.model_dump_json().encode())

    def _write_status(self) -> None:
        reading = self.clock.read()
        manifest, contact = self.manifests.current, self.sync.last_contact_at
        if manifest:
            self.traffic.zone = ZoneInfo(manifest.time_zone)
        self.traffic.keep()
        self._reserve.restore()
        status = {
            "at": reading.at.isoformat(),
            "clock": {
                "state": reading.state,
                "source": reading.source,
                "offset_ms": reading.offset_ms,
                "error_ms": reading.error_ms,
            },
            "manifest": [manifest.server_epoch, manifest.manifest_id] if manifest else None,
            "valid_until": manifest.valid_until.isoformat() if manifest else None,
            "programme_over": manifest is not None and reading.at >= manifest.valid_until,
            "last_contact_at": contact.isoformat() if contact else None,
            "trouble": self.sync.standing.trouble,
            "problems": {**self.sync.standing.problems, **self.conductor.troubles},
            "bytes_month": self.traffic.month_bytes(),
            "bytes_by_month": self.traffic.months(),
            "cache_bytes": self.cache.size_bytes(),
            "journal_in_memory": self.journal.in_memory,
            "objects_missing": self.sync.standing.missing,
            "rows_waiting": self.journal.count_waiting(),
            "underruns": self.conductor.output.underruns,
            "decoder_starved": self.conductor.feed.starved,
            "can_relay": supported(),
            "version": VERSION,
        }
        note(self.data / STATUS_FILE, json.dumps(status, indent=1).encode())


def _kept_comparison(data: Path) -> Comparison | None:
    try:
        return Comparison.model_validate_json((data / CLOCK_FILE).read_bytes())
    except (OSError, ValidationError):
        return None
