"""Which voices are tried for a wish."""

import pytest

from audio_out.errors import NoVoice, UnknownVoice
from audio_out.voices import ORDER, VOICES, Voice, better_than, by_id, catalogue, rungs

MEDIUM, LOW = (Voice("piper", name, "vi", "") for name in ("medium", "low"))


def ids(wished, language="vi", order=ORDER, installed=()):
    return [voice.id for voice in rungs(wished, language, order, catalogue(installed))]


def test_auto_begins_with_the_best_and_ends_with_the_one_that_is_always_there():
    """Online first, eSpeak last."""
    assert ids("auto") == ["gtts:vi", "espeak:vi+f2"]


def test_a_wish_falls_down_not_up():
    """A wished voice is tried first, then only what stands below it."""
    assert ids("gtts:vi") == ["gtts:vi", "espeak:vi+f2"]
    assert ids("espeak:vi") == ["espeak:vi"]


def test_an_installed_voice_stands_between_the_network_and_espeak():
    """One rung per engine: the first installed voice, unless another one was wished."""
    assert ids("auto", installed=[MEDIUM, LOW]) == ["gtts:vi", "piper:medium", "espeak:vi+f2"]
    assert ids("piper:low", installed=[MEDIUM, LOW]) == ["piper:low", "espeak:vi+f2"]


def test_a_voice_that_is_not_installed_any_more_hands_over():
    """A lost file silences nothing: another voice of the engine speaks, or the next rung."""
    assert ids("piper:medium", installed=[LOW]) == ["piper:low", "espeak:vi+f2"]
    assert ids("piper:medium") == ["espeak:vi+f2"]
    assert ids("piper:medium", order=["gtts", "piper"]) == ["gtts:vi"]


def test_an_engine_that_is_switched_off_is_not_used_even_when_wished():
    """Without online voices no text leaves the commune."""
    assert ids("gtts:vi", order=["espeak"]) == ["espeak:vi+f2"]


def test_a_language_without_a_voice_asks_for_a_recording():
    """No synthetic voice speaks Giáy: the error says what to do."""
    with pytest.raises(NoVoice, match="record"):
        rungs("auto", "pcc")


@pytest.mark.parametrize("wished", ["espeak:xx", "vi", ""])
def test_an_unknown_voice_is_refused(wished):
    """An id that names nothing never becomes some other voice silently."""
    with pytest.raises(UnknownVoice):
        rungs(wished, "vi")


def test_ids_are_unique():
    """Each id names one voice."""
    assert [by_id(voice.id) for voice in VOICES] == list(VOICES)


def test_better_is_every_voice_above_the_one_that_spoke():
    """A reserve voice gives way to any rung above it, not only to the first one."""
    known = catalogue([MEDIUM])
    assert [voice.id for voice in better_than("espeak:vi+f2", "auto", "vi", voices=known)] == ["gtts:vi", MEDIUM.id]
    assert [voice.id for voice in better_than(MEDIUM.id, "auto", "vi", voices=known)] == ["gtts:vi"]
    assert better_than("gtts:vi", "auto", "vi", voices=known) == ()
    assert better_than("espeak:vi", "espeak:vi", "vi", voices=known) == ()
    assert better_than("a human", "auto", "vi", voices=known) == ()
