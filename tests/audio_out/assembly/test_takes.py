"""From a recording to stored audio: what people hear of a take, and that nothing of it is lost."""

import numpy as np
import pytest

from audio_out.assembly import RECORDING, Studio
from audio_out.assembly.tracks import AFTER_CHIME_MS, BEFORE_MS, BEFORE_REPEAT_MS, assembled_take
from audio_out.chimes import chime
from audio_out.codecs import RATE, Codec, Pcm, decode, encode, tags_of
from audio_out.errors import ObjectDamaged, ObjectMissing, RenderCancelled, Silence
from audio_out.recordings.hearing import energy_by_frame, heard, holes
from content.kernel.priority import Priority
from content.kernel.units import Sha256
from tests.audio_out.meters import dbtp, decoded, lufs
from tests.audio_out.recordings.conftest import speech
from tests.audio_out.recordings.makers import pink

__all__ = ["speech"]


@pytest.fixture
def put(store):
    """Put a sound into the store as a take."""

    def kept(sound) -> Sha256:
        samples = np.clip(np.rint(np.asarray(sound) * 32768), -32768, 32767).astype(np.int16)
        return store.put(encode(Pcm(samples, RATE), Codec.FLAC))

    return kept


def quiet(seconds: float) -> np.ndarray:
    return np.zeros(int(seconds * RATE))


def said(store, made, line) -> np.ndarray:
    return decode(store.read(made.sha256)).samples[line.start_ms * 48 : line.end_ms * 48] / 32768


def bumped(sound: np.ndarray) -> np.ndarray:
    bump = np.sin(2 * np.pi * 150 * np.arange(2400) / RATE)
    return np.concatenate([sound / 20, bump, quiet(0.5), sound / 20])


TAKES = {
    "clean": lambda sound: sound,
    "from afar": lambda sound: sound / 50,
    "very far": lambda sound: sound / 300,
    "overdriven": lambda sound: np.clip(sound * 8, -1, 1),
    "in a noisy room": lambda sound: sound + 0.015 * pink(len(sound)),
    "with direct current": lambda sound: sound / 2 + 0.3,
    "with a bump": bumped,
}


@pytest.mark.parametrize("urgency", Priority)
@pytest.mark.parametrize("kind", TAKES)
def test_every_take_airs_at_one_loudness(studio, store, speech, put, kind, urgency):
    """Master and deliverable, decoded by another library: -16 LUFS within 1, at most -1.5 dBTP, as they say."""
    for made in studio.render_take(put(TAKES[kind](speech)), urgency=urgency):
        samples, rate = decoded(store.read(made.sha256))
        assert lufs(samples, rate) == pytest.approx(-16, abs=0.6)
        assert dbtp(samples) <= -1.5
        assert made.lufs == pytest.approx(lufs(samples, rate), abs=0.25)
        assert made.duration_ms == pytest.approx(len(samples) * 1000 / rate, abs=1)


def test_a_take_is_trimmed_and_its_speech_kept(speech):
    """Eight seconds at each end go and a hole of six becomes two; every word is there as it was said."""
    sound = np.concatenate([quiet(8), speech, quiet(6), speech, quiet(8)])
    track, (line,) = assembled_take(Pcm((sound * 32767).astype(np.int16), RATE), Priority.ROUTINE)
    assert line.text == ""
    aired = track.samples[line.start_ms * 48 : line.end_ms * 48].astype(np.float32)
    once = len(speech) - RATE // 2  # it ends with half a second's pause
    assert len(aired) == pytest.approx(2 * once + 2 * RATE + 0.3 * RATE, abs=0.2 * RATE)
    assert not holes(heard(energy_by_frame([aired / 32768])), 2050)
    for copy in (aired[: len(aired) // 2], aired[len(aired) // 2 :]):
        place = np.fft.irfft(np.fft.rfft(copy, 1 << 21) * np.conj(np.fft.rfft(speech, 1 << 21)))
        at = int(np.argmax(place))
        assert np.corrcoef(copy[at : at + once], speech[:once])[0, 1] > 0.999


@pytest.mark.parametrize("urgency", Priority)
def test_the_chime_opens_and_an_emergency_is_heard_twice(studio, store, speech, put, urgency):
    """Signal by urgency, then the take; an emergency's a second time after a pause, as loud as the first."""
    master, _ = studio.render_take(put(speech), urgency=urgency)
    first = BEFORE_MS + len(chime(urgency)) * 1000 // RATE + AFTER_CHIME_MS
    assert master.edit_list[0].start_ms == pytest.approx(first, abs=2)
    assert len(master.edit_list) == (2 if urgency is Priority.EMERGENCY else 1)
    if urgency is Priority.EMERGENCY:
        one, two = master.edit_list
        assert two.start_ms - one.end_ms == pytest.approx(BEFORE_REPEAT_MS, abs=2)
        assert np.std(said(store, master, two)) == pytest.approx(np.std(said(store, master, one)), rel=0.02)


def test_a_far_take_is_as_loud_as_its_chime(studio, store, speech, put):
    """A take 36 dB softer sounds like the near one: the chime does not drown it, nor does one bump hold it down."""
    near, far, bump = (
        studio.render_take(put(take), urgency=Priority.IMPORTANT)[0] for take in (speech, speech / 60, bumped(speech))
    )
    level = np.std(said(store, near, near.edit_list[0]))
    assert np.std(said(store, far, far.edit_list[0])) == pytest.approx(level, rel=0.05)
    assert np.std(said(store, bump, bump.edit_list[0])) > level / 2


def test_the_same_take_gives_the_same_bytes(studio, espeak, store, speech, put, tmp_path):
    """Rendered again by another studio, the master and its deliverable have the same names."""
    name = put(speech)
    again = Studio(store, tmp_path / "other", engines=[espeak])
    assert studio.render_take(name) == again.render_take(name)


def test_a_master_says_that_a_human_spoke(studio, store, speech, put):
    """Neither voice nor wish names an engine, and the deliverable can be made again from the master."""
    master, opus = studio.render_take(put(speech), title="Họp thôn", language="pcc")
    assert (master.voice_id, master.wished_voice_id) == (RECORDING, RECORDING)
    tags = tags_of(store.read(opus.sha256))
    assert (tags["title"], tags["artist"], tags["language"]) == ("Họp thôn", RECORDING, "pcc")
    assert studio.deliver(master.sha256) == opus


def test_progress_is_told_and_a_rendering_can_be_stopped(studio, speech, put):
    """Steps are counted up to the last one; asked to stop, it stops there and then."""
    name, steps = put(speech), []
    studio.render_take(name, on_progress=lambda done, total: steps.append((done, total)))
    assert steps == [(0, 3), (1, 3), (2, 3), (3, 3)]
    for after in range(3):
        steps.clear()
        with pytest.raises(RenderCancelled):
            studio.render_take(
                name,
                on_progress=lambda done, _: steps.append(done),
                cancelled=lambda after=after: steps[-1:] == [after],
            )
        assert steps[-1] == after


def test_silence_is_refused(studio, put):
    """Where nothing can be heard there is nothing to master."""
    for sound in (quiet(3), quiet(3) + 0.2):
        with pytest.raises(Silence):
            studio.render_take(put(sound))


def test_a_take_that_is_not_what_was_received_is_not_mastered(studio, store, speech, put):
    """Damaged or gone, it is named, and never becomes a master."""
    name = put(speech)
    store.path(name).write_bytes(store.read(name)[:-1])
    with pytest.raises(ObjectDamaged):
        studio.render_take(name)
    with pytest.raises(ObjectMissing):
        studio.render_take(Sha256("0" * 64))
