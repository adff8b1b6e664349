"""Words for others' warnings: decisions, reasons and states as people read them."""

from broadcaster.alerts.cap.deciding import Reason
from broadcaster.alerts.incoming.areas import How
from broadcaster.alerts.incoming.errors import FeedBroken
from broadcaster.alerts.incoming.models import State
from broadcaster.alerts.incoming.service import ELSEWHERE
from broadcaster.i18n import Tongue
from broadcaster.web.words import LANGUAGES, mark

STATES = {
    State.WAITING: mark("waits for you"),
    State.AIRED: mark("put on the air"),
    State.SETTLED: mark("carried out"),
    State.PASSED_OVER: mark("passed over"),
    State.REPLACED: mark("replaced by a newer one"),
    State.REFUSED: mark("refused"),
}
MOODS = {State.WAITING: "care", State.AIRED: "emergency", State.SETTLED: "good"}
DECISIONS = {
    "air": mark("Warning"),
    "drill": mark("Exercise"),
    "update": mark("Newer words for a warning"),
    "cancel": mark("End of a warning"),
    "refuse": mark("Not to be aired"),
}
REASONS = {
    Reason.ALERT: mark("It is a real warning for the public."),
    Reason.UPDATES_KNOWN: mark("It takes the place of an earlier warning."),
    Reason.UPDATES_UNKNOWN: mark("It changes a warning that never came here, so it is new to listeners."),
    Reason.CANCELS: mark("It ends an earlier warning."),
    Reason.ALL_CLEAR: mark("It says that the danger of an earlier warning is over."),
    Reason.PRACTICE: mark("It is practice: it airs as an exercise only, and says so first."),
    Reason.KNOWN: mark("It came before; nothing is done twice."),
    Reason.ENDED: mark("A later message has already replaced or ended it."),
    Reason.NOT_MEANT_TO_AIR: mark("Its sender marked it as a draft or for machines only; such are never aired."),
    Reason.NOT_PUBLIC: mark("It is not for the public."),
    Reason.RECEIPT: mark("It is a receipt between machines."),
    Reason.NOTHING_TO_END: mark("What it would end never came here. It is kept, for the case that it comes late."),
    Reason.NOTHING_TO_SAY: mark("It has no words."),
    Reason.EXPIRED: mark("It had expired when it came."),
    ELSEWHERE: mark("It is for other places, for none of our villages."),
}
HOW = {
    How.EVERYWHERE: mark("for everybody"),
    How.CODE: mark("by its code"),
    How.SHAPE: mark("by its place on the map"),
    How.NAME: mark("by its name"),
    How.COMMUNE: mark("by the name of the commune or province"),
}
"""By what a village is meant."""
URGENCIES = {
    "Immediate": mark("act at once"),
    "Expected": mark("act soon, within an hour"),
    "Future": mark("act later"),
    "Past": mark("no longer to act upon"),
    "Unknown": mark("urgency unknown"),
}
SEVERITIES = {
    "Extreme": mark("extraordinary danger"),
    "Severe": mark("great danger"),
    "Moderate": mark("possible danger"),
    "Minor": mark("little danger"),
    "Unknown": mark("danger unknown"),
}
CERTAINTIES = {
    "Observed": mark("observed"),
    "Likely": mark("likely"),
    "Possible": mark("possible"),
    "Unlikely": mark("unlikely"),
    "Unknown": mark("certainty unknown"),
}
"""What the words of the standard mean."""
_TROUBLES = {kind.__name__: kind for kind in FeedBroken.__subclasses__()}


def language(tongue: Tongue, tag: str) -> str:
    """The name of a language that we know; of others their tag."""
    known = LANGUAGES.get(tag.partition("-")[0].lower())
    return tongue.say(known) if known else tag


def trouble(tongue: Tongue, noted: str) -> str:
    """What keeps a feed from being read, in the reader's language; `noted` is as the source's row keeps it."""
    name, _, detail = noted.partition(" ")
    return tongue.say(_TROUBLES.get(name, FeedBroken).sentence).format(detail=detail)
