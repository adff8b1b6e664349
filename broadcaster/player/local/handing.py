"""A bundle that somebody hands in on the page: aside, whole, on the disk, then taken in as one from a stick."""

import os
from collections.abc import Iterator
from pathlib import Path
from secrets import token_hex

from broadcaster.player import machine
from broadcaster.player.agent import Agent
from broadcaster.player.carrying.sticks import INBOX
from broadcaster.player.errors import DiskFull, PlayerError
from broadcaster.player.local import words
from broadcaster.player.local.upload import Form, Unreadable, field
from broadcaster.player.local.words import Language, Sentence

LARGEST_BYTES = 2 << 30
KEPT_FREE_BYTES = 16 << 20
"""Of the disk: the journal must go on."""
HEARD_OUT_BYTES = 256 << 20
"""So much of what is refused is still read: else a phone shows that the line broke, and not why."""


def hand_in(agent: Agent, form: Form, size: int, token: str, language: Language) -> str:
    """Read the form, in which the token comes before the file, and take the bundle in; return what to say."""
    aside = agent.data / INBOX / f"part-{token_hex(8)}"
    try:
        if size > LARGEST_BYTES:
            return words.BUNDLE_LARGE.of(language, gigabytes=LARGEST_BYTES >> 30)
        if size + KEPT_FREE_BYTES > machine.disk_free_bytes(agent.data):
            return words.DISK_FULL.of(language)
        if lack := _received(form, aside, token):
            return lack.of(language)
        return _told(agent, aside, language)
    except Unreadable:
        return words.BUNDLE_BROKEN.of(language)
    except OSError:
        return words.DISK_FULL.of(language)
    finally:
        aside.unlink(missing_ok=True)
        form.drain(HEARD_OUT_BYTES)


def _received(form: Form, aside: Path, token: str) -> Sentence | None:
    """Write the file aside; return what lacks, a file or the token of our page."""
    ours = False
    for name, body in form.parts():
        if name == "token":
            ours = field(body) == token
        elif name == "bundle" and ours:
            return None if _written(aside, body) else words.BUNDLE_MISSING
    return words.BUNDLE_MISSING if ours else words.STALE


def _written(aside: Path, body: Iterator[bytes]) -> int:
    aside.parent.mkdir(exist_ok=True)
    with aside.open("wb") as file:
        for piece in body:
            file.write(piece)
        file.flush()
        os.fsync(file.fileno())
        return file.tell()


def _told(agent: Agent, aside: Path, language: Language) -> str:
    try:
        taken = agent.sticks.hand_in(aside)
    except DiskFull:
        return words.DISK_FULL.of(language)
    except PlayerError:
        return words.BUNDLE_REFUSED.of(language)
    if taken.refused and not taken.manifest and not taken.objects:
        return words.BUNDLE_REFUSED.of(language)
    plan = words.BUNDLE_NEWER if taken.manifest else words.BUNDLE_NOT_NEWER
    said = [plan.of(language), words.BUNDLE_OBJECTS.of(language, objects=taken.objects)]
    said += [words.BUNDLE_PARTLY.of(language, refused=len(taken.refused))] if taken.refused else []
    return " ".join(said)
