"""For admins: where people of the commune are told, and of what."""

from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Response
from fastapi.responses import RedirectResponse
from pydantic import BaseModel
from sqlalchemy.orm import Session

from broadcaster.accounts import service as accounts
from broadcaster.accounts.models import Role
from broadcaster.deps import Acting, Looking, Reads, TheStation, Visit, Writes
from broadcaster.notices import posting, service
from broadcaster.notices.models import CHOSEN, Channel, Kind
from broadcaster.web.forms import Problem, problem_of
from broadcaster.web.render import render
from broadcaster.web.words import mark
from content.kernel.errors import Invalid

router = APIRouter(prefix="/settings/notices")
KINDS = {
    Kind.ALERT_STARTED: mark("An alert begins"),
    Kind.DRILL_STARTED: mark("An exercise begins"),
    Kind.ALERT_ENDED: mark("An alert is ended"),
    Kind.ALERT_NOT_SOUNDED: mark("A village has not sounded an alert"),
    Kind.ALERT_WAITS: mark("A warning waits for a press"),
    Kind.SOURCE_SILENT: mark("A source of warnings cannot be fetched"),
    Kind.PLAYER_OFFLINE: mark("A loudspeaker is offline"),
    Kind.PLAYER_BACK: mark("A loudspeaker is back"),
    Kind.REPORT: mark("Reports"),
    Kind.TEST: mark("Test"),
}


class ChannelForm(BaseModel):
    """A channel, as typed; the address is asked for only once."""

    name: str = ""
    address: str = ""
    kinds: list[str] = []


@router.get("")
def show_all(visit: Looking, session: Reads, removed: UUID | None = None, did: str = "") -> Response:
    """All channels, and how the last notice by each fared."""
    accounts.require(visit.user, Role.ADMIN)
    gone = service.channel(session, visit.commune, removed) if removed else None
    listed = service.channels(session, visit.commune)
    last = service.last_deliveries(session, listed)
    return render(visit, "notices/list.html", channels=listed, last=last, kinds=KINDS, removed=gone, did=did)


@router.get("/new")
def ask_new(visit: Looking) -> Response:
    """The form of another channel."""
    accounts.require(visit.user, Role.ADMIN)
    return _page(visit, None, ChannelForm(kinds=[str(kind) for kind in CHOSEN]))


@router.post("/new")
def add(visit: Acting, session: Writes, station: TheStation, form: Annotated[ChannelForm, Form()]) -> Response:
    """Another channel, and at once a test by it."""
    accounts.require(visit.user, Role.ADMIN)
    key = station.signer.secret_for(service.SEAL)
    try:
        address = posting.address(form.address)
        made = service.add_channel(
            session, visit.commune, key, form.name, address, form.kinds, visit.user.uuid, visit.now
        )
    except Invalid as error:
        return _page(visit, None, form, [problem_of(error)])
    service.try_out(session, visit.commune, made, visit.now)
    return RedirectResponse("/settings/notices?did=channel-added", 303)


@router.get("/{uuid}")
def show(visit: Looking, session: Reads, uuid: UUID) -> Response:
    """One channel; its address is not shown again."""
    accounts.require(visit.user, Role.ADMIN)
    found = service.channel(session, visit.commune, uuid)
    return _page(visit, found, ChannelForm(name=found.name, kinds=found.kinds))


@router.post("/{uuid}")
def change(visit: Acting, session: Writes, uuid: UUID, form: Annotated[ChannelForm, Form()]) -> Response:
    """Another name, or other things told."""
    accounts.require(visit.user, Role.ADMIN)
    found = service.channel(session, visit.commune, uuid)
    try:
        service.change_channel(session, found, form.name, form.kinds, visit.user.uuid, visit.now)
    except Invalid as error:
        return _page(visit, found, form, [problem_of(error)])
    return RedirectResponse("/settings/notices?did=channel-saved", 303)


@router.post("/{uuid}/test")
def test(visit: Acting, session: Writes, uuid: UUID) -> Response:
    """Send a test."""
    accounts.require(visit.user, Role.ADMIN)
    service.try_out(session, visit.commune, service.channel(session, visit.commune, uuid), visit.now)
    return RedirectResponse("/settings/notices?did=channel-tested", 303)


@router.post("/{uuid}/remove")
def remove(visit: Acting, session: Writes, uuid: UUID) -> Response:
    """Tell nothing more by it."""
    return _set_removed(visit, session, uuid, removed=True)


@router.post("/{uuid}/restore")
def restore(visit: Acting, session: Writes, uuid: UUID) -> Response:
    """Bring it back, with what still waits for it."""
    return _set_removed(visit, session, uuid, removed=False)


def _set_removed(visit: Visit, session: Session, uuid: UUID, *, removed: bool) -> Response:
    accounts.require(visit.user, Role.ADMIN)
    found = service.channel(session, visit.commune, uuid)
    service.set_removed(session, found, visit.user.uuid, visit.now, removed=removed)
    return RedirectResponse(f"/settings/notices{f'?removed={uuid}' if removed else '?did=channel-saved'}", 303)


def _page(visit: Visit, channel: Channel | None, form: ChannelForm, problems: Sequence[Problem] = ()) -> Response:
    status, chosen = 422 if problems else 200, [(kind, KINDS[kind]) for kind in CHOSEN]
    return render(visit, "notices/channel.html", status, channel=channel, form=form, kinds=chosen, problems=problems)
