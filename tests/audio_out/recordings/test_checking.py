"""What is found in a take: by the whole way from a file, with a real voice made bad in known ways."""

import io

import numpy as np
import pytest

from audio_out.codecs import decode
from audio_out.errors import RecordingTooLong
from audio_out.recordings import Finding, FindingKind
from audio_out.recordings.child import decoded
from audio_out.recordings.source import Survey
from content.kernel.units import Hz
from tests.audio_out.recordings.makers import RATE, encoded, mains, pink, white

LEVEL = 0.083  # RMS of the speech where it is loud


@pytest.fixture
def found(tmp_path):
    """The findings of a sound, sent as WAV or as another kind of file."""

    def checked(sound, container: str = "wav", encoder: str = "pcm_s16le") -> dict[FindingKind, dict[str, float]]:
        file = io.BytesIO(encoded(np.clip(sound, -1, 1), container, encoder))
        return {FindingKind(kind): facts for kind, facts in decoded(file, tmp_path / "take.flac")["findings"]}

    return checked


def snr(noise, db: float):
    return LEVEL * 10 ** (-db / 20) * noise


@pytest.mark.parametrize("gain_db", [0, -15, 6])
def test_good_speech_is_left_alone(found, speech, gain_db):
    """Clean, softer, or brought to full scale: there is nothing to tell."""
    assert not found(speech * 10 ** (gain_db / 20) * 0.999)


@pytest.mark.parametrize(("down_db", "kind"), [(40, FindingKind.TOO_QUIET), (26, FindingKind.TOO_QUIET)])
def test_speech_from_afar_is_too_quiet(found, speech, down_db, kind):
    """What is 26 dB softer, or 40, is told with its loudness."""
    ((met, facts),) = found(speech * 10 ** (-down_db / 20)).items()
    assert met == kind
    assert facts["lufs"] == pytest.approx(-23.4 - down_db, abs=1)


LOSSY = [("mp3", "libmp3lame"), ("adts", "aac"), ("opus", "libopus"), ("flac", "flac")]


@pytest.mark.parametrize("over_db", [3, 6, 12, 20])
@pytest.mark.parametrize(("container", "encoder"), [("wav", "pcm_s16le"), *LOSSY])
def test_overdriven_speech_is_clipped(found, speech, over_db, container, encoder):
    """From 3 dB over full scale on it is told, also when a lossy codec has blurred the flat tops."""
    facts = found(speech * 2 * 10 ** (over_db / 20), container, encoder)[FindingKind.CLIPPED]
    assert 2 <= facts["seconds"] <= 18
    assert facts["at_s"] <= 5


@pytest.mark.parametrize(("container", "encoder"), LOSSY)
def test_speech_brought_to_full_scale_is_not_clipped(found, speech, container, encoder):
    """A careful take that a lossy codec made a little louder is not blamed."""
    assert FindingKind.CLIPPED not in found(speech * 2, container, encoder)


def test_one_bump_is_not_clipping(found, speech):
    """A minute with one loud knock is not called overdriven."""
    minute = np.tile(speech, 4)
    minute[RATE : RATE + 400] = np.sign(np.sin(np.arange(400)))
    assert not found(minute)


def test_a_long_hole_is_told_with_its_place(found, speech):
    """Six seconds of silence are a finding, three are not, and silence at the ends never is."""
    hole, ends = np.zeros(6 * RATE), np.zeros(8 * RATE)
    facts = found(np.concatenate([ends, speech, hole, speech, ends]))[FindingKind.LONG_SILENCE]
    assert facts["seconds"] == pytest.approx(6.5, abs=0.3)  # the speech ends with half a second of its own
    assert facts["at_s"] == pytest.approx(8 + len(speech) / RATE - 0.5, abs=0.3)
    assert facts["times"] == 1
    assert not found(np.concatenate([speech, hole[: 3 * RATE], speech]))


@pytest.mark.parametrize("noise", [white, pink])
def test_noise_is_told(found, speech, noise):
    """Noise alone and speech as loud as noise are told; speech 15 dB over it is not."""
    assert list(found(LEVEL * noise(len(speech)))) == [FindingKind.MOSTLY_NOISE]
    ((kind, facts),) = found(speech + snr(noise(len(speech)), 0)).items()
    assert kind == FindingKind.MOSTLY_NOISE
    assert facts["snr_db"] < 4
    assert not found(speech + snr(noise(len(speech)), 15))


@pytest.mark.parametrize(("below_db", "kinds"), [(0, [FindingKind.HUM]), (15, [FindingKind.HUM]), (40, [])])
def test_mains_hum_is_told(found, speech, below_db, kinds):
    """The hum of a bad earth is named as what it is, when it is loud enough to be heard."""
    assert list(found(0.7 * (speech + snr(mains(len(speech)), below_db)))) == kinds


@pytest.mark.parametrize("seconds", [0.05, 0.4, 0.8])
def test_a_word_is_too_short(found, speech, seconds):
    """Less than a second from the first sound to the last cannot be an announcement, however long the silence."""
    word = speech[RATE : RATE + int(seconds * RATE)]
    for take in (word, np.concatenate([np.zeros(5 * RATE), word, np.zeros(5 * RATE)])):
        assert found(take)[FindingKind.TOO_SHORT]["seconds"] == pytest.approx(seconds, abs=0.15)
    assert Finding(FindingKind.TOO_SHORT, {}).is_blocking


@pytest.mark.parametrize("sound", [np.zeros(3 * RATE), 1e-4 * white(3 * RATE), np.full(3 * RATE, 0.2), np.zeros(30)])
def test_silence_cannot_be_aired(found, sound):
    """A muted microphone, its hiss and its direct current are silence, and block."""
    assert list(found(sound)) == [FindingKind.SILENT]
    assert Finding(FindingKind.SILENT, {}).is_blocking


def test_only_what_cannot_be_aired_blocks():
    """All other findings warn: who recorded decides."""
    blocking = {kind for kind in FindingKind if Finding(kind, {}).is_blocking}
    assert blocking == {FindingKind.SILENT, FindingKind.TOO_SHORT}


@pytest.mark.parametrize(
    "channels", [("speech", "upside down"), ("speech", "silence"), ("silence", "speech"), ("speech", "speech")]
)
def test_no_wiring_loses_the_speaker(speech, tmp_path, channels):
    """A second channel that is upside down or silent costs neither the sound nor its level."""
    kinds = {"speech": speech, "upside down": -speech, "silence": np.zeros(len(speech))}
    data = encoded(np.stack([kinds[channel] for channel in channels]), "wav", "pcm_s16le")
    decoded(io.BytesIO(data), tmp_path / "take.flac")
    take = decode(tmp_path / "take.flac").samples / 32768
    assert abs(np.corrcoef(take, speech)[0, 1]) > 0.999
    assert np.abs(take).max() == pytest.approx(0.5, abs=0.01)


def test_what_lies_beyond_full_scale_is_kept(speech, tmp_path):
    """Floating point holds more than full scale: the take is lowered, not clipped."""
    data = encoded(speech * 6, "wav", "pcm_f32le")
    decoded(io.BytesIO(data), tmp_path / "take.flac")
    take = decode(tmp_path / "take.flac").samples / 32768
    assert np.corrcoef(take, speech)[0, 1] > 0.9999


def test_half_an_hour_is_the_most():
    """The limit counts what comes out of the decoder, at whatever rate."""
    survey, second = Survey(), np.zeros((1, 8000), np.float32)
    for _ in range(1800):
        survey.add(second, Hz(8000))
    with pytest.raises(RecordingTooLong):
        survey.add(second, Hz(8000))
