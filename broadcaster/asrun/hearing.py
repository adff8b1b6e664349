"""What village heads say of a broadcast, by a link or a QR code on a card, without a login.

A card bears a short code that can be typed. It is made from the link's uuid by a key that only this station has:
nothing of it is stored, so that a card can be printed again, and a copy of the database opens no address. Older cards
bear a long token of the same making. Either leads to one village's page and to nothing else.
"""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from uuid import UUID

from sqlalchemy import exists, func, select, update
from sqlalchemy.orm import Session

from broadcaster.asrun.errors import DeadHearingLink, HearingTooOften
from broadcaster.asrun.models import Airing, Hearing, HearingLink
from broadcaster.asrun.reckoning import Shown
from broadcaster.protocol import PAIRING_CODE_ALPHABET
from content.kernel import audit
from content.kernel.nodes import Node
from schedules.planner import CueKind

PURPOSE = "hearing"
"""What the key of the tokens is derived for (`Signer.secret_for`)."""
WINDOW = timedelta(minutes=10)
MOST = 60
"""Answers by one link within a window; a page holds fewer."""
LONGEST_WORDS = 300
SHOWN_MOST = 40
CODE_LENGTH = 8
"""Of 32 letters and digits: 40 bits, and wrong ones are limited."""
_MAC_BYTES = 12
_FOR_CODES = b"code"
_BITS = 5


class Verdict(StrEnum):
    """What was heard at the loudspeaker."""

    CLEAR = "clear"
    UNCLEAR = "unclear"
    SILENT = "silent"


@dataclass(frozen=True, slots=True)
class Broadcast:
    """One announcement (or emergency call) in one opening of a village, and what was said of it."""

    occurrence_uuid: UUID
    group: str
    planned_at: datetime
    title: str
    kind: str
    said: Hearing | None


def code_of(key: bytes, link: HearingLink) -> str:
    """What opens the link: so many letters and digits that are not mistaken for each other."""
    made = hmac.new(key, _FOR_CODES + link.uuid.bytes, hashlib.sha256).digest()
    bits = int.from_bytes(made[: CODE_LENGTH * _BITS // 8])
    return "".join(PAIRING_CODE_ALPHABET[bits >> place * _BITS & 31] for place in reversed(range(CODE_LENGTH)))


def shown(code: str) -> str:
    """A code as it is printed, in two halves."""
    return f"{code[: CODE_LENGTH // 2]}-{code[CODE_LENGTH // 2 :]}"


def token_of(key: bytes, link: HearingLink) -> str:
    """What opens the link on cards that were printed before there were codes."""
    return base64.urlsafe_b64encode(link.uuid.bytes + _mac(key, link.uuid)).decode().rstrip("=")


def whose(session: Session, key: bytes, said: str) -> tuple[HearingLink, Node]:
    """The living link of a code, however it was typed, or of a token; and its village. Raises DeadHearingLink."""
    typed = "".join(said.upper().split()).replace("-", "")
    link = _of_code(session, key, typed) if len(typed) == CODE_LENGTH else _of_token(session, key, said)
    return link, session.get_one(Node, link.village_id)


def _of_code(session: Session, key: bytes, code: str) -> HearingLink:
    """Living links are few: each one's code is made anew and compared."""
    for link in session.scalars(select(HearingLink).where(HearingLink.ended_at.is_(None))):
        if hmac.compare_digest(code_of(key, link).encode(), code.encode()):
            return link
    raise DeadHearingLink


def _of_token(session: Session, key: bytes, token: str) -> HearingLink:
    try:
        raw = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
        uuid = UUID(bytes=raw[:16])
    except (ValueError, binascii.Error):
        raise DeadHearingLink from None
    if not hmac.compare_digest(raw[16:], _mac(key, uuid)):
        raise DeadHearingLink
    query = select(HearingLink).where(HearingLink.uuid == uuid, HearingLink.ended_at.is_(None))
    link = session.scalars(query).one_or_none()
    if link is None:
        raise DeadHearingLink
    return link


def links(session: Session, villages: Collection[Node]) -> dict[int, HearingLink]:
    """By village id: its living link."""
    ids = [village.id for village in villages]
    query = select(HearingLink).where(HearingLink.village_id.in_(ids), HearingLink.ended_at.is_(None))
    return {link.village_id: link for link in session.scalars(query)}


def make_link(session: Session, village: Node, actor: UUID, now: datetime) -> HearingLink:
    """A new link of the village; the one before ends, so that a lost card opens nothing."""
    _end(session, village, now)
    link = HearingLink(village_id=village.id, made_by=actor, made_at=now)
    session.add(link)
    session.flush()
    audit.record(session, village.id, now, actor, "log.hearing_link_made", f"village:{village.slug}")
    return link


def end_link(session: Session, village: Node, actor: UUID, now: datetime) -> None:
    """From now on no card of the village opens anything."""
    if _end(session, village, now):
        audit.record(session, village.id, now, actor, "log.hearing_link_ended", f"village:{village.slug}")


def group_of(line: Airing) -> str:
    """What an answer is about: the announcement in all its languages, or the cue where there is none."""
    return str(line.announcement_uuid) if line.announcement_uuid else line.cue_key


def broadcasts(session: Session, village: Node, now: datetime) -> list[Broadcast]:
    """What was to be heard in the village today and yesterday, the newest first; chimes and exercises are left out."""
    today = now.astimezone(village.zone).date()
    lines = session.scalars(
        select(Airing)
        .where(Airing.village_id == village.id, Airing.local_on.between(today - timedelta(days=1), today))
        .where(Airing.planned_at <= now, Airing.kind != CueKind.CHIME, Airing.is_exercise.is_(False))
        .where(Airing.is_planned.is_(True) | Airing.outcome.in_([Shown.AIRED, Shown.STOPPED, Shown.PARTIAL]))
        .order_by(Airing.planned_at)
    )
    said = marks(session, [village], today - timedelta(days=1), today)
    found: dict[tuple[UUID, str], Broadcast] = {}
    for line in lines:
        name = line.occurrence_uuid, group_of(line)
        about = said.get((village.id, *name))
        found.setdefault(name, Broadcast(*name, line.planned_at, line.title, line.kind, about))
    return sorted(found.values(), key=lambda one: one.planned_at, reverse=True)[:SHOWN_MOST]


def say(
    session: Session, link: HearingLink, occurrence_uuid: UUID, group: str, verdict: Verdict, words: str, now: datetime
) -> None:
    """Keep an answer; the newest of a broadcast counts. What the village was not to hear is let go.

    Raises HearingTooOften.
    """
    recent = select(func.coalesce(func.sum(Hearing.times), 0)).where(
        Hearing.link_id == link.id, Hearing.at > now - WINDOW
    )
    if (session.scalar(recent) or 0) >= MOST:
        raise HearingTooOften
    village = session.get_one(Node, link.village_id)
    if (occurrence_uuid, group) not in {(one.occurrence_uuid, one.group) for one in broadcasts(session, village, now)}:
        return
    query = select(Hearing).where(
        Hearing.village_id == village.id, Hearing.occurrence_uuid == occurrence_uuid, Hearing.cue_group == group
    )
    hearing = session.scalars(query).one_or_none()
    if hearing is None:
        hearing = Hearing(village_id=village.id, occurrence_uuid=occurrence_uuid, cue_group=group, times=0)
        session.add(hearing)
    elif hearing.at <= now - WINDOW:
        hearing.times = 0
    hearing.link_id, hearing.verdict, hearing.at = link.id, verdict, now
    hearing.words = words.replace("\x00", "").strip()[:LONGEST_WORDS]
    hearing.times += 1
    session.flush()
    facts = {"verdict": str(verdict), "occurrence": str(occurrence_uuid), "words": hearing.words}
    audit.record(session, village.id, now, None, "log.heard", f"village:{village.slug}", **facts)


def marks(
    session: Session, villages: Sequence[Node], from_on: date, until_on: date
) -> dict[tuple[int, UUID, str], Hearing]:
    """By village id, occurrence and group: what was said of what aired between two local dates, both included."""
    # Asked from the answers, which are few: they are given within two days of what they are about.
    begin = datetime.combine(from_on, time(), tzinfo=UTC) - timedelta(days=1)
    about = exists().where(
        Airing.village_id == Hearing.village_id,
        Airing.occurrence_uuid == Hearing.occurrence_uuid,
        Airing.local_on.between(from_on, until_on),
    )
    query = select(Hearing).where(
        Hearing.village_id.in_([village.id for village in villages]),
        Hearing.at.between(begin, begin + (until_on - from_on) + timedelta(days=4)),
        about,
    )
    return {(one.village_id, one.occurrence_uuid, one.cue_group): one for one in session.scalars(query)}


def marks_of(
    session: Session, villages: Sequence[Node], announcement_uuid: UUID
) -> dict[tuple[int, UUID, str], Hearing]:
    """What was said of one announcement, as `marks`."""
    query = select(Hearing).where(
        Hearing.village_id.in_([village.id for village in villages]), Hearing.cue_group == str(announcement_uuid)
    )
    return {(one.village_id, one.occurrence_uuid, one.cue_group): one for one in session.scalars(query)}


def _end(session: Session, village: Node, now: datetime) -> bool:
    living = update(HearingLink).where(HearingLink.village_id == village.id, HearingLink.ended_at.is_(None))
    ended = session.execute(living.values(ended_at=now).returning(HearingLink.id)).all()
    return bool(ended)


def _mac(key: bytes, uuid: UUID) -> bytes:
    return hmac.new(key, uuid.bytes, hashlib.sha256).digest()[:_MAC_BYTES]
