"""Which words of an alert are spoken, and in which language. The words are the sender's; only practice is marked."""

import re
import unicodedata
from collections.abc import Sequence

from broadcaster.alerts.cap.model import Info, Status

VIETNAMESE = "vi"
PRACTICE = {
    (Status.EXERCISE, "vi"): "Diễn tập. Đây là diễn tập, không phải tình huống thật.",
    (Status.EXERCISE, "en"): "Exercise. This is an exercise, not a real emergency.",
    (Status.TEST, "vi"): "Thử nghiệm. Đây là thử nghiệm, không phải tình huống thật.",
    (Status.TEST, "en"): "Test. This is a test, not a real emergency.",
}
"""Spoken before every drill; in Vietnamese where we know no words in the message's own language."""

_TAG = re.compile(r"</?[a-zA-Z][^<>]*>")  # some senders put HTML into their texts
_PARAGRAPH = re.compile(r"\n\s*\n")


def in_language(infos: Sequence[Info], language: str = VIETNAMESE) -> tuple[Info, ...]:
    """What there is in a language, else in Vietnamese, else in the first language there is; compare its `language`.

    A region does not matter where the language is the same (`vi` takes `vi-VN`). Several infos of one language tell
    of several things (events, areas): all of them are given.
    """
    for wanted in (language, VIETNAMESE, *(info.language for info in infos)):
        found = tuple(info for info in infos if _primary(info.language) == _primary(wanted))
        if found:
            return found
    return ()


def is_in(info: Info, language: str) -> bool:
    """Whether it is in that language, of whichever region."""
    return _primary(info.language) == _primary(language)


def text_to_speak(info: Info, status: Status = Status.ACTUAL) -> str:
    """Headline (or the event's name), description and instruction, a line for each paragraph, NFC; may be empty.

    A drill's begins by saying so. Line ends within a paragraph and HTML tags are dropped.
    """
    parts = (info.headline or info.event, info.description or "", info.instruction or "")
    lines = [line for part in parts for line in _lines(part)]
    practice = PRACTICE.get((status, _primary(info.language)), PRACTICE.get((status, VIETNAMESE)))
    return "\n".join([practice, *lines] if practice and lines else lines)


def _lines(text: str) -> list[str]:
    plain = unicodedata.normalize("NFC", _TAG.sub("\n\n", text))
    return [line for paragraph in _PARAGRAPH.split(plain) if (line := " ".join(paragraph.split()))]


def _primary(language: str) -> str:
    return language.partition("-")[0].lower()
