"""Rendering: the whole way from a text to its stored Opus file, against the engine's bare speech plus one bare encode.

The floor is what any program would have to pay for these samples: speaking the same phrases with the same engine, and
encoding the finished samples once. Caches are empty in each round.
"""

import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from statistics import median

from audio_out.assembly import Studio
from audio_out.codecs import Codec, decode, encode
from audio_out.engines.base import Engine
from audio_out.engines.espeak import Espeak
from audio_out.phrasing import phrases
from audio_out.store import Store
from audio_out.voices import Pace, rungs
from broadcaster import texts
from content import reading
from tests.bench.result import Result

ROUNDS = 5
VOICE = rungs("auto", "vi", ["espeak"])[0]


class Counting:
    """An engine that counts how often it speaks."""

    def __init__(self, engine: Espeak) -> None:
        self._engine = engine
        self.spoken = 0

    def __getattr__(self, name: str) -> object:
        return getattr(self._engine, name)

    def speak(self, *arguments: object, **named: object) -> object:
        self.spoken += 1
        return self._engine.speak(*arguments, **named)  # type: ignore[arg-type]


def measure() -> list[Result]:
    """Seconds for one ordinary announcement, and syntheses for one changed sentence of thirty."""
    text = next(text.text for text in texts.load(None) if "tiêm chủng" in text.title)
    engine = Espeak()
    try:
        whole, floor = _whole_and_floor(engine, text)
        changed = _changed_sentence(engine)
    finally:
        engine.close()
    return [
        Result("render: text to stored Opus", whole, "s", floor, goal=2.0),
        Result("one changed sentence of 30", changed, "syntheses", goal=1, goal_is_for_the="value"),
    ]


def _whole_and_floor(engine: Espeak, text: str) -> tuple[float, float]:
    whole, floor = [], []
    with _studio(engine) as (studio, store):  # the first render opens the engine's processes
        _, deliverable = studio.render(reading.read(text).spoken)
        samples = decode(store.read(deliverable.sha256))
    said = [phrase.text for phrase in phrases(reading.read(text).spoken)]
    for _ in range(ROUNDS):
        with _studio(engine) as (studio, _store):
            whole.append(_seconds(lambda studio=studio: studio.render(reading.read(text).spoken)))
        floor.append(_seconds(lambda: _bare(engine, said)) + _seconds(lambda: encode(samples, Codec.OPUS, {})))
    return median(whole), median(floor)


def _bare(engine: Espeak, said: Sequence[str]) -> None:
    for sentence in said:
        engine.speak(sentence, VOICE, Pace.CALM)


def _changed_sentence(engine: Espeak) -> int:
    counting = Counting(engine)
    sentences = [
        f"Câu thứ {word} của bản tin hôm nay." for word in ["một", "hai", "ba", "bốn", "năm", "sáu"] for _ in "12345"
    ]
    sentences = [f"{sentence[:-1]} {'rất ' * number}dài." for number, sentence in enumerate(sentences)]
    with _studio(counting) as (studio, _):
        studio.render(" ".join(sentences))
        before = counting.spoken
        studio.render(" ".join([*sentences[:14], "Câu này đã được sửa lại.", *sentences[15:]]))
    return counting.spoken - before


@contextmanager
def _studio(engine: Engine | Counting) -> Iterator[tuple[Studio, Store]]:
    with tempfile.TemporaryDirectory() as folder:
        store = Store(Path(folder) / "objects")
        yield Studio(store, Path(folder) / "cache", order=["espeak"], engines=[engine]), store  # type: ignore[list-item]


def _seconds(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun
