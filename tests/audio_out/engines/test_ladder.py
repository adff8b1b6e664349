"""Falling from voice to voice, and the cache before them."""

import os

import pytest

from audio_out.engines.cache import SentenceCache, key_of
from audio_out.engines.ladder import Ladder
from audio_out.errors import EngineUnreachable, NoVoiceSpoke, RenderCancelled
from audio_out.voices import Pace, rungs
from tests.audio_out.conftest import Humming

VOICES = rungs("auto", "vi")
SENTENCES = [f"Câu thứ {number} của bản tin." for number in range(30)]
NO_NETWORK = EngineUnreachable(engine="gtts", detail="no network")


def files(folder):
    return [path for path in folder.rglob("*") if path.is_file()]


@pytest.fixture
def cache(tmp_path) -> SentenceCache:
    return SentenceCache(tmp_path)


def test_the_best_voice_speaks_when_it_works(cache):
    """Nobody else is asked."""
    google, espeak = Humming("gtts"), Humming("espeak")
    speech = Ladder([google, espeak], cache).speak(SENTENCES[:3], VOICES, Pace.CALM)
    assert speech.voice.id == "gtts:vi"
    assert espeak.said == []


def test_a_failing_voice_hands_over_the_whole_reading(cache):
    """One voice speaks all sentences, and who spoke is told: no change midway, no silent success."""
    google, espeak = Humming("gtts"), Humming("espeak")
    ladder = Ladder([google, espeak], cache)
    ladder.speak(SENTENCES[:2], VOICES, Pace.CALM)
    google.failing = NO_NETWORK
    speech = ladder.speak(SENTENCES[:3], VOICES, Pace.CALM)
    assert speech.voice.id == "espeak:vi+f2"
    assert espeak.said == SENTENCES[:3]


def test_when_every_voice_fails_the_reasons_are_told(cache):
    """Never silence: the last resort is an error with what went wrong on each rung."""
    engines = [Humming("gtts", NO_NETWORK)]
    with pytest.raises(NoVoiceSpoke, match=r"no network.*not set up"):
        Ladder(engines, cache).speak(SENTENCES[:1], VOICES, Pace.CALM)


def test_one_changed_sentence_costs_one_synthesis(cache):
    """Of thirty sentences, only the changed one is spoken again; in a new process too."""
    engine = Humming("gtts")
    Ladder([engine], cache).speak(SENTENCES, VOICES, Pace.CALM)
    engine.said.clear()
    changed = [*SENTENCES[:10], "Câu này đã được sửa.", *SENTENCES[11:]]
    Ladder([engine], cache).speak(changed, VOICES, Pace.CALM)
    assert engine.said == ["Câu này đã được sửa."]


def test_another_pace_is_another_sound(cache):
    """What shapes the sound is part of the key."""
    engine = Humming("gtts")
    ladder = Ladder([engine], cache)
    ladder.speak(SENTENCES[:1], VOICES, Pace.CALM)
    ladder.speak(SENTENCES[:1], VOICES, Pace.SLOW)
    assert len(engine.said) == 2


def test_cancelling_between_sentences_ends_the_work(cache):
    """What the caller raises passes through, without another rung being tried."""

    def stop(done: int) -> None:
        if done == 2:
            raise RenderCancelled

    engine = Humming("gtts")
    with pytest.raises(RenderCancelled):
        Ladder([engine, Humming("espeak")], cache).speak(SENTENCES, VOICES, Pace.CALM, on_sentence=stop)
    assert len(engine.said) == 2


def flip_a_bit(path):
    data = bytearray(path.read_bytes())
    data[-200] ^= 4
    path.write_bytes(data)


@pytest.mark.parametrize("damage", [flip_a_bit, lambda path: os.truncate(path, 900), lambda path: os.truncate(path, 0)])
def test_a_damaged_entry_is_made_again(cache, tmp_path, damage):
    """A flipped bit, a lost tail or an empty file is noticed, thrown away and spoken anew."""
    engine = Humming("gtts")
    ladder = Ladder([engine], cache)
    first = ladder.speak(SENTENCES[:1], VOICES, Pace.CALM).sentences[0]
    (entry,) = files(tmp_path)
    damage(entry)
    again = ladder.speak(SENTENCES[:1], VOICES, Pace.CALM).sentences[0]
    assert len(engine.said) == 2
    assert (again.samples == first.samples).all()


def test_the_cache_is_bounded_and_forgets_the_oldest(tmp_path):
    """What was not used for longest leaves first, and the folder stays about as small as it was asked to be."""
    speech = Humming("gtts").speak(SENTENCES[0], VOICES[0], Pace.CALM)
    keys = [key_of("a", "b", str(number)) for number in range(10)]
    SentenceCache(tmp_path).put(keys[0], speech)
    (first,) = files(tmp_path)
    cache = SentenceCache(tmp_path, most_bytes=4 * first.stat().st_size)
    for age, key in enumerate(keys):
        cache.put(key, speech)
        os.utime(tmp_path / key[:2] / f"{key}.flac", (age, age))
        cache.get(keys[0])
    assert sum(path.stat().st_size for path in files(tmp_path)) <= 4 * first.stat().st_size
    assert cache.get(keys[0]) is not None
    assert cache.get(keys[1]) is None
    assert cache.get(keys[-1]) is not None


def test_a_cache_that_cannot_be_written_costs_only_time(tmp_path):
    """A full or read-only disk does not keep an announcement from being spoken."""
    (tmp_path / "file").write_text("in the way")
    ladder = Ladder([Humming("gtts")], SentenceCache(tmp_path / "file" / "cache"))
    assert len(ladder.speak(SENTENCES[:2], VOICES, Pace.CALM).sentences) == 2
