"""What a press on the page does: one function each, over a running player. Returns what to say; knows no HTTP."""

from collections.abc import Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from broadcaster.player.agent import Agent
from broadcaster.player.errors import PlayerError
from broadcaster.player.local import words
from broadcaster.player.local.view import VIETNAM
from broadcaster.player.local.words import Language
from broadcaster.player.phone_time import set_by_phone

PHONE_ERROR_S = 2.0
"""A phone on a network keeps its time to a second or so; the way through the village's Wi-Fi takes its part."""
TYPED_ERROR_S = 90.0
FULL = 100
VOLUME_NOTE = "volume_set_here"


def tone(agent: Agent, _form: Mapping[str, str], language: Language) -> str:
    """Sound the test tone."""
    agent.alerts.try_out(words.TONE.vi)
    return words.TONE_STARTED.of(language)


def phrase(agent: Agent, form: Mapping[str, str], language: Language) -> str:
    """Sound a prepared phrase until it is stopped."""
    key = form.get("key", "")
    known = {one.key: one for one in agent.alerts.phrases()}
    if key not in known:
        return words.AUDIO_MISSING.of(language)
    agent.alerts.start(key)
    return words.STARTED.of(language, title=known[key].title)


def stop(agent: Agent, _form: Mapping[str, str], language: Language) -> str:
    """End what was started here."""
    return (words.STOPPED if agent.alerts.stop() else words.NOTHING_TO_STOP).of(language)


def time(agent: Agent, form: Mapping[str, str], language: Language) -> str:
    """Take the phone's time, as its script sent it or as it was typed (in the village's zone)."""
    at, error_s = _given(agent, form)
    if at is None:
        return words.TIME_UNREADABLE.of(language)
    try:
        moved_s = set_by_phone(agent.clock, agent.journal, agent.manifests, at, error_s)
    except PlayerError as error:
        return words.of_error(error).of(language)
    agent.wake()
    return words.TIME_TAKEN.of(language, seconds=f"{moved_s:+z.1f}")


def _given(agent: Agent, form: Mapping[str, str]) -> tuple[datetime | None, float]:
    sent, typed = form.get("at", ""), form.get("typed", "")
    try:
        at = datetime.fromisoformat(sent or typed)
    except ValueError:
        return None, 0.0
    if at.tzinfo is None:
        manifest = agent.manifests.current
        at = at.replace(tzinfo=ZoneInfo(manifest.time_zone) if manifest else VIETNAM)
    return at, PHONE_ERROR_S if sent else TYPED_ERROR_S


def volume(agent: Agent, form: Mapping[str, str], language: Language) -> str:
    """Set the volume of this loudspeaker; without a number it is the commune's again."""
    typed, manifest = form.get("percent"), agent.manifests.current
    if typed is None:
        agent.knob.let_go()
        return words.VOLUME_LET_GO.of(language)
    if not typed.strip().isdecimal() or int(typed) > FULL or manifest is None:
        return words.VOLUME_UNREADABLE.of(language)
    agent.knob.turn(int(typed), manifest.settings)
    agent.journal.note(agent.clock.now(), VOLUME_NOTE, {"percent": int(typed)})
    return words.VOLUME_SET.of(language, percent=int(typed))


PRESSES = {"tone": tone, "phrase": phrase, "stop": stop, "time": time, "volume": volume}
