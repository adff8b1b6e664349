"""The synthetic voices we know, and in which order they are tried. No engine is loaded here.

A voice's id is `engine:name`, as in `gtts:vi` and `espeak:vi+f2`. Labels are English gettext messages. Piper's voices
are files that a commune installs (`voicebox`): who knows them passes the catalogue in.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import takewhile

from audio_out.errors import NoVoice, UnknownVoice

AUTO = "auto"
ORDER = ("gtts", "piper", "espeak")
"""Engines from the best voice to the one that is always there. Source: design, speech.md."""
ONLINE = frozenset({"gtts"})
"""Engines that send the text to somebody else's machine."""
INSTALLED = "piper"
"""The engine whose voices come and go with files."""


class Pace(StrEnum):
    """How fast to speak; each engine knows what that means for it."""

    CALM = "calm"
    SLOW = "slow"


@dataclass(frozen=True, slots=True)
class Voice:
    """A synthetic speaker: engine + language + name."""

    engine: str
    name: str
    language: str
    label: str

    @property
    def id(self) -> str:
        """What others call it: `engine:name`."""
        return f"{self.engine}:{self.name}"


VOICES = (
    Voice("gtts", "vi", "vi", "Google, needs the network"),
    Voice("espeak", "vi+f2", "vi", "eSpeak, a woman, works without a network"),
    Voice("espeak", "vi", "vi", "eSpeak, a man, works without a network"),
)


def catalogue(installed: Iterable[Voice] = ()) -> tuple[Voice, ...]:
    """The voices that are always known and the installed ones, best engine first."""
    return tuple(sorted((*VOICES, *installed), key=lambda voice: ORDER.index(voice.engine)))


def by_id(voice_id: str, voices: Sequence[Voice] = VOICES) -> Voice:
    """The voice of that id.

    Raises:
        UnknownVoice: nothing has this id.
    """
    for voice in voices:
        if voice.id == voice_id:
            return voice
    raise UnknownVoice(voice=voice_id)


def rungs(
    wished: str, language: str, order: Sequence[str] = ORDER, voices: Sequence[Voice] = VOICES
) -> tuple[Voice, ...]:
    """The voices to try for a wish, best first: the wished one, then the first voice of every engine below it.

    A Piper voice that is not installed any more fails like one that cannot speak: what stands there and below does.

    Args:
        wished: a voice id, or `auto` for the first voice of every engine in `order`.
        language: BCP 47; a wished voice of another language is refused.
        order: engine names, best first; an engine left out is not used, even when wished.
        voices: the catalogue, the best voice of each engine first.

    Raises:
        NoVoice: no engine in `order` speaks the language.
        UnknownVoice: the wish names nothing, or a voice of another language.
    """
    firsts = [_first_of(engine, language, voices) for engine in order]
    ladder = tuple(voice for voice in firsts if voice is not None)
    if not ladder:
        raise NoVoice(language=language)
    if wished == AUTO:
        return ladder
    engine = wished.partition(":")[0]
    from_here = order[order.index(engine) :] if engine in order else order
    rest = tuple(voice for voice in ladder if voice.engine in from_here)
    if engine == INSTALLED and wished not in {voice.id for voice in voices}:
        return rest or ladder
    chosen = by_id(wished, voices)
    if chosen.language != language:
        raise UnknownVoice(voice=wished)
    if engine not in order:
        return ladder
    return (chosen, *(voice for voice in rest if voice.engine != engine))


def better_than(
    spoken: str, wished: str, language: str, order: Sequence[str] = ORDER, voices: Sequence[Voice] = VOICES
) -> tuple[Voice, ...]:
    """The voices above the one that spoke, best first: none where the right one did, or a human.

    Arguments and errors are those of `rungs`; `spoken` is the id of the voice that spoke.
    """
    if spoken not in {voice.id for voice in voices}:
        return ()
    engine = spoken.partition(":")[0]
    reached = order.index(engine) if engine in order else len(order)
    above = takewhile(lambda voice: voice.id != spoken, rungs(wished, language, order, voices))
    return tuple(voice for voice in above if order.index(voice.engine) <= reached)


def _first_of(engine: str, language: str, voices: Sequence[Voice]) -> Voice | None:
    return next((v for v in voices if v.engine == engine and v.language == language), None)
