"""A village without a network: its programme onto a stick, its journal back from one."""

import tempfile
from pathlib import Path

from fastapi import APIRouter, BackgroundTasks, Response, UploadFile
from fastapi.responses import FileResponse

from broadcaster.accounts import service as accounts
from broadcaster.accounts.models import Role
from broadcaster.deps import Looking, Reads, TheStation, Visit
from broadcaster.protocol import RowVerdict
from broadcaster.publishing import bundles
from broadcaster.web.forms import Problem, problem_of
from broadcaster.web.render import render
from content.kernel.db import unit_of_work
from content.kernel.errors import Invalid
from content.kernel.nodes import Node, village

router = APIRouter(prefix="/villages/{slug}/stick")


@router.get("")
def show(visit: Looking, session: Reads, slug: str) -> Response:
    """What to carry there and what to bring back."""
    accounts.require(visit.user, Role.SECRETARY)
    return _page(visit, village(session, visit.commune, slug))


@router.get("/bundle")
def download(visit: Looking, session: Reads, station: TheStation, after: BackgroundTasks, slug: str) -> FileResponse:
    """The archive for the stick. Raises NothingToCarry."""
    accounts.require(visit.user, Role.SECRETARY)
    listed = bundles.contents(session, village(session, visit.commune, slug), station.signer.public.key_id)
    with tempfile.NamedTemporaryFile(dir=station.settings.data_dir, prefix="bundle-", delete=False) as file:
        after.add_task(Path(file.name).unlink, missing_ok=True)
        bundles.write(listed, station.store, file)
    return FileResponse(
        file.name,
        media_type="application/zip",
        filename=listed.name,
        headers={"Cache-Control": "no-store"},
        background=after,
    )


@router.post("/journal")
def bring_back(
    visit: Looking, session: Reads, station: TheStation, slug: str, journal: UploadFile | None = None
) -> Response:
    """Take in what a loudspeaker of any village wrote onto the stick; a second time changes nothing."""
    accounts.require(visit.user, Role.SECRETARY)
    place = village(session, visit.commune, slug)
    data = journal.file.read(bundles.LARGEST_JOURNAL + 1) if journal else b""
    try:
        if len(data) > bundles.LARGEST_JOURNAL:
            raise bundles.NotAJournal
        with unit_of_work(station.sessions) as writing:
            brought = bundles.import_journal(writing, data, visit.user.uuid, visit.now)
    except Invalid as error:
        return _page(visit, place, problems=[problem_of(error)])
    return _page(visit, place, brought=brought)


def _page(
    visit: Visit, place: Node, *, problems: list[Problem] | None = None, brought: bundles.Imported | None = None
) -> Response:
    counts = {verdict.value: brought.counts[verdict] for verdict in RowVerdict} if brought else None
    return render(
        visit,
        "villages/stick.html",
        status=422 if problems else 200,
        village=place,
        problems=problems or [],
        counts=counts,
    )
