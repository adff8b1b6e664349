"""How a recording is shown: what was found in it, in words with what to do about it, and its shape as a drawing."""

from collections.abc import Iterable, Mapping, Sequence

from broadcaster.web.words import mark

FINDINGS = {
    "silent": mark(
        "Nothing can be heard in this recording. Check that the microphone is switched on and not covered, then record "
        "again."
    ),
    "too_short": mark("There is less than a second of sound in this recording. Record the whole announcement again."),
    "too_quiet": mark(
        "The recording is too quiet. Record it again, with the microphone a hand's breadth from the mouth."
    ),
    "clipped": mark(
        "The voice is distorted because it is too loud, in {seconds} s of the recording, first at {at}. Record it "
        "again, a little further away from the microphone."
    ),
    "long_silence": mark(
        "For {seconds} s nothing is heard, from {at} on. Pauses are shortened when it airs; record again if something "
        "is missing there."
    ),
    "mostly_noise": mark(
        "The noise is almost as loud as the voice. Record it again in a quieter place, closer to the microphone."
    ),
    "hum": mark("An electric hum is heard. Record it again with the charger unplugged, away from amplifiers."),
    "cut_off": mark("The file is not complete: {seconds} s are missing at its end. Send it again, or record again."),
}
"""By kind of finding (`audio_out.recordings`), with the facts that `told` makes of its own."""


def told(findings: Iterable[tuple[str, Mapping[str, object]]]) -> list[tuple[str, dict[str, object]]]:
    """What was found in a recording, as sentences with their facts: whole seconds, and places as 1:05."""
    return [(FINDINGS[kind], _in_words(facts)) for kind, facts in findings]


def waveform_path(peaks: Sequence[int]) -> str:
    """Peaks of 0 to 100 as an SVG path in a box that is as wide as there are peaks, and 100 high."""
    return "".join(f"M{place + 0.5} {50 - max(1, peak) / 2}v{max(1, peak)}" for place, peak in enumerate(peaks))


def _in_words(facts: Mapping[str, object]) -> dict[str, object]:
    seconds = {name: max(1, round(float(str(facts[name])))) for name in ("seconds", "at_s") if name in facts}
    at = seconds.pop("at_s", 0)
    return {**seconds, "at": f"{at // 60}:{at % 60:02}"}
