"""Reads the package's own tables (tab-separated, a header, `#` for comments)."""

import csv
import functools
from importlib import resources


@functools.cache
def rows(name: str) -> tuple[dict[str, str], ...]:
    """Give the rows of a table by column name."""
    text = resources.files(__package__).joinpath(name).read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("# ")]
    return tuple(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE, restval=""))


def table(name: str) -> dict[str, str]:
    """Give a table of two columns, written and spoken."""
    return {row["written"]: row["spoken"] for row in rows(name)}
