"""Doubts about a whole text, once it is read: missing diacritics, long sentences, weekdays and dates that cannot be."""

import re
from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from content.reading import letters
from content.reading.dates import FULL_DATE, SHORT_DATE
from content.reading.letters import LETTER
from content.reading.model import ReadingWarning, Span, WarningKind

LONGEST_SENTENCE = 80
"""Syllables that a listener follows and a voice says without a full stop."""
_FEWEST_WORDS = 5
_SENTENCE = re.compile(r"[^.!?…;:\n]+")
_WRITTEN_SENTENCE = re.compile(r"[^\s.!?…;][^.!?…;\n]*")
_WORDS = re.compile(rf"{LETTER}+")
_NAMES = ("hai", "ba", "tư", "năm", "sáu", "bảy")
_WEEKDAY = r"(?:thứ\s+(?P<thứ>hai|ba|tư|năm|sáu|bảy|[2-7])|(?P<cn>chủ nhật|CN)|T(?P<t>[2-7]))"
_WEEKDAY_BEFORE = re.compile(rf"\b{_WEEKDAY}[\s,(]*(?:ngày\s*)?$", re.IGNORECASE)
_WEEKDAY_AFTER = re.compile(rf"\s*[,(]?\s*(?:tức\s*|là\s*)?{_WEEKDAY}\b", re.IGNORECASE)
# Dates of papers, births and beginnings are past by nature.
_PAST_BY_NATURE = re.compile(
    r"\b(?:sinh|cấp|ban hành|ký|tính đến|tính từ|kể từ|từ|thành lập|truyền thống|kỷ niệm|kỉ niệm|"
    r"số|quyết định|nghị quyết|nghị định|luật|thông tư|"
    r"kế hoạch|công văn|chỉ thị|thông báo|văn bản|lễ|mất|chết|xảy ra|hy sinh|giải phóng|quốc khánh)\b[^.;\n]{0,60}$",
    re.IGNORECASE,
)
_ISSUED = re.compile(r"\s*,?\s*của\b")
_HALF_YEAR = timedelta(days=182)


def about_text(written: str, spoken: str, spans: Sequence[Span], today: date | None) -> Iterator[ReadingWarning]:
    """Give the warnings that need the whole text. `today` is the village's date; without it no date is past."""
    yield from _without_diacritics(written)
    yield from _long_sentences(written, spoken, spans)
    for span in spans:
        if span.rule == "date":
            yield from _about_date(written, span, today)


def _without_diacritics(written: str) -> Iterator[ReadingWarning]:
    for line in _WRITTEN_SENTENCE.finditer(written):
        words = [word for word in _WORDS.findall(line[0]) if len(word) > 1 and letters.is_syllable(word, toned=False)]
        if len(words) >= _FEWEST_WORDS and not letters.has_diacritics(line[0]):
            yield ReadingWarning(line.start(), line.end(), WarningKind.NO_DIACRITICS, line[0])


def _long_sentences(written: str, spoken: str, spans: Sequence[Span]) -> Iterator[ReadingWarning]:
    for sentence in _SENTENCE.finditer(spoken):
        if syllables(sentence[0]) > LONGEST_SENTENCE:
            start, end = (_written_at(place, spans) for place in (sentence.start(), sentence.end()))
            start += len(written[start:end]) - len(written[start:end].lstrip())
            yield ReadingWarning(start, end, WarningKind.LONG_SENTENCE, written[start:end])


def _written_at(place: int, spans: Sequence[Span]) -> int:
    """Give the place in the written text of a place in the spoken one (a place inside a change is its end)."""
    shift = 0
    for span in spans:
        if span.start - shift >= place:
            break
        if place < span.start - shift + len(span.spoken):
            return span.end
        shift += span.end - span.start - len(span.spoken)
    return place + shift


def syllables(spoken: str) -> int:
    """Count the syllables of a spoken text, for estimates of its length."""
    return len(_WORDS.findall(spoken))


def _about_date(written: str, span: Span, today: date | None) -> Iterator[ReadingWarning]:
    found = FULL_DATE.fullmatch(span.written) or SHORT_DATE.fullmatch(span.written)
    if not found:
        return
    left, right = written[max(0, span.start - 80) : span.start], written[span.end : span.end + 40]
    on = _date_meant(found, today)
    if not on:
        return
    weekday = _WEEKDAY_BEFORE.search(left) or _WEEKDAY_AFTER.match(right)
    if weekday and _number(weekday) != on.weekday():
        real = "chủ nhật" if on.weekday() == 6 else f"thứ {_NAMES[on.weekday()]}"
        yield ReadingWarning(span.start, span.end, WarningKind.WEEKDAY_MISMATCH, span.written, (real,))
    if today and on < today and not _PAST_BY_NATURE.search(left) and not _ISSUED.match(right):
        yield ReadingWarning(span.start, span.end, WarningKind.PAST_DATE, span.written)


def _date_meant(found: re.Match[str], today: date | None) -> date | None:
    """Give the date; without a year the one nearest to today, or none."""
    groups = found.groupdict()
    years = [int(groups["y"])] if groups.get("y") else [today.year - 1, today.year, today.year + 1] if today else []
    dates = []
    for year in years:
        try:
            dates.append(date(year, int(found["m"]), int(found["d"])))
        except ValueError:
            continue
    if not today or groups.get("y"):
        return dates[0] if dates else None
    return min(dates, key=lambda on: abs(on - today), default=None)


def _number(weekday: re.Match[str]) -> int:
    if weekday["cn"]:
        return 6
    name = (weekday["thứ"] or weekday["t"]).lower()
    return int(name) - 2 if name.isdigit() else _NAMES.index(name)
