"""What changed between two submissions, word by word."""

from broadcaster.web.writing.compare import (
    ADDED,
    LEFT_OUT,
    MADE_ANEW,
    RECORDED_ANEW,
    RECORDED_INSTEAD,
    VOICED_INSTEAD,
    FactChange,
    Piece,
    Seen,
    changes,
    word_diff,
)


def content(**changed: object) -> dict[str, object]:
    """A submission as its event keeps it."""
    return {
        "title": "Họp",
        "texts": {"vi": "họp lúc 19h"},
        "readings": {"vi": "họp lúc mười chín giờ"},
        "recordings": {},
        "villages": ["un-ta"],
        "until_on": "2026-11-25",
        "priority": "routine",
        "slots": [],
        **changed,
    }


def test_a_changed_word_is_shown_as_gone_and_new() -> None:
    """Only what differs is marked; the rest stays in its place."""
    assert word_diff("họp lúc 19h tại thôn", "họp lúc 20h tại thôn") == [
        Piece("same", "họp lúc "),
        Piece("gone", "19h"),
        Piece("new", "20h"),
        Piece("same", " tại thôn"),
    ]


def test_joined_pieces_give_both_texts_back() -> None:
    """Nothing is lost or invented by comparing."""
    before, now = "Kính mời\nbà con đến họp.", "Mời bà con  đến dự họp đông đủ."
    pieces = word_diff(before, now)
    assert "".join(piece.text for piece in pieces if piece.kind != "new") == before
    assert "".join(piece.text for piece in pieces if piece.kind != "gone") == now


def test_equal_versions_have_no_changes() -> None:
    """A resubmission of the same says that nothing changed."""
    assert not changes(content(), content(), {}, {"vi": "a"}, {"vi": "a"})


def test_other_fields_are_compared_in_words() -> None:
    """Villages and slots by name, dates as they are written, priorities in words; what is equal is left out."""
    now = content(
        villages=["un-ta", "an-san"], until_on="2026-11-26", priority="important", slots=["1"], title="2026-11-01"
    )
    names = {
        "villages": {"un-ta": "Ún Tà", "an-san": "An San"},
        "priority": {"routine": "thông thường", "important": "ưu tiên"},
        "slots": {"": "bất kỳ", "1": "Bản tin chiều"},
    }
    assert changes(content(), now, names).facts == (
        FactChange("Title", "Họp", "2026-11-01"),
        FactChange("Villages", "Ún Tà", "Ún Tà, An San"),
        FactChange("Last day", "25/11/2026", "26/11/2026"),
        FactChange("Slot", "bất kỳ", "Bản tin chiều"),
        FactChange("Priority", "thông thường", "ưu tiên"),
    )


def test_a_submission_of_an_earlier_release_is_compared_too() -> None:
    """It stored one slot, or an empty word for any; the same slot is no change."""
    one, any_slot = content(slot="1"), content(slot="")
    for old in (one, any_slot):
        del old["slots"]
    assert not changes(one, content(slots=["1"]), {})
    assert not changes(any_slot, content(), {})
    assert changes(any_slot, content(slots=["1", "2"]), {"slots": {"": "bất kỳ"}}).facts == (
        FactChange("Slot", "bất kỳ", "1, 2"),
    )


def test_every_language_is_compared() -> None:
    """Texts that changed, languages that came or went, recordings that were replaced, each by its language."""
    before = content(
        texts={"vi": "a", "pcc": "x", "hmn": "y", "ium": "z", "tyz": ""},
        readings={},
        recordings={"pcc": "1", "hmn": "2", "ium": "3"},
    )
    now = content(
        texts={"vi": "b", "pcc": "x", "hmn": "y", "tyz": "", "blt": "w"},
        readings={},
        recordings={"pcc": "9", "tyz": "4", "blt": "5"},
    )
    found = {part.language: part for part in changes(before, now, {}).parts}
    assert {language: part.sentence for language, part in found.items()} == {
        "vi": "",
        "pcc": RECORDED_ANEW,
        "hmn": VOICED_INSTEAD,
        "tyz": RECORDED_INSTEAD,
        "blt": ADDED,
        "ium": LEFT_OUT,
    }
    assert found["vi"].text == (Piece("gone", "a"), Piece("new", "b"))
    assert found["pcc"].text == ()


def test_a_reading_alone_can_change() -> None:
    """The same text read otherwise, by another lexicon, is another announcement to the ear."""
    (part,) = changes(content(), content(readings={"vi": "họp lúc mười chín giờ đúng"}), {}).parts
    assert part.text == ()
    assert Piece("new", " đúng") in part.reading


def test_only_other_audio_is_said_so() -> None:
    """Where words and recording are the same and the master is not, the audio was made anew."""
    (part,) = changes(content(), content(), {}, {"vi": "a"}, {"vi": "b"}).parts
    assert (part.sentence, part.text, part.reading) == (MADE_ANEW, (), ())
    (changed,) = changes(content(), content(texts={"vi": "họp"}), {}, {"vi": "a"}, {"vi": "b"}).parts
    assert changed.sentence == ""


def test_what_a_form_brings_back_is_read_or_nothing() -> None:
    """The page's own note comes back whole; anything else is no note."""
    seen = Seen(submission=2, masters={"vi": "a"})
    assert Seen.read(seen.model_dump_json()) == seen
    assert [Seen.read(text) for text in ("", "x", "{}", "[1]")] == [None] * 4
