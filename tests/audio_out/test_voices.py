"""Which voices are tried for a wish."""

import pytest

from audio_out.errors import NoVoice, UnknownVoice
from audio_out.voices import ORDER, VOICES, by_id, rungs


def ids(wished, language="vi", order=ORDER):
    return [voice.id for voice in rungs(wished, language, order)]


def test_auto_begins_with_the_best_and_ends_with_the_one_that_is_always_there():
    """Online first, eSpeak last."""
    assert ids("auto") == ["gtts:vi", "espeak:vi+f2"]


def test_a_wish_falls_down_not_up():
    """A wished voice is tried first, then only what stands below it."""
    assert ids("gtts:vi") == ["gtts:vi", "espeak:vi+f2"]
    assert ids("espeak:vi") == ["espeak:vi"]


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
