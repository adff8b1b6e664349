"""Asking the province, by the worker's clock: what comes becomes drafts in review, or warnings; receipts go back.

The source system is a trusted author and nothing more: somebody here still approves (four eyes), and an emergency goes
the way of a warning by CAP, with its rules of who may air by itself.
"""

import logging
from contextlib import closing
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.orm import Session

from broadcaster import pipeline
from broadcaster.alerts.cap.model import Alert as CapAlert
from broadcaster.alerts.cap.model import Area, Info, MsgType, Reference, Scope, Status, Value
from broadcaster.alerts.cap.writing import to_xml
from broadcaster.alerts.incoming import places
from broadcaster.alerts.incoming import service as incoming
from broadcaster.alerts.incoming.areas import coverage
from broadcaster.alerts.incoming.models import Message, Source, State
from broadcaster.alerts.incoming.service import Via
from broadcaster.province import service
from broadcaster.province.errors import ProvinceUnreachable
from broadcaster.province.models import BulletinRow, Link
from broadcaster.province.system import HttpSystem, SourceSystem
from broadcaster.province.wire import Bulletin, Pulled, Stage, Where
from broadcaster.station import Station
from content import queries, workflow
from content import service as content
from content.kernel.db import unit_of_work
from content.kernel.errors import BroadcastError, Invalid
from content.kernel.nodes import Node, villages_of
from content.kernel.priority import Priority
from content.languages import VIETNAMESE
from content.models import Revision
from content.service import Wording

log = logging.getLogger(__name__)
USUAL_SPAN: Final = timedelta(days=6)
SENDER: Final = "province"
_SLOWEST = timedelta(minutes=10)
_OF_STATE = {
    workflow.State.APPROVED: Stage.APPROVED,
    workflow.State.WITHDRAWN: Stage.REVOKED,
    workflow.State.DISCARDED: Stage.DECLINED,
}
_OF_MESSAGE = {
    State.AIRED: Stage.AIRED,
    State.SETTLED: Stage.AIRED,
    State.REPLACED: Stage.REVOKED,
    State.PASSED_OVER: Stage.DECLINED,
    State.REFUSED: Stage.DECLINED,
}


def ask_province(station: Station) -> None:
    """Ask each link that is due, take in what is new, and send receipts."""
    with unit_of_work(station.sessions, writes=False) as session:
        due = service.due(session, station.clock.now())
    for link in due:
        try:
            token = service.token_of(link, station.signer.secret_for(service.SEAL))
            with closing(HttpSystem(link.url, token)) as system:
                ask(station, link, system)
        except ProvinceUnreachable as error:
            _fail(station, link, str(error))
        except Exception as error:
            log.exception("province.crashed", extra={"link": link.id})
            _fail(station, link, type(error).__name__)


def ask(station: Station, link: Link, system: SourceSystem) -> None:
    """Ask once. Raises ProvinceUnreachable; what was taken in before stays taken in."""
    pulled = system.pull(link.cursor)
    for row in pulled.bulletins:
        _take(station, link, row)
    _settle(station, link, pulled)
    with unit_of_work(station.sessions) as session:
        _note_progress(session, link, station.clock.now())
    with unit_of_work(station.sessions, writes=False) as session:
        unsent = service.unsent(session, link)
    if unsent:
        system.acknowledge([receipt for _, receipt in unsent])
        with unit_of_work(station.sessions) as session:
            service.mark_sent(session, [row_id for row_id, _ in unsent], station.clock.now())


def _take(station: Station, link: Link, row: object) -> None:
    """One row in a transaction of its own: one that cannot be used blocks no other."""
    now = station.clock.now()
    try:
        with unit_of_work(station.sessions) as session:
            taken = service.take(session, session.get_one(Link, link.id), row, now)
            if taken and taken[1]:
                _use(session, station, taken[0], taken[1], now)
    except (BroadcastError, ValueError) as error:
        log.warning("province.unusable", extra={"error": str(error)})
        with unit_of_work(station.sessions) as session:
            taken = service.take(session, session.get_one(Link, link.id), row, now)
            if taken:
                service.note(session, taken[0], Stage.QUARANTINED, now, str(error))
                taken[0].problem = str(error)[:300]


def _use(session: Session, station: Station, kept: BulletinRow, bulletin: Bulletin, now: datetime) -> None:
    link = session.get_one(Link, kept.link_id)
    commune = session.get_one(Node, link.node_id)
    before = service.earlier(session, kept)
    if any(one.version >= kept.version for one in before):
        service.note(session, kept, Stage.DECLINED, now, "a newer or equal version came before")
    elif bulletin.level == Priority.EMERGENCY:
        _warn(session, station, commune, link, kept, bulletin, before, now)
    else:
        _draft(session, commune, link, kept, bulletin, before, now)


def _warn(
    session: Session,
    station: Station,
    commune: Node,
    link: Link,
    kept: BulletinRow,
    bulletin: Bulletin,
    before: list[BulletinRow],
    now: datetime,
) -> None:
    """As a warning by CAP, of which the earlier versions are references."""
    references = tuple(_name(Bulletin.model_validate(one.row)) for one in before)
    via = Via(session.get_one(Source, link.source_id))
    message = incoming.receive(session, station.signer, commune, to_xml(_cap(bulletin, references)), via, now)
    kept.message_id = message.id
    service.note(session, kept, Stage.WAITING, now, message.reason or message.refusal)


def _cap(bulletin: Bulletin, references: tuple[Reference, ...]) -> CapAlert:
    name = _name(bulletin)
    kind = MsgType.UPDATE if references else MsgType.ALERT
    info = Info(
        language="vi-VN",
        categories=("Safety",),
        event=bulletin.title,
        urgency="Immediate",
        severity="Severe",
        certainty="Likely",
        expires_at=bulletin.expires.replace(microsecond=0) if bulletin.expires else None,
        headline=bulletin.title,
        description=bulletin.text,
        areas=tuple(map(_area, bulletin.areas)),
    )
    return CapAlert(
        identifier=name.identifier,
        sender=name.sender,
        sent_at=name.sent_at,
        status=Status.EXERCISE if bulletin.exercise else Status.ACTUAL,
        msg_type=MsgType.CANCEL if bulletin.revoked and references else kind,
        scope=Scope.PUBLIC,
        references=references,
        infos=() if bulletin.revoked else (info,),
    )


def _name(bulletin: Bulletin) -> Reference:
    return Reference(SENDER, f"{bulletin.id}.{bulletin.version}", bulletin.issued.replace(microsecond=0))


def _area(where: Where) -> Area:
    return Area(where.name, geocodes=(Value("code", where.code),) if where.code else ())


def _draft(
    session: Session,
    commune: Node,
    link: Link,
    kept: BulletinRow,
    bulletin: Bulletin,
    before: list[BulletinRow],
    now: datetime,
) -> None:
    """As an announcement whose author is the province; earlier versions that nobody approved are taken back."""
    for one in before:
        _take_back(session, commune, link, one, now, even_approved=bulletin.revoked)
    if bulletin.revoked:
        service.note(session, kept, Stage.REVOKED, now)
        return
    villages = _villages(session, commune, bulletin)
    if not villages:
        service.note(session, kept, Stage.NOT_FOR_US, now)
        return
    revision = content.start_draft(session, commune, _wording(commune, bulletin, villages, now), link.uuid, now)
    kept.announcement_uuid = revision.announcement.uuid
    detail = ""
    if link.submits:
        try:
            with session.begin_nested():
                pipeline.submit(session, revision, link.uuid, now)
        except Invalid as error:  # a secretary finishes it
            detail = str(error)
    service.note(session, kept, Stage.WAITING, now, detail)


def _wording(commune: Node, bulletin: Bulletin, villages: list[Node], now: datetime) -> Wording:
    from_on = max(bulletin.from_on or now.astimezone(commune.zone).date(), now.astimezone(commune.zone).date())
    return Wording(
        title=bulletin.title[: content.LONGEST_TITLE],
        texts={VIETNAMESE: bulletin.text},
        villages=villages,
        from_on=from_on,
        until_on=max(bulletin.until_on or from_on + USUAL_SPAN, from_on),
        priority=bulletin.level,
        times_per_day=min(bulletin.times_per_day, content.MOST_TIMES_PER_DAY),
    )


def _villages(session: Session, commune: Node, bulletin: Bulletin) -> list[Node]:
    """Those meant; where it cannot be told, too: a cadre reads it before it airs."""
    listed, around = places.places(session, commune)
    told = coverage(_cap(bulletin, ()).infos[0], listed, around)
    return [node for node in villages_of(session, commune) if node.uuid in told.how or node.uuid in told.unsure]


def _take_back(
    session: Session, commune: Node, link: Link, one: BulletinRow, now: datetime, *, even_approved: bool
) -> None:
    revision = _revision(session, commune, one)
    if revision is None:
        return
    if revision.state == workflow.State.IN_REVIEW:
        pipeline.recall(session, revision, link.uuid, now)
    if revision.state == workflow.State.DRAFT:
        content.discard(session, revision, link.uuid, now)
    elif revision.state == workflow.State.APPROVED and even_approved:
        pipeline.withdraw(session, commune, revision, link.uuid, now, "province")


def _note_progress(session: Session, link: Link, now: datetime) -> None:
    commune = session.get_one(Node, link.node_id)
    for kept in service.still_open(session, link):
        stage = None
        if kept.message_id:
            stage = _OF_MESSAGE.get(State(session.get_one(Message, kept.message_id).state))
        elif revision := _revision(session, commune, kept):
            stage = _OF_STATE.get(workflow.State(revision.state))
        if stage and stage != kept.stage:
            service.note(session, kept, stage, now)


def _revision(session: Session, commune: Node, kept: BulletinRow) -> Revision | None:
    return queries.latest(session, commune, kept.announcement_uuid) if kept.announcement_uuid else None


def _settle(station: Station, link: Link, pulled: Pulled) -> None:
    now = station.clock.now()
    with unit_of_work(station.sessions) as session:
        fresh = session.get_one(Link, link.id)
        if fresh.url == link.url:
            fresh.cursor = pulled.cursor or fresh.cursor
            fresh.asked_at, fresh.failing_since, fresh.error = now, None, ""
            fresh.next_poll_at = now + timedelta(seconds=fresh.poll_seconds)


def _fail(station: Station, link: Link, problem: str) -> None:
    now = station.clock.now()
    log.warning("province.failed", extra={"link": link.id, "error": problem})
    with unit_of_work(station.sessions) as session:
        fresh = session.get_one(Link, link.id)
        fresh.failing_since, fresh.error = fresh.failing_since or now, problem[:300]
        wait = timedelta(seconds=fresh.poll_seconds)
        fresh.next_poll_at = now + min(max(wait, now - fresh.failing_since), max(wait, _SLOWEST))
