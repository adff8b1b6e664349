"""The page on which a commune finds out which voice it understands."""

import io
import re

import av
import pytest
from starlette.testclient import TestClient

from broadcaster.web.voices.trials import LONGEST, SHORTEST, sentences
from content import queries
from content.kernel.db import unit_of_work
from content.workflow import State
from tests.broadcaster.web.conftest import Town, words


def test_sentences_are_spoken_words_of_the_samples() -> None:
    """Enough sentences, none too short to tell anything, none with figures."""
    assert len(sentences()) >= 15
    for sentence in sentences():
        assert SHORTEST <= len(sentence.split()) <= LONGEST
        assert not re.search(r"\d", sentence)


@pytest.mark.parametrize("preset", ["plain", "horn"])
def test_a_sentence_sounds_in_the_voice_asked_for(secretary: TestClient, preset: str) -> None:
    """The sound is Opus of the right length, named for its voice."""
    answer = secretary.get(f"/voices/trial/sound?voice=espeak:vi&sentence=1&preset={preset}")
    assert answer.headers["content-type"] == "audio/ogg"
    with av.open(io.BytesIO(answer.content)) as sound:
        assert sound.streams.audio[0].metadata["artist"] == "espeak:vi"
        assert 1 < sound.duration / av.time_base < 12


def test_an_unknown_voice_is_refused(secretary: TestClient) -> None:
    """A forged voice is no crash."""
    assert secretary.get("/voices/trial/sound?voice=espeak:nobody").status_code == 422


def test_the_voice_is_told_only_after_the_answer(secretary: TestClient) -> None:
    """Who listens does not know which voice it is; the answer is counted and shown beside what was said."""
    page = words(secretary.get("/voices/trial").text)
    form = dict(re.findall(r'name="(sentence|voice|preset|place)" value="([^"]*)"', page))
    assert "eSpeak" not in page.partition("What the commune")[0].partition("</form>")[0]
    told = words(secretary.post("/voices/trial", data={**form, "heard": sentences()[0], "do": "answer"}).text)
    assert "100 %" in told
    assert sentences()[0] in told


def test_an_empty_answer_is_asked_again(secretary: TestClient) -> None:
    """Nothing is counted by mistake; “nothing understood” is a press of its own."""
    answer = {"sentence": "0", "voice": "espeak:vi", "preset": "plain"}
    assert secretary.post("/voices/trial", data={**answer, "do": "answer"}).status_code == 422
    assert "0 %" in words(secretary.post("/voices/trial", data={**answer, "do": "nothing"}).text)


def test_the_villages_own_loudspeaker_can_be_tried(secretary: TestClient, town: Town) -> None:
    """The trial becomes an announcement that goes the way of all announcements."""
    answer = secretary.post("/voices/trial/announce", data={"place": "un-ta", "voice": "espeak:vi"})
    assert answer.status_code == 303
    with unit_of_work(town.station.sessions, writes=False) as session:
        (draft,) = queries.all_latest(session, town.commune)
        assert (draft.state, draft.voice, [village.slug for village in draft.villages]) == (
            State.DRAFT,
            "espeak:vi",
            ["un-ta"],
        )
        assert sentences()[9] in draft.parts[0].text
    assert secretary.get("/voices/trial?place=un-ta").status_code == 200
