"""The Jinja2 environment: how times, lengths and numbers are said. Times are the commune's, words the visitor's.

Every template is rendered with `tongue`, `zone` and `now`; filters take them from there.
"""

import hashlib
from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, cast
from zoneinfo import ZoneInfo

from jinja2 import Environment, PackageLoader, StrictUndefined, pass_context
from jinja2.runtime import Context
from markupsafe import Markup

from audio_out.voices import VOICES
from broadcaster.i18n import Tongue
from broadcaster.reports.figures import ON_TIME_MS
from broadcaster.web import words
from broadcaster.web.words import mark

_STATIC = Path(str(files("broadcaster.web") / "static"))


@cache
def environment() -> Environment:
    """The one environment of all pages."""
    made = Environment(
        loader=PackageLoader("broadcaster.web"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    made.policies["ext.i18n.trimmed"] = True
    cast("Any", made).install_gettext_callables(_gettext, _ngettext, newstyle=True)
    made.globals.update(static=_static, voice_label=_voice_label)
    made.filters.update(_FILTERS)
    return made


def style() -> Markup:
    """All rules of the pages, to stand inside a page that is a file of its own."""
    return Markup("".join((_STATIC / name).read_text("utf-8") for name in ("tokens.css", "style.css")))  # noqa: S704


@pass_context
def _gettext(context: Context, message: str) -> str:
    return _of(context).catalogue.gettext(message) if message else ""


@pass_context
def _ngettext(context: Context, one: str, many: str, count: int) -> str:
    return _of(context).catalogue.ngettext(one, many, count)


@cache
def _static(name: str) -> str:
    """The address of a static file; it changes with the content, so that browsers never keep an old one."""
    return f"/static/{name}?v={hashlib.sha256((_STATIC / name).read_bytes()).hexdigest()[:12]}"


@pass_context
def _voice_label(context: Context, voice_id: str) -> str:
    """What a voice is called; one that was brought in, or is not offered any more, by its engine and name."""
    engine, _, name = voice_id.partition(":")
    label = next((voice.label for voice in VOICES if voice.id == voice_id), f"{engine.capitalize()} {name}")
    return _of(context).say(label)


def _of(context: Context) -> Tongue:
    return cast("Tongue", context["tongue"])


@pass_context
def _clock(context: Context, at: datetime | time, *, seconds: bool = False) -> str:
    """`17:30`, for tables."""
    return _of(context).clock(at, cast("ZoneInfo", context["zone"]), seconds=seconds)


@pass_context
def _day(context: Context, on: date) -> str:
    """`Chủ nhật, 22/11/2026`."""
    return _of(context).day(on)


@pass_context
def _short_day(context: Context, on: date) -> str:
    """`T2 23/11`, for narrow places."""
    return f"{_weekday(context, on)} {on:%d/%m}"


@pass_context
def _weekday(context: Context, on: date) -> str:
    """`T2`."""
    return _of(context).say(words.SHORT_DAYS[on.weekday()])


@pass_context
def _moment(context: Context, at: datetime) -> str:
    """`17 giờ 30 hôm nay`, for sentences."""
    tongue, zone = _of(context), cast("ZoneInfo", context["zone"])
    local, today = at.astimezone(zone), cast("datetime", context["now"]).astimezone(zone).date()
    clock = mark("{hour}:{minute}") if local.minute else mark("{hour}:00")
    said = tongue.say(clock, {"hour": str(local.hour), "minute": f"{local.minute:02}"})
    pattern = _NEAR_DAYS.get((local.date() - today).days, mark("{time}, {day}"))
    return tongue.say(pattern, {"time": said, "day": tongue.day(local.date())})


@pass_context
def _ago(context: Context, at: datetime) -> str:
    """`3 phút trước`."""
    tongue, past = _of(context), cast("datetime", context["now"]) - at
    for length, sentence in _AGO:
        if past >= max(length, _JUST_NOW):
            return tongue.say(sentence, {"count": past // length})
    return tongue.say(mark("just now"))


@pass_context
def _lasting(context: Context, duration_ms: float) -> str:
    """`1 phút 20 giây`."""
    minutes, seconds = divmod(round(duration_ms / 1000), 60)
    if not minutes:
        return _of(context).say(mark("{seconds} s"), {"seconds": seconds})
    if not seconds:
        return _of(context).say(mark("{minutes} min"), {"minutes": minutes})
    return _of(context).say(mark("{minutes} min {seconds} s"), {"minutes": minutes, "seconds": seconds})


@pass_context
def _late(context: Context, late_ms: int) -> str:
    """`đúng giờ`, `chậm 3 giây`, by what reports call on time."""
    if abs(late_ms) <= ON_TIME_MS:
        return _of(context).say(mark("on time"))
    sentence = mark("{length} late") if late_ms > 0 else mark("{length} early")
    return _of(context).say(sentence, {"length": _lasting(context, abs(late_ms))})


@pass_context
def _exactly(context: Context, late_ms: int) -> str:
    """`+0,345 giây`, for who asks how late to the millisecond."""
    seconds = _of(context).number(round(abs(late_ms) / 1000, 3))
    sign = "+" if late_ms > 0 else "−" if late_ms < 0 else ""
    return _of(context).say(mark("{seconds} s"), {"seconds": f"{sign}{seconds}"})


@pass_context
def _size(context: Context, size_bytes: int) -> str:
    """`3,2 GB`, `15 MB`, `4 kB`."""
    gigabytes = size_bytes / 1e9
    if gigabytes >= 1:
        return f"{_of(context).number(round(gigabytes, 1))} GB"
    if size_bytes >= 1e6:
        return f"{_of(context).number(round(size_bytes / 1e6))} MB"
    return f"{_of(context).number(-(-size_bytes // 1000))} kB"


@pass_context
def _number(context: Context, value: float) -> str:
    return _of(context).number(value)


@pass_context
def _say(context: Context, sentence: str, facts: Mapping[str, object] | None = None) -> str:
    """A stored English message with its facts."""
    return _of(context).say(sentence, words.in_words(_of(context), dict(facts or {})))


@pass_context
def _figure(context: Context, value: object, kind: str) -> str:
    """A cell of a report's table; `kind` is its column's."""
    if value is None or isinstance(value, str):
        return value or ""
    if isinstance(value, datetime):
        return f"{value.astimezone(cast('ZoneInfo', context['zone'])):%d/%m/%Y %H:%M}"
    number = cast("float", value)
    return f"{_of(context).number(round(number * 100, 1))} %" if kind == "share" else _of(context).number(number)


_NEAR_DAYS = {-1: mark("{time} yesterday"), 0: mark("{time} today"), 1: mark("{time} tomorrow")}
_AGO = (
    (timedelta(days=1), mark("{count} d ago")),
    (timedelta(hours=1), mark("{count} h ago")),
    (timedelta(minutes=1), mark("{count} min ago")),
    (timedelta(seconds=1), mark("{count} s ago")),
)
_JUST_NOW = timedelta(seconds=10)
_FILTERS: dict[str, Callable[..., str]] = {
    "clock": _clock,
    "day": _day,
    "short_day": _short_day,
    "weekday": _weekday,
    "moment": _moment,
    "ago": _ago,
    "lasting": _lasting,
    "late": _late,
    "exactly": _exactly,
    "size": _size,
    "number": _number,
    "figure": _figure,
    "say": _say,
}
