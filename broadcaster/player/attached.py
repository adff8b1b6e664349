"""What hangs on the machine besides its sound card, by how it is spelled in the settings; all of it may be missing."""

from pathlib import Path

from broadcaster.player.alerts.desk import Alerts
from broadcaster.player.errors import PlayerError
from broadcaster.player.hearing.experience import Experience
from broadcaster.player.hearing.listening import Ears, Listening
from broadcaster.player.hearing.microphone import Microphone
from broadcaster.player.sound.amplifier import Amplifier
from broadcaster.player.sound.button import Held, watch_keys
from broadcaster.player.sound.gpio import GpioAmplifier, Line, watch_button

EXPERIENCE_FILE = "hearing.json"
ANY_MICROPHONE = "default"


def amplifier(line: str | None) -> Amplifier | None:
    """Return the relay on this line, which need not be there yet.

    Raises:
        NoSuchLine: it is spelled wrongly, or the library is missing.
    """
    return GpioAmplifier(Line.of(line)) if line else None


def ears(microphone: str | None, data: Path) -> Ears | None:
    """Return ears with this microphone, which need not be there yet."""
    if not microphone:
        return None
    captures = Microphone(None if microphone == ANY_MICROPHONE else microphone)
    return Listening(captures, Experience(data / EXPERIENCE_FILE, microphone))


def button(spelled: str | None, phrase: str | None, alerts: Alerts) -> None:
    """Watch a button from now on: it starts the phrase (None: the first) and stops what was started here.

    Raises:
        NoSuchLine: its line is spelled wrongly, or the library is missing.
    """
    if not spelled:
        return

    def start() -> None:
        alerts.start(phrase or _first(alerts))

    held = Held(start, alerts.stop)
    if spelled.startswith("/"):
        watch_keys(Path(spelled), held.pressed, held.released)
    else:
        watch_button(Line.of(spelled), held.pressed, held.released)


def _first(alerts: Alerts) -> str:
    phrases = alerts.phrases()
    if not phrases:
        raise PlayerError("There is no prepared phrase here whose audio has been fetched")
    return phrases[0].key
