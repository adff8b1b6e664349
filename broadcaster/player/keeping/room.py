"""Which objects stay when there is not room for all. Pure.

Least needed is what no manifest names (oldest first), then what airs latest. What airs within two days, playlists,
alerts and prepared phrases are never given up.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from broadcaster.player.plan.programme import Programme

KEPT_FOR = timedelta(hours=48)
MOST_KEPT_FREE_BYTES = 64 << 20
KEPT_FREE_SHARE = 20
SLACK_BYTES = 1 << 20
"""Left on the disk whatever is fetched: the journal must go on."""


@dataclass(frozen=True)
class Held:
    """One file of the cache; `since` is when it came, seconds of Unix time."""

    sha256: str
    size_bytes: int
    since: float


@dataclass(frozen=True)
class Room:
    """How much there may be: bytes held now, allowed (0: no limit), free on the disk, and the disk's size."""

    held: int
    limit: int
    free: int
    total: int

    def lacking(self, more: int, *, kept: bool) -> int:
        """Return the bytes to be given up before `more` may come. What is always kept may pass the limits."""
        if kept:
            return max(0, more + min(SLACK_BYTES, self.total // KEPT_FREE_SHARE) - self.free)
        over = self.held + more - self.limit if self.limit else 0
        kept_free = min(MOST_KEPT_FREE_BYTES, self.total // KEPT_FREE_SHARE)
        return max(0, over, more + kept_free - self.free)


def always_kept(programme: Programme, now: datetime) -> frozenset[str]:
    """Return the sha256 of what is fetched first, of phrases, and of all that airs within two days."""
    manifest = programme.manifest
    first = {ref.sha256 for ref in manifest.objects if ref.fetch_first}
    playlists = {occurrence.playlist for occurrence in manifest.occurrences}
    phrases = {sha256 for phrase in manifest.phrases for sha256 in phrase.media}
    soon = {sha256 for cue in programme.cues if cue.at < now + KEPT_FOR for sha256 in cue.media}
    return frozenset(first | playlists | phrases | soon)


def given_up(
    held: Iterable[Held], lacking: int, place: Mapping[str, int], kept: Collection[str], before: int | None = None
) -> tuple[list[str], bool]:
    """Choose what to give up, and say whether that is enough.

    Args:
        held: what there is.
        lacking: bytes to gain.
        place: by sha256, the rank of what the manifest needs: lower is needed earlier.
        kept: never given up.
        before: only what is needed later than this rank; None: anything.
    """
    last = max(place.values(), default=0) + 1
    able = [
        each for each in held if each.sha256 not in kept and (before is None or place.get(each.sha256, last) > before)
    ]
    chosen, gained = [], 0
    for each in sorted(able, key=lambda each: (-place.get(each.sha256, last), each.since)):
        if gained >= lacking:
            break
        chosen.append(each.sha256)
        gained += each.size_bytes
    return chosen, gained >= lacking
