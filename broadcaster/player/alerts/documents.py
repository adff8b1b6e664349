"""The signed alert documents that concern this village, on the disk as they came. Of an alert the newest version rules.

What is read back at a start is verified again: the folder is as little believed as the network.
"""

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

from pydantic import ValidationError

from broadcaster.player.errors import NotTrusted, PlayerError
from broadcaster.player.files import write_atomically
from broadcaster.player.keeping.manifests import Manifests
from broadcaster.player.keeping.signatures import verify
from broadcaster.protocol import KEY_ID_HEADER, SIGNATURE_HEADER, Alert, SignedAlert

log = logging.getLogger(__name__)
KEEP = timedelta(days=1)
"""A document is kept so much longer than it is valid, that an older version of it cannot come back."""


@dataclass(frozen=True)
class Document:
    """A verified alert and the bytes that prove it."""

    signed: SignedAlert
    alert: Alert

    @property
    def age(self) -> tuple[int, int]:
        """Return what makes it newer than another document of the same alert."""
        return self.alert.server_epoch, self.alert.version


class Documents:
    """The folder `alerts`, one file per alert."""

    def __init__(self, folder: Path, manifests: Manifests) -> None:
        """Open the folder; signatures are held against the keys that `manifests` trusts at that moment."""
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._manifests = manifests

    def verified(self, signed: SignedAlert) -> Document:
        """Read a document.

        Raises:
            NotTrusted: the signature does not fit or is nobody's whom we trust, or the content is no alert.
        """
        headers = {SIGNATURE_HEADER: signed.signature, KEY_ID_HEADER: signed.key_id}
        verify(signed.document.encode(), headers, self._manifests.identity.keys)
        try:
            return Document(signed, Alert.model_validate_json(signed.document))
        except ValidationError as error:
            raise NotTrusted(f"The alert is signed but unreadable: {error}") from error

    def village(self) -> UUID | None:
        """Return which village this is; None as long as the server has not said."""
        manifest = self._manifests.current
        return (manifest and manifest.village_uuid) or self._manifests.identity.village_uuid

    def keep(self, document: Document) -> None:
        """Write it, in place of an older version."""
        write_atomically(self._path(document.alert.alert_uuid), document.signed.model_dump_json().encode())

    def kept(self) -> Iterator[Document]:
        """Read what is there; what is damaged or no longer trusted is told in the log and left out."""
        for path in sorted(self._folder.glob("*.json")):
            try:
                yield self.verified(SignedAlert.model_validate_json(path.read_bytes()))
            except (OSError, ValidationError, PlayerError) as error:
                log.warning("stored_alert_refused", extra={"file": path.name, "why": str(error)})

    def forget(self, alert: Alert, now: datetime) -> bool:
        """Remove the document if it has long expired; tell whether."""
        if now < alert.expires_at + KEEP:
            return False
        self._path(alert.alert_uuid).unlink(missing_ok=True)
        return True

    def _path(self, alert_uuid: UUID) -> Path:
        return self._folder / f"{alert_uuid}.json"
