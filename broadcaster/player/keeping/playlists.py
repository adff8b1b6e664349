"""Playlists out of the cache, and the programme they make with the manifest in force."""

import logging

from pydantic import ValidationError

from broadcaster.player.errors import NotTrusted
from broadcaster.player.keeping.cache import Cache
from broadcaster.player.plan.programme import Programme, lay_out
from broadcaster.protocol import Manifest, Playlist

log = logging.getLogger(__name__)


class Playlists:
    """Reads each playlist once. Every method may be called from any thread; results are replaced, never changed."""

    def __init__(self, cache: Cache) -> None:
        self._cache = cache
        self._read: dict[str, Playlist | None] = {}
        self._programme: Programme | None = None

    def programme(self, manifest: Manifest) -> Programme:
        """Lay out all cues whose playlists are at hand; the same object until something changes."""
        playlists = self._at_hand(manifest)
        known = self._programme
        if known is None or known.manifest is not manifest or playlists.keys() != known.playlists:
            known = self._programme = lay_out(manifest, playlists)
        return known

    def first_uses(self, manifest: Manifest) -> list[str]:
        """Return the sha256 of playlists, soonest first, then of all known audio in the order of its first use."""
        occurrences = sorted(manifest.occurrences, key=lambda occurrence: occurrence.starts_at)
        audio = (sha256 for cue in self.programme(manifest).cues for sha256 in cue.media)
        return list(dict.fromkeys([*(occurrence.playlist for occurrence in occurrences), *audio]))

    def _at_hand(self, manifest: Manifest) -> dict[str, Playlist]:
        wanted = {occurrence.playlist for occurrence in manifest.occurrences}
        present = wanted & self._cache.present
        if present != self._read.keys():
            known = self._read
            self._read = {sha256: known.get(sha256) or self._open(sha256) for sha256 in present}
        return {sha256: playlist for sha256, playlist in self._read.items() if playlist is not None}

    def _open(self, sha256: str) -> Playlist | None:
        try:
            return Playlist.model_validate_json(self._cache.read(sha256))
        except NotTrusted as error:
            log.warning("playlist_unreadable", extra={"sha256": sha256, "why": str(error)})
        except ValidationError as error:
            log.warning("playlist_not_understood", extra={"sha256": sha256, "why": str(error)})
        return None
