"""Raising, updating, ending alerts. Functions take the session first, flush and never commit.

Each change is a new signed version, written in one short transaction with its entry in the audit log: what is pushed
afterwards (`board`) is what was committed. Sounds that are not there yet are asked for; until they are there a
prepared phrase stands in, and `complete` issues the whole version.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from broadcaster.alerts import document, phrases, sounds
from broadcaster.alerts.calls import Call, Line, Signal
from broadcaster.alerts.errors import AlertIsOver, NothingChosen, NoVillages
from broadcaster.alerts.models import Alert, AlertVersion
from broadcaster.fleet import lives
from broadcaster.fleet.signing import Signer
from broadcaster.protocol import AlertScope
from content import queries as content
from content.kernel import audit
from content.kernel.nodes import Node

ALL_CLEAR_VALID_MINUTES = 30


@dataclass(frozen=True, slots=True)
class By:
    """Who presses (None: the system), when, from where, and why: what the audit log keeps of a press.

    `origin` is page, command, cap, drill, all_clear or the like, at most 16 characters; `reason` why it was sent
    alone, or which message asked for it.
    """

    actor: UUID | None
    at: datetime
    origin: str = "page"
    reason: str = ""


def raise_alert(
    session: Session,
    signer: Signer,
    commune: Node,
    call: Call,
    by: By,
    *,
    uuid: UUID | None = None,
) -> Alert:
    """Raise an alert: its first version is signed and in force. The same `uuid` again gives the alert that there is.

    Args:
        session: unit of work; what is pushed is what it commits.
        signer: the server's key.
        commune: whose villages they are.
        call: what is to be heard, where, for how long (`phrase_call`, `text_call` make one).
        by: who presses, when, and why.
        uuid: given where the same press may come twice.

    Raises:
        NoVillages, NothingChosen: it would be heard nowhere, or say nothing.
    """
    if uuid and (known := session.scalars(select(Alert).where(Alert.uuid == uuid)).one_or_none()):
        return known
    check(call)
    alert = Alert(
        uuid=uuid or uuid4(),
        node_id=commune.id,
        scope=call.scope,
        audible=call.audible,
        title=call.title,
        origin=by.origin,
        raised_by=by.actor,
        raised_at=by.at,
        version=0,
        expires_at=document.valid_until(call, by.at),
        call={},
    )
    session.add(alert)
    palette = _issue(session, signer, commune, alert, call, by)
    _record(session, alert, "alert.raised", by, **_facts(palette, call))
    return alert


def update_alert(
    session: Session,
    signer: Signer,
    alert: Alert,
    call: Call,
    by: By,
) -> Alert:
    """Let another call take the place of what an alert says. Villages that are left out fall silent.

    The scope stays: an exercise never becomes real, nor the other way about.

    Raises:
        AlertIsOver: cancelled or expired.
        NoVillages, NothingChosen: it would be heard nowhere, or say nothing.
    """
    if alert.is_over(by.at):
        raise AlertIsOver(title=alert.title)
    call = call.model_copy(update={"scope": AlertScope(alert.scope)})
    check(call)
    commune = session.get_one(Node, alert.node_id)
    alert.title, alert.audible = call.title, call.audible
    alert.expires_at = document.valid_until(call, by.at)
    palette = _issue(session, signer, commune, alert, call, by)
    _record(session, alert, "alert.updated", by, **_facts(palette, call))
    return alert


def cancel_alert(
    session: Session,
    signer: Signer,
    alert: Alert,
    by: By,
    *,
    all_clear: bool = False,
) -> Alert | None:
    """End an alert in all its villages; with `all_clear`, say there that the danger is over: that alert is returned.

    Raises:
        AlertIsOver: cancelled or expired. An all-clear may still be raised by itself (`raise_all_clear`).
    """
    if alert.is_over(by.at):
        raise AlertIsOver(title=alert.title)
    call = Call.model_validate(alert.call)
    commune = session.get_one(Node, alert.node_id)
    alert.cancelled_at, alert.cancelled_by = by.at, by.actor
    _issue(session, signer, commune, alert, call, by)
    _record(session, alert, "alert.cancelled", by)
    return raise_all_clear(session, signer, alert, by) if all_clear else None


def raise_all_clear(session: Session, signer: Signer, alert: Alert, by: By) -> Alert:
    """Say once, in the villages of an alert, that its danger is over; of an exercise as an exercise."""
    commune = session.get_one(Node, alert.node_id)
    former = Call.model_validate(alert.call)
    call = phrase_call(session, commune, phrases.ALL_CLEAR).model_copy(
        update={
            "villages": former.villages,
            "scope": former.scope,
            "audible": former.audible,
            "signal": Signal.CHIME,
            "repeats": 1,
            "valid_minutes": ALL_CLEAR_VALID_MINUTES,
        }
    )
    return raise_alert(session, signer, commune, call, By(by.actor, by.at, "all_clear", f"alert:{alert.uuid}"))


def complete(session: Session, signer: Signer, now: datetime) -> int:
    """Issue the whole version of each alert whose sounds have come meanwhile. Returns how many were issued."""
    issued = 0
    for alert in session.scalars(_incomplete(now)):
        commune, call = session.get_one(Node, alert.node_id), Call.model_validate(alert.call)
        palette = sounds.palette(session, commune)
        if document.written(_head(session, alert, now), call, palette, _made(session, palette, call))[1]:
            _issue(session, signer, commune, alert, call, By(None, now))
            issued += 1
    return issued


def any_incomplete(session: Session, now: datetime) -> bool:
    """Whether an alert waits for its own sounds; only reads."""
    return session.scalars(_incomplete(now).limit(1)).first() is not None


def phrase_call(session: Session, commune: Node, key: str) -> Call:
    """A call of a prepared phrase, in all villages, meant in earnest; `model_copy` changes it. Raises NoSuchPhrase."""
    row = phrases.by_key(session, commune, key)
    lines = phrases.lines_of(row, content.lexicon(session, commune))
    return Call(title=row.title, lines=lines, villages=everywhere(session, commune), phrase=key)


def text_call(session: Session, commune: Node, text: str, title: str = "") -> Call:
    """A call of typed Vietnamese words, in all villages, meant in earnest. Raises NothingChosen, TextTooLong."""
    line = phrases.typed_line(session, commune, text)
    if not line.text:
        raise NothingChosen
    return Call(title=title or short(line.text), lines=(line,), villages=everywhere(session, commune))


def everywhere(session: Session, commune: Node) -> tuple[UUID, ...]:
    """All villages of the commune."""
    return tuple(place.village.uuid for place in sounds.palette(session, commune).places)


def short(text: str, most: int = 80) -> str:
    """A text as a title: its beginning, cut between words."""
    line = " ".join(text.split())
    return line if len(line) <= most else line[:most].rsplit(" ", 1)[0] + " …"


def check(call: Call) -> None:
    """Raises NoVillages, NothingChosen: it would be heard nowhere, or say nothing."""
    if not call.villages:
        raise NoVillages
    if not call.lines:
        raise NothingChosen


def prepare(session: Session, commune: Node, call: Call, now: datetime) -> bool:
    """Ask for a call's sounds before it is sent; whether any is still to be made."""
    palette = sounds.palette(session, commune)
    return sounds.want(session, _own_lines(palette, call), _formats(palette, call), now, urgent=True)


def is_ready(session: Session, commune: Node, call: Call) -> bool:
    """Whether all sounds of a call are there; only reads."""
    palette = sounds.palette(session, commune)
    made = _made(session, palette, call)
    wanted = ((line, place) for place in _places(palette, call) for line in palette.order_of(call, place))
    return all((line.source, place.format) in made for line, place in wanted)


def _issue(session: Session, signer: Signer, commune: Node, alert: Alert, call: Call, by: By) -> sounds.Palette:
    palette = sounds.palette(session, commune)
    alert.version += 1
    alert.call = call.model_dump(mode="json")
    session.flush()
    wire, is_whole = document.written(_head(session, alert, by.at), call, palette, _made(session, palette, call))
    cancelled = alert.cancelled_at is not None
    if not is_whole and not cancelled:
        sounds.want(session, _own_lines(palette, call), _formats(palette, call), by.at, urgent=True)
    body = wire.model_dump_json()
    session.add(
        AlertVersion(
            alert_id=alert.id,
            version=alert.version,
            at=by.at,
            by=by.actor,
            is_whole=is_whole or cancelled,
            cancelled=cancelled,
            document=body,
            signature=signer.sign(body.encode()),
            key_id=signer.public.key_id,
        )
    )
    session.flush()
    return palette


def _head(session: Session, alert: Alert, now: datetime) -> document.Head:
    return document.Head(
        uuid=alert.uuid,
        version=alert.version,
        epoch=lives.epoch(session, now),
        issued_at=now,
        starts_at=now,
        expires_at=alert.expires_at,
        cancelled=alert.cancelled_at is not None,
    )


def _places(palette: sounds.Palette, call: Call) -> list[sounds.Place]:
    return [place for place in palette.places if place.village.uuid in call.villages]


def _formats(palette: sounds.Palette, call: Call) -> list[str]:
    return sorted({place.format for place in _places(palette, call)})


def _own_lines(palette: sounds.Palette, call: Call) -> list[Line]:
    return list(
        {line.source: line for place in _places(palette, call) for line in palette.order_of(call, place)}.values()
    )


def _made(session: Session, palette: sounds.Palette, call: Call) -> sounds.Made:
    places = _places(palette, call)
    needed = [line for place in places for line in (*palette.order_of(call, place), *palette.fallback_of(call, place))]
    return sounds.made(session, needed)


def _incomplete(now: datetime):  # type: ignore[no-untyped-def]  # noqa: ANN202
    return (
        select(Alert)
        .join(AlertVersion, (AlertVersion.alert_id == Alert.id) & (AlertVersion.version == Alert.version))
        .where(AlertVersion.is_whole.is_(False), Alert.cancelled_at.is_(None), Alert.expires_at > now)
    )


def _record(session: Session, alert: Alert, act: str, by: By, **facts: object) -> None:
    said = {"title": alert.title, "version": alert.version, "reason": by.reason, **facts}
    known = {name: fact for name, fact in said.items() if fact != ""}
    audit.record(session, alert.node_id, by.at, by.actor, act, f"alert:{alert.uuid}", **known)


def _facts(palette: sounds.Palette, call: Call) -> dict[str, object]:
    return {
        "scope": call.scope.value,
        "audible": call.audible,
        "phrase": call.phrase,
        "text": " / ".join(_texts(call.lines)),
        "villages": [place.village.slug for place in _places(palette, call)],
        "minutes": call.minutes,
        "repeats": call.repeats,
    }


def _texts(lines: Sequence[Line]) -> list[str]:
    return [line.text for line in lines if line.text]
