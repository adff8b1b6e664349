"""Checks of whom a player believes: pairing, the signed time, the signed manifest, the keys."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from broadcaster.player.conformance.bench import LEAD, Bench, cue, expect
from broadcaster.player.conformance.checks import Check, check
from broadcaster.player.conformance.village import SILENCE, Asked, Key, Reply
from broadcaster.protocol import Manifest

HOUR = timedelta(hours=1)
AFTER = timedelta(seconds=4)


@check("pair-nonce", "Write another player, 1")
def pair_nonce(bench: Bench) -> None:
    """A lost answer to pairing is asked for again under the same nonce."""
    village = bench.village
    village.twist = lambda asked, reply: SILENCE if asked.path == "/pair" and len(village.asks("/pair")) == 1 else reply
    bench.introduce()
    bench.until(lambda: village.asks("/pair"), "it did not ask to be paired")
    if len(village.asks("/pair")) == 1:
        bench.hands.stop()
        bench.introduce()
    bench.until(lambda: len(village.asks("/pair")) > 1, "it did not ask again after the answer was lost")
    nonces = {asked.body.get("nonce") for asked in village.asks("/pair")}
    expect(len(nonces) == 1 and None not in nonces, f"it asked under {len(nonces)} nonces: the code is burnt")


def _false_time(bench: Bench, forge: Key | None) -> None:
    bench.hands.stop()
    village = bench.village
    later = village.occurrence(village.now() + HOUR + 2 * LEAD, cue("later", village.tone(1)))

    def lie(asked: Asked, reply: Reply) -> Reply:
        if asked.path != "/time":
            return reply
        nonce = asked.query.get("nonce", "") if forge else "0" * 32
        return village.time_reply(nonce, village.now() + HOUR, forge or village.key)

    village.twist = lie
    bench.introduce()
    village.publish(later)
    bench.hands.start()
    bench.until(lambda: village.asks("/time"), "it did not ask for the time")

    def believed() -> bool:
        told = any(beat.sent_at > village.now() + HOUR / 2 for beat in village.heartbeats)
        return told or any(row.started_at for row in village.rows.values())

    bench.pass_by(village.now() + 2 * LEAD + AFTER, believed, "it took the false time for the true one")


@check("time-signature", "Write another player, 2")
def time_signature(bench: Bench) -> None:
    """A time that a stranger signed is not believed."""
    _false_time(bench, Key(bench.village.key.key_id))


@check("time-nonce", "Write another player, 2")
def time_nonce(bench: Bench) -> None:
    """A signed time that answers another question (a replay) is not believed."""
    _false_time(bench, None)


@check("time-server", "The clock")
def time_server(bench: Bench) -> None:
    """The programme goes by the server's signed time, also where the machine's own clock is wrong."""
    bench.hands.stop()
    village = bench.village
    village.ahead_of_the_machine = HOUR
    bench.begin()
    at = bench.soon()
    village.publish(village.occurrence(at, cue("news", village.tone(1))))
    row = bench.aired("news")
    expect(row.started_at and abs(row.started_at - at) < AFTER, f"it began at {row.started_at}, planned {at}")


def _serve(bench: Bench, manifest: Manifest, sign: Callable[[bytes], dict[str, str]]) -> None:
    body = manifest.model_dump_json().encode()
    bench.village.serve(body, sign(body))


def _refuses(bench: Bench, spoilt: Manifest, sign: Callable[[bytes], dict[str, str]]) -> None:
    """Serve a manifest that must not come into force, then a good one that must."""
    village = bench.village
    number = village.heartbeats[-1].manifest_id
    asked, beats = len(village.asks("/manifest")), len(village.heartbeats)
    _serve(bench, spoilt, sign)
    bench.until(lambda: len(village.asks("/manifest")) > asked, "it asked for no manifest")
    bench.pass_by(
        spoilt.occurrences[0].starts_at + AFTER,
        lambda: village.row("false") or any(beat.manifest_id != number for beat in village.heartbeats[beats + 1 :]),
        "it put a manifest into force that it must refuse",
    )
    village.publish(village.occurrence(bench.soon(), cue("true", village.tone(1, 600))))
    bench.aired("true")


def _false(bench: Bench, **more: Any) -> Manifest:
    village = bench.village
    return village.manifest(village.occurrence(bench.soon(), cue("false", village.tone(1))), **more)


@check("manifest-signature", "Write another player, 3")
def manifest_signature(bench: Bench) -> None:
    """A manifest that a stranger signed is refused, and the next good one taken."""
    bench.begin()
    _refuses(bench, _false(bench), Key(bench.village.key.key_id).headers)


@check("manifest-changed", "Write another player, 3")
def manifest_changed(bench: Bench) -> None:
    """A manifest that was changed on its way is refused, however small the change."""
    bench.begin()
    key = bench.village.key
    _refuses(bench, _false(bench), lambda body: key.headers(body.replace(b'"false"', b'"talse"', 1) + b" "))


@check("manifest-replay", "Write another player, 3")
def manifest_replay(bench: Bench) -> None:
    """A manifest of a lower number is refused, though its signature is good."""
    bench.begin()
    village = bench.village
    newer = village.publish()
    bench.until(lambda: village.heartbeats[-1].manifest_id == newer.manifest_id, "it did not take the next manifest")
    _refuses(bench, _false(bench, manifest_id=newer.manifest_id - 1), village.key.headers)


@check("manifest-epoch", "Write another player, 3")
def manifest_epoch(bench: Bench) -> None:
    """A manifest of an older epoch is refused, however high its number."""
    bench.begin()
    village = bench.village
    village.epoch += 1
    restored = village.publish()
    bench.until(lambda: village.heartbeats[-1].manifest_id == restored.manifest_id, "it did not take the new epoch")
    _refuses(bench, _false(bench, manifest_id=9999, server_epoch=village.epoch - 1), village.key.headers)


@check("manifest-other-player", "Write another player, 3")
def manifest_other_player(bench: Bench) -> None:
    """A manifest that was made for another player is refused, though its signature is good."""
    bench.begin()
    _refuses(bench, _false(bench, player=bench.village.uuid), bench.village.key.headers)


@check("manifest-unchanged", "Write another player, 3")
def manifest_unchanged(bench: Bench) -> None:
    """It asks with the ETag of the manifest it holds and understands 304."""
    bench.begin()
    village = bench.village
    first = len(village.asks("/manifest"))
    village.hint()
    bench.until(lambda: len(village.asks("/manifest")) > first, "it did not ask for the manifest again")
    later = village.asks("/manifest")[first:]
    expect(all(asked.headers.get("if-none-match") for asked in later), "it asked without If-None-Match")
    village.publish(village.occurrence(bench.soon(), cue("news", village.tone(1))))
    bench.aired("news")


@check("manifest-keys", "Write another player, 3")
def manifest_keys(bench: Bench) -> None:
    """A new key is trusted from a manifest on that the old key signed, and a key that was dropped no more."""
    bench.begin()
    village, old, new = bench.village, bench.village.key, Key("k2")
    village.keys = (old.public, new.public)
    both = village.publish()
    bench.until(lambda: village.heartbeats[-1].manifest_id == both.manifest_id, "it did not take the new key in")
    village.key, village.keys = new, (new.public,)
    changed = village.publish()
    bench.until(lambda: village.heartbeats[-1].manifest_id == changed.manifest_id, "it refused the new key")
    _refuses(bench, _false(bench), old.headers)


CHECKS: tuple[Check, ...] = (
    pair_nonce,
    time_signature,
    time_nonce,
    time_server,
    manifest_signature,
    manifest_changed,
    manifest_replay,
    manifest_epoch,
    manifest_other_player,
    manifest_unchanged,
    manifest_keys,
)
