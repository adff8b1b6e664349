"""What alerts rest on: the prepared phrases, the commune's rules and drills, and the telephone numbers."""

import shutil
import tempfile
from collections.abc import Sequence
from datetime import datetime, time
from pathlib import Path
from typing import Annotated, Final

from fastapi import APIRouter, Form, Response, UploadFile
from fastapi.responses import RedirectResponse
from pydantic import BaseModel
from sqlalchemy.orm import Session

from audio_out import service as recordings
from audio_out.recordings import Take, receive
from broadcaster.accounts import service as accounts
from broadcaster.accounts.models import Role
from broadcaster.alerts import drills, phrases, proposals, queries, rules, sounds
from broadcaster.alerts.models import AlertRules, DrillKind
from broadcaster.alerts.proposals import Proposal
from broadcaster.alerts.rules import LAST_DAY, Rules
from broadcaster.deps import Acting, Looking, Reads, TheStation, Visit, Writes
from broadcaster.publishing import service as publishing
from broadcaster.station import Station
from broadcaster.web.forms import NO_TIME, NOT_OFFERED, Problem, clock_time, problem_of
from broadcaster.web.render import render
from broadcaster.web.words import mark
from broadcaster.web.writing.takes import told
from content.errors import UnknownLanguage
from content.kernel.db import unit_of_work
from content.kernel.errors import Invalid
from content.kernel.nodes import villages_of
from content.languages import LANGUAGES, VIETNAMESE

router = APIRouter(prefix="/alerts")
NOTHING_SENT = mark("Choose a file, or record one.")
ALONE: Final = {Role.ADMIN: mark("an admin"), Role.CADRE: mark("an admin or an approving cadre")}


class RulesForm(BaseModel):
    """Who must confirm, and when drills are, as typed; an empty day means none."""

    second_person: bool = False
    alone_role: str = Role.ADMIN
    silent_day: str = ""
    silent_at_local: str = "09:00"
    audible_day: str = ""
    audible_at_local: str = "09:30"

    @classmethod
    def of(cls, row: AlertRules) -> "RulesForm":
        """The form that would have made these rules."""
        return cls(
            second_person=row.second_person,
            alone_role=row.alone_role,
            silent_day=str(row.silent_day or ""),
            silent_at_local=f"{row.silent_at_local:%H:%M}",
            audible_day=str(row.audible_day or ""),
            audible_at_local=f"{row.audible_at_local:%H:%M}",
        )

    def rules(self) -> tuple[Rules, list[Problem]]:
        """What is meant, and what could not be understood."""
        problems: list[Problem] = []
        if self.alone_role not in ALONE:
            problems.append(Problem("alone_role", NOT_OFFERED))
        meant = Rules(
            self.second_person,
            self.alone_role,
            _day("silent_day", self.silent_day, problems),
            _time("silent_at_local", self.silent_at_local, problems),
            _day("audible_day", self.audible_day, problems),
            _time("audible_at_local", self.audible_at_local, problems),
        )
        return meant, problems


@router.get("/phrases")
def show_phrases(visit: Looking, session: Reads, did: str = "") -> Response:
    """All prepared phrases: what they say, who changed them, in which languages they sound."""
    palette = sounds.palette(session, visit.commune)
    made = sounds.made(session, palette.always())
    return render(
        visit,
        "alerts/phrases.html",
        did=did,
        rows=palette.rows,
        ready={
            row.key: all((line.source, form) in made for line in palette.phrases[row.key] for form in palette.formats)
            for row in palette.rows
        },
        spoken={row.key: {line.language for line in palette.phrases[row.key]} for row in palette.rows},
        languages=_languages(palette),
        names=accounts.names(session, visit.commune),
    )


@router.get("/phrases/{key}")
def edit_phrase(visit: Looking, session: Reads, key: str) -> Response:
    """The form of a phrase."""
    accounts.require(visit.user, Role.CADRE)
    said = Proposal.of(phrases.by_key(session, visit.commune, key))
    return _phrase_page(visit, session, key, said.title, said.texts.get(VIETNAMESE, ""))


@router.post("/phrases/{key}")
def change_phrase(
    visit: Acting,
    session: Writes,
    key: str,
    title: Annotated[str, Form()] = "",
    text: Annotated[str, Form()] = "",
) -> Response:
    """Propose other words for a phrase; they are spoken by themselves, for whoever approves them to hear."""
    accounts.require(visit.user, Role.CADRE)
    texts = {VIETNAMESE: text}
    try:
        proposals.change(session, visit.commune, key, title, texts, visit.user.uuid, visit.now)
    except Invalid as error:
        return _phrase_page(visit, session, key, title, text, [problem_of(error)])
    return RedirectResponse("/alerts/phrases?did=phrase-proposed", 303)


@router.post("/phrases/{key}/approve")
def approve_phrase(visit: Acting, session: Writes, key: str, shown_at: Annotated[datetime, Form()]) -> Response:
    """The second person's press: from now on the phrase says what was proposed, and every player gets it."""
    accounts.require(visit.user, Role.CADRE)
    proposals.approve(session, visit.commune, key, shown_at, visit.user.uuid, visit.now)
    publishing.want_plan(session, visit.commune)
    return RedirectResponse("/alerts/phrases?did=phrase-approved", 303)


@router.post("/phrases/{key}/drop")
def drop_proposal(visit: Acting, session: Writes, key: str) -> Response:
    """Take back what was proposed; its recordings are kept."""
    accounts.require(visit.user, Role.CADRE)
    proposals.drop(session, visit.commune, key, visit.user.uuid, visit.now)
    return RedirectResponse("/alerts/phrases?did=phrase-dropped", 303)


@router.post("/phrases/{key}/take")
def put_take(
    visit: Looking,
    session: Reads,
    station: TheStation,
    key: str,
    language: Annotated[str, Form()] = "",
    file: UploadFile | None = None,
) -> Response:
    """Propose that a recording is heard in a language; what cannot be aired is refused. Decoding holds no writer up."""
    accounts.require(visit.user, Role.CADRE)
    said = Proposal.of(phrases.by_key(session, visit.commune, key))
    if language not in LANGUAGES:
        raise UnknownLanguage(language=language)
    taken = _taken(station, file)
    if isinstance(taken, Problem):
        problem = Problem(f"file-{language}", taken.sentence, taken.facts)
        return _phrase_page(visit, session, key, said.title, said.texts.get(VIETNAMESE, ""), [problem])
    actor, now = visit.user.uuid, station.clock.now()
    with unit_of_work(station.sessions) as writing:
        name = file.filename or "" if file else ""
        recording = recordings.add_recording(writing, visit.commune, taken, name, actor, now)
        proposals.set_take(writing, visit.commune, key, language, recording.take_sha256, actor, now)
    return RedirectResponse("/alerts/phrases?did=phrase-proposed", 303)


@router.post("/phrases/{key}/take/remove")
def remove_take(visit: Acting, session: Writes, key: str, language: Annotated[str, Form()] = "") -> Response:
    """Propose that the voice is heard again, or Vietnamese where there is none; the recording itself is kept."""
    accounts.require(visit.user, Role.CADRE)
    proposals.set_take(session, visit.commune, key, language, None, visit.user.uuid, visit.now)
    return RedirectResponse("/alerts/phrases?did=phrase-proposed", 303)


@router.get("/phones")
def show_phones(visit: Looking, session: Reads, did: str = "") -> Response:
    """Whom to telephone, village by village."""
    accounts.require(visit.user, Role.CADRE)
    villages = villages_of(session, visit.commune)
    phones = rules.phones(session, villages)
    typed = {place.slug: "\n".join(f"{one.name}, {one.number}" for one in phones[place.id]) for place in villages}
    return render(visit, "alerts/phones.html", did=did, villages=villages, typed=typed, problems=[])


@router.post("/phones")
def keep_phones(
    visit: Acting, session: Writes, village: Annotated[list[str], Form()], contacts: Annotated[list[str], Form()]
) -> Response:
    """Let these lists take the place of those before; fields come in pairs, a village and its lines."""
    accounts.require(visit.user, Role.CADRE)
    villages = villages_of(session, visit.commune)
    typed = dict(zip(village, contacts, strict=False))
    lists, problems = {}, []
    for place in villages:
        try:
            lists[place.id] = rules.read_phones(typed.get(place.slug, ""))
        except Invalid as error:
            problems.append(Problem(f"contacts-{place.slug}", error.sentence, error.facts))
    if problems:
        return render(visit, "alerts/phones.html", 422, villages=villages, typed=typed, problems=problems)
    rules.keep_phones(session, visit.commune, lists, visit.user.uuid, visit.now)
    return RedirectResponse("/alerts/phones?did=phones-saved", 303)


@router.get("/rules")
def show_rules(visit: Looking, session: Reads, did: str = "") -> Response:
    """Who must confirm, when drills are, and the drills there were."""
    accounts.require(visit.user, Role.CADRE)
    return _rules_page(visit, session, RulesForm.of(queries.rules(session, visit.commune)), did=did)


@router.post("/rules")
def change_rules(visit: Acting, session: Writes, form: Annotated[RulesForm, Form()]) -> Response:
    """Other rules from now on."""
    accounts.require(visit.user, Role.ADMIN)
    meant, problems = form.rules()
    if problems:
        return _rules_page(visit, session, form, problems)
    rules.change(session, visit.commune, meant, visit.user.uuid, visit.now)
    return RedirectResponse("/alerts/rules?did=rules-saved", 303)


@router.post("/drills")
def drill_now(visit: Acting, session: Writes, station: TheStation) -> Response:
    """A silent drill now: it reaches every player, and nobody hears anything."""
    accounts.require(visit.user, Role.CADRE)
    alert = drills.raise_now(session, station.signer, visit.commune, visit.user.uuid, visit.now)
    return RedirectResponse(f"/alerts/{alert.uuid}", 303)


def _rules_page(
    visit: Visit, session: Session, form: RulesForm, problems: Sequence[Problem] = (), did: str = ""
) -> Response:
    row = queries.rules(session, visit.commune)
    return render(
        visit,
        "alerts/rules.html",
        422 if problems else 200,
        did=did,
        form=form,
        problems=problems,
        alone=[(role, visit.tongue.say(label)) for role, label in ALONE.items()],
        days=[("", "–"), *((str(day), str(day)) for day in range(1, LAST_DAY + 1))],
        next_drills={kind.value: drills.next_at(row, kind, visit.commune, visit.now) for kind in DrillKind},
        drills=[one for one in queries.history(session, visit.commune, limit=200) if one.origin == "drill"][:24],
    )


def _phrase_page(
    visit: Visit, session: Session, key: str, title: str, text: str, problems: Sequence[Problem] = ()
) -> Response:
    row, palette = phrases.by_key(session, visit.commune, key), sounds.palette(session, visit.commune)
    proposed = palette.proposed.get(key, ())
    made = sounds.made(session, proposed)
    return render(
        visit,
        "alerts/phrase.html",
        422 if problems else 200,
        row=row,
        said=Proposal.of(row),
        heard=[
            (line, next((made[line.source, form] for form in palette.formats if (line.source, form) in made), None))
            for line in proposed
        ],
        title=title,
        text=text,
        languages=_languages(palette),
        names=accounts.names(session, visit.commune),
        problems=problems,
    )


def _taken(station: Station, file: UploadFile | None) -> Take | Problem:
    """What was sent, decoded and checked."""
    if file is None or not file.filename:
        return Problem("", NOTHING_SENT)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "take"
        with path.open("wb") as copy:
            shutil.copyfileobj(file.file, copy)
        try:
            take = receive(path, station.store)
        except Invalid as error:
            return problem_of(error)
    blocking = [(finding.kind, finding.facts) for finding in take.findings if finding.is_blocking]
    return take if take.is_airable else Problem("", *told(blocking)[0])


def _languages(palette: sounds.Palette) -> list[str]:
    """The languages of the commune's villages, Vietnamese first."""
    spoken = dict.fromkeys(language for place in palette.places for language in place.languages)
    return [VIETNAMESE, *(language for language in spoken if language != VIETNAMESE)]


def _day(name: str, typed: str, problems: list[Problem]) -> int | None:
    if not typed:
        return None
    if typed.isascii() and typed.isdecimal() and 1 <= int(typed) <= LAST_DAY:
        return int(typed)
    problems.append(Problem(name, NOT_OFFERED))
    return None


def _time(name: str, typed: str, problems: list[Problem]) -> time:
    found = clock_time(typed)
    if found is None:
        problems.append(Problem(name, NO_TIME))
    return found or time(9)
