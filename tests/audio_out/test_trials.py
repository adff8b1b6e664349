"""How much of a sentence was understood, and which voice is understood best."""

from datetime import UTC, datetime
from uuid import uuid4

import pytest
from sqlalchemy.orm import Session

from audio_out import trials
from content.kernel.nodes import Node

NOW = datetime(2026, 11, 22, 3, tzinfo=UTC)
SENTENCE = "Đề nghị bà con đi đông đủ, đúng giờ!"


@pytest.mark.parametrize(
    ("heard", "share"),
    [
        (SENTENCE, 1.0),
        ("đề nghị bà con đi đông đủ đúng giờ", 1.0),
        ("", 0.0),
        ("bà con đi đông đủ", 5 / 9),
        ("đề nghỉ bà con đi đông đủ đúng giờ", 8 / 9),
        ("giờ đúng đủ", 1 / 9),
        ("một hai ba bốn", 0.0),
    ],
)
def test_what_was_understood_is_counted_in_syllables(heard: str, share: float) -> None:
    """Right syllables in order count, with their tones; case and marks do not."""
    assert trials.understood(SENTENCE, heard) == pytest.approx(share)


def test_the_place_of_a_tone_is_taste() -> None:
    """`hoà` and `hòa`, `thuý` and `thúy` are the same words."""
    assert trials.understood("Hòa, Thúy.", "hoà thuý") == 1.0


def test_the_best_understood_voice_stands_first(session: Session, commune: Node, villages: list[Node]) -> None:
    """Voices are compared by place and sound, with how many people answered how often."""
    answers = [("espeak:vi", "plain", "bà con đi"), ("espeak:vi", "plain", SENTENCE), ("gtts:vi", "plain", SENTENCE)]
    for voice, preset, heard in answers:
        trials.note(session, commune, trials.Heard(voice, preset, SENTENCE, heard), uuid4(), NOW, None)
    trials.note(session, commune, trials.Heard("espeak:vi", "horn", SENTENCE, ""), uuid4(), NOW, villages[0])
    best, middle, last = trials.standings(session, commune)
    assert (best.voice, best.share, best.answers) == ("gtts:vi", 1.0, 1)
    assert (middle.voice, middle.answers, middle.people) == ("espeak:vi", 2, 2)
    assert middle.share == pytest.approx(2 / 3)
    assert (last.preset, last.village_id, last.share) == ("horn", villages[0].id, 0.0)


def test_nobody_hears_a_sentence_twice_before_all_the_others(session: Session, commune: Node) -> None:
    """A sentence known by heart tells nothing of a voice."""
    person, sentences, played = uuid4(), ["một", "hai", "ba"], []
    for _ in range(4):
        played.append(trials.next_sentence(sentences, trials.times_heard(session, commune, person)))
        trials.note(session, commune, trials.Heard("espeak:vi", "plain", played[-1], ""), person, NOW, None)
    assert played == ["một", "hai", "ba", "một"]
