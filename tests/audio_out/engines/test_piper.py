"""The real Piper library, in its child process, with a tiny voice made here."""

import os
import shutil
import signal
import sys
import threading
import time
from importlib import metadata

import numpy as np
import pytest

from audio_out.engines import piper
from audio_out.engines.cache import SentenceCache
from audio_out.engines.ladder import Ladder
from audio_out.engines.piper import Piper, try_out
from audio_out.errors import EngineMissing, EngineTimedOut, VoiceDamaged, VoiceRefused
from audio_out.voicebox import Voicebox
from audio_out.voices import Pace, Voice, rungs
from tests.audio_out.conftest import Humming
from tests.audio_out.tiny_voice import make_voice

SENTENCE = "Mời bà con đi họp thôn lúc bảy giờ tối."
TINY = Voice("piper", "vi_VN-tiny-low", "vi", "Piper vi_VN-tiny-low")

unix_only = pytest.mark.skipif(sys.platform == "win32", reason="signals are of Unix")


@pytest.fixture(scope="module")
def installed(tmp_path_factory) -> Voicebox:
    """A voicebox with the tiny voice, tried by the engine itself."""
    folder = tmp_path_factory.mktemp("piper")
    voicebox = Voicebox(folder / "voices")
    voicebox.add(make_voice(folder / "stick").parent, try_out)
    return voicebox


@pytest.fixture
def own_voices(installed, tmp_path) -> Voicebox:
    """A copy that this test may damage."""
    shutil.copytree(installed.model(TINY.name).parent, tmp_path / TINY.name)
    return Voicebox(tmp_path)


@pytest.fixture(scope="module")
def engine(installed):
    engine = Piper(installed)
    yield engine
    engine.close()


def test_it_speaks_and_slower_for_alerts(engine):
    """The length of a phoneme follows the pace."""
    calm, slow = engine.speak(SENTENCE, TINY, Pace.CALM), engine.speak(SENTENCE, TINY, Pace.SLOW)
    assert calm.rate == 16_000
    assert slow.duration_ms == pytest.approx(1.25 * calm.duration_ms, rel=0.01)


def test_doubled_brackets_are_only_text(engine):
    """Nothing in a sentence reaches the engine as phonemes."""
    inside, plain = (engine.speak(f"Mời bà con {text} đi họp.", TINY, Pace.CALM) for text in ("[[aaa]]", "aaa"))
    assert np.array_equal(inside.samples, plain.samples)


def test_the_fingerprint_names_library_model_and_pace(engine, installed):
    """Another model, another version or another pace is another sound to the cache."""
    calm = engine.fingerprint(TINY, Pace.CALM)
    assert installed.find(TINY.name).sha256 in calm
    assert metadata.version("piper-tts") in calm
    assert calm != engine.fingerprint(TINY, Pace.SLOW)


@pytest.mark.parametrize("file", ["vi_VN-tiny-low.onnx", "vi_VN-tiny-low.onnx.json"])
def test_a_model_changed_on_the_disk_does_not_speak(own_voices, file):
    """What was tried and approved is what speaks: a flipped bit is noticed before it is heard."""
    path = own_voices.model(TINY.name).with_name(file)
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    engine = Piper(own_voices)
    with pytest.raises(VoiceDamaged):
        engine.speak(SENTENCE, TINY, Pace.CALM)
    assert engine.pids == ()


@pytest.mark.parametrize(("flaw", "named"), [({"lacking": "26"}, "2 6"), ({"symbols": 130}, "1 2 4 5 6")])
def test_a_voice_without_all_sounds_is_refused_with_their_names(tmp_path, flaw, named):
    """Tones that the voice's map lacks, or that lie beyond its model's table, would be lost in silence."""
    voicebox = Voicebox(tmp_path / "voices")
    with pytest.raises(VoiceRefused, match=f"sounds of its language: {named}"):
        voicebox.add(make_voice(tmp_path / "stick", **flaw).parent, try_out)
    assert voicebox.installed() == ()


@pytest.mark.parametrize("model", [b"", b"this is not a model" * 99])
def test_what_is_no_model_is_refused(tmp_path, model):
    """A file of another kind, or none at all, is a refusal and not a dead process."""
    make_voice(tmp_path / "stick").write_bytes(model)
    with pytest.raises(VoiceRefused):
        Voicebox(tmp_path / "voices").add(tmp_path / "stick", try_out)


def test_a_voice_that_is_gone_hands_over(tmp_path):
    """Without its files the engine is a rung that fails, and the next one speaks."""
    voices = rungs(TINY.id, "vi", voices=(TINY, *rungs("espeak:vi", "vi")))
    ladder = Ladder([Piper(Voicebox(tmp_path)), Humming("espeak")], SentenceCache(tmp_path / "cache"))
    assert ladder.speak([SENTENCE], voices, Pace.CALM).voice.id == "espeak:vi"


def test_without_the_library_it_says_what_to_install(installed, monkeypatch):
    """The server runs without Piper, and names the extra that brings it."""
    monkeypatch.setattr(piper.metadata, "version", _not_found)
    with pytest.raises(EngineMissing, match=r"village-broadcaster\[server,piper\]"):
        Piper(installed).speak(SENTENCE, TINY, Pace.CALM)


@unix_only
def test_a_child_that_hangs_is_killed_and_replaced(installed):
    """A time-out really ends the child, and the sentence is spoken by another one."""
    engine = Piper(installed, timeout_s=5)
    engine.speak(SENTENCE, TINY, Pace.CALM)
    (hanging,) = engine.pids
    os.kill(hanging, signal.SIGSTOP)
    engine.speak(SENTENCE, TINY, Pace.CALM)
    assert engine.pids != (hanging,)
    with pytest.raises(ProcessLookupError):
        os.kill(hanging, 0)
    engine.close()
    assert engine.pids == ()


def test_an_alert_does_not_wait_beyond_its_deadline(engine):
    """A deadline that has passed is a rung that failed, at once."""
    with pytest.raises(EngineTimedOut):
        engine.speak(SENTENCE, TINY, Pace.SLOW, deadline=0.0)


@unix_only
def test_an_alert_does_not_queue_behind_a_long_sentence(installed):
    """While the only child is busy, a deadline still holds."""
    engine = Piper(installed)
    engine.speak(SENTENCE, TINY, Pace.CALM)
    (busy,) = engine.pids
    os.kill(busy, signal.SIGSTOP)
    other = threading.Thread(target=engine.speak, args=(SENTENCE, TINY, Pace.CALM))
    other.start()
    while not engine._children._idle.empty():
        other.join(0.01)
    with pytest.raises(EngineTimedOut, match="busy"):
        engine.speak(SENTENCE, TINY, Pace.SLOW, deadline=time.monotonic() + 0.1)
    os.kill(busy, signal.SIGCONT)
    other.join()
    engine.close()


def _not_found(name: str) -> str:
    raise metadata.PackageNotFoundError(name)
