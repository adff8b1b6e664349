"""For admins: what is kept how long, what goes next, the exports to download, and the way back."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Response
from fastapi.responses import FileResponse, RedirectResponse
from pydantic import BaseModel

from broadcaster.accounts import service as accounts
from broadcaster.accounts.models import Role
from broadcaster.deps import Acting, Looking, Reads, TheStation, Writes
from broadcaster.jobs.retention import archive_of
from broadcaster.retention import queries, service
from broadcaster.retention.rules import GRACE, LOG_AT_LEAST_MONTHS, Kept, What
from broadcaster.web.render import render
from broadcaster.web.words import mark

router = APIRouter(prefix="/settings/retention")
ADDRESS = router.prefix
MONTHS = (0, 12, 24, 36, 60, 120)
DAYS = (30, 90, 180, 365)
WHAT = {
    What.LOG: mark("Broadcast log: what was planned, what the loudspeakers reported"),
    What.AUDIO: mark("Audio of announcements that are over, and the recordings they were made from"),
    What.HEALTH: mark("The loudspeakers' hourly reports of how they are"),
}
FIELDS = {What.LOG: "log_months", What.AUDIO: "audio_months", What.HEALTH: "health_days"}
SOURCES = {
    "as_run": mark("Reports of the loudspeakers"),
    "airing": mark("Broadcast log"),
    "as_run_quarantine": mark("Reports set aside"),
    "player_hour": mark("Hourly reports"),
    "audio": mark("Audio"),
}
STATES = {
    "waiting": mark("is removed on {day}"),
    "held": mark("stays: somebody said no"),
    "deleted": mark("removed on {day}"),
    "back": mark("is being put back"),
    "returned": mark("put back on {day}"),
}


class RulesForm(BaseModel):
    """How long, by the choices of the page."""

    log_months: int = 0
    audio_months: int = 0
    health_days: int = 90

    def values(self) -> Kept:
        """What nobody can choose is made the nearest that can be."""
        return Kept(max(0, self.log_months), max(0, self.audio_months), max(1, self.health_days))


@router.get("")
def show(visit: Looking, session: Reads, station: TheStation, did: str = "") -> Response:
    """The rules, what each removes next, and the exports."""
    accounts.require(visit.user, Role.ADMIN)
    archive = archive_of(station)
    kept = service.kept(session, station.settings, visit.commune)
    exports = queries.exports(session, visit.commune)
    return render(
        visit,
        "retention/show.html",
        kept={what: getattr(kept, field) for what, field in FIELDS.items()},
        fields=FIELDS,
        choices={what: DAYS if what is What.HEALTH else MONTHS for what in What},
        what_of=WHAT,
        outlooks=queries.outlooks(session, archive, visit.commune, visit.now),
        state=queries.state(session, visit.commune),
        exports=[(one, (archive.folder / one.file).is_file()) for one in exports],
        sources=SOURCES,
        states=STATES,
        grace_days=GRACE.days,
        least_months=LOG_AT_LEAST_MONTHS,
        did=did,
    )


@router.post("")
def save(visit: Acting, session: Writes, form: Annotated[RulesForm, Form()]) -> Response:
    """Keep things so long from now on."""
    accounts.require(visit.user, Role.ADMIN)
    service.choose(session, visit.commune, form.values(), visit.user.uuid, visit.now)
    return RedirectResponse(f"{ADDRESS}?did=retention-saved", 303)


@router.post("/{uuid}/hold")
def hold(visit: Acting, session: Writes, uuid: UUID) -> Response:
    """Keep the originals, or have them back. Raises NoSuchExport."""
    accounts.require(visit.user, Role.ADMIN)
    one = service.hold(session, visit.commune, uuid, visit.user.uuid, visit.now)
    return RedirectResponse(f"{ADDRESS}?did={'retention-back' if one.deleted_at else 'retention-held'}#exports", 303)


@router.post("/{uuid}/let-go")
def let_go(visit: Acting, session: Writes, uuid: UUID) -> Response:
    """Remove the originals after all. Raises NoSuchExport."""
    accounts.require(visit.user, Role.ADMIN)
    service.let_go(session, visit.commune, uuid, visit.user.uuid, visit.now)
    return RedirectResponse(f"{ADDRESS}?did=retention-let-go#exports", 303)


@router.get("/{uuid}/file")
def download(visit: Looking, session: Reads, station: TheStation, uuid: UUID) -> FileResponse:
    """The export's file. Raises NoSuchExport, ExportGone."""
    accounts.require(visit.user, Role.ADMIN)
    one = service.export(session, visit.commune, uuid)
    return FileResponse(
        service.path_of(archive_of(station), one), filename=one.file, headers={"Cache-Control": "no-store"}
    )
