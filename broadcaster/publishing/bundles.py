"""What goes to a village on a stick and comes back from it: the same bytes and the same rows as over the line.

The layout is `broadcaster.protocol`'s (`BUNDLE_...`), the rules are in `docs/player.md`.
"""

import hashlib
import hmac
import json
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import IO
from uuid import UUID

from pydantic import ValidationError
from sqlalchemy import select
from sqlalchemy.orm import Session

from audio_out.store import Store
from broadcaster.asrun import service as as_run
from broadcaster.fleet.models import Player
from broadcaster.protocol import (
    BUNDLE_MANIFEST,
    BUNDLE_OBJECT,
    BUNDLE_SIGNATURE,
    Alert,
    BundleSignature,
    JournalDocument,
    JournalFile,
    Manifest,
    RowVerdict,
)
from broadcaster.publishing.models import ManifestRow
from content.kernel import audit
from content.kernel.errors import Conflict, Invalid
from content.kernel.nodes import Node
from content.kernel.units import Sha256

LARGEST_JOURNAL = 64 << 20
_FIXED = (1980, 1, 1, 0, 0, 0)
"""The time of every entry: the same content is the same archive."""


class NothingToCarry(Conflict):
    """No player of the village has a manifest."""

    sentence = "This village has no programme to carry yet: pair a loudspeaker, then wait for its first programme."


class NotAJournal(Invalid):
    """Anything else than what a player writes."""

    sentence = "This is not a journal of a loudspeaker. Take the file from the stick whose name begins with “journal-”."
    field = "journal"


class ForgedJournal(Invalid):
    """The MAC does not fit, or no player of ours has that name."""

    sentence = (
        "This journal was changed after the loudspeaker wrote it, or is another server's: nothing was taken in. "
        "Copy it from the stick once more."
    )
    field = "journal"


@dataclass(frozen=True, slots=True)
class Contents:
    """What a village's bundle is made of."""

    name: str
    lists: tuple[tuple[str, bytes], ...]
    objects: tuple[Sha256, ...]


@dataclass(frozen=True, slots=True)
class Imported:
    """What a journal brought."""

    player: UUID
    counts: dict[RowVerdict, int]


def contents(session: Session, village: Node, key_id: str) -> Contents:
    """List what the village's players need. Raises NothingToCarry."""
    query = select(Player.uuid, ManifestRow).join(ManifestRow, ManifestRow.player_id == Player.id)
    found = session.execute(
        query.where(Player.village_id == village.id, Player.revoked_at.is_(None)).order_by(Player.id)
    ).all()
    if not found:
        raise NothingToCarry
    lists: list[tuple[str, bytes]] = []
    objects: dict[str, None] = {}
    for player, row in found:
        seal = BundleSignature(signature=row.signature, key_id=key_id, etag=row.etag)
        lists.append((BUNDLE_MANIFEST.format(player=player), row.body))
        lists.append((BUNDLE_SIGNATURE.format(player=player), seal.model_dump_json().encode()))
        objects |= dict.fromkeys(_needed(Manifest.model_validate_json(row.body)))
    newest = max(row.issued_at for _, row in found)
    name = f"bundle-{village.slug}-{newest:%Y%m%dT%H%M}.zip"
    return Contents(name, tuple(lists), tuple(Sha256(sha256) for sha256 in objects))


def write(contents: Contents, store: Store, file: IO[bytes]) -> int:
    """Write the archive, nothing compressed; return how many objects it holds. Slow: no transaction may be open."""
    count = 0
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        for name, body in contents.lists:
            archive.writestr(zipfile.ZipInfo(name, _FIXED), body)
        for sha256 in contents.objects:
            if not store.exists(sha256):
                continue
            with (
                store.open(sha256) as source,
                archive.open(zipfile.ZipInfo(BUNDLE_OBJECT.format(sha256=sha256), _FIXED), "w") as target,
            ):
                while chunk := source.read(1 << 20):
                    target.write(chunk)
            count += 1
    return count


def import_journal(session: Session, data: bytes, actor: UUID | None, now: datetime) -> Imported:
    """Take in the rows that a player wrote onto a stick; a second time changes nothing.

    Raises:
        NotAJournal: not what a player writes.
        ForgedJournal: its MAC does not fit, or the player is not ours.
    """
    try:
        sealed = JournalFile.model_validate_json(data)
    except ValidationError as error:
        raise NotAJournal from error
    player = session.scalars(select(Player).where(Player.uuid == sealed.player)).one_or_none()
    if player is None or not hmac.compare_digest(_mac(player, sealed.document), sealed.mac):
        raise ForgedJournal
    document = JournalDocument.model_validate_json(sealed.document)
    counts = dict.fromkeys(RowVerdict, 0)
    for answer in as_run.ingest(session, player, document.rows, now):
        counts[answer.verdict] += 1
    told = {verdict.value: count for verdict, count in counts.items()}
    if counts[RowVerdict.ACCEPTED] or counts[RowVerdict.QUARANTINED]:
        audit.record(session, player.village_id, now, actor, "player.journal_imported", f"player:{player.uuid}", **told)
    return Imported(player.uuid, counts)


def _needed(manifest: Manifest) -> Iterable[str]:
    """All objects by name: the manifest's, the phrases', and those of the alerts in force."""
    yield from (ref.sha256 for ref in manifest.objects)
    yield from (sha256 for phrase in manifest.phrases for sha256 in phrase.media)
    for signed in manifest.alerts:
        yield from (ref.sha256 for ref in Alert.model_validate(json.loads(signed.document)).objects)


def _mac(player: Player, document: str) -> str:
    key = bytes.fromhex(player.token_sha256)
    return hmac.new(key, document.encode(), hashlib.sha256).hexdigest()
