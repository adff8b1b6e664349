"""The Vietnamese catalogue is whole: every message of code and templates, and nothing else."""

from importlib.resources import files
from io import BytesIO
from pathlib import Path
from string import Formatter

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po

from broadcaster import app, i18n
from broadcaster.web.words import said
from content.kernel.errors import BroadcastError

ROOT = Path(str(files("broadcaster"))).parent
PO = ROOT / "broadcaster" / "locale" / "vi" / "LC_MESSAGES" / "messages.po"
PACKAGES = ("broadcaster", "content", "audio_out", "schedules")


@pytest.fixture(scope="module")
def catalogue() -> Catalog:
    return read_po(BytesIO(PO.read_bytes()), locale="vi")


def extracted() -> set[str]:
    """Every message that code or a template can say, as `babel.cfg` finds them."""
    with (ROOT / "broadcaster" / "locale" / "babel.cfg").open() as file:
        methods, options = parse_mapping_cfg(file)
    found = extract_from_dir(
        str(ROOT),
        methods,
        options,
        keywords=DEFAULT_KEYWORDS,
        directory_filter=lambda folder: Path(folder).relative_to(ROOT).parts[0] in PACKAGES,
    )
    messages = (message for _, _, message, _, _ in found)
    return {message if isinstance(message, str) else message[0] for message in messages}


def name(message: Message) -> str:
    return message.id if isinstance(message.id, str) else message.id[0]


def test_every_message_is_translated_and_nothing_else(catalogue: Catalog) -> None:
    """Neither a missing, nor an empty, nor a forgotten entry."""
    translated = {name(message) for message in catalogue if message.id and all(_strings(message))}
    assert translated == extracted()


def test_no_entry_is_fuzzy_or_obsolete(catalogue: Catalog) -> None:
    """What stands in the file is meant."""
    assert not catalogue.obsolete
    assert [name(message) for message in catalogue if message.id and message.fuzzy] == []


def test_translations_name_only_facts_that_the_message_has(catalogue: Catalog) -> None:
    """A translation may leave out a technical fact, but never asks for one that is not given."""
    for message in catalogue:
        if message.id:
            facts = _facts(name(message)) | (_facts(message.id[1]) if isinstance(message.id, tuple) else set())
            for string in _strings(message):
                assert _facts(string) <= facts, name(message)


def every_error(kind: type[BroadcastError] = BroadcastError) -> list[type[BroadcastError]]:
    """All errors that the application has loaded."""
    return [kind, *(each for child in kind.__subclasses__() for each in every_error(child))]


def test_every_error_speaks_vietnamese() -> None:
    """Each error's sentence has a Vietnamese one, and can be said with its facts."""
    assert app
    vietnamese = i18n.load("vi")
    for kind in every_error():
        if not kind.__module__.startswith("tests"):
            assert vietnamese.say(kind.sentence) != kind.sentence, kind.__name__
            facts = {fact: 1.0 for _, fact, _, _ in Formatter().parse(kind.sentence) if fact}
            assert "{" not in said(vietnamese, kind(**facts))


def _strings(message: Message) -> list[str]:
    return [message.string] if isinstance(message.string, str) else list(message.string)


def _facts(text: str) -> set[str]:
    braces = {fact for _, fact, _, _ in Formatter().parse(text.replace("%(", "(")) if fact}
    return braces | {piece.split(")")[0] for piece in text.split("%(")[1:]}
