"""Announcements: the list, and the page of one with what can be done."""

from collections.abc import Mapping, Sequence
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Query, Response
from fastapi.responses import RedirectResponse
from sqlalchemy.orm import Session

from audio_out import queries as audio
from audio_out import service as rendering
from broadcaster import pipeline
from broadcaster.accounts import service as accounts
from broadcaster.accounts.models import Role
from broadcaster.deps import Acting, Looking, Reads, TheStation, Visit, Writes
from broadcaster.publishing.chimes import longest_room_ms
from broadcaster.publishing.confirmations import confirmations
from broadcaster.station import Station
from broadcaster.web import words
from broadcaster.web.forms import Problem, problem_of
from broadcaster.web.render import render
from broadcaster.web.waiting import waiting_for
from broadcaster.web.words import mark
from broadcaster.web.writing.nowhere import why_nowhere
from broadcaster.web.writing.preview import Preview, preview
from broadcaster.web.writing.reserve import reserves
from broadcaster.web.writing.searching import WAITING, Asked, day_of
from content import queries, service
from content.errors import CommentMissing
from content.kernel.errors import NotAllowed
from content.kernel.nodes import villages_of
from content.kernel.units import Sha256
from content.models import Revision, RevisionEvent
from content.workflow import State, Step
from schedules import queries as schedules
from schedules.planner import lasting_ms

router = APIRouter(prefix="/announcements")
PAGE = 40
FROM, UNTIL = mark("airs from {day}"), mark("airs until {day}")


class NotYours(NotAllowed):
    """Who took something out of sight decided that; only they, or somebody who approves, put it back."""

    sentence = "Somebody else took this announcement away, so they or an approving cadre must restore it."


class NotYourDraft(NotAllowed):
    """Who approves returns with a reason; only who wrote it takes it back without one."""

    sentence = "Somebody else wrote this. An approving cadre can return it with a reason."


@router.get("")
def show_list(visit: Looking, session: Reads, asked: Annotated[Asked, Query()]) -> Response:
    """All announcements, newest edit first; narrowed by words, state and whatever else is asked."""
    waiting = [task.revision.id for task in waiting_for(session, visit)] if asked.state == WAITING else None
    search = asked.search(waiting)
    found = queries.find(session, visit.commune, search, visit.today, limit=PAGE, offset=(asked.page - 1) * PAGE)
    villages = villages_of(session, visit.commune)
    names = accounts.names(session, visit.commune)
    choices = {
        "village": {village.slug: village.name for village in villages},
        "category": {key: visit.tongue.say(word) for key, word in words.CATEGORIES.items()},
        "author": {str(uuid): name for uuid, name in names.items()},
        "from_on": _as_said(visit, FROM, asked.from_on),
        "until_on": _as_said(visit, UNTIL, asked.until_on),
    }
    return render(
        visit,
        "announcements/list.html",
        revisions=found.revisions,
        total=found.total,
        excerpts={revision.id: queries.excerpt(revision, search.words) for revision in found.revisions},
        progress=audio.progress(session, found.revisions),
        next_airings=schedules.next_airings(session, visit.commune, visit.now),
        asked=asked,
        search=search,
        choices=choices,
        narrowed_by=list(asked.narrowed_by(choices)),
        has_more=found.total > asked.page * PAGE,
        every_village=len(villages),
    )


@router.get("/{uuid}")
def show(visit: Looking, session: Reads, station: TheStation, uuid: UUID, did: str = "") -> Response:
    """One announcement: what it says, how it sounds, where it stands, what can be done."""
    return _page(visit, session, station, queries.latest(session, visit.commune, uuid), did=did)


@router.get("/{uuid}/progress")
def show_progress(visit: Looking, session: Reads, uuid: UUID) -> Response:
    """A piece of page: how far the rendering is."""
    revision = queries.latest(session, visit.commune, uuid)
    progress = audio.progress(session, [revision]).get(revision.id)
    return render(visit, "announcements/_progress.html", revision=revision, progress=progress)


@router.post("/{uuid}/retry")
def retry(visit: Acting, session: Writes, uuid: UUID) -> Response:
    """Make the audio again."""
    accounts.require(visit.user, Role.SECRETARY)
    revision = queries.latest(session, visit.commune, uuid)
    accounts.require_hand(session, visit.user, revision.announcement.author, revision.villages)
    rendering.enqueue(session, revision, visit.now)
    return RedirectResponse(f"/announcements/{uuid}?did=retried", 303)


@router.post("/{uuid}/recall")
def recall(visit: Acting, session: Writes, uuid: UUID) -> Response:
    """Take back what one has sent, to write on."""
    accounts.require(visit.user, Role.SECRETARY)
    revision = queries.latest(session, visit.commune, uuid)
    if revision.state == State.IN_REVIEW and not is_mine(visit, revision):
        raise NotYourDraft
    pipeline.recall(session, revision, visit.user.uuid, visit.now)
    return RedirectResponse(f"/announcements/{uuid}/edit?did=recalled", 303)


@router.post("/{uuid}/revise")
def revise(visit: Acting, session: Writes, uuid: UUID) -> Response:
    """Begin a new version; the approved one airs on."""
    accounts.require(visit.user, Role.SECRETARY)
    approved = queries.latest(session, visit.commune, uuid)
    accounts.require_hand(session, visit.user, approved.announcement.author, approved.villages)
    service.revise(session, approved, visit.user.uuid, visit.now)
    return RedirectResponse(f"/announcements/{uuid}/edit", 303)


@router.post("/{uuid}/copy")
def copy(visit: Acting, session: Writes, uuid: UUID) -> Response:
    """Begin another announcement with the same words and recordings."""
    accounts.require(visit.user, Role.SECRETARY)
    revision = queries.latest(session, visit.commune, uuid)
    own = accounts.villages_for(session, visit.user, revision.villages)
    draft = service.copy_as_new(session, revision, own, visit.user.uuid, visit.now, visit.today)
    return RedirectResponse(f"/announcements/{draft.announcement.uuid}/edit?did=copied", 303)


@router.post("/{uuid}/withdraw")
def withdraw(visit: Acting, session: Writes, uuid: UUID, reason: Annotated[str, Form()] = "") -> Response:
    """Take an announcement off the air, at once and undoably."""
    accounts.require(visit.user, Role.SECRETARY)
    revision = queries.in_force(session, visit.commune, uuid) or queries.latest(session, visit.commune, uuid)
    accounts.require_hand(session, visit.user, revision.announcement.author, revision.villages)
    pipeline.withdraw(session, visit.commune, revision, visit.user.uuid, visit.now, reason)
    return RedirectResponse(f"/announcements/{uuid}?did=withdrawn", 303)


@router.get("/{uuid}/confirmations")
def show_confirmations(visit: Looking, session: Reads, uuid: UUID) -> Response:
    """A piece of page: which loudspeakers have taken in that it is withdrawn."""
    revision = _decided(queries.versions(session, visit.commune, uuid))
    told = confirmations(session, visit.commune, revision, visit.now) if revision else []
    return render(visit, "announcements/_confirmations.html", uuid=uuid, confirmations=told)


@router.post("/{uuid}/restore")
def restore(visit: Acting, session: Writes, uuid: UUID) -> Response:
    """Undo a withdrawal, or bring a discarded draft back."""
    latest = queries.latest(session, visit.commune, uuid)
    revision = restorable(latest, queries.versions(session, visit.commune, uuid)) or latest
    if not _may_restore(visit, revision):
        raise NotYours
    accounts.require_hand(session, visit.user, revision.announcement.author, revision.villages)
    pipeline.restore(session, visit.commune, revision, visit.user.uuid, visit.now)
    did = "draft-restored" if revision.state == State.DRAFT else "restored"
    return RedirectResponse(f"/announcements/{uuid}?did={did}", 303)


@router.post("/{uuid}/comment")
def comment(
    visit: Acting,
    session: Writes,
    station: TheStation,
    uuid: UUID,
    comment: Annotated[str, Form()] = "",
    on: Annotated[str, Form()] = "",
) -> Response:
    """Say something about it; everybody who is logged in may, in any state."""
    revision = queries.latest(session, visit.commune, uuid)
    try:
        service.comment(session, revision, comment, visit.user.uuid, visit.now)
    except CommentMissing as error:
        return _page(visit, session, station, revision, [problem_of(error)])
    return RedirectResponse(f"{_page_of(revision, on)}?did=commented#history", 303)


@router.post("/{uuid}/attest")
def attest(
    visit: Acting, session: Writes, uuid: UUID, language: Annotated[str, Form()], on: Annotated[str, Form()] = ""
) -> Response:
    """Vouch for a recording; everybody who is logged in may, except those who wrote the announcement."""
    revision = queries.latest(session, visit.commune, uuid)
    service.attest(session, revision, language, audio.masters(session, revision), visit.user.uuid, visit.now)
    return RedirectResponse(f"{_page_of(revision, on)}?did=attested", 303)


def readings(session: Session, visit: Visit, revision: Revision) -> dict[str, Preview]:
    """By language: each text as it will be read, from submission on as it was frozen."""
    submitted = [event.at for event in revision.events if event.step == Step.SUBMIT]
    on = submitted[-1].astimezone(visit.zone).date() if submitted and revision.state != State.DRAFT else visit.today
    lexicon = queries.lexicon(session, visit.commune)
    voiced = [part for part in revision.parts if part.recording is None]
    return {part.language: preview(part.text, on, part.reading, lexicon) for part in voiced}


def is_too_long(session: Session, visit: Visit, revision: Revision, sounds: Mapping[str, audio.Sound]) -> bool:
    """Whether it lasts longer than every slot of its villages leaves it, so that it can never air."""
    room_ms = longest_room_ms(session, visit.commune, revision.villages, [UUID(slot) for slot in revision.slots])
    length_ms = lasting_ms([sound.deliverable.duration_ms for sound in sounds.values()])
    return room_ms is not None and length_ms > room_ms


def _page(
    visit: Visit,
    session: Session,
    station: Station,
    revision: Revision,
    problems: Sequence[Problem] = (),
    did: str = "",
) -> Response:
    uuid = revision.announcement.uuid
    versions = queries.versions(session, visit.commune, uuid)
    decided, gone = _decided(versions), restorable(revision, versions)
    sounds = audio.sounds(session, [revision]).get(revision.id, {})
    has_hand = _has_hand(visit, session, decided or revision)
    airings = schedules.airings_of(session, visit.commune, visit.now, uuid)
    booking = next(iter(schedules.bookings(session, visit.commune, announcement_uuid=uuid)), None)
    horizon_days = station.settings.horizon_days
    return render(
        visit,
        "announcements/show.html",
        422 if problems else 200,
        did=did,
        problems=problems,
        revision=revision,
        history=history(versions),
        readings=readings(session, visit, revision),
        sounds=sounds,
        reserves=reserves(session, station, sounds),
        attested=attested(revision, sounds),
        progress=audio.progress(session, [revision]).get(revision.id),
        too_long=is_too_long(session, visit, revision, sounds),
        names=accounts.names(session, visit.commune),
        airings=airings,
        nowhere=list(why_nowhere(session, visit, revision, booking, horizon_days)) if booking and not airings else [],
        refusals=schedules.refusals_of(session, visit.commune, visit.now, uuid),
        stands_by=[slot for slot in schedules.slots(session, visit.commune) if slot.relay_fallback == uuid],
        decided=decided if decided is not revision else None,
        slots=schedules.slot_names(session, visit.commune, revision.slots),
        is_mine=is_mine(visit, revision),
        has_hand=has_hand,
        has_share=visit.may(Role.SECRETARY)
        and accounts.has_share(session, visit.user, revision.announcement.author, revision.villages),
        gone=gone if gone and has_hand and _may_restore(visit, gone) else None,
        uuid=uuid,
        confirmations=confirmations(session, visit.commune, decided, visit.now) if decided else [],
        every_village=len(villages_of(session, visit.commune)),
        booking=booking,
    )


def history(versions: Sequence[Revision]) -> list[tuple[Revision, RevisionEvent]]:
    """Every step of every version, the first one first."""
    steps = [(version, event) for version in versions for event in version.events]
    return sorted(steps, key=lambda step: (step[1].at, step[1].id))


def restorable(latest: Revision, versions: Sequence[Revision]) -> Revision | None:
    """What `restore` brings back: what is shown, else a draft discarded after it, else what was withdrawn before it."""
    if latest.state in {State.WITHDRAWN, State.DISCARDED}:
        return latest
    if latest.state == State.APPROVED:
        return versions[-1] if versions[-1].state == State.DISCARDED else None
    decided = _decided(versions)
    return decided if decided and decided.state == State.WITHDRAWN else None


def _decided(versions: Sequence[Revision]) -> Revision | None:
    """The newest version that was approved, whether it airs or was withdrawn."""
    known = [version for version in versions if version.state in {State.APPROVED, State.WITHDRAWN}]
    return known[-1] if known else None


def is_mine(visit: Visit, revision: Revision) -> bool:
    """Whether the visitor wrote it or edited it last, and so neither approves nor vouches."""
    return visit.user.uuid in service.writers_of(revision)


def attested(revision: Revision, sounds: Mapping[str, audio.Sound]) -> dict[str, RevisionEvent]:
    """By language: who vouched for the audio as it is now."""
    masters = {language: Sha256(sound.rendition.sha256) for language, sound in sounds.items()}
    return service.attestations(revision, masters)


def _has_hand(visit: Visit, session: Session, revision: Revision) -> bool:
    """Whether the visitor may take it off the air, or begin a new version of it."""
    villages = list(revision.villages)
    return visit.may(Role.SECRETARY) and accounts.has_hand(session, visit.user, revision.announcement.author, villages)


def _as_said(visit: Visit, sentence: str, typed: str) -> dict[str, str]:
    """A day of the filter, as the page says it."""
    day = day_of(typed)
    return {typed: visit.tongue.say(sentence, {"day": day})} if day else {}


def _page_of(revision: Revision, on: str) -> str:
    """The page from which a small form was sent: the review while there is one, else the announcement's."""
    address = f"/announcements/{revision.announcement.uuid}"
    return f"{address}/review" if on == "review" and revision.state == State.IN_REVIEW else address


def _may_restore(visit: Visit, revision: Revision) -> bool:
    if revision.state == State.DISCARDED:
        return visit.may(Role.CADRE) or is_mine(visit, revision)
    withdrawals = [event for event in revision.events if event.step == Step.WITHDRAW]
    return visit.may(Role.CADRE) or (bool(withdrawals) and withdrawals[-1].actor == visit.user.uuid)
