"""What holds for every text whatever."""

import unicodedata

from hypothesis import example, given
from hypothesis import strategies as st

from content.reading import Reading, read
from tests.content.reading.listening import load

PUNCTUATION = " \n.,;:!?…"
_PHRASES = [case.written for name in ("public_cases.tsv", "cases.tsv") for case in load(name)]
_SIGNS = st.sampled_from(
    [" ", ", ", ". ", "\n", " - ", "-", "/", "(", ")", "“", "”", "; ", "…", " và ", " ngày ", "&", ":", "'"]
)
_MADE = st.lists(st.one_of(st.sampled_from(_PHRASES), _SIGNS), max_size=8).map("".join)
_LIKELY = st.text(alphabet="0123456789.,/-:()%đĐhHkmTPQVIXAaBb \n'²°ôộếưZ&+=@–“”_", max_size=40)
TEXTS = st.one_of(_MADE, _LIKELY, st.text(max_size=60))


def rebuilt(reading: Reading) -> str:
    """Put each span's words in place of what was written."""
    spoken, position = "", 0
    for span in reading.spans:
        spoken += reading.written[position : span.start] + span.spoken
        position = span.end
    return spoken + reading.written[position:]


@given(TEXTS)
@example("½ m² ③ Ⅳ ٣")
@example("\u200b\ufeff\u00a0\t🙂")
def test_only_letters_and_pauses_are_left(text):
    """No digit and no sign is left: a voice meets letters, spaces, line breaks and pauses only."""
    left_over = {char for char in read(text).spoken if not (char.isalpha() or char in PUNCTUATION)}
    assert not left_over


@given(TEXTS)
def test_reading_twice_changes_nothing(text):
    """What was read is already as it is said."""
    once = read(text).spoken
    assert read(once).spoken == once


@given(TEXTS)
def test_spans_are_in_order_and_rebuild_the_spoken_text(text):
    """Spans are sorted, never overlap, quote the written text, and turn it into the spoken one."""
    reading = read(text)
    position = 0
    for span in reading.spans:
        assert position <= span.start < span.end <= len(reading.written)
        assert reading.written[span.start : span.end] == span.written
        position = span.end
    assert rebuilt(reading) == reading.spoken


@given(TEXTS)
def test_text_is_nfc_in_and_out(text):
    """Decomposed letters are read as composed ones."""
    reading = read(unicodedata.normalize("NFD", text))
    assert reading.written == unicodedata.normalize("NFC", text)
    assert unicodedata.is_normalized("NFC", reading.spoken)


@given(
    st.lists(
        st.sampled_from(["bà con", "thôn Luổng Láo", "xã Cốc San", "đồng bào Giáy", "kính mời", "Hmông, Dao, Tày"])
    ).map(" ".join)
)
def test_plain_words_are_left_alone(text):
    """Words without digits, signs or abbreviations are read as written, names above all."""
    assert read(text).spoken == text


@given(TEXTS)
def test_line_breaks_survive(text):
    """Paragraphs stay paragraphs: an assembler pauses there."""
    assert read(text).spoken.count("\n") >= text.strip().count("\n")
