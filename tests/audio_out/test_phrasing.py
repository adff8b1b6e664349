"""Sentences, pauses and pieces."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audio_out.phrasing import (
    CLAUSE_PAUSE,
    LINE_PAUSE,
    PARAGRAPH_PAUSE,
    SENTENCE_PAUSE,
    Phrase,
    phrases,
    pieces,
)

VIETNAMESE = st.text("aăâbcdđeêghiklmnoôơpqrstuưvxyáàảãạớợệ ,;:.!?…\n", max_size=600)


def test_pauses_follow_the_punctuation():
    """A sentence is followed by a short pause, a line by a longer one, a paragraph by the longest."""
    reading = "Xin chào bà con. Mời họp; mang sổ!\nĐúng giờ nhé\n\nXin cảm ơn…"
    assert phrases(reading) == (
        Phrase("Xin chào bà con.", SENTENCE_PAUSE),
        Phrase("Mời họp;", CLAUSE_PAUSE),
        Phrase("mang sổ!", LINE_PAUSE),
        Phrase("Đúng giờ nhé", PARAGRAPH_PAUSE),
        Phrase("Xin cảm ơn…", PARAGRAPH_PAUSE),
    )


def test_no_pause_is_a_hole():
    """Pauses between sentences stay within 0.6 to 0.8 s, and none reaches 2 s."""
    assert 600 <= SENTENCE_PAUSE <= 800
    assert max(CLAUSE_PAUSE, LINE_PAUSE, PARAGRAPH_PAUSE) < 2000


@pytest.mark.parametrize("reading", ["", "  \n\n ", "... !", "- \n-"])
def test_marks_alone_are_nothing_to_say(reading):
    """What holds no word gives no phrase."""
    assert phrases(reading) == ()


def test_bullets_and_windows_lines_are_not_spoken():
    """A list's dashes and carriage returns do not reach the engine."""
    assert [phrase.text for phrase in phrases("- Mang sổ.\r\n- Mang bút.\r\n")] == ["Mang sổ.", "Mang bút."]


def test_decomposed_letters_are_composed():
    """Engines read NFC only: the same words typed on a Mac sound the same."""
    assert phrases("Ho\u0323p tho\u0302n")[0].text == "Họp thôn"


@given(VIETNAMESE)
def test_phrases_keep_every_word_in_order(reading):
    """No word is lost, changed, cut or moved."""
    words = [word for word in reading.split() if any(map(str.isalnum, word))]
    said = [word for phrase in phrases(reading) for word in phrase.text.split()]
    assert [word for word in said if any(map(str.isalnum, word))] == words


@given(VIETNAMESE)
def test_pieces_are_short_and_keep_every_word(sentence):
    """Every piece is under 100 characters, unless it is one word, and joined they are the sentence again."""
    cut = pieces(sentence)
    assert all(len(piece) < 100 or " " not in piece for piece in cut)
    letters = "".join(character for character in sentence if character.isalnum())
    assert "".join(character for piece in cut for character in piece if character.isalnum()) == letters


def test_pieces_are_cut_at_commas_first():
    """A long sentence breaks where a speaker would breathe."""
    sentence = (
        "Từ sáu giờ đến mười sáu giờ ba mươi phút ngày hai mươi tám tháng mười một, "
        "tạm ngừng cung cấp điện tại thôn Ún Tà"
    )
    assert pieces(sentence)[0].endswith("mười một,")


def test_a_long_clause_leaves_no_word_alone():
    """Without commas the pieces are about equally long."""
    lengths = [len(piece) for piece in pieces("phát quang bụi rậm " * 9)]
    assert min(lengths) > max(lengths) / 2
