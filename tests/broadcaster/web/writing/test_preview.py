"""What will be said, cut into pieces that a page can mark."""

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from broadcaster.web.writing.preview import Segment, preview
from content import reading

TODAY = date(2026, 11, 22)


@given(st.text(alphabet="aơ 19h30/.\n-%đ", max_size=60))
def test_the_pieces_joined_are_the_reading_and_the_text(text: str) -> None:
    """Nothing is lost or doubled on the way to the page."""
    read = reading.read(text, (), today=TODAY)
    segments = preview(text, TODAY).segments
    assert "".join(segment.spoken for segment in segments) == read.spoken
    assert (
        "".join(segment.spoken if segment.written is None else segment.written for segment in segments) == read.written
    )


def test_a_frozen_reading_is_shown_as_it_was() -> None:
    """When today's rules read a text otherwise, the words that were approved are shown, without marks."""
    assert preview("Họp lúc 19h30.", TODAY, "Họp lúc bảy rưỡi tối.").segments == (Segment("Họp lúc bảy rưỡi tối."),)


def test_a_longer_text_takes_longer() -> None:
    """About three syllables a second, and a pause after each sentence."""
    one, two = preview("Mời bà con họp.", TODAY), preview("Mời bà con họp. Mời bà con họp.", TODAY)
    assert 1500 < one.length_ms < 2500
    assert abs(two.length_ms - 2 * one.length_ms) <= 2
