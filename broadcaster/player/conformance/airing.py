"""Checks of what airs, when, and what does not: by the rows that the player reports."""

from collections import Counter
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from broadcaster.player.conformance.bench import LEAD, Bench, cue, expect
from broadcaster.player.conformance.checks import Check, check
from broadcaster.player.conformance.village import SILENCE, Asked, Reply, in_utc
from broadcaster.protocol import AsRunRow, ClockState, Outcome, Priority, Reason

SLACK = timedelta(seconds=1.5)
"""A busy machine is forgiven this much; what a good player does is milliseconds."""
AFTER = timedelta(seconds=4)
UNKNOWN = "0" * 64


@check("plays", "Rules of what airs")
def plays(bench: Bench) -> None:
    """A playlist is aired cue by cue at its times, and each row tells the truth about one cue."""
    bench.begin()
    village = bench.village
    at = bench.soon()
    tones = [village.tone(1, hz) for hz in (440, 550, 660)]
    cues = [cue(f"cue-{n}", sha256, at_s=1.5 * n) for n, sha256 in enumerate(tones)]
    opening = village.occurrence(at, *cues)
    manifest = village.publish(opening)
    for n, sha256 in enumerate(tones):
        row = bench.aired(f"cue-{n}")
        planned = at + timedelta(seconds=1.5 * n)
        _begun_at(row, planned)
        _lasted(row, 1.0)
        expect(row.occurrence_uuid == opening.occurrence_uuid, "a row names another occurrence")
        expect(row.media == (sha256,), "a row names other audio")
        expect((row.attempt, row.manifest_id) == (1, manifest.manifest_id), "a row names another attempt or manifest")
        expect(row.clock_state is not ClockState.UNTRUSTED, "a row says that the clock was not to be trusted")
        expect(row.volume_percent == 40, "a row tells another volume than the commune set")
    expect(len(village.rows) == 3, f"three cues made {len(village.rows)} rows")
    expect(not village.malformed, "; ".join(village.malformed)[:300])


@check("late", "Rules of what airs")
def late(bench: Bench) -> None:
    """A cue that is late, but not after its latest start, is aired and its row tells how late."""
    bench.begin()
    village = bench.village
    opening = village.occurrence(village.now(), cue("news", village.tone(1)))
    bench.wait_for(opening.starts_at + AFTER / 2)
    village.publish(opening)
    row = bench.aired("news")
    expect((row.late_ms or 0) >= AFTER / 2 / timedelta(milliseconds=1), f"its row says late_ms={row.late_ms}")


@check("too-late", "Rules of what airs")
def too_late(bench: Bench) -> None:
    """After its latest start a cue is not aired; its row says too late."""
    bench.begin()
    village = bench.village
    opening = village.occurrence(village.now(), cue("news", village.tone(1), latest_s=0.1))
    _fetched(bench, village.tone(1), opening.playlist)
    bench.wait_for(opening.starts_at + SLACK)
    village.publish(opening)
    bench.ended("news", Outcome.SKIPPED, Reason.TOO_LATE)


@check("media-incomplete", "Rules of what airs")
def media_incomplete(bench: Bench) -> None:
    """A cue whose audio is not there is skipped as incomplete and the next one is aired in time."""
    bench.begin()
    village = bench.village
    at = bench.soon()
    village.publish(
        village.occurrence(at, cue("gone", UNKNOWN, latest_s=1), cue("there", village.tone(1), at_s=3, latest_s=30))
    )
    _begun_at(bench.aired("there"), at + timedelta(seconds=3))
    bench.ended("gone", Outcome.SKIPPED, Reason.MEDIA_INCOMPLETE)


@check("quiet-hours", "Rules of what airs")
def quiet_hours(bench: Bench) -> None:
    """What would end within the quiet hours is skipped; an emergency is aired."""
    bench.begin()
    village = bench.village
    at = bench.soon()
    here = at.astimezone(ZoneInfo("Asia/Ho_Chi_Minh"))
    quiet = {"from_local": (here + timedelta(seconds=4)).time(), "until_local": (here + timedelta(hours=1)).time()}
    tone = village.tone(1)
    village.publish(
        village.occurrence(at, cue("before", tone, lasts_s=1), cue("within", tone, at_s=3.5, lasts_s=1)),
        village.occurrence(at + timedelta(seconds=6), cue("flood", tone), priority=Priority.EMERGENCY),
        quiet_hours=quiet,
    )
    bench.aired("before")
    bench.ended("within", Outcome.SKIPPED, Reason.QUIET_HOURS)
    bench.aired("flood")


@check("expired", "Rules of what airs")
def expired(bench: Bench) -> None:
    """Nothing of a manifest is aired once it is no longer valid."""
    bench.begin()
    village = bench.village
    at = bench.soon()
    tone = village.tone(1)
    village.publish(village.occurrence(at, cue("in", tone), cue("after", tone, at_s=4)), valid_until=at + AFTER / 2)
    bench.aired("in")
    bench.ended("after", Outcome.SKIPPED, Reason.EXPIRED)


@check("withdrawn", "Rules of what airs")
def withdrawn(bench: Bench) -> None:
    """A cue that the new manifest no longer holds stops sounding, and one that had not begun never does."""
    bench.begin()
    village = bench.village
    at = bench.soon()
    village.publish(
        village.occurrence(at, cue("long", village.tone(20), lasts_s=20)),
        village.occurrence(at + timedelta(seconds=7), cue("later", village.tone(1))),
    )
    _sounds(bench, at, "long")
    village.publish()
    row = bench.ended("long", Outcome.PARTIAL, Reason.WITHDRAWN)
    expect(0 < row.position_ms < 20_000, f"its row says position_ms={row.position_ms}")
    bench.pass_by(at + timedelta(seconds=7) + AFTER, lambda: village.row("later"), "a withdrawn cue got a row")


@check("emergency-cuts", "Interruption")
def emergency_cuts(bench: Bench) -> None:
    """An emergency cuts a routine cue at once, whose row says where."""
    bench.begin()
    village = bench.village
    at = bench.soon()
    flood = at + timedelta(seconds=2)
    village.publish(
        village.occurrence(at, cue("long", village.tone(12), lasts_s=12)),
        village.occurrence(flood, cue("flood", village.tone(1)), priority=Priority.EMERGENCY),
    )
    _begun_at(bench.aired("flood"), flood)
    row = bench.ended("long", Outcome.PARTIAL, Reason.INTERRUPTED)
    expect(0 < row.position_ms < 12_000, f"the cut cue's row says position_ms={row.position_ms}")


@check("important-waits", "Interruption")
def important_waits(bench: Bench) -> None:
    """An important cue waits for the end of the one that sounds and goes before routine ones."""
    bench.begin()
    village = bench.village
    at = bench.soon()
    tone = village.tone(4)
    village.publish(
        village.occurrence(at, cue("first", tone, lasts_s=4), cue("routine", village.tone(1), at_s=4)),
        village.occurrence(at + timedelta(seconds=1), cue("water", village.tone(1)), priority=Priority.IMPORTANT),
    )
    first, water, routine = bench.aired("first"), bench.aired("water"), bench.aired("routine")
    began = [row.started_at for row in (first, water, routine)]
    expect(all(began) and began == sorted(began, key=str), f"they began at {began}: first, important, routine")


@check("once", "Rules of what airs")
def once(bench: Bench) -> None:
    """A cue that was begun before a power cut is not begun again after it; its row says partial."""
    bench.begin()
    village = bench.village
    at = bench.soon()
    long_s = 8 + bench.hands.slow_s
    village.publish(
        village.occurrence(
            at,
            cue("cut", village.tone(long_s), lasts_s=long_s),
            cue("then", village.tone(1), at_s=2 * long_s, latest_s=40 + bench.hands.slow_s),
        )
    )
    _sounds(bench, at, "cut")
    bench.hands.kill()
    bench.hands.start()
    row = bench.ended("cut", Outcome.PARTIAL, Reason.POWER_CUT)
    expect(row.attempt == 1, "it was begun again")
    bench.aired("then", 60 + 2 * bench.hands.slow_s)
    attempts = [row.attempt for row in village.rows.values() if row.cue_key == "cut"]
    expect(attempts == [1], f"it was begun {len(attempts)} times")


@check("unauthorised", "Write another player, 7")
def unauthorised(bench: Bench) -> None:
    """A 401 silences nothing: what is held is aired, and its rows are kept until they are wanted again."""
    _plays_on(bench, Reply(401, b'{"error": "Unknown token"}'))


def _plays_on(bench: Bench, instead: Reply) -> None:
    bench.begin()
    village = bench.village
    at = village.now() + 2 * LEAD
    opening = village.occurrence(at, cue("news", village.tone(1)))
    village.publish(opening)
    _held(bench, at)

    def refuse(asked: Asked, reply: Reply) -> Reply:
        return reply if asked.path == "/time" and instead.cut_after is None else instead

    village.twist = refuse
    bench.wait_for(at + AFTER)
    village.twist = lambda _, reply: reply
    village.hint()
    row = bench.aired("news", bench.patience_s * 2)
    _begun_at(row, at)


@check("server-away", "Write another player, 7")
def server_away(bench: Bench) -> None:
    """Without its server a village hears what its player holds; the server is asked ever less often."""
    _plays_on(bench, SILENCE)
    village = bench.village
    village.twist = lambda *_: SILENCE
    began, poll_s, watched_s = len(village.asked), 1, 20
    bench.wait_for(village.now() + timedelta(seconds=watched_s))
    # Whatever a player asks first in a round: what comes after it may be left out while nobody answers.
    most, asked = Counter(one.path for one in village.asked[began:]).most_common(1)[0]
    expect(asked <= watched_s / poll_s / 2, f"it asked for {most} {asked} times in {watched_s} s, as often as before")


@check("restart-without-server", "How it works")
def restart_without_server(bench: Bench) -> None:
    """After a restart without its server (but for the time) it airs what lies on its disk."""
    bench.begin()
    village = bench.village
    at = village.now() + 3 * LEAD + 2 * bench.slow
    village.publish(village.occurrence(at, cue("news", village.tone(1))))
    _held(bench, at)
    bench.hands.stop()
    village.twist = lambda asked, reply: reply if asked.path == "/time" else SILENCE
    bench.hands.start()
    bench.wait_for(at + AFTER)
    village.twist = lambda _, reply: reply
    bench.aired("news", bench.patience_s * 2)


def _fetched(bench: Bench, *sha256s: str) -> None:
    """Have the player fetch objects before anything is planned with them."""
    village = bench.village
    manifest = village.publish(also=sha256s)
    bench.until(
        lambda: (
            village.heartbeats[-1].manifest_id == manifest.manifest_id and village.heartbeats[-1].objects_missing == 0
        ),
        "it did not fetch what the manifest names",
    )


def _held(bench: Bench, before: datetime) -> None:
    village = bench.village
    bench.until(
        lambda: (
            village.heartbeats[-1].manifest_id == village.manifest_id and village.heartbeats[-1].objects_missing == 0
        ),
        "it did not fetch what the manifest names",
        (before - village.now()).total_seconds(),
    )


def _sounds(bench: Bench, at: datetime, key: str) -> None:
    """Let a cue begin: what sounds is told by the heartbeat, or else by the clock."""
    bench.pass_by(at + SLACK * 2, lambda: bench.village.row(key), f"{key!r} was over before its time")


def _begun_at(row: AsRunRow, planned: datetime) -> None:
    expect(row.planned_at == planned, f"{row.cue_key!r} says planned_at {row.planned_at}, not {planned}")
    expect(row.started_at is not None, f"{row.cue_key!r} has no started_at")
    late = (row.started_at - planned) if row.started_at else timedelta()
    expect(abs(late) <= SLACK, f"{row.cue_key!r} began at {in_utc(planned + late)}, planned {in_utc(planned)}")


def _lasted(row: AsRunRow, seconds: float) -> None:
    expect(row.ended_at and row.started_at, f"{row.cue_key!r} has no end")
    lasted = ((row.ended_at or row.planned_at) - (row.started_at or row.planned_at)).total_seconds()
    expect(abs(lasted - seconds) < SLACK.total_seconds(), f"{row.cue_key!r} lasted {lasted:.1f} s, not {seconds} s")
    expect(abs(row.position_ms - seconds * 1000) <= 100, f"{row.cue_key!r} says position_ms={row.position_ms}")


CHECKS: tuple[Check, ...] = (
    plays,
    late,
    too_late,
    media_incomplete,
    quiet_hours,
    expired,
    withdrawn,
    emergency_cuts,
    important_waits,
    once,
    unauthorised,
    server_away,
    restart_without_server,
)
