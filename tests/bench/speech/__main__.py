"""Score each voice at each place, plain against horn, and write the tables and pictures of docs/speech.md anew.

`python -m tests.bench.speech tuning` scores the sentences for tuning instead, and writes nothing.
"""

import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import soxr
from scipy import stats

from audio_out.codecs import RATE, Pcm
from audio_out.engines.espeak import Espeak
from audio_out.mastering import horn
from audio_out.mastering.chain import compressed, levelled, to_float
from audio_out.mastering.horn import Preset, shaped
from audio_out.mastering.meter import filtered
from tests.bench.speech import speakers
from tests.bench.speech.pictures import draw
from tests.bench.speech.scores import transmission_index, understood
from tests.bench.speech.world import AIR_RATE, PLACES, Place, any_horn, heard, noise, radiated

PAGE, KEPT, IMAGES = Path("docs/speech.md"), Path("build/bench-speech.json"), Path("docs/images")
SHOWN = PLACES[2]
Maker = Callable[[Pcm], Pcm]
_HARD = ("acompressor", "threshold=-24dB:ratio=3:attack=3:release=80:knee=6")
PRESETS: dict[str, Maker] = {preset.value: lambda pcm, preset=preset: shaped(pcm, preset) for preset in Preset}
PARTS: dict[str, Maker] = {
    "plain": PRESETS["plain"],
    "band-limit only": lambda pcm: _made(pcm, horn._BAND),
    "and the presence lift": lambda pcm: _made(pcm, (*horn._BAND, horn._PRESENCE)),
    "and the gentle compressor: the preset": PRESETS["horn"],
    "a harder compressor instead (3:1 at -24 dB)": lambda pcm: _made(pcm, (*horn._BAND, horn._PRESENCE), _HARD),
}


@dataclass(frozen=True, slots=True)
class Score:
    """One sentence, as it was made, where it was heard."""

    voice: str
    place: str
    made: str
    sentence: int
    stoi: float
    sti: float


def main() -> None:
    """Measure, print, and write, unless it is for tuning."""
    tuning = sys.argv[1:] == ["tuning"]
    said = speakers.sentences(speakers.TUNING if tuning else speakers.REPORTED)
    engine = Espeak()
    try:
        masters = {name: list(speakers.spoken(engine, name, said)) for name in speakers.NAMES}
    finally:
        engine.close()
    scores = [score for name in masters for score in _scored(name, masters[name], PRESETS, PLACES)]
    parts = [score for name in masters for score in _scored(name, masters[name], PARTS, (SHOWN,))]
    tables = {"scores": "\n".join(_rows(scores)), "parts": "\n".join(_rows_of_parts(parts))}
    sys.stdout.write("\n\n".join(tables.values()) + "\n")
    if not tuning:
        KEPT.parent.mkdir(exist_ok=True)
        KEPT.write_text(json.dumps({"scores": _kept(scores), "parts": _kept(parts)}, indent=1))
        _write(tables)
        _draw(masters[speakers.NAMES[0]][2])


def _scored(voice: str, masters: list[Pcm], makers: dict[str, Maker], places: tuple[Place, ...]) -> Iterator[Score]:
    """Every maker meets the same horn and the same noise, which are others for each sentence and place."""
    for number, mastered in enumerate(masters):
        sys.stderr.write(f"\r{voice}: sentence {number + 1} of {len(masters)}  ")
        made = {name: maker(mastered) for name, maker in makers.items()}
        clean = soxr.resample(mastered.samples / 32768, RATE, AIR_RATE)
        for place in places:
            around, one_horn = _circumstances(place, number, len(clean))
            for name, pcm in made.items():
                arrived = heard(radiated(pcm, one_horn, place.overdrive_db), place)
                stoi = understood(clean, arrived + around)
                yield Score(voice, place.name, name, number, stoi, transmission_index(arrived, around, place))
    sys.stderr.write("\n")


def _circumstances(place: Place, sentence: int, samples: int):
    chance = np.random.default_rng([sentence, PLACES.index(place)])
    one_horn = any_horn(chance)
    return noise(place, samples, chance), one_horn


def _made(pcm: Pcm, filters: tuple[tuple[str, str], ...], compressor: tuple[str, str] | None = None) -> Pcm:
    sound = filtered(to_float(pcm.samples), *filters)
    return levelled(compressed(sound, compressor) if compressor else sound)


def _rows(scores: list[Score]) -> Iterator[str]:
    yield "| where | voice | STOI plain | STOI horn | gain | STI plain | STI horn | gain |"
    yield "|---|---|---|---|---|---|---|---|"
    for place in PLACES:
        for voice in speakers.NAMES:
            cells = []
            for measure in ("stoi", "sti"):
                plain, made = (_of(scores, measure, made, voice, place.name) for made in ("plain", "horn"))
                cells += [f"{plain.mean():.2f}", f"{made.mean():.2f}", _interval(made - plain)]
            yield f"| {place.name} | {voice} | {' | '.join(cells)} |"


def _rows_of_parts(scores: list[Score]) -> Iterator[str]:
    yield "| what is done | STOI | against plain | STI | against plain |"
    yield "|---|---|---|---|---|"
    for made in PARTS:
        cells = []
        for measure in ("stoi", "sti"):
            plain, those = (_of(scores, measure, each) for each in ("plain", made))
            cells += [f"{those.mean():.3f}", "" if made == "plain" else _interval(_by_sentence(those - plain))]
        yield f"| {made} | {' | '.join(cells)} |"


def _of(scores: list[Score], measure: str, made: str, voice: str = "", place: str = "") -> np.ndarray:
    return np.array(
        [
            getattr(score, measure)
            for score in scores
            if score.made == made and voice in ("", score.voice) and place in ("", score.place)
        ]
    )


def _by_sentence(gains: np.ndarray) -> np.ndarray:
    """One gain a sentence [n], since its voices are not independent of each other. Rows come by voice."""
    return gains.reshape(len(speakers.NAMES), -1).mean(0)


def _interval(gains: np.ndarray) -> str:
    """Mean of paired gains and its 95% interval by Student's t over the sentences."""
    half = stats.t.ppf(0.975, len(gains) - 1) * gains.std(ddof=1) / np.sqrt(len(gains))
    return f"{gains.mean():+.3f} ± {half:.3f}"


def _kept(scores: list[Score]) -> list[dict[str, object]]:
    return [asdict(score) for score in scores]


def _write(tables: dict[str, str]) -> None:
    """Each table into the page, between its own two comments."""
    page = PAGE.read_text(encoding="utf-8")
    for name, table in tables.items():
        begin, end = f"<!-- {name} -->\n", f"\n<!-- end of {name} -->"
        before, _, rest = page.partition(begin)
        page = before + begin + table + end + rest.partition(end)[2]
    PAGE.write_text(page, encoding="utf-8")


def _draw(mastered: Pcm) -> None:
    """The first six seconds, as mastered (a master has no pressure: its level is chosen to be seen) and as they arrive."""
    first = Pcm(mastered.samples[: 6 * RATE], RATE)
    around, one_horn = _circumstances(SHOWN, 0, 6 * AIR_RATE)
    draw(IMAGES / "speech-master.png", soxr.resample(first.samples / 32768, RATE, AIR_RATE) * 0.02)
    for preset in Preset:
        arrived = heard(radiated(shaped(first, preset), one_horn, 0), SHOWN)
        draw(IMAGES / f"speech-200-m-wind-{preset}.png", arrived + around)


if __name__ == "__main__":
    main()
