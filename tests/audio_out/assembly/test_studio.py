"""From a reading to stored audio, with the real voice that is always there."""

import hashlib

import numpy as np
import pytest

from audio_out.assembly import Studio
from audio_out.assembly.tracks import assembled
from audio_out.chimes import chime
from audio_out.codecs import RATE, Codec, Pcm, decode, tags_of
from audio_out.errors import (
    EngineUnreachable,
    NothingToSay,
    NoVoice,
    ObjectDamaged,
    RenderCancelled,
    StoreNotWritable,
)
from audio_out.mastering.horn import Preset
from audio_out.phrasing import phrases
from audio_out.store import Store
from content.kernel.priority import Priority
from content.kernel.units import Hz
from tests.audio_out.conftest import PARAGRAPH, Humming
from tests.audio_out.meters import dbtp, decoded, lufs

READINGS = {
    "a word": "Họp!",
    "a sentence": "Mời bà con đi họp thôn lúc bảy giờ tối nay.",
    "an announcement": PARAGRAPH,
    "a minute": "\n\n".join([PARAGRAPH] * 3),
}


@pytest.mark.parametrize("urgency", Priority)
@pytest.mark.parametrize("length", READINGS)
def test_every_announcement_airs_at_one_loudness(studio, store, length, urgency):
    """Master and deliverable, decoded by another library: -16 LUFS within 1, at most -1.5 dBTP, as they say."""
    for made in studio.render(READINGS[length], urgency=urgency):
        samples, rate = decoded(store.read(made.sha256))
        assert lufs(samples, rate) == pytest.approx(-16, abs=0.6)
        assert dbtp(samples) <= -1.5
        assert made.lufs == pytest.approx(lufs(samples, rate), abs=0.25)
        assert made.peak_dbtp == pytest.approx(dbtp(samples), abs=0.5)
        assert made.duration_ms == pytest.approx(len(samples) * 1000 / rate, abs=1)


def sound_of(store, made) -> np.ndarray:
    return decode(store.read(made.sha256)).samples / 32768


def level_db(sound) -> float:
    return 20 * np.log10(np.sqrt(np.mean(np.square(sound))) + 1e-9)


def test_the_edit_list_tells_where_each_sentence_is(studio, store):
    """Between two lines of the edit list is a pause without speech; within each is the sentence."""
    master, _ = studio.render(PARAGRAPH)
    assert [line.text for line in master.edit_list] == [phrase.text for phrase in phrases(PARAGRAPH)]
    sound = sound_of(store, master)
    for line, following in zip(master.edit_list, master.edit_list[1:], strict=False):
        assert level_db(sound[line.start_ms * 48 : line.end_ms * 48]) > -25
        assert level_db(sound[line.end_ms * 48 : following.start_ms * 48]) < -60
        assert 400 < following.start_ms - line.end_ms < 1500


@pytest.mark.parametrize("urgency", Priority)
def test_no_hole_no_click_no_lost_start(studio, store, urgency):
    """No silence of 2 s, no jump between two samples, and a first sentence that begins where the list says."""
    master, _ = studio.render(PARAGRAPH, urgency=urgency)
    sound = sound_of(store, master)
    loud = np.flatnonzero(np.abs(sound) > 0.003)
    assert np.diff(loud).max() < 2 * RATE
    edges = [ms * 48 for line in master.edit_list for ms in (line.start_ms, line.end_ms)]
    assert all(np.abs(np.diff(sound[at - 24 : at + 24])).max() < 0.01 for at in edges)
    first = master.edit_list[0].start_ms * 48
    assert 0 < np.flatnonzero(np.abs(sound[first:]) > 0.01)[0] < 0.1 * RATE


def test_an_emergency_is_said_twice_and_slowly(studio):
    """Whoever missed the first words hears them again."""
    calm, _ = studio.render(READINGS["a sentence"])
    alarm, _ = studio.render(READINGS["a sentence"], urgency=Priority.EMERGENCY)
    assert [line.text for line in alarm.edit_list] == [READINGS["a sentence"]] * 2
    lasted = [line.end_ms - line.start_ms for line in (*calm.edit_list, *alarm.edit_list)]
    assert lasted[1] == lasted[2] > 1.1 * lasted[0]


def test_speech_is_trimmed_and_freed_of_direct_current():
    """An engine's silence around a sentence and its offset do not reach the track."""
    time_s = np.arange(RATE) / RATE
    hum = 3000 * np.sin(2 * np.pi * 200 * time_s)
    speech = Pcm((np.concatenate([np.zeros(RATE), hum, np.zeros(RATE)]) + 500).astype(np.int16), Hz(RATE))
    track, (line,) = assembled(phrases("Xin chào."), [speech], Priority.ROUTINE)
    assert 1000 <= line.end_ms - line.start_ms <= 1150
    said = track.samples[line.start_ms * 48 : line.end_ms * 48]
    assert abs(said.mean()) < 20


def test_a_chime_opens_the_announcement():
    """The signal is there before the first word, unchanged."""
    speech = Humming("espeak").speak("Xin chào bà con.", None, None)
    track, (line,) = assembled(phrases("Xin chào bà con."), [speech], Priority.IMPORTANT)
    signal = chime(Priority.IMPORTANT)
    assert (track.samples[4800 : 4800 + len(signal)] == signal).all()
    assert line.start_ms * 48 > 4800 + len(signal)


def test_the_same_reading_gives_the_same_bytes(espeak, store, tmp_path):
    """Rendered again from nothing, the master and its deliverable have the same names."""
    first, second = (
        Studio(store, tmp_path / cache, engines=[espeak], order=["espeak"]).render(PARAGRAPH) for cache in ("a", "b")
    )
    assert first == second


def test_a_deliverable_can_be_made_again_from_its_master(studio, store):
    """Opus made later is the Opus made at once, and the other codecs are as loud."""
    master, opus = studio.render(PARAGRAPH, title="Tổng vệ sinh")
    assert studio.deliver(master.sha256) == opus
    assert tags_of(store.read(opus.sha256))["title"] == "Tổng vệ sinh"
    for codec in Codec:
        made = studio.deliver(master.sha256, codec=codec)
        samples, rate = decoded(store.read(made.sha256))
        assert lufs(samples, rate) == pytest.approx(-16, abs=0.6)
        assert made.size_bytes == len(store.read(made.sha256))


def test_a_damaged_master_is_not_delivered(studio, store):
    """What is no longer what was approved never becomes a file for players."""
    master, _ = studio.render("Xin chào bà con.")
    path = store.path(master.sha256)
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(ObjectDamaged):
        studio.deliver(master.sha256)


def test_the_voice_that_spoke_is_told(store, espeak, tmp_path):
    """When the wished voice fails, the next one speaks, and the master says so."""
    google = Humming("gtts", EngineUnreachable(engine="gtts", detail="no network"))
    studio = Studio(store, tmp_path / "speech", engines=[google, espeak])
    master, _ = studio.render("Xin chào bà con.", voice="gtts:vi")
    assert (master.voice_id, master.wished_voice_id) == ("espeak:vi+f2", "gtts:vi")


def test_progress_is_told_in_steps(studio):
    """Steps are counted up to the last one, never back."""
    steps = []
    studio.render(PARAGRAPH, on_progress=lambda done, total: steps.append((done, total)))
    assert steps == [(done, 6) for done in range(7)]


@pytest.mark.parametrize("after", range(6))
def test_a_rendering_can_be_stopped_at_each_step(studio, after):
    """Asked to stop, it stops there and then."""
    steps = []
    with pytest.raises(RenderCancelled):
        studio.render(
            PARAGRAPH, on_progress=lambda done, _: steps.append(done), cancelled=lambda: steps[-1:] == [after]
        )
    assert steps[-1] == after


def test_nothing_to_say_is_refused(studio):
    """An empty reading asks for a text, a language without a voice for a recording."""
    with pytest.raises(NothingToSay):
        studio.render(" ...\n")
    with pytest.raises(NoVoice, match="recording"):
        studio.render("Xin chào.", language="pcc")


def test_a_disk_that_cannot_be_written_is_named(espeak, tmp_path):
    """The error is the store's own, and names the folder."""
    (tmp_path / "file").write_text("in the way")
    studio = Studio(Store(tmp_path / "file" / "objects"), tmp_path / "speech", engines=[espeak], order=["espeak"])
    with pytest.raises(StoreNotWritable):
        studio.render("Xin chào bà con.")


def test_closing_ends_the_engines(store, tmp_path):
    """A worker that stops leaves nothing behind."""
    engine = Humming("espeak")
    Studio(store, tmp_path, engines=[engine]).close()
    assert engine.closed


@pytest.mark.parametrize("codec", [Codec.OPUS, Codec.MP3, Codec.WAV])
def test_a_file_tells_what_it_is(studio: Studio, store: Store, codec: Codec) -> None:
    """Title, voice and the sha256 of the text go with the file, whatever it is encoded with."""
    reading = "Mời bà con đi họp."
    master, _ = studio.render(reading, title="Họp thôn")
    tags = tags_of(store.read(studio.deliver(master.sha256, codec=codec, preset=Preset.HORN).sha256))
    assert tags["title"] == "Họp thôn"
    assert tags["artist"] == master.voice_id
    assert hashlib.sha256(reading.encode()).hexdigest() in tags["comment"]
