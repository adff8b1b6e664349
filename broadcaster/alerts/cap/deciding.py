"""What is done with a message, and why: pure, so that it can be shown before it happens.

- Only the public is spoken to: other scopes, drafts, system messages and receipts (Ack, Error) are refused.
- Exercise and Test are drills whatever their type, and touch drills only: practice never ends a real alert, nor the
  other way about.
- An Update, or whatever else refers to earlier messages, takes the place of those that we know; knowing none, it airs
  as new, since people still have to hear it.
- A Cancel, or a message of nothing but AllClear, ends those that we know; knowing none it is refused: there is
  nothing to end, and an all-clear nobody waits for confuses. The caller keeps its references (`ended`), so that
  the alert it meant is refused when it comes late.
- A message heard of before is refused: receiving twice does nothing twice.
- What has expired is refused. Without `expires`, which the standard leaves to the receiver, it expires `ASSUMED_LIFE`
  after it was sent. Cancels and all-clears do not expire: ending late is better than not at all.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from broadcaster.alerts.cap.model import ALL_CLEAR, Alert, Info, MsgType, Reference, Scope, Status
from broadcaster.alerts.cap.speaking import text_to_speak

ASSUMED_LIFE = timedelta(hours=24)


class Kind(StrEnum):
    """What is done."""

    AIR = "air"
    DRILL = "drill"
    UPDATE = "update"
    CANCEL = "cancel"
    REFUSE = "refuse"


class Reason(StrEnum):
    """Why."""

    ALERT = "alert"
    UPDATES_KNOWN = "updates_known"
    UPDATES_UNKNOWN = "updates_unknown"
    CANCELS = "cancels"
    ALL_CLEAR = "all_clear"
    PRACTICE = "practice"
    KNOWN = "known"
    ENDED = "ended"
    NOT_MEANT_TO_AIR = "not_meant_to_air"
    NOT_PUBLIC = "not_public"
    RECEIPT = "receipt"
    NOTHING_TO_END = "nothing_to_end"
    NOTHING_TO_SAY = "nothing_to_say"
    EXPIRED = "expired"


@dataclass(frozen=True)
class Facts:
    """What the decision rests on.

    `infos`: what can be spoken, still in force (of a cancel or all-clear: all it says); `ends`: earlier messages that
    it takes the place of or ends; `unknown`: the rest of its references; `until_at`: when the last of `infos` expires.
    """

    infos: tuple[Info, ...] = ()
    ends: tuple[Reference, ...] = ()
    unknown: tuple[Reference, ...] = ()
    until_at: datetime | None = None


@dataclass(frozen=True)
class Decision:
    """What is done with a message, why, and on which facts."""

    kind: Kind
    reason: Reason
    facts: Facts = Facts()


def decide(
    alert: Alert, now: datetime, known: Mapping[Reference, Status], ended: Collection[Reference] = ()
) -> Decision:
    """What to do with a message.

    Args:
        alert: the message, as `parse` gives it.
        now: aware instant.
        known: all messages received before, by name, and how seriously each was meant.
        ended: what earlier updates, cancels and all-clears referred to, known or not.
    """
    refusal = _refusal(alert, known, ended)
    if refusal:
        return Decision(Kind.REFUSE, refusal)
    practice = alert.status.is_practice
    ends = tuple(name for name in alert.references if name in known and known[name].is_practice == practice)
    unknown = tuple(name for name in alert.references if name not in ends)
    if alert.msg_type is MsgType.CANCEL:
        return _end(alert, Reason.CANCELS, ends, unknown)
    if alert.infos and all(ALL_CLEAR in info.responses for info in alert.infos):
        return _end(alert, Reason.ALL_CLEAR, ends, unknown)
    return _air(alert, now, ends, unknown)


def expires_at(alert: Alert, info: Info) -> datetime:
    """When a part of the message stops being true."""
    return info.expires_at or alert.sent_at + ASSUMED_LIFE


def _refusal(alert: Alert, known: Mapping[Reference, Status], ended: Collection[Reference]) -> Reason | None:
    if alert.name in known:
        return Reason.KNOWN
    if alert.name in ended:
        return Reason.ENDED
    if alert.status in (Status.DRAFT, Status.SYSTEM):
        return Reason.NOT_MEANT_TO_AIR
    if alert.scope is not Scope.PUBLIC:
        return Reason.NOT_PUBLIC
    return Reason.RECEIPT if alert.msg_type in (MsgType.ACK, MsgType.ERROR) else None


def _end(alert: Alert, reason: Reason, ends: tuple[Reference, ...], unknown: tuple[Reference, ...]) -> Decision:
    if not ends:
        return Decision(Kind.REFUSE, Reason.NOTHING_TO_END, Facts(unknown=unknown))
    return Decision(Kind.CANCEL, reason, Facts(alert.infos, ends, unknown))


def _air(alert: Alert, now: datetime, ends: tuple[Reference, ...], unknown: tuple[Reference, ...]) -> Decision:
    spoken = tuple(info for info in alert.infos if text_to_speak(info))
    if not spoken:
        return Decision(Kind.REFUSE, Reason.NOTHING_TO_SAY)
    until_at = max(expires_at(alert, info) for info in spoken)
    if until_at <= now:
        return Decision(Kind.REFUSE, Reason.EXPIRED, Facts(until_at=until_at))
    facts = Facts(tuple(info for info in spoken if expires_at(alert, info) > now), ends, unknown, until_at)
    if alert.status.is_practice:
        return Decision(Kind.DRILL, Reason.PRACTICE, facts)
    if ends:
        return Decision(Kind.UPDATE, Reason.UPDATES_KNOWN, facts)
    new = Reason.UPDATES_UNKNOWN if alert.msg_type is MsgType.UPDATE else Reason.ALERT
    return Decision(Kind.AIR, new, facts)
