"""An address and a text, out to the network by Apprise. Slow: never in a transaction, never where an alert waits."""

import logging
from collections.abc import Sequence
from urllib.parse import unquote

import apprise
from apprise.attachment.memory import AttachMemory

from broadcaster.notices.errors import BadAddress
from broadcaster.notices.service import Address, File
from broadcaster.notices.words import Words

log = logging.getLogger(__name__)
NOT_OURS = frozenset({"dbus", "gio", "glib", "gnome", "growl", "kde", "macosx", "qt", "syslog", "windows"})
"""What shows things on the screen or in the log of the server itself: nobody sits there."""
_LONGEST_SHOWN = 300


def address(typed: str) -> Address:
    """What an address leads to. Raises BadAddress."""
    url = typed.strip()
    plugin = None if not url.isprintable() else apprise.Apprise.instantiate(url, suppress_exceptions=True)
    if plugin is None or url.partition(":")[0].lower() in NOT_OURS:
        raise BadAddress
    # Behind the question mark stand Apprise's own settings, which say nothing to people.
    shown = unquote(plugin.url(privacy=True).partition("?")[0])
    return Address(url, str(plugin.service_name), shown[:_LONGEST_SHOWN])


def post(url: str, words: Words, files: Sequence[File] = ()) -> str | None:
    """Send; None when the other side took it, else what it or Apprise said against it, without the address' secrets."""
    sender = apprise.Apprise()
    if not sender.add(url):
        return "the address is not understood any more"
    attached = apprise.AppriseAttachment()
    for file in files:
        attached.add(AttachMemory(content=file.content, name=file.name, mimetype=file.mime))
    with apprise.LogCapture(level=logging.WARNING, fmt="%(message)s") as said:
        took = sender.notify(
            body=words.body, title=words.subject, body_format=apprise.NotifyFormat.TEXT, attach=attached or None
        )
        told = said.getvalue()
    if took:
        return None
    return _last_line(told).replace(url, "…") or "it was not taken, without a reason"


def _last_line(told: str) -> str:
    return next((line.strip() for line in reversed(told.splitlines()) if line.strip()), "")
