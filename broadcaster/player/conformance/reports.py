"""Checks of what a player says back: rows that are neither lost nor doubled, and the heartbeat."""

from datetime import timedelta
from uuid import UUID

from broadcaster.player.conformance.bench import Bench, cue, expect
from broadcaster.player.conformance.checks import Check, check
from broadcaster.player.conformance.village import SILENCE


@check("rows-again", "Write another player, 6")
def rows_again(bench: Bench) -> None:
    """When the answer to rows is lost, the same rows are sent again under the same names."""
    bench.begin()
    village = bench.village
    posts = village.row_posts
    village.twist = lambda asked, reply: SILENCE if asked.path == "/as-run" and len(posts) < 2 else reply
    village.publish(village.occurrence(bench.soon(), cue("news", village.tone(1))))
    bench.until(lambda: len(posts) > 1, "it did not send the row again")
    expect(set(posts[0]) <= set(posts[1]), "it sent other rows in place of the unanswered")
    _settles(bench, posts)
    expect(len(village.rows) == 1, f"one cue made {len(village.rows)} rows")


@check("rows-quarantined", "Write another player, 6")
def rows_quarantined(bench: Bench) -> None:
    """A row that the server sets aside counts as delivered and holds up no other."""
    bench.begin()
    village = bench.village
    village.quarantine = {"odd"}
    village.publish(
        village.occurrence(bench.soon(), cue("odd", village.tone(1)), cue("news", village.tone(1, 600), at_s=3))
    )
    bench.aired("odd")
    bench.aired("news")
    _settles(bench, village.row_posts)
    row = village.row("odd")
    assert row is not None
    sent = sum(row.row_uuid in post for post in village.row_posts)
    expect(sent == 1, f"the row that was set aside was sent {sent} times")


@check("rows-restored", "Write another player, 3")
def rows_restored(bench: Bench) -> None:
    """When the server was restored (a higher epoch) it is sent again what it may have lost, under the same names."""
    bench.begin()
    village = bench.village
    village.publish(village.occurrence(bench.soon(), cue("news", village.tone(1))))
    bench.aired("news")
    _settles(bench, village.row_posts)
    known, sent = set(village.rows), len(village.row_posts)
    village.epoch += 1
    village.publish()
    bench.until(lambda: len(village.row_posts) > sent, "it did not send its rows again")
    expect(set(village.row_posts[sent]) == known, "it sent its rows under other names")


@check("heartbeat", "Write another player, 7")
def heartbeat(bench: Bench) -> None:
    """The heartbeat tells the manifest in force, how many objects are missing, the clock and the version."""
    bench.begin()
    village = bench.village
    missing = "0" * 64
    manifest = village.publish(also=(missing,))
    bench.until(lambda: village.heartbeats[-1].manifest_id == manifest.manifest_id, "no heartbeat told of the manifest")
    bench.until(lambda: village.heartbeats[-1].objects_missing == 1, "no heartbeat told of the missing object")
    beat = village.heartbeats[-1]
    expect(beat.server_epoch == village.epoch, "it tells another epoch")
    expect(beat.version, "it tells no version")
    expect(abs(beat.sent_at - village.now()) < timedelta(seconds=5), f"it was sent at {beat.sent_at} by its clock")
    expect(not village.malformed, "; ".join(village.malformed)[:300])


def _settles(bench: Bench, posts: list[list[UUID]]) -> None:
    """Let some rounds pass in which a row that counts as undelivered would come again."""
    sent, beats = len(posts), len(bench.village.heartbeats)
    bench.until(lambda: len(bench.village.heartbeats) > beats + 2, "it sent no more heartbeats")
    again = [name for post in posts[sent:] for name in post]
    expect(not set(again) & {name for post in posts[:sent] for name in post}, "it sent rows that were acknowledged")


CHECKS: tuple[Check, ...] = (rows_again, rows_quarantined, rows_restored, heartbeat)
