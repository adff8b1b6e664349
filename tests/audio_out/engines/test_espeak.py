"""The real eSpeak NG, in its child process."""

import os
import signal
import sys
import threading

import numpy as np
import pytest

from audio_out.engines.espeak import Espeak
from audio_out.errors import EngineMissing, EngineTimedOut, SpeechRejected
from audio_out.voices import Pace, Voice, by_id

WOMAN = by_id("espeak:vi+f2")
SENTENCE = "Mời bà con đi họp thôn lúc bảy giờ tối."

unix_only = pytest.mark.skipif(sys.platform == "win32", reason="signals are of Unix")


@pytest.fixture
def own_espeak():
    """An engine whose only child this test may hurt."""
    engine = Espeak(children=1, timeout_s=0.5)
    yield engine
    engine.close()


def test_it_speaks_at_an_announcers_pace(espeak):
    """About three syllables a second, and slower for alerts."""
    calm = espeak.speak(SENTENCE, WOMAN, Pace.CALM)
    slow = espeak.speak(SENTENCE, WOMAN, Pace.SLOW)
    assert 2500 < calm.duration_ms < 5000
    assert slow.duration_ms > 1.1 * calm.duration_ms


def test_a_sentence_always_sounds_the_same(espeak):
    """What was said before a sentence does not change a sample of it."""
    first = espeak.speak(SENTENCE, WOMAN, Pace.CALM)
    espeak.speak("Xin chào tất cả bà con trong thôn.", by_id("espeak:vi"), Pace.SLOW)
    assert np.array_equal(espeak.speak(SENTENCE, WOMAN, Pace.CALM).samples, first.samples)


def test_newlines_quotes_and_brackets_are_only_text(espeak):
    """Nothing in a sentence can break the framing or reach the engine as an order."""
    speech = espeak.speak('Họp thôn\n"ngày mai" [[x]] <break time="9s"/> \\ {a}', WOMAN, Pace.CALM)
    assert speech.duration_ms < 20_000


@unix_only
def test_a_child_killed_in_mid_sentence_is_replaced(own_espeak):
    """A kill -9 while a sentence is being spoken: the sentence is spoken again, by a new child."""
    expected = own_espeak.speak(SENTENCE, WOMAN, Pace.CALM).samples
    (victim,) = own_espeak.pids
    os.kill(victim, signal.SIGSTOP)  # so that it is surely in mid-sentence when the kill comes
    killer = threading.Timer(0.1, os.kill, (victim, signal.SIGKILL))
    killer.start()
    assert np.array_equal(own_espeak.speak(SENTENCE, WOMAN, Pace.CALM).samples, expected)
    killer.join()
    assert own_espeak.pids != (victim,)


@unix_only
def test_a_child_that_hangs_is_killed_and_replaced(own_espeak):
    """A time-out really ends the child, and the sentence is spoken by another one."""
    own_espeak.speak(SENTENCE, WOMAN, Pace.CALM)
    (hanging,) = own_espeak.pids
    os.kill(hanging, signal.SIGSTOP)
    own_espeak.speak(SENTENCE, WOMAN, Pace.CALM)
    assert own_espeak.pids != (hanging,)
    with pytest.raises(ProcessLookupError):
        os.kill(hanging, 0)


def test_an_engine_that_is_always_late_is_given_up():
    """After two time-outs the error says so, and no child is left."""
    engine = Espeak(children=1, timeout_s=0.001)
    with pytest.raises(EngineTimedOut):
        engine.speak(SENTENCE, WOMAN, Pace.CALM)
    assert engine.pids == ()


def test_children_end_with_their_engine():
    """Closing leaves no process behind."""
    engine = Espeak(children=2)
    engine.speak(SENTENCE, WOMAN, Pace.CALM)
    engine.close()
    assert engine.pids == ()


def test_a_voice_that_is_not_there_is_named(espeak):
    """Neither another voice nor silence stands in for a missing one."""
    missing = Voice("espeak", "zz", "zz", "")
    with pytest.raises(SpeechRejected, match="SetVoice"):
        espeak.speak(SENTENCE, missing, Pace.CALM)
    with pytest.raises(EngineMissing):
        espeak.fingerprint(missing, Pace.CALM)


def test_several_threads_may_speak(espeak):
    """Sentences asked for at once are each spoken whole."""
    sentences = [f"Thôn {name} đi họp tối nay." for name in ("An San", "Tòng Xành", "Ún Tà", "Luổng Đơ")]
    alone = [espeak.speak(sentence, WOMAN, Pace.CALM).samples for sentence in sentences]
    found: dict[int, np.ndarray] = {}
    threads = [
        threading.Thread(target=lambda at=at: found.update({at: espeak.speak(sentences[at], WOMAN, Pace.CALM).samples}))
        for at in range(len(sentences))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(np.array_equal(found[at], alone[at]) for at in range(len(sentences)))
