"""The tables hold nothing that the rules would take apart again."""

import pytest

from content.reading import read, syllables
from content.reading.tables import rows

TABLES = [
    "abbreviations.tsv",
    "foreign.tsv",
    "units.tsv",
    "web_labels.tsv",
    "document_types.tsv",
    "document_issuers.tsv",
]


@pytest.mark.parametrize("name", TABLES)
def test_what_a_table_says_is_already_spoken(name):
    """No spoken side of a table is itself abbreviated, foreign or written in signs."""
    assert [row["spoken"] for row in rows(name) if read(row["spoken"]).spoken != row["spoken"]] == []


@pytest.mark.parametrize("name", TABLES)
def test_every_row_is_written_and_spoken(name):
    """No row of a table is half empty."""
    assert all(row["written"].strip() and row["spoken"].strip() for row in rows(name))


def test_syllables_are_counted_for_estimates():
    """Vietnamese writes one syllable a word; pauses are none."""
    assert syllables("Kính mời bà con, chín thôn!") == 6
    assert syllables("") == 0
