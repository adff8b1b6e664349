import string

from broadcaster.player.errors import Trouble
from broadcaster.player.local import words
from broadcaster.player.local.words import Language, Sentence
from broadcaster.player.machine import TimeSource
from broadcaster.protocol import ClockState


def sentences():
    for name, value in vars(words).items():
        if isinstance(value, Sentence):
            yield name, value
        elif isinstance(value, dict):
            yield from ((f"{name}[{key}]", each) for key, each in value.items() if isinstance(each, Sentence))
        elif isinstance(value, tuple):
            yield from ((name, each) for each in value if isinstance(each, Sentence))


def placeholders(text):
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_every_sentence_is_whole_in_both_languages():
    """Nothing is missing in one language, and both fill in the same facts."""
    found = list(sentences())
    assert len(found) > 80
    for name, sentence in found:
        assert sentence.vi, name
        assert sentence.en, name
        assert placeholders(sentence.vi) == placeholders(sentence.en), name
    assert {words.SILENT.of(language) for language in Language} == {words.SILENT.vi, words.SILENT.en}


def test_every_state_source_and_trouble_has_its_words():
    """What the player may be, or may suffer from, can be said."""
    assert words.STATES.keys() == set(ClockState)
    assert words.SOURCES.keys() == set(TimeSource)
    assert words.TROUBLES.keys() == set(Trouble)
