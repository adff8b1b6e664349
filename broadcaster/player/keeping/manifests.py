"""The one manifest in force: exact bytes and signature in one file, verified when taken in and at every start.

A manifest replaces the one in force only if it is signed with a trusted key, for this player, and newer by
(epoch, id). Trusted keys change by such a manifest only.
"""

import json
import logging
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import ValidationError

from broadcaster.player.errors import DiskFull, NotTrusted, Stale
from broadcaster.player.files import write_atomically
from broadcaster.player.keeping.identity import Identity
from broadcaster.player.keeping.signatures import verify
from broadcaster.protocol import KEY_ID_HEADER, SIGNATURE_HEADER, Manifest

log = logging.getLogger(__name__)
FILE = "manifest"


class Manifests:
    """Keeper of the manifest in force and of the identity whose keys it may change."""

    def __init__(self, data: Path, identity: Identity, make_room: Callable[[], bool] = lambda: False) -> None:
        """Take up the stored manifest if it still verifies; else start without one (the next poll brings it).

        `make_room` gives something up when the disk is full.
        """
        self._data = data
        self._make_room = make_room
        self._lock = threading.Lock()
        self.identity = identity
        self.current: Manifest | None = None
        self.etag: str | None = None
        self._load()

    def accept(self, body: bytes, headers: Mapping[str, str]) -> Manifest:
        """Put a manifest in force.

        Raises:
            NotTrusted: bad signature, unknown key, another player's, or unreadable.
            Stale: not newer than the one in force.
            DiskFull: it cannot be kept, so the one in force stays.
        """
        with self._lock:
            return self._accept(body, headers)

    def verified(self, body: bytes, headers: Mapping[str, str]) -> Manifest:
        """Return a manifest that was really made for this player, newer or not. Raises NotTrusted."""
        return self._verified(body, headers)[0]

    def _accept(self, body: bytes, headers: Mapping[str, str]) -> Manifest:
        manifest, trusting = self._verified(body, headers)
        if self.current is not None and _age(manifest) <= _age(self.current):
            raise Stale(f"Manifest {_age(manifest)} is not newer than {_age(self.current)}")
        envelope = {name: headers[name] for name in (SIGNATURE_HEADER, KEY_ID_HEADER, "ETag") if name in headers}
        self._write(json.dumps(envelope).encode() + b"\n" + body)
        if trusting != self.identity:
            trusting.save(self._data)
        self.identity, self.current, self.etag = trusting, manifest, headers.get("ETag")
        log.info("manifest_accepted", extra={"epoch": manifest.server_epoch, "manifest_id": manifest.manifest_id})
        return manifest

    def _write(self, data: bytes) -> None:
        try:
            write_atomically(self._data / FILE, data)
        except OSError as error:
            if self._make_room():
                return self._write(data)
            raise DiskFull(f"The disk does not take the new manifest ({error}): the one in force stays") from error

    def _load(self) -> None:
        try:
            envelope, body = (self._data / FILE).read_bytes().split(b"\n", 1)
            headers = json.loads(envelope)
            self.current, _ = self._verified(body, headers)
            self.etag = headers.get("ETag")
        except FileNotFoundError:
            return
        except (OSError, ValueError, NotTrusted) as error:
            log.warning("stored_manifest_refused", extra={"why": str(error)})

    def _verified(self, body: bytes, headers: Mapping[str, str]) -> tuple[Manifest, Identity]:
        key = verify(body, headers, self.identity.keys)
        try:
            manifest = Manifest.model_validate_json(body)
            ZoneInfo(manifest.time_zone)
        except (ValidationError, ZoneInfoNotFoundError) as error:
            raise NotTrusted(f"The manifest is signed but unreadable: {error}") from error
        if manifest.player != self.identity.player:
            raise NotTrusted("The manifest is another player's")
        # The key that signed stays trusted, or this very manifest would fail its own check at the next start.
        return manifest, self.identity.trusting({key.key_id: key for key in (key, *manifest.keys)}.values())


def _age(manifest: Manifest) -> tuple[int, int]:
    return manifest.server_epoch, manifest.manifest_id


def forget_manifest(data: Path) -> None:
    """Drop the stored manifest: a player that is paired again starts from nothing but its journal."""
    (data / FILE).unlink(missing_ok=True)
