"""What an announcer would say, case by case."""

import pytest

from content.reading import read
from tests.content.reading.listening import DATA, Case, heard, load

ANNOUNCEMENTS = sorted((DATA / "announcements").glob("*.md"))


@pytest.mark.parametrize("case", load("public_cases.tsv"), ids=lambda case: case.written)
def test_reads_the_public_cases_as_an_announcer(case: Case):
    """Each public case is heard in one of the ways that are right."""
    assert heard(read(case.written).spoken) in case.accepted


@pytest.mark.parametrize("case", load("cases.tsv"), ids=lambda case: case.written)
def test_reads_what_communes_write_as_an_announcer(case: Case):
    """Each phrase of a kind that communes write is heard in one of the ways that are right."""
    assert heard(read(case.written).spoken) in case.accepted


@pytest.mark.parametrize("path", ANNOUNCEMENTS, ids=lambda path: path.stem)
def test_reads_whole_announcements_word_for_word(path):
    """A sample announcement is read as the transcript beside it says, which was checked word by word."""
    written = path.read_text(encoding="utf-8").split("---\n", 2)[2].strip()
    transcript = path.with_suffix(".spoken.txt").read_text(encoding="utf-8").strip()
    reading = read(written)
    assert reading.spoken == transcript
    assert not reading.warnings


@pytest.mark.parametrize("path", ANNOUNCEMENTS, ids=lambda path: path.stem)
def test_spans_say_what_was_written(path):
    """Each span quotes the written text at its place and changes it."""
    reading = read(path.read_text(encoding="utf-8"))
    assert reading.spans
    for span in reading.spans:
        assert reading.written[span.start : span.end] == span.written
        assert span.spoken != span.written
