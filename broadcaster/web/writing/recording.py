"""The page of a part that is recorded: record or choose a file, say what is said in it, take it out and back.

A file is decoded outside any unit of work: that may take a minute, and nobody else waits for it.
"""

import threading
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Form, Header, Request, Response
from fastapi.responses import JSONResponse, RedirectResponse
from sqlalchemy.orm import Session
from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException

from audio_out import queries as audio
from audio_out import service as recordings
from audio_out.errors import RecordingTooBig
from audio_out.recordings import LARGEST_FILE, LONGEST, Take, receive
from audio_out.voices import VOICES
from broadcaster.accounts import service as accounts
from broadcaster.accounts.models import Role
from broadcaster.deps import Acting, Looking, Reads, Visit, Writes
from broadcaster.station import Station
from broadcaster.uploads import NoSuchUpload, Upload, Uploads, UploadUnfinished
from broadcaster.web.forms import Problem, problem_of
from broadcaster.web.render import render
from broadcaster.web.turns import one_of
from broadcaster.web.words import in_words, mark
from broadcaster.web.writing.takes import told, waveform_path
from broadcaster.web.writing.uploading import Sender, TheCaller, TheUploads, count_of
from content import queries, service
from content.errors import UnknownLanguage
from content.kernel.db import unit_of_work
from content.kernel.errors import Invalid
from content.languages import LANGUAGES, VIETNAMESE
from content.models import Part, Revision
from content.workflow import State, Step, after

router = APIRouter(prefix="/announcements")
FIELD = "recording"
NOTHING_SENT = mark("Nothing has been recorded yet. Record it here, or choose a file.")
_FORM_BYTES = 1 << 20
"""What may come beside a file."""
_JSON = "application/json"
_MB = 1 << 20
_DECODERS = threading.BoundedSemaphore(2)
"""Each child that decodes may take 1 GiB of memory."""


@dataclass(frozen=True, slots=True)
class Sent:
    """The form as it came: a file at once, or an upload that has come in pieces, or neither."""

    person: UUID
    text: str
    file: UploadFile | None = None
    upload: UUID | None = None
    problem: Problem | None = None


@dataclass(frozen=True, slots=True)
class Taken:
    """A take that can be aired, and the upload that it came from, which stays until the draft has the take."""

    take: Take
    upload: Upload


async def sent_form(request: Request, person: Sender) -> AsyncIterator[Sent]:
    """The form, read only after its sender and its size are known; a file in it lies on the disk."""
    size = count_of(request, "content-length")
    if size is None:
        raise HTTPException(HTTPStatus.LENGTH_REQUIRED)
    if size > LARGEST_FILE + _FORM_BYTES:
        too_big = RecordingTooBig(size_mb=size // _MB, limit_mb=LARGEST_FILE // _MB)
        yield Sent(person, "", problem=problem_of(too_big))
        return
    async with request.form(max_files=2, max_fields=8) as form:
        yield Sent(person, str(form.get("text", "")), _file(form), _uuid(form.get("upload")))


@router.get("/{uuid}/parts/{language}")
def show(
    visit: Looking, session: Reads, uuid: UUID, language: str, did: str = "", former: UUID | None = None
) -> Response:
    """What is recorded in this language, and how to record it; what is no draft is shown instead."""
    accounts.require(visit.user, Role.SECRETARY)
    draft = queries.latest(session, visit.commune, uuid)
    accounts.require_share(session, visit.user, draft.announcement.author, draft.villages)
    if draft.state != State.DRAFT:
        return RedirectResponse(f"/announcements/{uuid}", 303)
    return _page(visit, session, _draft(session, visit, uuid, language), language, did=did, former=former)


@router.post("/{uuid}/parts/{language}")
def put(
    caller: TheCaller,
    uploads: TheUploads,
    sent: Annotated[Sent, Depends(sent_form)],
    uuid: UUID,
    language: str,
    accept: Annotated[str, Header()] = "",
) -> Response:
    """Take a recording, or only what is said in it; what cannot be aired is refused, and the former one stays."""
    station = caller.station
    with unit_of_work(station.sessions, writes=False) as session:
        visit = caller.looking(session)
        part = _part(_draft(session, visit, uuid, language), language)
    taken = sent.problem or _taken(station, uploads, sent, visit)
    if taken is None and (part is None or part.recording is None) and not _is_voiced(language):
        taken = Problem(FIELD, NOTHING_SENT)
    if isinstance(taken, Problem):
        return _refused(station, visit, uuid, language, sent.text, taken, accept)
    with unit_of_work(station.sessions) as session:
        address = _keep(session, caller.acting(session), uuid, language, sent.text, taken)
    if taken is not None:
        uploads.remove(sent.person, taken.upload.uuid)
    return JSONResponse({"address": address}) if accept == _JSON else RedirectResponse(address, 303)


@router.post("/{uuid}/parts/{language}/remove")
def remove(visit: Acting, session: Writes, uuid: UUID, language: str) -> Response:
    """Let no recording be heard in this language; undone by `restore`."""
    accounts.require(visit.user, Role.SECRETARY)
    draft = _draft(session, visit, uuid, language)
    part = _part(draft, language)
    former = part.recording if part else None
    service.put_recording(session, draft, language, None, visit.user.uuid, visit.now)
    return RedirectResponse(_address(uuid, language, "removed", former), 303)


@router.post("/{uuid}/parts/{language}/restore")
def restore(visit: Acting, session: Writes, uuid: UUID, language: str, former: Annotated[UUID, Form()]) -> Response:
    """Let a former recording be heard again. Raises NoSuchRecording."""
    accounts.require(visit.user, Role.SECRETARY)
    recording = audio.recording(session, visit.commune, former)
    draft = _draft(session, visit, uuid, language)
    service.put_recording(session, draft, language, recording.uuid, visit.user.uuid, visit.now)
    return RedirectResponse(_address(uuid, language, "restored"), 303)


def _taken(station: Station, uploads: Uploads, sent: Sent, visit: Visit) -> Taken | Problem | None:
    """What was sent, decoded and checked; None if nothing was sent. What is refused is thrown away."""
    try:
        upload = _upload(uploads, sent, visit)
    except (NoSuchUpload, UploadUnfinished) as error:
        return Problem(FIELD, error.sentence, error.facts)
    if upload is None:
        return None
    try:
        with one_of(_DECODERS):
            take = receive(upload.path, station.store)
    except Invalid as error:
        uploads.remove(sent.person, upload.uuid)
        return problem_of(error)
    if take.is_airable:
        return Taken(take, upload)
    uploads.remove(sent.person, upload.uuid)
    blocking = [(finding.kind, finding.facts) for finding in take.findings if finding.is_blocking]
    return Problem(FIELD, *told(blocking)[0])


def _upload(uploads: Uploads, sent: Sent, visit: Visit) -> Upload | None:
    if sent.upload is not None:
        return uploads.whole(sent.person, sent.upload)
    if sent.file is not None:
        return uploads.take_in(sent.person, sent.file.file, sent.file.filename or "", visit.now)
    return None


def _keep(session: Session, visit: Visit, uuid: UUID, language: str, text: str, taken: Taken | None) -> str:
    """Put what was sent into the draft; where to look at it."""
    draft, now, actor = _draft(session, visit, uuid, language), visit.now, visit.user.uuid
    part = _part(draft, language)
    former = part.recording if part else None
    if taken is None:
        service.put_recording(session, draft, language, former, actor, now, text=text)
        return _address(uuid, language, "saved")
    recording = recordings.add_recording(session, visit.commune, taken.take, taken.upload.file_name, actor, now)
    service.put_recording(session, draft, language, recording.uuid, actor, now, text=text)
    return _address(uuid, language, "recorded", former)


def _refused(
    station: Station, visit: Visit, uuid: UUID, language: str, text: str, problem: Problem, accept: str
) -> Response:
    if accept == _JSON:
        said = visit.tongue.say(problem.sentence, in_words(visit.tongue, dict(problem.facts)))
        return JSONResponse({"problem": said}, 422)
    with unit_of_work(station.sessions, writes=False) as session:
        return _page(visit, session, _draft(session, visit, uuid, language), language, text=text, problems=[problem])


def _page(
    visit: Visit,
    session: Session,
    draft: Revision,
    language: str,
    *,
    text: str | None = None,
    problems: Sequence[Problem] = (),
    did: str = "",
    former: UUID | None = None,
) -> Response:
    part = _part(draft, language)
    recording = audio.recording(session, visit.commune, part.recording) if part and part.recording else None
    return render(
        visit,
        "recording/part.html",
        422 if problems else 200,
        did=did,
        former=former,
        draft=draft,
        language=language,
        recording=recording,
        findings=told(recording.findings) if recording else [],
        waveform=waveform_path(recording.waveform) if recording else "",
        text=text if text is not None else part.text if part else "",
        to_be_said=next((each.text for each in draft.parts if each.language == VIETNAMESE != language), ""),
        is_voiced=_is_voiced(language),
        problems=problems,
        largest=LARGEST_FILE,
        longest_ms=LONGEST,
    )


def _draft(session: Session, visit: Visit, uuid: UUID, language: str) -> Revision:
    """The announcement's draft. Raises NoSuchAnnouncement, WrongState, UnknownLanguage."""
    draft = queries.latest(session, visit.commune, uuid)
    accounts.require_share(session, visit.user, draft.announcement.author, draft.villages)
    after(draft.state, Step.SUBMIT)
    if language not in LANGUAGES:
        raise UnknownLanguage(language=language)
    return draft


def _part(draft: Revision, language: str) -> Part | None:
    return next((part for part in draft.parts if part.language == language), None)


def _is_voiced(language: str) -> bool:
    """Whether a text in this language can be read aloud without a recording."""
    return any(voice.language == language for voice in VOICES)


def _address(uuid: UUID, language: str, did: str, former: UUID | None = None) -> str:
    return f"/announcements/{uuid}/parts/{language}?did={did}" + (f"&former={former}" if former else "")


def _file(form: FormData) -> UploadFile | None:
    """The first file that was chosen; browsers send a field without one as a file without a name."""
    return next((one for one in form.getlist("file") if isinstance(one, UploadFile) and one.filename), None)


def _uuid(value: object) -> UUID | None:
    try:
        return UUID(str(value))
    except ValueError:
        return None
