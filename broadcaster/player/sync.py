"""The round with the server: time, manifest, objects, rows, heartbeat. What to play is never decided here.

A step that fails is noted and the next one is tried; nothing that airs waits for any of them.
"""

import logging
import math
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple

from broadcaster.player import machine
from broadcaster.player.alerts.desk import Alerts
from broadcaster.player.clock import PlayerClock
from broadcaster.player.errors import DiskFull, NotTrusted, PlayerError, Refused, ServerAway, Stale, Trouble
from broadcaster.player.keeping.cache import Cache
from broadcaster.player.keeping.journal import Journal
from broadcaster.player.keeping.manifests import Manifests
from broadcaster.player.keeping.playlists import Playlists
from broadcaster.player.keeping.room import Room, always_kept, given_up
from broadcaster.player.network.budget import Brake
from broadcaster.player.network.server import Server
from broadcaster.protocol import AsRunRow, ClockState, Heartbeat, Manifest, ObjectRef, RowAnswer, RowVerdict

log = logging.getLogger(__name__)
ROUND_TRIPS = 5
COMPARE_EVERY_S = 1800.0
"""A crystal is off by 90 ms after this long; each comparison costs two kilobytes."""
BATCH_ROWS = 100
ASK_EACH_WHILE_LISTENING_S = 900.0
OBJECTS_BUDGET_S = 120.0
"""A round stops fetching after this long and goes on in the next, so that a long download delays no new manifest."""
LONGEST_PAUSE_S = 300.0
FIRST_PLAN_PAUSE_S = 5.0
AFTER_ERROR_S = 60.0
ENOUGH_BROKEN = 3
OBJECT_PAUSES_S = (30.0, 3600.0)
KEEP_UNNEEDED = timedelta(days=7)
CALLS = ("manifest", "rows", "heartbeat")
"""Steps whose failure makes the next round wait longer; a broken download goes on in the next."""
NOT_FOUND = 404
NEWS = ("clock_state", "playing", "manifest_id", "objects_missing", "rows_waiting", "volume_percent", "problems")
"""While none of these has changed every other round is quiet: a village pays for each kilobyte."""
REFUSES_US = {401, 403}
UNREADABLE_BODY = {400, 413, 422}


class Backoff(NamedTuple):
    """An object that came wrong, how often, and the monotonic moment before which it is not asked for again."""

    failures: int
    until: float


@dataclass
class Standing:
    """How the last round went, for the status and the heartbeat. `problems`: step -> sentence.

    `trouble` is what stands between us and the server, None when it answered.
    """

    problems: Mapping[str, str] = field(default_factory=dict)
    trouble: Trouble | None = None
    missing: int = 0


class Sync:
    """One round at a time; owned by the thread that runs it."""

    def __init__(  # noqa: PLR0913 - a round meets everybody
        self,
        *,
        server: Server,
        clock: PlayerClock,
        manifests: Manifests,
        cache: Cache,
        journal: Journal,
        playlists: Playlists,
        heartbeat: Callable[[], Heartbeat],
        ring: Callable[[], None],
        alerts: Alerts,
    ) -> None:
        """`heartbeat` describes the player; `ring` wakes whoever decides what to play."""
        self._server = server
        self._clock = clock
        self._manifests = manifests
        self._cache = cache
        self._journal = journal
        self._playlists = playlists
        self._heartbeat = heartbeat
        self._ring = ring
        self._alerts = alerts
        self._asked_at = -math.inf
        self.look_now = threading.Event()
        """Set when the server said that there is another manifest."""
        self._brake = Brake(clock.monotonic)
        self._compared = -COMPARE_EVERY_S
        self._backoffs: dict[str, Backoff] = {}
        self._said: tuple[object, ...] | None = None
        self._quiet = False
        self._failed_rounds = 0
        self._problems: Mapping[str, str] = {}
        self._trouble: Trouble | None = None
        self._planned = True
        self.standing = Standing()

    @property
    def last_contact_at(self) -> datetime | None:
        """When the server itself was heard last since the start, by player time as it is known now."""
        heard_at = self._server.heard_at
        return None if heard_at is None else self._clock.at(heard_at)

    def take_stock(self) -> None:
        """Verify what earlier runs left in the cache, what is needed first first."""
        for _sha256 in self._cache.verify(self._alerts.needed()):
            self._ring()
        manifest = self._manifests.current
        if manifest is None:
            return
        # Twice: which audio is needed when is known once the playlists are.
        for _ in range(2):
            for _sha256 in self._cache.verify([ref.sha256 for ref in self.in_order(manifest)]):
                self._ring()

    def round(self) -> float:
        """Go through all steps once; return the seconds to pause until the next round."""
        steps: dict[str, Callable[[], None]] = {
            "time": self._time,
            "manifest": self._manifest,
            "objects": self._objects,
            "rows": self._rows,
            "heartbeat": self._say_how_it_is,
        }
        problems: dict[str, str] = {}
        self._problems = problems
        self._trouble = None
        for name, step in steps.items():
            try:
                step()
            except PlayerError as error:
                problems[name] = str(error)
                self._trouble = self._trouble or _trouble_of(error)
                if self.standing.problems.get(name) != str(error):
                    log.warning("sync_step_failed", extra={"step": name, "why": str(error)})
            except Exception as error:  # one step's fault must not block the others
                problems[name] = repr(error)
                log.exception("sync_step_broken", extra={"step": name})
        self.standing.problems, self.standing.trouble = problems, self._trouble
        # While events come the manifest is not asked for: then these tell that nobody answers.
        return self._pause(away=not problems.keys().isdisjoint(CALLS))

    def _pause(self, *, away: bool) -> float:
        """Poll time, doubled by each failed round, moved by up to a tenth that differs from player to player."""
        manifest = self._manifests.current
        if not self._planned:
            return FIRST_PLAN_PAUSE_S
        poll = float(manifest.settings.poll_seconds if manifest else FIRST_PLAN_PAUSE_S)
        self._failed_rounds = self._failed_rounds + 1 if away else 0
        pause = min(poll * 2.0 ** min(self._failed_rounds, 16), max(poll, LONGEST_PAUSE_S))
        return pause * (0.9 + 0.2 * (self._manifests.identity.player.int % 1000) / 1000)

    def _time(self) -> None:
        trusted = self._clock.read().state is ClockState.TRUSTED
        if trusted and self._clock.monotonic() - self._compared < COMPARE_EVERY_S:
            return
        try:
            keys = self._manifests.identity.keys
            self._clock.compare([self._server.time(self._clock, keys) for _ in range(ROUND_TRIPS)])
            self._compared = self._clock.monotonic()
        except PlayerError:
            self._clock.ask_system()
            raise
        finally:
            self._ring()

    def _manifest(self) -> None:
        # While the server's events come they tell of another manifest: it is asked for seldom.
        now = self._clock.monotonic()
        told = self.look_now.is_set()
        if self._planned and self._alerts.listening and not told and now - self._asked_at < ASK_EACH_WHILE_LISTENING_S:
            return
        self.look_now.clear()
        try:
            answer = self._server.manifest(self._manifests.etag)
        except Refused as error:
            self._planned = error.status != NOT_FOUND
            raise
        self._planned = True
        self._asked_at = now
        if answer is None:
            return
        epoch = self._manifests.current.server_epoch if self._manifests.current else None
        try:
            manifest = self._manifests.accept(answer.body, answer.headers)
        except Stale as error:
            log.warning("manifest_stale", extra={"why": str(error)})
            raise
        self._clock.raise_floor(manifest.issued_at)
        self._alerts.take_in(manifest.alerts, live=True)
        if epoch is not None and manifest.server_epoch > epoch:
            self._journal.send_again()
        self._ring()

    def _objects(self) -> None:
        manifest = self._manifests.current
        if manifest is None:
            return
        self._cache.evict(self._named(manifest), (self._clock.wall() - KEEP_UNNEEDED).timestamp())
        self.make_room(manifest, None)
        self._backoffs = {
            ref.sha256: self._backoffs[ref.sha256] for ref in manifest.objects if ref.sha256 in self._backoffs
        }
        deadline = self._clock.monotonic() + OBJECTS_BUDGET_S
        problems: list[PlayerError] = []
        tried: set[str] = set()
        # One at a time: which audio is needed first is known once the playlists are.
        while ref := next((ref for ref in self._wanted(manifest) if ref.sha256 not in tried), None):
            tried.add(ref.sha256)
            problem = self._fetch(ref, deadline)
            problems += [problem] if problem else []
            if isinstance(problem, DiskFull):
                break  # what comes after it is needed even less
            away = sum(isinstance(problem, ServerAway) for problem in problems)
            if away == ENOUGH_BROKEN or self._clock.monotonic() > deadline or self._alerts.objects():
                break
        self.standing.missing = len(list(self._missing(manifest)))
        if problems:
            raise problems[0]

    def _wanted(self, manifest: Manifest) -> list[ObjectRef]:
        now = self._clock.monotonic()
        return [ref for ref in self._missing(manifest) if self._backoffs.get(ref.sha256, Backoff(0, 0.0)).until <= now]

    def _missing(self, manifest: Manifest) -> Iterator[ObjectRef]:
        return (ref for ref in self.in_order(manifest) if ref.sha256 not in self._cache.present)

    def in_order(self, manifest: Manifest) -> list[ObjectRef]:
        """What is marked comes first, then playlists, then audio by the time of its first use."""
        first_use = self._playlists.first_uses(manifest)
        last = len(first_use)
        place = {sha256: index for index, sha256 in enumerate(first_use)}
        urgent = {ref.sha256 for ref in manifest.objects if ref.fetch_first}
        urgent |= {sha256 for phrase in manifest.phrases for sha256 in phrase.media}
        return sorted(manifest.objects, key=lambda ref: (ref.sha256 not in urgent, place.get(ref.sha256, last)))

    def _fetch(self, ref: ObjectRef, deadline: float) -> PlayerError | None:
        """Fetch one object; a wrong one is asked for again later, and the others go on."""
        try:
            self.make_room(self._manifests.current, ref)
            self._download(ref, deadline)
        except (ServerAway, DiskFull) as error:
            return error
        except (NotTrusted, Refused) as error:
            self._cache.discard_part(ref.sha256)
            failures = self._backoffs.get(ref.sha256, Backoff(0, 0.0)).failures
            pause = min(OBJECT_PAUSES_S[0] * 2**failures, OBJECT_PAUSES_S[1])
            self._backoffs[ref.sha256] = Backoff(failures + 1, self._clock.monotonic() + pause)
            log.warning("object_refused", extra={"sha256": ref.sha256, "why": str(error), "pause_s": pause})
            return error
        self._backoffs.pop(ref.sha256, None)
        self._ring()
        return None

    def _named(self, manifest: Manifest) -> set[str]:
        return {ref.sha256 for ref in manifest.objects} | self._alerts.needed()

    def make_room(self, manifest: Manifest | None, ref: ObjectRef | None) -> None:
        """Give up what is needed least: down to the limits, or for an object that is needed more.

        Raises:
            DiskFull: nothing that is needed less would make enough room.
        """
        if manifest is None:
            return
        held = self._cache.held()
        disk = machine.disk(self._cache.folder)
        limit = manifest.settings.cache_mb * 1_000_000
        room = Room(sum(each.size_bytes for each in held), limit, disk.free, disk.total)
        kept = always_kept(self._playlists.programme(manifest), self._clock.now()) | self._alerts.needed()
        is_kept = ref is not None and ref.sha256 in kept
        more = max(0, ref.size_bytes - self._cache.partial_bytes(ref.sha256)) if ref else 0
        lacking = room.lacking(more, kept=is_kept)
        if not lacking:
            return
        place = {each.sha256: index for index, each in enumerate(self.in_order(manifest))}
        # What is always kept may push out whatever is not; the manifest need not know it: an alert's own audio.
        before = place.get(ref.sha256, len(place)) if ref and not is_kept else None
        gone, enough = given_up(held, lacking, place, kept, before)
        if ref and not enough:
            raise DiskFull(
                f"The disk is full, or its limit is reached: {ref.sha256} ({ref.size_bytes} bytes) waits for room. "
                "What airs within two days, alerts and phrases come first"
            )
        for sha256 in gone:
            log.info("object_given_up", extra={"sha256": sha256})
            self._cache.discard_part(sha256)
            self._cache.discard(sha256)

    def _download(self, ref: ObjectRef, deadline: float) -> None:
        start = self._cache.partial_bytes(ref.sha256)
        if start >= ref.size_bytes:
            # A whole part was left by a cut between the last byte and the rename: it only needs its check.
            self._cache.store(ref.sha256, ref.size_bytes, (), resume=True)
            return
        with self._server.open_object(ref.sha256, start) as (continued, chunks):
            paced = chunks if ref.fetch_first else self._paced(chunks)
            self._cache.store(ref.sha256, ref.size_bytes, self._until(deadline, paced), resume=continued)

    def _paced(self, chunks: Iterable[bytes]) -> Iterator[bytes]:
        """Let no more through than the village's line may carry; what is fetched first is not held up."""
        manifest = self._manifests.current
        for chunk in chunks:
            yield chunk
            self._brake.pace(len(chunk), 1000 * manifest.settings.max_kbytes_s if manifest else 0)

    def _until(self, deadline: float, chunks: Iterable[bytes]) -> Iterator[bytes]:
        for chunk in chunks:
            yield chunk
            if self._clock.monotonic() > deadline:
                raise ServerAway("A long download goes on in the next round")
            if self._alerts.objects():
                raise ServerAway("What an alert needs is fetched first")

    def _rows(self) -> None:
        self._journal.try_disk()
        while rows := self._journal.waiting(BATCH_ROWS):
            answers = self._hand_over(rows)
            known = {str(row.row_uuid) for row in rows} & {answer.row_uuid for answer in answers}
            if not known:
                raise PlayerError("The server acknowledged none of the rows it was sent")
            self._journal.acknowledge(answers, self._clock.now())
        if self._clock.read().state is not ClockState.UNTRUSTED:
            self._journal.purge(self._clock.now())
        if self._journal.in_memory:
            raise DiskFull("The disk does not take the journal: its rows wait in memory until it does")

    def _hand_over(self, rows: list[AsRunRow]) -> tuple[RowAnswer, ...]:
        """Send rows; where the server cannot read the lot, one by one, so that a bad one never blocks the others."""
        try:
            return self._server.as_run(rows).rows
        except Refused as error:
            if error.status not in UNREADABLE_BODY:
                raise
            if len(rows) > 1:
                return tuple(answer for row in rows for answer in self._hand_over([row]))
            log.warning("row_set_aside", extra={"row": str(rows[0].row_uuid), "why": str(error)})
            verdict = RowAnswer(row_uuid=str(rows[0].row_uuid), verdict=RowVerdict.QUARANTINED, reason=str(error))
            return (verdict,)

    def _say_how_it_is(self) -> None:
        heartbeat = self._heartbeat()
        said = (*(f"{step}: {why}"[:300] for step, why in self._problems.items()), *heartbeat.problems)
        heartbeat = heartbeat.model_copy(update={"problems": said})
        news = tuple(getattr(heartbeat, name) for name in NEWS)
        if news == self._said and not self._quiet:
            self._quiet = True
            return
        self._server.heartbeat(heartbeat)
        self._said, self._quiet = news, False


def _trouble_of(error: PlayerError) -> Trouble | None:
    if isinstance(error, ServerAway):
        return error.trouble
    return Trouble.REFUSED if isinstance(error, Refused) and error.status in REFUSES_US else None


def run(sync: Sync, stop: threading.Event, hurry: threading.Event, after_round: Callable[[], None]) -> None:
    """Round after round until told to stop; `hurry` ends a pause early."""
    try:
        sync.take_stock()
        after_round()  # a first round over a slow line takes minutes, in which there is a state to tell too
    except Exception:  # the edge of the thread: a bad disk must not keep us from fetching anew
        log.exception("stock_failed")
    while not stop.is_set():
        pause = AFTER_ERROR_S
        try:
            pause = sync.round()
            after_round()
        except Exception:  # the edge of the thread
            log.exception("sync_round_failed")
        hurry.wait(pause)
        hurry.clear()
