"""Which words, in which language."""

from dataclasses import replace

import pytest

from broadcaster.alerts.cap.model import Status
from broadcaster.alerts.cap.speaking import in_language, is_in, text_to_speak
from tests.broadcaster.alerts.cap.messages import FLOOD

ENGLISH = replace(FLOOD, language="en-US", headline="Flash flood", description=None, instruction="Leave.")
GIAY = replace(FLOOD, language="pcc")
ELSEWHERE = replace(FLOOD, event="Sạt lở đất")


@pytest.mark.parametrize(
    ("wanted", "given"),
    [
        ("vi", (FLOOD, ELSEWHERE)),
        ("vi-VN", (FLOOD, ELSEWHERE)),
        ("VI", (FLOOD, ELSEWHERE)),
        ("pcc", (GIAY,)),
        ("en", (ENGLISH,)),
        ("en-GB", (ENGLISH,)),
        ("hmn", (FLOOD, ELSEWHERE)),
    ],
)
def test_the_language_wanted_else_vietnamese(wanted: str, given: tuple[object, ...]) -> None:
    """All that is said in it, whatever the region."""
    assert in_language((ENGLISH, FLOOD, GIAY, ELSEWHERE), wanted) == given


def test_another_language_is_better_than_silence() -> None:
    """The first there is; the caller sees that it is another."""
    assert in_language((ENGLISH, GIAY)) == (ENGLISH,)
    assert not is_in(ENGLISH, "vi")
    assert in_language(()) == ()


def test_headline_description_instruction_in_this_order() -> None:
    """A line each, as the sender wrote them."""
    assert text_to_speak(FLOOD).split("\n") == [
        "Cảnh báo lũ quét",
        "Nước suối Ún Tà đang lên nhanh.",
        "Rời khỏi bờ suối ngay.",
    ]
    assert text_to_speak(replace(FLOOD, headline=None)).startswith("Lũ quét\nNước suối")


def test_layout_is_not_spoken() -> None:
    """Wrapped lines are joined, blank lines and HTML separate, decomposed letters are composed."""
    told = "LEVEL:\n  High<br />At <b>5 m</b>; a < b > c.\n\n \nLu\u0303 quét"
    lines = text_to_speak(replace(FLOOD, headline=None, event="x", description=told, instruction=None)).split("\n")
    assert lines == ["x", "LEVEL: High", "At", "5 m", "; a < b > c.", "Lũ quét"]


@pytest.mark.parametrize(
    ("status", "vietnamese", "english"),
    [(Status.EXERCISE, "Diễn tập.", "Exercise."), (Status.TEST, "Thử nghiệm.", "Test.")],
)
def test_a_drill_says_first_that_it_is_one(status: Status, vietnamese: str, english: str) -> None:
    """In the message's language, else in Vietnamese; a real alert does not."""
    assert text_to_speak(FLOOD, status).startswith(vietnamese)
    assert text_to_speak(ENGLISH, status).startswith(english)
    assert text_to_speak(GIAY, status).startswith(vietnamese)
    assert text_to_speak(FLOOD, status).endswith(text_to_speak(FLOOD))
