"""What of a line of the log can be heard again, each sound by a name that says what it is."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.orm import Session

from broadcaster.alerts.calls import Line, Signal
from broadcaster.alerts.models import AlertSound
from broadcaster.asrun.models import Airing
from broadcaster.asrun.reckoning import ALERT
from broadcaster.reports.words import LANGUAGES
from broadcaster.web.words import mark

SIGNALS = {Signal.SIREN: mark("the siren"), Signal.CHIME: mark("the chime")}
SPOKEN, SPOKEN_AGAIN = mark("words in {language}"), mark("words in {language}, {count} times")
DRILL_NOTICE = mark("the notice that it is a drill")


@dataclass(frozen=True, slots=True)
class Heard:
    """A sound (its sha256 is `name`) and what it is, in words; an announcement's only sound needs none."""

    name: str
    what: str = ""
    facts: Mapping[str, object] = field(default_factory=dict)


SoundsOf = Callable[[Airing], list[Heard]]


def sounds_of(session: Session, lines: Iterable[Airing]) -> SoundsOf:
    """For these lines: what each consists of, in the order in which it sounded, what sounded twice once."""
    names = {name for line in lines if line.kind == ALERT for name in line.media}
    query = select(AlertSound.sha256, AlertSound.line).where(AlertSound.sha256.in_(names))
    known = {sha256: Line.model_validate(made) for sha256, made in session.execute(query) if sha256} if names else {}
    return lambda line: [_told(line, name, known) for name in dict.fromkeys(line.media)]


def _told(line: Airing, name: str, known: Mapping[str, Line]) -> Heard:
    made = known.get(name)
    if made is None:
        return Heard(name)
    if made.signal:
        return Heard(name, SIGNALS[made.signal])
    if _is_notice(line, name, known):
        return Heard(name, DRILL_NOTICE)
    times = line.media.count(name)
    language = LANGUAGES.get(made.language, made.language)
    return Heard(name, SPOKEN_AGAIN if times > 1 else SPOKEN, {"language": language, "count": times})


def _is_notice(line: Airing, name: str, known: Mapping[str, Line]) -> bool:
    """What is spoken before the signal says that it is an exercise, and nothing else is."""
    signals = [place for place, one in enumerate(line.media) if (made := known.get(one)) and made.signal]
    return line.is_exercise and bool(signals) and line.media.index(name) < signals[0]
