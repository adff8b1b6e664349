"""A bundle brought by hand: the manifest, its signature and its objects in one archive or folder, with the same checks.

The layout is `broadcaster.protocol`'s (`BUNDLE_...`). An archive is a ZIP whose files are stored, not compressed, so
that it cannot unfold into more than itself; names that do not belong are never opened, sizes are the manifest's.
"""

import logging
import zipfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from pydantic import ValidationError

from broadcaster.player.errors import DiskFull, NotTrusted, PlayerError, Stale
from broadcaster.player.keeping.cache import Cache
from broadcaster.player.keeping.manifests import Manifests
from broadcaster.protocol import (
    BUNDLE_MANIFEST,
    BUNDLE_OBJECT,
    BUNDLE_SIGNATURE,
    KEY_ID_HEADER,
    SIGNATURE_HEADER,
    BundleSignature,
    Manifest,
    ObjectRef,
)

log = logging.getLogger(__name__)
WAY = "stick"
LARGEST_LIST_BYTES = 16 << 20
MOST_FILES = 50_000
CHUNK = 1 << 18
NOTE = "bundle_taken_in"
Room = Callable[[ObjectRef], None]


class Source(Protocol):
    """Files by name: an archive, or a folder into which somebody has unpacked one."""

    def size(self, name: str) -> int | None:
        """Return a file's size in bytes, None if there is no such file or it is not to be trusted."""
        ...

    def chunks(self, name: str) -> Iterator[bytes]:
        """Read it."""
        ...


@dataclass(frozen=True)
class Taken:
    """What a bundle brought: a newer manifest or not, how many objects, and in sentences what was refused."""

    manifest: bool
    objects: int
    refused: tuple[str, ...]

    def __str__(self) -> str:
        """Say it, a line for each thing that was refused."""
        plan = "a newer programme" if self.manifest else "no newer programme"
        return "\n".join([f"Taken in: {plan}, {self.objects} objects", *(f"Refused: {why}" for why in self.refused)])


class Archive:
    """A ZIP file."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        """Raises NotTrusted for one with more files than any bundle has."""
        self._archive = archive
        if len(archive.infolist()) > MOST_FILES:
            raise NotTrusted("This archive has too many files for a bundle")
        self._files = {info.filename: info for info in archive.infolist()}

    def size(self, name: str) -> int | None:
        """Return a stored file's size; a compressed one is none of ours."""
        info = self._files.get(name)
        if info is None or info.compress_type != zipfile.ZIP_STORED or info.compress_size != info.file_size:
            return None
        return info.file_size

    def chunks(self, name: str) -> Iterator[bytes]:
        """Read it."""
        with self._archive.open(name) as file:
            while chunk := file.read(CHUNK):
                yield chunk


class Folder:
    """An unpacked bundle; links in it are not followed."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def size(self, name: str) -> int | None:
        """Return the size of a file that really lies in the folder."""
        path = self._folder / name
        return path.stat().st_size if path.is_file() and not path.is_symlink() else None

    def chunks(self, name: str) -> Iterator[bytes]:
        """Read it."""
        with (self._folder / name).open("rb") as file:
            while chunk := file.read(CHUNK):
                yield chunk


def take_in(
    path: Path, manifests: Manifests, cache: Cache, in_order: Callable[[Manifest], list[ObjectRef]], room: Room
) -> Taken:
    """Take in whatever of a bundle is good, newer or not.

    Args:
        path: the archive or the folder.
        manifests: get the manifest, if it is ours and newer.
        cache: gets the objects that our manifest or the bundle's names.
        in_order: lists a manifest's objects, what is needed first first.
        room: makes room for an object; raises DiskFull.

    Raises:
        NotTrusted: neither an archive nor a folder of ours.
    """
    with ExitStack() as opened:
        source = _open(path, opened)
        refused: list[str] = []
        newer, theirs = _manifest(source, manifests, refused)
        count = 0
        for manifest in (manifests.current, theirs):
            # Twice: which audio is needed when is known once the playlists are here.
            for _ in range(2):
                count += _objects(source, in_order(manifest) if manifest else [], cache, room, refused)
        if theirs is None and not count and not refused:
            raise NotTrusted(f"{path.name} holds nothing for this player")
        return Taken(newer, count, tuple(dict.fromkeys(refused)))


def _open(path: Path, opened: ExitStack) -> Source:
    if path.is_dir():
        return Folder(path)
    try:
        return Archive(opened.enter_context(zipfile.ZipFile(path)))
    except (OSError, zipfile.BadZipFile, NotImplementedError) as error:
        raise NotTrusted(f"{path.name} is no whole archive: copy it onto the stick again ({error})") from error


def _manifest(source: Source, manifests: Manifests, refused: list[str]) -> tuple[bool, Manifest | None]:
    """Put the bundle's manifest in force if it is ours and newer; an older one still says which objects are good."""
    player = manifests.identity.player
    body = _small(source, BUNDLE_MANIFEST.format(player=player))
    sealed = _small(source, BUNDLE_SIGNATURE.format(player=player))
    if body is None or sealed is None:
        return False, None
    try:
        seal = BundleSignature.model_validate_json(sealed)
        headers = {SIGNATURE_HEADER: seal.signature, KEY_ID_HEADER: seal.key_id, "ETag": seal.etag}
        theirs = manifests.verified(body, headers)
        manifests.accept(body, headers)
    except Stale:
        return False, theirs
    except (PlayerError, ValidationError) as error:
        refused.append(f"The manifest: {error}")
        return False, None
    return True, theirs


def _objects(source: Source, refs: list[ObjectRef], cache: Cache, room: Room, refused: list[str]) -> int:
    count = 0
    for ref in refs:
        name = BUNDLE_OBJECT.format(sha256=ref.sha256)
        if ref.sha256 in cache.present or source.size(name) != ref.size_bytes:
            continue
        try:
            room(ref)
            cache.store(ref.sha256, ref.size_bytes, source.chunks(name), resume=False, way=WAY)
        except DiskFull as error:
            refused.append(str(error))
            break  # what comes after it is needed even less
        except (NotTrusted, OSError, zipfile.BadZipFile) as error:
            refused.append(str(error))
        else:
            count += 1
    return count


def _small(source: Source, name: str) -> bytes | None:
    size = source.size(name)
    if size is None or size > LARGEST_LIST_BYTES:
        return None
    try:
        return b"".join(source.chunks(name))
    except (OSError, zipfile.BadZipFile) as error:
        log.warning("bundle_unreadable", extra={"name_": name, "why": str(error)})
        return None
