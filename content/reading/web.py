"""Web and e-mail addresses, said as one would dictate them. The scheme and www go unsaid."""

import functools
import re

from content.reading import letters
from content.reading.numbers import spell
from content.reading.scanner import Notes, Rule
from content.reading.tables import table

_LABELS = table("web_labels.tsv")
_ENDINGS = r"(?:vn|com|org|net|edu|gov|info|io|me|gl|be|asia)"
_HOST = rf"(?:[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?\.)+{_ENDINGS}(?![\w@])"
_PATH = r"(?:/[\w\-./?=&%#]*[\w/])?"


def _host(host: str) -> str:
    *labels, last = host.split(".")
    return " chấm ".join([*map(_label, labels), _label(last)])


@functools.cache
def _label(label: str) -> str:
    if "-" in label:
        return " gạch ngang ".join(_label(part) for part in label.split("-") if part)
    spoken, position = [], 0
    label = label.lower()
    while position < len(label):
        piece = _piece(label, position)
        spoken.append(_say(piece))
        position += len(piece)
    return " ".join(spoken)


def _piece(label: str, position: int) -> str:
    """Cut off the longest known word, else a run of digits, else a syllable if the rest can be said, else a letter."""
    rest = label[position:]
    known = [word for word in _LABELS if rest.startswith(word) and _splits(rest[len(word) :])]
    if known:
        return max(known, key=len)
    if digits := re.match(r"\d+", rest):
        return digits[0]
    for size in range(min(7, len(rest)), 1, -1):
        if letters.is_syllable(rest[:size], toned=False) and _splits(rest[size:]):
            return rest[:size]
    return rest[0]


@functools.cache
def _splits(rest: str) -> bool:
    """Tell whether all of the rest can be said in known words and syllables."""
    if not rest or rest[0].isdigit():
        return True
    known = any(_splits(rest[len(word) :]) for word in _LABELS if rest.startswith(word))
    return known or any(
        letters.is_syllable(rest[:n], toned=False) and _splits(rest[n:]) for n in range(2, 8) if n <= len(rest)
    )


def _say(piece: str) -> str:
    if piece in _LABELS:
        return _LABELS[piece]
    if piece.isdigit():
        return spell(piece)
    return piece if len(piece) > 1 else letters.spell(piece)


def _path(path: str) -> str:
    words = []
    for separator, label in re.findall(r"([/.\-_?=&%#]+)|([^/.\-_?=&%#]+)", path.strip("/")):
        words.append(
            {"-": "gạch ngang", ".": "chấm", "_": "gạch dưới"}.get(separator, "gạch chéo")
            if separator
            else _label(label)
        )
    return " gạch chéo " + " ".join(words) if words else ""


def _address(found: re.Match[str], _notes: Notes) -> str:
    host = re.sub(r"^www\.", "", found["host"], flags=re.IGNORECASE)
    return _host(host) + _path(found["path"] or "")


def _mail(found: re.Match[str], _notes: Notes) -> str:
    user = " ".join(
        {".": "chấm", "_": "gạch dưới", "-": "gạch ngang", "+": "cộng"}.get(part) or _label(part)
        for part in re.findall(r"[._+-]|[^._+-]+", found["user"])
    )
    return f"{user} a còng {_host(found['host'])}"


_MAIL = Rule("web", re.compile(rf"(?<![\w.])(?P<user>[A-Za-z0-9][\w.+-]*)@(?P<host>{_HOST})", re.ASCII), _mail)
_WEB = Rule("web", re.compile(rf"(?<![\w@])(?:https?://)?(?P<host>{_HOST})(?P<path>{_PATH})", re.IGNORECASE), _address)
WORD_RULES = (_MAIL, _WEB)
DIGIT_RULES = (_MAIL, _WEB)
