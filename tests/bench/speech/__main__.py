"""Score each voice at each place, plain against horn, and write the tables and pictures of docs/speech.md anew.

`python -m tests.bench.speech tuning` scores other numbers for the preset, on other sentences, and writes nothing.
"""

import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path

import numpy as np
import soxr

from audio_out.codecs import RATE, Pcm
from audio_out.engines.espeak import Espeak
from audio_out.mastering import horn
from audio_out.mastering.chain import compressed, levelled, to_float
from audio_out.mastering.horn import Preset, shaped
from audio_out.mastering.meter import filtered
from tests.bench.speech import speakers
from tests.bench.speech.pictures import draw
from tests.bench.speech.scores import transmission_index, understood
from tests.bench.speech.tables import Score, by_place, by_way
from tests.bench.speech.world import AIR_RATE, PLACES, Place, any_horn, heard, noise, radiated

PAGE, KEPT, IMAGES = Path("docs/speech.md"), Path("build/bench-speech.json"), Path("docs/images")
SHOWN = PLACES[2]
TUNED_AT = (PLACES[0], PLACES[2], PLACES[4], PLACES[6])
Filters = tuple[tuple[str, str], ...]
Maker = Callable[[Pcm], Pcm]


def _as(*filters: tuple[str, str], compressor: tuple[str, str] | None = horn._COMPRESSOR) -> Maker:
    """The preset with other numbers."""

    def made(pcm: Pcm) -> Pcm:
        sound = filtered(to_float(pcm.samples), *filters)
        return levelled(compressed(sound, compressor) if compressor else sound)

    return made


def _band(low_hz: int, high_hz: int) -> Filters:
    return (*horn._steep("highpass", low_hz), *horn._steep("lowpass", high_hz))


def _lift(gain_db: int, hz: int = 2800) -> tuple[str, str]:
    return "equalizer", f"f={hz}:t=q:w=0.9:g={gain_db}:r=f64"


def _squeeze(threshold_db: int, ratio: int, attack: int = 5, release: int = 120) -> tuple[str, str]:
    return "acompressor", f"threshold={threshold_db}dB:ratio={ratio}:attack={attack}:release={release}:knee=6"


PRESETS: dict[str, Maker] = {preset.value: lambda pcm, preset=preset: shaped(pcm, preset) for preset in Preset}
PARTS: dict[str, Maker] = PRESETS | {
    "band-limit only": _as(*horn._BAND, compressor=None),
    "band-limit and presence lift": _as(*horn._BAND, horn._PRESENCE, compressor=None),
}
VARIANTS: dict[str, Maker] = PRESETS | {
    "200 Hz instead of 300": _as(*_band(200, 6000), horn._PRESENCE),
    "250 Hz": _as(*_band(250, 6000), horn._PRESENCE),
    "400 Hz": _as(*_band(400, 6000), horn._PRESENCE),
    "5 kHz instead of 6": _as(*_band(300, 5000), horn._PRESENCE),
    "no upper corner": _as(*horn._steep("highpass", 300), horn._PRESENCE),
    "4 dB instead of 6": _as(*horn._BAND, _lift(4)),
    "8 dB": _as(*horn._BAND, _lift(8)),
    "lift at 2.2 kHz instead of 2.8": _as(*horn._BAND, _lift(6, 2200)),
    "lift at 3.5 kHz": _as(*horn._BAND, _lift(6, 3500)),
    "no compressor": _as(*horn._BAND, horn._PRESENCE, compressor=None),
    "3:1 at -18 dB instead of 2:1 at -16": _as(*horn._BAND, horn._PRESENCE, compressor=_squeeze(-18, 3)),
    "3:1 at -24 dB, 3 and 80 ms": _as(*horn._BAND, horn._PRESENCE, compressor=_squeeze(-24, 3, 3, 80)),
}


def main() -> None:
    """Measure, print, and write, unless it is for tuning."""
    if sys.argv[1:] == ["tuning"]:
        tried = _all_scored(_masters(speakers.TUNING), VARIANTS, TUNED_AT)
        sys.stdout.write(by_way(tried) + "\n")
        return
    masters = _masters(speakers.REPORTED)
    scores, parts = _all_scored(masters, PRESETS, PLACES), _all_scored(masters, PARTS, (SHOWN,))
    tables = {"scores": by_place(scores), "parts": by_way(parts)}
    sys.stdout.write("\n\n".join(tables.values()) + "\n")
    KEPT.parent.mkdir(exist_ok=True)
    kept = {"scores": [asdict(score) for score in scores], "parts": [asdict(score) for score in parts]}
    KEPT.write_text(json.dumps(kept, indent=1))
    _write(tables)
    _draw(masters[speakers.NAMES[0]][2])


def _masters(announcements: range) -> dict[str, list[Pcm]]:
    said = speakers.sentences(announcements)
    engine = Espeak()
    try:
        return {name: list(speakers.spoken(engine, name, said)) for name in speakers.NAMES}
    finally:
        engine.close()


def _all_scored(masters: dict[str, list[Pcm]], makers: dict[str, Maker], places: tuple[Place, ...]) -> list[Score]:
    return [score for name, of_voice in masters.items() for score in _scored(name, of_voice, makers, places)]


def _scored(voice: str, masters: list[Pcm], makers: dict[str, Maker], places: tuple[Place, ...]) -> Iterator[Score]:
    """Every maker meets the same horn and the same noise, which are others for each sentence and place."""
    sys.stderr.write(f"scoring {voice}, {len(masters)} sentences, {len(makers)} ways at {len(places)} places...\n")
    for number, mastered in enumerate(masters):
        made = {name: maker(mastered) for name, maker in makers.items()}
        clean = soxr.resample(mastered.samples / 32768, RATE, AIR_RATE)
        for place in places:
            around, one_horn = _circumstances(place, number, len(clean))
            for name, pcm in made.items():
                arrived = heard(radiated(pcm, one_horn, place.overdrive_db), place)
                stoi = understood(clean, arrived + around)
                yield Score(voice, place.name, name, number, stoi, transmission_index(arrived, around, place))


def _circumstances(place: Place, sentence: int, samples: int):
    chance = np.random.default_rng([sentence, PLACES.index(place)])
    one_horn = any_horn(chance)
    return noise(place, samples, chance), one_horn


def _write(tables: dict[str, str]) -> None:
    """Each table into the page, between its own two comments."""
    page = PAGE.read_text(encoding="utf-8")
    for name, table in tables.items():
        before, begin, rest = page.partition(f"<!-- {name} -->\n")
        _, end, after = rest.partition(f"<!-- end of {name} -->\n")
        assert all((begin, end)), f"{PAGE} has no place for the table {name}"
        page = f"{before}{begin}{table}\n{end}{after}"
    PAGE.write_text(page, encoding="utf-8")


def _draw(mastered: Pcm) -> None:
    """Six seconds as they arrive, and as mastered; a master has no pressure: its level is chosen to be seen."""
    first = Pcm(mastered.samples[: 6 * RATE], RATE)
    around, one_horn = _circumstances(SHOWN, 0, 6 * AIR_RATE)
    draw(IMAGES / "speech-master.png", soxr.resample(first.samples / 32768, RATE, AIR_RATE) * 0.02)
    for preset in Preset:
        arrived = heard(radiated(shaped(first, preset), one_horn, 0), SHOWN)
        draw(IMAGES / f"speech-200-m-wind-{preset}.png", arrived + around)


if __name__ == "__main__":
    main()
