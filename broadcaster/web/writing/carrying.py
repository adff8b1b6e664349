"""The form of an announcement as it came, with the text of a file that was carried in.

A file is read in a child process and before any unit of work begins: that may take seconds, and nobody waits for it.
"""

import threading
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError
from starlette.datastructures import FormData, UploadFile

from broadcaster.web.forms import AnnouncementForm, Problem, problem_of
from broadcaster.web.words import mark
from broadcaster.web.writing.uploading import Sender
from content import importing
from content.importing.errors import FileTooBig
from content.kernel.errors import Invalid

LARGEST_FILE = 10 << 20
"""Bytes: what a page takes; the command line takes more."""
_LARGEST_FORM = LARGEST_FILE + (4 << 20)
_MANY = ("villages", "slots")
_READERS = threading.BoundedSemaphore(2)
"""Each child that reads a file may take 1 GiB of memory."""
NO_FILE = mark("Choose a file first.")


@dataclass(frozen=True, slots=True)
class Typed:
    """What was typed, with what a file added to it; `problem` is why it added nothing."""

    form: AnnouncementForm
    problem: Problem | None = None
    left_out: tuple[str, ...] = ()


async def typed_form(request: Request, person: Sender) -> AsyncIterator[Typed]:
    """The form, read only after its sender and size are known. Raises LoginNeeded, RoleNeeded, FileTooBig."""
    del person  # asked for, so that only people who write send files
    size = request.headers.get("content-length", "")
    if not size.isdecimal() or len(size) > 15 or int(size) > _LARGEST_FORM:
        raise _too_big(int(size[:15]) if size.isdecimal() else 0)
    async with request.form(max_files=1) as sent:
        form = _form(sent)
        yield await run_in_threadpool(_with_file, form, sent.get("file")) if form.do == "import" else Typed(form)


TheTyped = Annotated[Typed, Depends(typed_form)]


def _form(sent: FormData) -> AnnouncementForm:
    values = {name: value for name, value in sent.items() if isinstance(value, str)}
    try:
        return AnnouncementForm.model_validate(values | {name: sent.getlist(name) for name in _MANY})
    except ValidationError as error:
        raise RequestValidationError(error.errors()) from None


def _with_file(form: AnnouncementForm, file: object) -> Typed:
    if not isinstance(file, UploadFile) or not file.filename:
        return Typed(form, Problem("file", NO_FILE))
    try:
        data = file.file.read(LARGEST_FILE + 1)
        if len(data) > LARGEST_FILE:
            raise _too_big(file.size or len(data))
        with _READERS:
            imported = importing.read_file(data, file.filename, keep_official=not form.without_official)
    except Invalid as error:
        return Typed(form, problem_of(error))
    return Typed(form.with_imported(imported), left_out=imported.left_out)


def _too_big(size_bytes: int) -> FileTooBig:
    return FileTooBig(size_mb=-(-size_bytes >> 20), limit_mb=LARGEST_FILE >> 20)
