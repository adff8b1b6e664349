"""Where alerts come in, from the network's threads and by people's hands here, and where all ask what there is.

Decides nothing of what sounds (`rules.py`) and makes no sound (`sounding.py`).
"""

import logging
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID, uuid4

from broadcaster.player.alerts.documents import Document, Documents
from broadcaster.player.alerts.receipts import Receipts
from broadcaster.player.alerts.rules import Call, call_of, withdrawn
from broadcaster.player.clock import PlayerClock, Reading
from broadcaster.player.errors import NotTrusted, PlayerError
from broadcaster.player.keeping.cache import Cache
from broadcaster.player.keeping.manifests import Manifests
from broadcaster.player.keeping.tone import keep_tone
from broadcaster.protocol import AlertScope, AlertStage, ClockState, Manifest, ObjectRef, Phrase, SignedAlert

log = logging.getLogger(__name__)
SOUND_FIRST_S = 0.3
"""So long what is to be written of an alert leaves the disk to its sound."""
HERE_AT_MOST = timedelta(minutes=5)
"""A phrase started by hand sounds for so long in all if nobody stops it."""
HERE_PAUSE = timedelta(seconds=3)
HERE_VALID = timedelta(days=7)


class Sounding(NamedTuple):
    """What an alert is that has the loudspeaker now."""

    title: str
    scope: AlertScope
    started_here: bool


@dataclass(frozen=True)
class Held:
    """An alert in the player's hands. `live_since`: the monotonic moment at which it came live, or was started here."""

    call: Call
    live_since: float | None = None
    document: Document | None = None


class Alerts:
    """The alerts of this village. Every method may be called from any thread."""

    def __init__(
        self,
        *,
        clock: PlayerClock,
        manifests: Manifests,
        cache: Cache,
        documents: Documents,
        receipts: Receipts,
        ring: Callable[[], None],
    ) -> None:
        """Take up what earlier runs left; `ring` wakes whoever decides what to play."""
        self._clock = clock
        self._manifests = manifests
        self._cache = cache
        self._documents = documents
        self._receipts = receipts
        self._ring = ring
        self._lock = threading.Lock()
        self._held: dict[UUID, Held] = {}
        self.wanted = threading.Event()
        """Set when there may be audio to fetch."""
        self.settled = threading.Event()
        """Set after each turn of the conductor that leaves no sound to be begun at once."""
        self.listening = False
        """Whether the server's events come; who listens to them writes it."""
        self.sounding: Sounding | None = None
        """What has the loudspeaker now; the conductor writes it."""
        for document in documents.kept():
            self._hold(document, live=False)
        self._manifest_seen: Manifest | None = None

    def start(self, key: str, scope: AlertScope = AlertScope.ACTUAL) -> UUID:
        """Sound a prepared phrase now, again and again until `stop`, for five minutes at most; needs no server.

        It does not go on after a restart: whoever started it stands here and can start it again.

        Raises:
            PlayerError: there is no such phrase, or its audio is not here.
        """
        phrase = self._phrase(key)
        log.info("phrase_started_here", extra={"key": key, "scope": scope})
        return self._begin(phrase.title, phrase.media, scope)

    def try_out(self, title: str) -> UUID:
        """Sound the test tone once, as an exercise.

        Raises:
            PlayerError: the disk does not take it.
        """
        return self._begin(title, (keep_tone(self._cache),), AlertScope.EXERCISE, repeats=1)

    def _begin(self, title: str, media: tuple[str, ...], scope: AlertScope, repeats: int = 0) -> UUID:
        now = self._clock.now()
        call = Call(
            alert_uuid=uuid4(),
            version=0,
            scope=scope,
            title=title,
            issued_at=now,
            starts_at=now,
            expires_at=now + HERE_VALID,
            max_sounding=HERE_AT_MOST,
            media=media,
            repeats=repeats,
            pause=HERE_PAUSE,
        )
        with self._lock:
            self._held[call.alert_uuid] = Held(call, live_since=self._clock.monotonic())
        self._ring()
        return call.alert_uuid

    def stop(self) -> bool:
        """End what was started here; what the server calls goes on. Tell whether there was anything."""
        with self._lock:
            here = [held for held in self._held.values() if held.call.started_here and not held.call.cancelled]
            for held in here:
                self._held[held.call.alert_uuid] = replace(held, call=withdrawn(held.call))
        self._ring()
        return bool(here)

    def phrases(self) -> tuple[Phrase, ...]:
        """Return the prepared phrases whose audio is here."""
        manifest = self._manifests.current
        phrases = manifest.phrases if manifest else ()
        return tuple(phrase for phrase in phrases if self._present(phrase.media))

    def _phrase(self, key: str) -> Phrase:
        manifest = self._manifests.current
        known = {phrase.key: phrase for phrase in (manifest.phrases if manifest else ())}
        if key not in known:
            raise PlayerError(f"There is no prepared phrase {key!r}; there are: {', '.join(sorted(known)) or 'none'}")
        if not self._present(known[key].media):
            raise PlayerError(f"The audio of the phrase {key!r} has not arrived yet")
        return known[key]

    def take_in(self, signed: Iterable[SignedAlert], *, live: bool) -> None:
        """Take documents in, verified one by one: the newest of each alert rules.

        Args:
            signed: as they came.
            live: just now from the server, so that they count whatever the clock says.
        """
        for each in signed:
            try:
                document = self._documents.verified(each)
            except NotTrusted as error:
                log.warning("alert_refused", extra={"why": str(error)})
                continue
            self.settled.clear()
            if self._hold(document, live=live):
                self._ring()
                self.wanted.set()
                if live:  # else the conductor itself may have called
                    self.settled.wait(SOUND_FIRST_S)
                self._note(document)

    def say(
        self, alert_uuid: UUID, version: int, stage: AlertStage, detail: str = "", at: datetime | None = None
    ) -> None:
        """Tell the server how far a version has come."""
        self._receipts.say(alert_uuid, version, stage, detail, at)

    def look_into(self, manifest: Manifest | None) -> None:
        """Take in what a manifest carries, from wherever that came: its alerts are as old as it is."""
        if manifest is not None and manifest is not self._manifest_seen:
            self._manifest_seen = manifest
            self.take_in(manifest.alerts, live=False)

    def held(self) -> tuple[Held, ...]:
        """Return all that is there, over or not."""
        with self._lock:
            return tuple(self._held.values())

    def let_go(self, held: Held, reading: Reading) -> None:
        """Forget an alert that is over: one started here at once, a document when it has long expired."""
        if held.document is not None:
            believed = reading.state is not ClockState.UNTRUSTED
            if not believed or not self._documents.forget(held.document.alert, reading.at):
                return
        with self._lock:
            if self._held.get(held.call.alert_uuid) is held:
                del self._held[held.call.alert_uuid]

    def objects(self) -> list[ObjectRef]:
        """Return what alerts in force need and do not have yet, their own audio before fallbacks."""
        refs: dict[str, ObjectRef] = {}
        for held in self.held():
            if held.document is None or held.call.cancelled:
                continue
            known = {ref.sha256: ref for ref in held.document.alert.objects}
            needed = (*held.call.media, *held.call.fallback)
            refs |= {sha256: known[sha256] for sha256 in needed if sha256 in known}
        present = self._cache.present
        return [ref for sha256, ref in refs.items() if sha256 not in present]

    def needed(self) -> frozenset[str]:
        """Return the sha256 of all audio of alerts that must not be removed."""
        calls = [held.call for held in self.held()]
        return frozenset(sha256 for call in calls for sha256 in (*call.media, *call.fallback))

    def _hold(self, document: Document, *, live: bool) -> bool:
        """Put a document in force if it is the newest of its alert and concerns us; tell whether anything is new."""
        village = self._documents.village()
        alert = document.alert
        call = call_of(alert, village) if village else None
        live_since = self._clock.monotonic() if live else None
        with self._lock:
            known = self._held.get(alert.alert_uuid)
            if known and known.document and document.age < known.document.age:
                return False
            if known and known.document and document.age == known.document.age:
                if live and known.live_since is None:
                    self._held[alert.alert_uuid] = replace(known, live_since=live_since)
                    return True
                return False
            if call is None:
                if known is None:
                    return False
                # A newer version that leaves this village out ends what sounds here.
                call = replace(withdrawn(known.call), version=alert.version)
            self._held[alert.alert_uuid] = Held(call, live_since, document)
            return True

    def _note(self, document: Document) -> None:
        # After the bell: a slow disk must not delay the sound.
        try:
            self._documents.keep(document)
        except OSError as error:
            log.error("alert_not_kept", extra={"why": str(error)})  # noqa: TRY400 - a full disk needs no trace
        alert = document.alert
        log.info("alert_received", extra={"alert": str(alert.alert_uuid), "version": alert.version})
        self._receipts.say(alert.alert_uuid, alert.version, AlertStage.RECEIVED)

    def _present(self, media: Iterable[str]) -> bool:
        return all(sha256 in self._cache.present for sha256 in media)
