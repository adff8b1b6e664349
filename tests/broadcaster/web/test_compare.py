"""What changed between two submissions, word by word."""

from broadcaster.web.compare import FactChange, Piece, fact_changes, word_diff


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


def test_equal_texts_have_no_marks() -> None:
    """A resubmission of the same words shows them unmarked."""
    assert word_diff("như cũ", "như cũ") == [Piece("same", "như cũ")]


def test_other_fields_are_compared_in_words() -> None:
    """Villages by name, dates as they are written, priorities in words; what is equal is left out."""
    before = {"title": "Họp", "villages": ["un-ta"], "until_on": "2026-11-25", "priority": "routine"}
    now = {"title": "Họp", "villages": ["un-ta", "an-san"], "until_on": "2026-11-26", "priority": "important"}
    names = {"un-ta": "Ún Tà", "an-san": "An San", "routine": "thông thường", "important": "ưu tiên"}
    assert fact_changes(before, now, names) == [
        FactChange("Villages", "Ún Tà", "Ún Tà, An San"),
        FactChange("Last day", "25/11/2026", "26/11/2026"),
        FactChange("Priority", "thông thường", "ưu tiên"),
    ]
