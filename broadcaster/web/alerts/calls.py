"""Emergency calls: two presses to send one, the second person, and what goes on now.

The first press chooses (nothing sounds, but the voice begins at once to speak what was typed), the second one sends.
"""

import time
from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Response
from fastapi.responses import RedirectResponse
from sqlalchemy.orm import Session

from broadcaster.accounts import service as accounts
from broadcaster.accounts.models import Role
from broadcaster.alerts import phrases, queries, sounds, wishes
from broadcaster.alerts import service as alerts
from broadcaster.alerts.calls import Call
from broadcaster.alerts.errors import SecondPersonNeeded
from broadcaster.alerts.models import Alert, AlertWish
from broadcaster.alerts.service import By
from broadcaster.deps import Acting, Looking, Reads, TheStation, Visit, Writes
from broadcaster.station import Station
from broadcaster.web.alerts.forms import REPEATS, VALID, AlertForm
from broadcaster.web.alerts.now import now
from broadcaster.web.forms import Problem, problem_of
from broadcaster.web.render import render
from content.kernel.db import unit_of_work
from content.kernel.errors import Invalid
from content.kernel.nodes import villages_of

router = APIRouter(prefix="/alerts")
SOUNDS_WITHIN_S = 1.0
LOOK_AGAIN_S = 0.04


@router.get("")
def show(
    visit: Looking, session: Reads, update: UUID | None = None, again: UUID | None = None, did: str = ""
) -> Response:
    """What sounds now, and the form of another alert; with `update` of other words for one, with `again` as chosen."""
    chosen = wishes.wish(session, visit.commune, again) if again else None
    replaced = _replaced(session, visit, update, chosen)
    former = wishes.call_of(chosen) if chosen else queries.call_of(replaced) if replaced else None
    form = AlertForm.of(former, villages_of(session, visit.commune)) if former else AlertForm()
    return _form_page(visit, session, form, replaced=replaced, did=did)


@router.post("")
def choose(visit: Acting, session: Writes, form: Annotated[AlertForm, Form()], update: UUID | None = None) -> Response:
    """The first press: keep the choice, have its sounds made, and show exactly what will be heard."""
    accounts.require(visit.user, Role.CADRE)
    replaced = queries.alert(session, visit.commune, update) if update else None
    try:
        call, problems = form.call(session, visit.commune)
        if call is None:
            return _form_page(visit, session, form, replaced=replaced, problems=problems)
        chosen = wishes.make(session, visit.commune, call, visit.user.uuid, visit.now, replaced)
    except Invalid as error:
        return _form_page(visit, session, form, replaced=replaced, problems=[problem_of(error)])
    return RedirectResponse(f"/alerts/wishes/{chosen.uuid}", 303)


@router.get("/wishes/{uuid}")
def show_choice(visit: Looking, session: Reads, uuid: UUID) -> Response:
    """What will be heard, where and for how long; the second press, and the second person, are here."""
    accounts.require(visit.user, Role.CADRE)
    chosen = wishes.wish(session, visit.commune, uuid)
    if chosen.sent_as is not None:
        return RedirectResponse(f"/alerts/{chosen.sent_as}", 303)
    return _choice_page(visit, session, chosen)


@router.get("/wishes/{uuid}/state")
def show_state(visit: Looking, session: Reads, uuid: UUID) -> Response:
    """A piece of page: how long a second person may still confirm it."""
    accounts.require(visit.user, Role.CADRE)
    chosen = wishes.wish(session, visit.commune, uuid)
    return render(
        visit,
        "alerts/_waiting.html",
        wish=chosen,
        is_waiting=wishes.is_waiting(chosen, visit.now),
        seconds_left=_seconds_left(chosen, visit),
        names=accounts.names(session, visit.commune),
    )


@router.post("/wishes/{uuid}/send")
def send(
    visit: Looking,
    station: TheStation,
    uuid: UUID,
    alone: Annotated[str, Form()] = "",
    reason: Annotated[str, Form()] = "",
) -> Response:
    """The second press. What the voice has not finished is waited for a moment, with no unit of work open."""
    accounts.require(visit.user, Role.CADRE)
    _wait_for_sounds(station, visit, uuid)
    with unit_of_work(station.sessions) as session:
        chosen = wishes.wish(session, visit.commune, uuid)
        if alone and not _may_alone(visit, session):
            raise SecondPersonNeeded
        by = By(visit.user.uuid, station.clock.now(), reason=reason.strip()[: wishes.LONGEST_REASON])
        try:
            sent = wishes.send(session, station.signer, visit.commune, chosen, by, alone=bool(alone))
        except Invalid as error:
            return _choice_page(visit, session, chosen, [problem_of(error)], reason)
    return RedirectResponse(f"/alerts/{sent.uuid}" if sent else f"/alerts/wishes/{uuid}", 303)


@router.post("/wishes/{uuid}/confirm")
def confirm(visit: Acting, session: Writes, station: TheStation, uuid: UUID) -> Response:
    """The second person's press."""
    accounts.require(visit.user, Role.CADRE)
    chosen = wishes.wish(session, visit.commune, uuid)
    sent = wishes.confirm(session, station.signer, visit.commune, chosen, By(visit.user.uuid, station.clock.now()))
    return RedirectResponse(f"/alerts/{sent.uuid}", 303)


@router.post("/{uuid}/cancel")
def cancel(
    visit: Acting, session: Writes, station: TheStation, uuid: UUID, all_clear: Annotated[str, Form()] = ""
) -> Response:
    """One press, and every village falls silent; with the other button the all-clear is said there."""
    accounts.require(visit.user, Role.CADRE)
    alert = queries.alert(session, visit.commune, uuid)
    by = By(visit.user.uuid, station.clock.now())
    if alert.is_over(by.at):
        return RedirectResponse(f"/alerts/{uuid}", 303)
    clear = alerts.cancel_alert(session, station.signer, alert, by, all_clear=bool(all_clear))
    return RedirectResponse(f"/alerts/{clear.uuid if clear else uuid}", 303)


@router.post("/{uuid}/all-clear")
def all_clear(visit: Acting, session: Writes, station: TheStation, uuid: UUID) -> Response:
    """Say that the danger of an alert that is over is over."""
    accounts.require(visit.user, Role.CADRE)
    alert = queries.alert(session, visit.commune, uuid)
    clear = alerts.raise_all_clear(session, station.signer, alert, By(visit.user.uuid, station.clock.now()))
    return RedirectResponse(f"/alerts/{clear.uuid}", 303)


@router.get("/history")
def show_history(visit: Looking, session: Reads) -> Response:
    """All alerts, drills too, newest first."""
    return render(
        visit,
        "alerts/history.html",
        alerts=queries.history(session, visit.commune),
        names=accounts.names(session, visit.commune),
    )


def _form_page(
    visit: Visit,
    session: Session,
    form: AlertForm,
    *,
    replaced: Alert | None = None,
    problems: Sequence[Problem] = (),
    did: str = "",
) -> Response:
    return render(
        visit,
        "alerts/index.html",
        422 if problems else 200,
        did=did,
        form=form,
        problems=problems,
        replaced=replaced,
        villages=villages_of(session, visit.commune),
        phrases=[row for row in phrases.all_of(session, visit.commune) if row.is_offered or row.key == phrases.DRILL],
        **now(visit, session),
        valid=[(value, visit.tongue.say(label)) for value, label in VALID.items()],
        repeats=[(value, visit.tongue.say(label)) for value, label in REPEATS.items()],
    )


def _replaced(session: Session, visit: Visit, update: UUID | None, chosen: AlertWish | None) -> Alert | None:
    if update is not None:
        return queries.alert(session, visit.commune, update)
    return session.get(Alert, chosen.alert_id) if chosen and chosen.alert_id else None


def _choice_page(
    visit: Visit, session: Session, chosen: AlertWish, problems: Sequence[Problem] = (), reason: str = ""
) -> Response:
    call = wishes.call_of(chosen)
    palette = sounds.palette(session, visit.commune)
    places = [place for place in palette.places if place.village.uuid in call.villages]
    needs_second = wishes.needs_second(queries.rules(session, visit.commune), call)
    return render(
        visit,
        "alerts/choice.html",
        422 if problems else 200,
        wish=chosen,
        call=call,
        places=places,
        everywhere=len(places) == len(palette.places),
        notices=palette.phrases.get(phrases.EXERCISE, ()),
        unspoken=unspoken(call, places),
        listen=_first_sound(session, call, places),
        is_old=visit.now - chosen.made_at > wishes.LIVES,
        needs_second=needs_second,
        is_waiting=wishes.is_waiting(chosen, visit.now),
        seconds_left=_seconds_left(chosen, visit),
        is_mine=chosen.made_by == visit.user.uuid,
        may_alone=_may_alone(visit, session),
        replaces=session.get(Alert, chosen.alert_id) if chosen.alert_id else None,
        names=accounts.names(session, visit.commune),
        problems=problems,
        reason=reason,
    )


def unspoken(call: Call, places: Sequence[sounds.Place]) -> list[str]:
    """The languages of these villages in which the call is neither recorded nor spoken."""
    spoken = {line.language for line in call.lines}
    wanted = dict.fromkeys(language for place in places for language in place.languages)
    return [language for language in wanted if language not in spoken]


def _first_sound(session: Session, call: Call, places: Sequence[sounds.Place]) -> str | None:
    made = sounds.made(session, call.lines)
    found = (made.get((line.source, place.format)) for place in places for line in call.lines)
    return next((row.sha256 for row in found if row), None)


def _seconds_left(chosen: AlertWish, visit: Visit) -> int:
    if chosen.asked_at is None:
        return 0
    return max(0, round((chosen.asked_at + wishes.CONFIRM_WITHIN - visit.now).total_seconds()))


def _may_alone(visit: Visit, session: Session) -> bool:
    return accounts.reaches(visit.user, Role(queries.rules(session, visit.commune).alone_role))


def _wait_for_sounds(station: Station, visit: Visit, uuid: UUID) -> None:
    deadline = time.monotonic() + SOUNDS_WITHIN_S
    while time.monotonic() < deadline:
        with unit_of_work(station.sessions, writes=False) as session:
            chosen = wishes.wish(session, visit.commune, uuid)
            if chosen.sent_at or alerts.is_ready(session, visit.commune, wishes.call_of(chosen)):
                return
        time.sleep(LOOK_AGAIN_S)
