"""Every error has a status, a sentence with all its facts named, and a kind."""

import re

import broadcaster.cli  # noqa: F401  (imports all areas, so that all subclasses are known)
from broadcaster.errors import STATUS, status_of
from content.kernel.errors import BroadcastError


def subclasses(kind: type[BroadcastError]) -> set[type[BroadcastError]]:
    return {kind} | {deeper for child in kind.__subclasses__() for deeper in subclasses(child)}


def test_every_error_has_a_status_and_a_sentence_of_its_own() -> None:
    """No subclass falls back to the root's words, which say nothing."""
    for error in subclasses(BroadcastError) - {BroadcastError, *STATUS}:
        facts = dict.fromkeys(re.findall(r"{(\w+)[^}]*}", error.sentence), "x")
        made = error.__new__(error)
        made.facts = facts
        assert status_of(made).value >= 400, error
        assert error.sentence != BroadcastError.sentence, error
        assert error.sentence.strip(), error
