"""Voices come over a bad line or on a stick, and only whole ones get in."""

import hashlib

import pytest

from audio_out.engines.piper import try_out
from audio_out.errors import (
    DownloadDamaged,
    EngineMissing,
    NoVoiceInFolder,
    SpeechRejected,
    StoreNotWritable,
    UnknownVoice,
    VoiceNotPublished,
    VoiceRefused,
    VoicesUnreachable,
)
from audio_out.voicebox import Voicebox
from tests.audio_out.makers import Makers, serving
from tests.audio_out.tiny_voice import make_voice

TINY, BEST = "vi_VN-tiny-low", "vi_VN-vais1000-medium"


@pytest.fixture
def makers(monkeypatch):
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with serving() as server:
        yield server


@pytest.fixture
def published(makers, tmp_path) -> Makers:
    makers.publish(tmp_path / "makers", TINY)
    return makers


@pytest.fixture
def voicebox(tmp_path) -> Voicebox:
    return Voicebox(tmp_path / "voices")


def trusting(_box: Voicebox, _voice: object) -> None:
    """For tests of the way in, not of the voice."""


def test_a_published_voice_is_fetched_tried_and_offered(published, voicebox):
    """From the makers' index to the catalogue, with digests, licence and progress; between Google and eSpeak."""
    told: list[tuple[str, int, int]] = []
    got = voicebox.get(TINY, try_out, published.url, lambda *step: told.append(step))
    model = next(data for path, data in published.files.items() if path.endswith(".onnx"))
    assert got.sha256 == hashlib.sha256(model).hexdigest()
    assert (got.language, got.size_bytes, got.licence) == (
        "vi",
        len(model),
        "https://creativecommons.org/licenses/by/4.0/",
    )
    assert (f"{TINY}.onnx", len(model), len(model)) in told
    assert [voice.engine for voice in voicebox.catalogue()] == ["gtts", "piper", "espeak", "espeak"]
    assert voicebox.find(TINY) == got


def test_a_cut_download_goes_on_where_it_was(published, voicebox):
    """A line that breaks costs what was on its way, not what had come."""
    published.cuts = [500, 300]
    voicebox.get(TINY, trusting, published.url)
    assert [span for file, span in published.asked if file == f"{TINY}.onnx"] == ["", "bytes=500-", "bytes=800-"]


def test_a_download_given_up_goes_on_with_the_next_call(published, voicebox):
    """What came before the line was dead is kept, and how to carry the files is said."""
    published.cuts = [500, 0]
    with pytest.raises(VoicesUnreachable, match=r"vi/vi_VN/tiny/low/vi_VN-tiny-low\.onnx.*voices add FOLDER"):
        voicebox.get(TINY, trusting, published.url)
    assert voicebox.installed() == ()
    published.asked.clear()
    voicebox.get(TINY, trusting, published.url)
    assert (f"{TINY}.onnx", "bytes=500-") in published.asked


def test_a_server_without_ranges_sends_it_all_again(published, voicebox):
    """An answer from the start is never put behind what is there."""
    published.cuts, published.ranges = [500], False
    got = voicebox.get(TINY, trusting, published.url)
    assert got.size_bytes == voicebox.model(TINY).stat().st_size


def test_a_file_that_is_not_the_published_one_is_thrown_away(published, voicebox):
    """A wrong digest installs nothing, and the next call fetches that file anew."""
    path = next(path for path in published.files if path.endswith(".onnx"))
    whole = published.files[path]
    published.files[path] = whole[:-1] + b"?"
    with pytest.raises(DownloadDamaged, match=f"{TINY}.onnx"):
        voicebox.get(TINY, trusting, published.url)
    assert voicebox.installed() == ()
    published.files[path] = whole
    assert voicebox.get(TINY, trusting, published.url).sha256 == hashlib.sha256(whole).hexdigest()


def test_a_known_name_with_another_model_is_refused(makers, voicebox, tmp_path):
    """Where we know the model's sha256 ourselves, neither the makers' index nor a stick can give us another."""
    makers.publish(tmp_path / "makers", BEST)
    with pytest.raises(DownloadDamaged):
        voicebox.get(BEST, trusting, makers.url)
    with pytest.raises(DownloadDamaged):
        voicebox.add(tmp_path / "makers", trusting)
    assert voicebox.installed() == ()


def test_an_answer_that_is_no_index_is_no_network(makers, voicebox):
    """A captive portal's page is told from the makers'."""
    makers.files["voices.json"] = b"<html>Please log in.</html>"
    with pytest.raises(VoicesUnreachable, match="log-in"):
        voicebox.get(TINY, trusting, makers.url)


@pytest.mark.parametrize("name", ["vi_VN-nobody-low", "vi_VN"])
def test_a_name_the_makers_do_not_know_is_named(published, voicebox, name):
    """Nothing is guessed."""
    with pytest.raises(VoiceNotPublished, match=name):
        voicebox.get(name, trusting, published.url)


@pytest.mark.parametrize("name", ["../evil", "", ".incoming", "a/b"])
def test_a_name_never_leaves_the_folder(published, voicebox, name):
    """Names become paths, so only letters, digits, - and _ are names."""
    with pytest.raises(UnknownVoice):
        voicebox.get(name, trusting, published.url)


def test_voices_are_carried_in_on_a_stick(voicebox, tmp_path):
    """Two files in a folder are a voice; what else lies there is left alone, and the stick is only read."""
    stick = tmp_path / "stick"
    make_voice(stick)
    (stick / "photo.jpg").write_bytes(b"")
    (stick / "lone.onnx").write_bytes(b"without settings")
    before = sorted(path.name for path in stick.iterdir())
    (added,) = voicebox.add(stick, try_out)
    assert (added.name, added.licence) == (TINY, "")
    assert sorted(path.name for path in stick.iterdir()) == before


def test_adding_again_replaces(voicebox, tmp_path):
    """A newer copy of a voice takes the place of the old one."""
    voicebox.add(make_voice(tmp_path / "old", symbols=300).parent, trusting)
    (new,) = voicebox.add(make_voice(tmp_path / "new").parent, trusting)
    assert voicebox.installed() == (new,)


@pytest.mark.parametrize("settings", ["", "[]", "{}", "{"])
def test_settings_that_are_none_are_refused(voicebox, tmp_path, settings):
    """A file that only has the right name is no voice."""
    make_voice(tmp_path / "stick").with_name(f"{TINY}.onnx.json").write_text(settings)
    with pytest.raises(VoiceRefused):
        voicebox.add(tmp_path / "stick", trusting)
    assert voicebox.installed() == ()


def test_an_empty_folder_says_what_belongs_in_it(voicebox, tmp_path):
    """The sentence names the two files."""
    with pytest.raises(NoVoiceInFolder, match=r"NAME\.onnx and NAME\.onnx\.json"):
        voicebox.add(tmp_path, trusting)


def test_a_voice_that_does_not_speak_is_not_installed(voicebox, tmp_path):
    """The trial decides, and its reason is told; the voice that was there before stays."""

    def silent(_box: Voicebox, _voice: object) -> None:
        raise SpeechRejected(engine="piper", detail="silent")

    (before,) = voicebox.add(make_voice(tmp_path / "good").parent, trusting)
    with pytest.raises(VoiceRefused, match="silent"):
        voicebox.add(make_voice(tmp_path / "bad", symbols=300).parent, silent)
    assert voicebox.installed() == (before,)


def test_what_came_is_kept_when_the_engine_is_missing(published, voicebox):
    """Sixty megabytes are not thrown away because a library has still to be installed."""

    def missing(_box: Voicebox, _voice: object) -> None:
        raise EngineMissing(engine="piper", detail="pip install")

    with pytest.raises(EngineMissing):
        voicebox.get(TINY, missing, published.url)
    published.asked.clear()
    voicebox.get(TINY, trusting, published.url)
    assert [file for file, _ in published.asked] == ["voices.json"]


@pytest.mark.parametrize("record", ["", "[]", '{"name": "half"}'])
def test_a_record_that_cannot_be_read_silences_no_other_voice(voicebox, tmp_path, record):
    """After a power cut that voice is not here, and the others are."""
    for name in ("vi-one", "vi-two"):
        voicebox.add(make_voice(tmp_path / name, name).parent, trusting)
    voicebox.model("vi-one").with_name("voice.json").write_text(record)
    assert [voice.name for voice in voicebox.installed()] == ["vi-two"]
    with pytest.raises(UnknownVoice):
        voicebox.find("vi-one")


def test_the_better_quality_comes_first(voicebox, tmp_path):
    """`auto` takes the first voice of an engine."""
    for name in ("vi_VN-a-x_low", "vi_VN-b-low", "vi_VN-c-medium", "vi-own"):
        make_voice(tmp_path / "stick", name)
    voicebox.add(tmp_path / "stick", trusting)
    assert [voice.name for voice in voicebox.installed()] == [
        "vi_VN-c-medium",
        "vi_VN-b-low",
        "vi_VN-a-x_low",
        "vi-own",
    ]


def test_a_folder_that_cannot_be_written_is_named(tmp_path):
    """The error is ours, with the folder in it."""
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StoreNotWritable, match="file"):
        Voicebox(tmp_path / "file").add(make_voice(tmp_path / "stick").parent, trusting)


def test_a_removed_voice_comes_back_whole(voicebox, tmp_path):
    """Removing a voice is undone without fetching it again."""
    make_voice(tmp_path / "stick", TINY)
    (added,) = voicebox.add(tmp_path / "stick", trusting)
    voicebox.remove(TINY)
    assert (voicebox.installed(), voicebox.removed()) == ((), (added,))
    with pytest.raises(UnknownVoice):
        voicebox.remove(TINY)
    voicebox.restore(TINY)
    assert (voicebox.installed(), voicebox.removed()) == ((added,), ())
