"""Sticks that are put in while the player plays: their bundles are taken in, and the journal is written back onto them.

What somebody hands in here lands in the inbox, and goes the same way. Mounting is the system's; here folders are looked
at every few seconds. Nothing that airs waits for it.
"""

import glob
import hashlib
import hmac
import logging
import shutil
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from broadcaster.player.carrying.bundles import Taken
from broadcaster.player.errors import PlayerError
from broadcaster.player.files import sync_folder, write_atomically
from broadcaster.player.keeping.identity import Identity
from broadcaster.player.keeping.journal import Journal
from broadcaster.protocol import BUNDLES, JOURNAL_FILE, JournalDocument, JournalFile

log = logging.getLogger(__name__)
INBOX = "inbox"
EVERY_S = 5.0
FOR_ALL = 0o644
"""Whoever carries the stick is another user on another machine."""
MOST_ROWS = 50_000
MOST_TOLD = 20
Seen = tuple[str, int, int]


class Sticks:
    """Looks at folders in the thread that runs it; others may `hand_in`."""

    def __init__(
        self,
        inbox: Path,
        places: Sequence[str],
        take_in: Callable[[Path], Taken],
        journal: Callable[[], tuple[str, bytes]],
    ) -> None:
        """`places` are patterns of folders, such as `/media/*`; `journal` gives the file's name and content.

        What lies in the `inbox` is removed once it has been looked into.
        """
        self._inbox = inbox
        self._places = places
        self._take_in = take_in
        self._journal = journal
        self._looking = threading.Lock()
        self._seen: set[Seen] = set()
        self._written: dict[Path, str] = {}
        self.came_of: dict[str, str] = {}
        """What was said of the last bundles, by their names."""

    def run(self, stop: threading.Event) -> None:
        """Look until told to stop."""
        while not stop.wait(EVERY_S):
            try:
                self.look()
            except Exception:  # the edge of the thread: a bad stick must not end it
                log.exception("stick_failed")

    def hand_in(self, aside: Path) -> Taken:
        """Take in a file that lies whole in the inbox under another name; a power cut from now on only delays that.

        Raises:
            NotTrusted: it is nothing for this player.
        """
        with self._looking:
            bundle = aside.with_name(f"bundle-{aside.name}")
            aside.replace(bundle)
            sync_folder(bundle.parent)
            try:
                return self._take_in(bundle)
            finally:
                bundle.unlink(missing_ok=True)

    def look(self) -> None:
        """Look once at all places."""
        with self._looking:
            self._look()

    def _look(self) -> None:
        found = {self._name(path): path for path in self._bundles()}
        for name, path in found.items():
            if name not in self._seen:
                self._bring(path)
        self._seen = set(found)
        self._written = {folder: kept for folder, kept in self._written.items() if folder.exists()}
        for folder in {path.parent for path in found.values()} - {self._inbox}:
            self._write_back(folder)
        for path in self._inbox.glob(BUNDLES):
            shutil.rmtree(path) if path.is_dir() else path.unlink()

    def _bundles(self) -> Iterator[Path]:
        for place in (glob.escape(str(self._inbox)), *self._places):
            for folder in glob.glob(place):  # noqa: PTH207 - patterns are absolute, and begin anywhere
                yield from (path for path in sorted(Path(folder).glob(BUNDLES)) if path.exists())

    def _name(self, path: Path) -> Seen:
        facts = path.stat()
        return str(path), facts.st_mtime_ns, facts.st_size

    def _bring(self, path: Path) -> None:
        try:
            taken = self._take_in(path)
        except (PlayerError, OSError) as error:
            log.warning("bundle_refused", extra={"bundle": path.name, "why": str(error)})
            said = f"Refused: {error}"
        else:
            facts = {"bundle": path.name, "objects": taken.objects, "manifest": taken.manifest}
            log.log(
                logging.WARNING if taken.refused else logging.INFO,
                "bundle_taken_in",
                extra=facts | {"refused": taken.refused},
            )
            said = str(taken)
        self.came_of[path.name] = said
        for old in list(self.came_of)[:-MOST_TOLD]:
            del self.came_of[old]

    def _write_back(self, folder: Path) -> None:
        name, content = self._journal()
        digest = hashlib.sha256(content).hexdigest()
        if self._written.get(folder) == digest:
            return
        try:
            write_atomically(folder / name, content, mode=FOR_ALL)
        except OSError as error:
            log.warning("journal_not_on_stick", extra={"why": str(error)})
        self._written[folder] = digest


def journal_file(identity: Identity, journal: Journal) -> tuple[str, bytes]:
    """Write what the server has not acknowledged as a file that only this player can have written.

    The key of its MAC is the sha256 of the token, which is what the server knows of it.
    """
    rows = tuple(row.model_dump(mode="json") for row in journal.waiting(MOST_ROWS))
    document = JournalDocument(player=identity.player, village=identity.village, rows=rows).model_dump_json()
    mac = hmac.new(hashlib.sha256(identity.token.encode()).digest(), document.encode(), hashlib.sha256).hexdigest()
    body = JournalFile(player=identity.player, document=document, mac=mac).model_dump_json(indent=1)
    return JOURNAL_FILE.format(player=identity.player), body.encode()
