"""The commune's own entries."""

from content.reading import LexiconEntry, read


def test_an_entry_comes_before_every_rule():
    """What the commune says about a word holds against the tables."""
    assert read("UBND xã", [LexiconEntry("UBND", "ủy ban")]).spoken == "ủy ban xã"


def test_an_entry_holds_for_whole_words_only():
    """An entry never changes a part of a word."""
    assert read("Na, Nam", [LexiconEntry("Na", "nà")]).spoken == "nà, Nam"


def test_the_longest_entry_wins():
    """A phrase is read before the word that begins it."""
    entries = [LexiconEntry("Ún", "ún"), LexiconEntry("Ún Tà", "Ủn Tà")]
    assert read("thôn Ún Tà", entries).spoken == "thôn Ủn Tà"


def test_case_counts_unless_the_entry_says_otherwise():
    """An entry is for its own case, or for any."""
    assert read("Bo bo", [LexiconEntry("Bo", "bò")]).spoken == "bò bo"
    assert read("Bo bo", [LexiconEntry("Bo", "bò", case_sensitive=False)]).spoken == "bò bò"


def test_an_entry_may_begin_with_a_digit_or_sign():
    """Codes of the commune's own are entries too."""
    assert read("loa 4T1 ở #3", [LexiconEntry("4T1", "bốn tê một"), LexiconEntry("#3", "cụm ba")]).spoken == (
        "loa bốn tê một ở cụm ba"
    )


def test_an_entry_is_itself_read():
    """Digits in the spoken side of an entry do not reach the voice."""
    assert read("nhóm A-Z", [LexiconEntry("nhóm A-Z", "nhóm 26 chữ")]).spoken == "nhóm hai mươi sáu chữ"


def test_entries_without_text_are_ignored():
    """An empty entry changes nothing."""
    assert read("bà con", [LexiconEntry(" ", "x")]).spoken == "bà con"


def test_a_lexicon_span_names_its_rule():
    """The writer sees that the commune's own entry was at work."""
    (span,) = read("xã Na", [LexiconEntry("Na", "nà")]).spans
    assert (span.start, span.end, span.written, span.spoken, span.rule) == (3, 5, "Na", "nà", "lexicon")
