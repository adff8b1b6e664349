"""The local page's HTML. Everything that is shown goes through `escape`; what is pressed goes to `page.py`."""

from collections.abc import Iterable
from datetime import datetime
from html import escape

from broadcaster.player.local import words
from broadcaster.player.local.door import Session
from broadcaster.player.local.network import Network
from broadcaster.player.local.view import Box, Coming, View
from broadcaster.player.local.words import Language, Sentence
from broadcaster.player.machine import TimeSource
from broadcaster.protocol import ClockState, Phrase

START_S = 5
GIB = 2**30
COMPARED = (TimeSource.SERVER, TimeSource.NTP)


class Writer:
    """Writes pages for one session."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._language = session.language

    def home(self, view: View) -> str:
        """Write the page of a paired player."""
        lost = view.clock.state is ClockState.UNTRUSTED
        parts = [
            self._now(view),
            self._no_time() if lost else "",
            self._trouble(view),
            self._next(view),
            self._calls(view.phrases),
            self._sound(view),
            self._clock(view, ask=not lost),
            self._link(view),
            self._carry(),
            self._box(view.box),
            self._pair_again(view),
        ]
        return self._page(view.village, parts)

    def unpaired(self, box: Box, typed: dict[str, str]) -> str:
        """Write the page of a player that belongs to nobody yet."""
        return self._page(self._say(words.TITLE), [self._pairing(box, typed), self._box(box)])

    def compare(self, shown: str, typed: dict[str, str]) -> str:
        """Write the question whether the key's fingerprint is the same on both screens."""
        hidden = "".join(_hidden(name, typed.get(name, "")) for name in ("server", "code", "name"))
        part = (
            f'<section class="wide"><h2>{self._say(words.COMPARE)}</h2><p>{self._say(words.COMPARE_HELP)}</p>'
            f'<p class="fingerprint">{escape(shown)}</p>'
            + self._form("pair", hidden + _hidden("fingerprint", shown), words.SAME)
            + f'<p><a href="/">{self._say(words.BACK)}</a></p></section>'
        )
        return self._page(self._say(words.PAIR), [part])

    def paired(self, village: str) -> str:
        """Write that pairing has succeeded; the player starts meanwhile, and the page follows by itself."""
        told = f"<p>{self._say(words.PAIRED, village=village)}</p><p>{self._say(words.STARTS)}</p>"
        part = f'<section class="notice wide">{told}<p><a href="/">{self._say(words.REFRESH)}</a></p></section>'
        return self._page(village, [part], more=f'<meta http-equiv="refresh" content="{START_S};url=/">')

    def knock(self, village: str | None) -> str:
        """Write the question for the PIN."""
        field = (
            f'<label for="pin">{self._say(words.PIN)}</label>'
            '<input id="pin" name="pin" inputmode="numeric" autocomplete="off" required maxlength="12">'
            f'<p class="soft">{self._say(words.PIN_HELP)}</p>'
        )
        return self._page(
            village or self._say(words.TITLE), [f"<section>{self._form('pin', field, words.ENTER)}</section>"]
        )

    def _page(self, heading: str, parts: Iterable[str], more: str = "") -> str:
        notice, self._session.notice = self._session.notice, ""
        shown = f'<section class="notice wide" role="status"><p>{escape(notice)}</p></section>' if notice else ""
        other = Language.EN if self._language is Language.VI else Language.VI
        return (
            f'<!doctype html><html lang="{self._language}"><head><meta charset="utf-8">'
            '<meta name="viewport" content="width=device-width, initial-scale=1">'
            f"<title>{' · '.join(dict.fromkeys((escape(heading), self._say(words.TITLE))))}</title>"
            '<link rel="stylesheet" href="/style.css"><script type="module" src="/time.js"></script>'
            f"{more}</head><body>"
            f'<header><h1>{escape(heading)}</h1><nav><a href="/">{self._say(words.REFRESH)}</a>'
            f'<a href="/?lang={other}" lang="{other}">{self._say(words.OTHER_LANGUAGE)}</a></nav></header>'
            f"<main>{shown}{''.join(parts)}</main></body></html>"
        )

    def _now(self, view: View) -> str:
        if view.playing is None:
            return f'<section class="wide"><p class="now">{self._say(words.SILENT)}</p></section>'
        title, until = view.playing
        end = f'<p class="soft">{self._say(words.UNTIL, at=self._when(until))}</p>' if until else ""
        playing = self._say(words.PLAYING, title=title)
        return f'<section class="wide"><p class="now on">{playing}</p>{end}</section>'

    def _no_time(self) -> str:
        ask = self._phone_time()
        return f'<section class="notice care wide"><p>{self._say(words.NO_TIME)}</p>{ask}</section>'

    def _trouble(self, view: View) -> str:
        if view.trouble is None:
            return ""
        told = "".join(f"<p>{escape(why)}</p>" for why in dict.fromkeys(view.problems.values()))
        more = told if self._language is Language.EN else ""
        return f'<section class="notice care wide"><p>{self._say(words.TROUBLES[view.trouble])}</p>{more}</section>'

    def _next(self, view: View) -> str:
        if view.valid_until is None:
            inside = f"<p>{self._say(words.NO_PROGRAMME)}</p>"
        else:
            lines = "".join(self._coming(coming) for coming in view.coming)
            inside = f"<ol>{lines}</ol>" if lines else f"<p>{self._say(words.NOTHING_NEXT)}</p>"
            inside += f'<p class="soft">{self._say(words.PROGRAMME_UNTIL, at=self._when(view.valid_until))}</p>'
        return f"<section><h2>{self._say(words.NEXT)}</h2>{inside}</section>"

    def _coming(self, coming: Coming) -> str:
        return f"<li>{escape(coming.title)}<span>{self._when(coming.at)}</span></li>"

    def _calls(self, phrases: Iterable[Phrase]) -> str:
        folds = "".join(
            f"<details><summary>{escape(phrase.title)}</summary>"
            + self._form("phrase", _hidden("key", phrase.key), words.CALL_NOW, kind="emergency")
            + "</details>"
            for phrase in phrases
        )
        stop = self._form("stop", "", words.STOP, kind="quiet")
        inside = f'<p class="soft">{self._say(words.CALL_HELP)}</p>{folds}{stop}' if folds else ""
        inside = inside or f"<p>{self._say(words.CALL_NONE)}</p>"
        return f'<section class="call"><h2>{self._say(words.CALL)}</h2>{inside}</section>'

    def _sound(self, view: View) -> str:
        here, communes = view.volume_here, view.volume_percent
        told = self._say(words.VOLUME_HELP, percent=communes)
        if here is not None:
            told = self._say(words.VOLUME_TURNED, percent=here, communes=communes)
        loudness = self._facts((words.VOLUME, told), (words.EMERGENCY_VOLUME, f"{view.emergency_volume_percent} %"))
        loudness += self._knob(communes if here is None else here) if view.valid_until else ""
        loudness += self._form("volume", "", words.VOLUME_BACK, kind="quiet") if here is not None else ""
        tone = self._form("tone", "", words.TONE, kind="quiet")
        help_ = f'<p class="soft">{self._say(words.TONE_HELP)}</p>'
        return f"<section><h2>{self._say(words.SOUND)}</h2>{loudness}{tone}{help_}</section>"

    def _knob(self, percent: int) -> str:
        field = (
            f'<label for="percent">{self._say(words.VOLUME_HERE)}</label><input id="percent" name="percent" '
            f'type="number" inputmode="numeric" min="0" max="100" required value="{percent}">'
            f'<p class="soft">{self._say(words.VOLUME_HERE_HELP)}</p>'
        )
        return self._form("volume", field, words.VOLUME_TAKE, kind="quiet")

    def _carry(self) -> str:
        field = (
            f'<p class="soft">{self._say(words.BUNDLE_HELP)}</p>'
            f'<label for="bundle">{self._say(words.BUNDLE_FILE)}</label>'
            '<input id="bundle" name="bundle" type="file" accept=".zip,application/zip" required>'
        )
        form = self._form("bundle", field, words.BUNDLE_TAKE, more='enctype="multipart/form-data"')
        journal = f'<p><a class="button" href="/journal">{self._say(words.JOURNAL)}</a></p>'
        journal += f'<p class="soft">{self._say(words.JOURNAL_HELP)}</p>'
        return f"<section><h2>{self._say(words.BUNDLE)}</h2>{form}{journal}</section>"

    def _clock(self, view: View, *, ask: bool) -> str:
        clock = view.clock
        source = words.SOURCES[clock.source] if clock.source else words.NOBODY
        error = words.UNKNOWN if clock.state is ClockState.UNTRUSTED else words.SECONDS
        facts = self._facts(
            (words.CLOCK_NOW, self._when(view.now)),
            (words.CLOCK_STATE, self._say(words.STATES[clock.state])),
            (words.CLOCK_SOURCE, self._say(source)),
            (words.CLOCK_ERROR, self._say(error, seconds=f"{clock.error_ms / 1000:.1f}")),
        )
        compared = clock.state is ClockState.TRUSTED and clock.source in COMPARED
        phone = self._phone_time() if ask and not compared else ""
        return f"<section><h2>{self._say(words.CLOCK)}</h2>{facts}{phone}</section>"

    def _phone_time(self) -> str:
        typed = (
            f'<div class="typed"><label for="typed">{self._say(words.TYPED_TIME)}</label>'
            '<input id="typed" name="typed" type="datetime-local" step="1"></div>'
        )
        return self._form("time", _hidden("at", "") + typed, words.GIVE_TIME, more="data-time")

    def _link(self, view: View) -> str:
        last = self._when(view.last_contact_at) if view.last_contact_at else self._say(words.NEVER)
        facts = self._facts(
            (words.SERVER, escape(view.server)),
            (words.LAST_CONTACT, last),
            (words.MISSING, str(view.missing)),
            (words.WAITING, str(view.waiting)),
            (words.BYTES_MONTH, f"{view.bytes_month / 1e6:.1f} MB"),
            (words.KEY, escape(" ".join(view.fingerprints))),
        )
        return f"<section><h2>{self._say(words.LINK)}</h2>{facts}</section>"

    def _box(self, box: Box) -> str:
        facts = [(words.HARDWARE, escape(box.hardware))]
        facts += [(words.NETWORKS, self._network(network)) for network in box.networks]
        facts.append((words.DISK, f"{box.disk_free_bytes / GIB:.1f} GB"))
        if box.temperature_c is not None:
            facts.append((words.TEMPERATURE, f"{box.temperature_c:.0f} °C"))
        if box.under_voltage is not None:
            power = words.VOLTAGE_LOW if box.under_voltage else words.VOLTAGE_GOOD
            facts.append((words.VOLTAGE, self._say(power)))
        facts.append((words.VERSION, escape(box.version)))
        return f"<section><h2>{self._say(words.MACHINE)}</h2>{self._facts(*facts)}</section>"

    def _network(self, network: Network) -> str:
        told = f"{network.name} {network.address or ''}".strip()
        if network.wifi_percent is not None:
            told += f" · {words.WIFI.of(self._language)} {network.wifi_percent} % ({network.wifi_dbm} dBm)"
        return escape(told)

    def _pair_again(self, view: View) -> str:
        inside = self._pair_form({"server": view.server, "name": view.box.hardware}, words.PAIR_AGAIN_HELP)
        return f"<section><details><summary>{self._say(words.PAIR_AGAIN)}</summary>{inside}</details></section>"

    def _pairing(self, box: Box, typed: dict[str, str]) -> str:
        inside = self._pair_form({"name": box.hardware} | typed, words.PAIR_HELP)
        return f'<section class="wide"><h2>{self._say(words.PAIR)}</h2>{inside}</section>'

    def _pair_form(self, typed: dict[str, str], help_: Sentence) -> str:
        fields = f'<p class="soft">{self._say(help_)}</p>'
        fields += self._field("server", words.ADDRESS, typed, 'type="url" inputmode="url" placeholder="https://"')
        fields += self._field(
            "code", words.CODE, typed, 'autocomplete="off" autocapitalize="characters" maxlength="20"'
        )
        fields += self._field("name", words.NAME, typed, 'maxlength="120"')
        return self._form("pair", fields, words.PAIR_NOW)

    def _field(self, name: str, label: Sentence, typed: dict[str, str], more: str) -> str:
        value = escape(typed.get(name, ""))
        return (
            f'<label for="{name}">{self._say(label)}</label>'
            f'<input id="{name}" name="{name}" required value="{value}" {more}>'
        )

    def _form(self, action: str, inside: str, label: Sentence, *, kind: str = "", more: str = "") -> str:
        return (
            f'<form method="post" action="/{action}" {more}>{_hidden("token", self._session.token)}{inside}'
            f'<button class="{kind}">{self._say(label)}</button></form>'
        )

    def _facts(self, *facts: tuple[Sentence, str]) -> str:
        """Write names and values; the values are HTML."""
        return "<dl>" + "".join(f"<dt>{self._say(name)}</dt><dd>{value}</dd>" for name, value in facts) + "</dl>"

    def _say(self, sentence: Sentence, **facts: object) -> str:
        return escape(sentence.of(self._language, **facts))

    def _when(self, at: datetime) -> str:
        day = words.WEEKDAYS[at.weekday()].of(self._language)
        return self._say(words.WHEN, hour=at.hour, minute=at.minute, day=day, date=f"{at.day}/{at.month}/{at.year}")


def _hidden(name: str, value: str) -> str:
    return f'<input type="hidden" name="{name}" value="{escape(value)}">'
