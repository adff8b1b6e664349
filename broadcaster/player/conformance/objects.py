"""Checks of how objects are fetched: hashed, resumed, the important first."""

from dataclasses import replace

from broadcaster.player.conformance.bench import Bench, cue, expect
from broadcaster.player.conformance.checks import Check, check
from broadcaster.player.conformance.village import Asked, Reply

CUT_AFTER = 100_000
LONG_S = 4.0


@check("object-corrupt", "Write another player, 4")
def object_corrupt(bench: Bench) -> None:
    """An object of other bytes is neither aired nor kept, and asked for again."""
    bench.begin()
    village = bench.village
    sha256 = village.tone(1)
    path = f"/objects/{sha256}"

    def flip(asked: Asked, reply: Reply) -> Reply:
        if asked.path == path and len(village.asks(path)) == 1:
            return replace(reply, body=reply.body[:-1] + bytes([reply.body[-1] ^ 1]))
        return reply

    village.twist = flip
    village.publish(village.occurrence(bench.soon(), cue("news", sha256, latest_s=50)))
    bench.until(lambda: village.asks(path), "it did not ask for the object")
    bench.until(lambda: len(village.asks(path)) > 1 or village.row("news"), "it did not ask for it again", 60)
    expect(len(village.asks(path)) > 1, "it took the wrong bytes for the object")
    again = village.asks(path)[1]
    expect(not again.headers.get("range"), "it kept the wrong bytes and asked for a rest only")
    bench.aired("news", 60)


def _after_a_cut(bench: Bench, *, ranges: bool) -> list[Asked]:
    bench.begin()
    village = bench.village
    sha256 = village.tone(LONG_S)
    path = f"/objects/{sha256}"

    def cut(asked: Asked, reply: Reply) -> Reply:
        if asked.path != path:
            return reply
        if len(village.asks(path)) == 1:
            return replace(reply, cut_after=CUT_AFTER)
        return reply if ranges else village.whole(sha256)

    village.twist = cut
    village.publish(village.occurrence(bench.soon(), cue("news", sha256, lasts_s=LONG_S)))
    bench.aired("news")
    return village.asks(path)


@check("object-resume", "Write another player, 4")
def object_resume(bench: Bench) -> None:
    """After a cut the rest of an object is asked for, not the whole."""
    asked = _after_a_cut(bench, ranges=True)
    expect(len(asked) > 1, "it did not ask again")
    wanted = asked[1].headers.get("range", "")
    expect(wanted.startswith("bytes="), "it asked for the whole object again")
    start = int(wanted.removeprefix("bytes=").partition("-")[0])
    expect(0 < start <= CUT_AFTER, f"it asked from byte {start} on, having {CUT_AFTER}")


@check("object-range-ignored", "Write another player, 4")
def object_range_ignored(bench: Bench) -> None:
    """Where the server answers a range with the whole object (200), the whole object is taken."""
    asked = _after_a_cut(bench, ranges=False)
    expect(len(asked) == 2, f"it needed {len(asked)} downloads: the whole object was not taken as such")


@check("object-first", "Write another player, 4")
def object_first(bench: Bench) -> None:
    """What is marked `fetch_first` is fetched before all else."""
    bench.begin()
    village = bench.village
    first = village.tone(1, 900)
    opening = village.occurrence(bench.soon(), cue("news", village.tone(1)))
    manifest = village.manifest(opening)
    village.manifest_id -= 1
    village.publish(opening, objects=(*manifest.objects, village.ref(first, first=True)))
    bench.aired("news")
    order = [asked.path.rpartition("/")[2] for asked in village.asks("/objects")]
    expect(order[:1] == [first], "it fetched something else first")


CHECKS: tuple[Check, ...] = (object_corrupt, object_resume, object_range_ignored, object_first)
