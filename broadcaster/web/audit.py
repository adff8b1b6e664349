"""The audit log: who did what when, a check that nothing was changed in it, and an export that anybody can check."""

import csv
import io
from collections.abc import Iterable, Iterator
from datetime import date, datetime, time, timedelta
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, Field
from sqlalchemy.orm import Session

from broadcaster.accounts import service as accounts
from broadcaster.accounts.models import Role
from broadcaster.deps import Looking, Reads, TheStation, Visit
from broadcaster.web import words
from broadcaster.web.render import HEADERS, render
from broadcaster.web.writing.searching import address, day_of, uuid_of
from content import queries
from content.kernel import audit
from content.kernel.audit import Entry, Wanted
from content.kernel.db import unit_of_work
from content.kernel.nodes import villages_of
from schedules import queries as schedules

router = APIRouter(prefix="/audit")
PAGE = 50
_COLUMNS = ("node", "sequence", "at", "who", "act", "subject", "facts", "hash")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


class Asked(BaseModel):
    """What the address of the log says; what cannot be understood narrows nothing."""

    who: str = ""
    kind: str = ""
    subject: str = ""
    from_on: str = ""
    until_on: str = ""
    page: int = Field(default=1, ge=1, le=10_000)

    def wanted(self, visit: Visit) -> Wanted:
        """As the log takes it; days are the commune's, both included."""
        until_on = day_of(self.until_on)
        return Wanted(
            actor=uuid_of(self.who),
            act=self.kind if self.kind in words.KINDS_OF_ACTS else "",
            subject=self.subject,
            from_at=_midnight(day_of(self.from_on), visit),
            until_at=_midnight(until_on and until_on + timedelta(days=1), visit),
        )

    def address(self, path: str = "", **changes: object) -> str:
        """The log, or one of its files, with some of it asked otherwise."""
        return address(f"{router.prefix}{path}", self, changes)


@router.get("")
def show(visit: Looking, session: Reads, asked: Annotated[Asked, Query()]) -> Response:
    """The log, newest first."""
    accounts.require(visit.user, Role.CADRE)
    offset = (asked.page - 1) * PAGE
    entries = audit.newest(session, list(_places(visit, session)), asked.wanted(visit), limit=PAGE + 1, offset=offset)
    return render(
        visit,
        "audit/list.html",
        entries=entries[:PAGE],
        has_more=len(entries) > PAGE,
        asked=asked,
        people=accounts.names(session, visit.commune),
        things=_things(visit, session, entries),
    )


@router.get("/check")
def check(visit: Looking, session: Reads) -> Response:
    """Follow every chain from its start."""
    accounts.require(visit.user, Role.CADRE)
    places = _places(visit, session)
    chains = audit.check(audit.stream(session, list(places)))
    return render(visit, "audit/check.html", chains=[(places[node], chain) for node, chain in chains.items()])


@router.get("/export.csv")
def export_csv(visit: Looking, session: Reads, station: TheStation, asked: Annotated[Asked, Query()]) -> Response:
    """What is shown, as a table for a spreadsheet."""
    accounts.require(visit.user, Role.CADRE)
    places, people, wanted = _places(visit, session), accounts.names(session, visit.commune), asked.wanted(visit)

    def lines() -> Iterator[str]:
        yield "\ufeff" + _row(_COLUMNS)  # the mark by which spreadsheets know UTF-8
        with unit_of_work(station.sessions, writes=False) as reading:
            for entry in audit.stream(reading, list(places), wanted):
                yield _row(_cells(visit, entry, places[entry.node_id], people))

    return _file(lines(), "text/csv; charset=utf-8", f"audit-{visit.today}.csv")


@router.get("/export.jsonl")
def export_lines(visit: Looking, session: Reads, station: TheStation) -> Response:
    """The whole log with all that its hashes cover, one entry a line; how to check it is in `docs/operations.md`."""
    accounts.require(visit.user, Role.CADRE)
    places = list(_places(visit, session))

    def lines() -> Iterator[str]:
        with unit_of_work(station.sessions, writes=False) as reading:
            for entry in audit.stream(reading, places):
                yield audit.to_line(entry) + "\n"

    return _file(lines(), "application/jsonl", f"audit-{visit.today}.jsonl")


def _places(visit: Visit, session: Session) -> dict[int, str]:
    """The names of those whose chains make up the log: the commune and its villages."""
    return {node.id: node.name for node in (visit.commune, *villages_of(session, visit.commune))}


def _things(visit: Visit, session: Session, entries: Iterable[Entry]) -> dict[str, tuple[str, str]]:
    """By subject: what it is called, and the address of its page (empty: it has none)."""
    about = {entry.subject: _announcement(entry) for entry in entries}
    titles = queries.titles(session, visit.commune, {uuid for uuid in about.values() if uuid})
    people = accounts.names(session, visit.commune)
    villages = villages_of(session, visit.commune)
    slots = schedules.slots(session, visit.commune, cancelled=True)
    return {
        **{subject: (titles[uuid], f"/announcements/{uuid}") for subject, uuid in about.items() if uuid in titles},
        **{f"user:{uuid}": (name, "") for uuid, name in people.items()},
        **{
            f"village:{key}": (each.name, f"/villages/{each.slug}")
            for each in villages
            for key in (each.slug, each.uuid)
        },
        **{f"slot:{slot.uuid}": (slot.name, "/schedule") for slot in slots},
    }


def _announcement(entry: Entry) -> UUID | None:
    """The announcement that an act is about, by its subject or by its facts."""
    kind, _, name = entry.subject.partition(":")
    return uuid_of(name if kind == "announcement" else str(entry.facts.get("announcement", "")))


def _cells(visit: Visit, entry: Entry, place: str, people: dict[UUID, str]) -> Iterator[str]:
    yield place
    yield str(entry.sequence)
    yield entry.at.astimezone(visit.zone).isoformat(timespec="seconds")
    yield people.get(entry.actor, str(entry.actor)) if entry.actor else ""
    yield visit.tongue.say(words.ACTS.get(entry.act, entry.act))
    yield entry.subject
    yield "; ".join(f"{name}: {fact}" for name, fact in entry.facts.items() if fact not in ("", None))
    yield entry.hash


def _row(cells: Iterable[str]) -> str:
    """One line of CSV; what a spreadsheet would take for a formula is told to be text."""
    line = io.StringIO()
    csv.writer(line).writerow(f"'{cell}" if cell.startswith(_FORMULA) else cell for cell in cells)
    return line.getvalue()


def _file(lines: Iterator[str], mime: str, name: str) -> Response:
    headers = HEADERS | {"Cache-Control": "no-store", "Content-Disposition": f'attachment; filename="{name}"'}
    return StreamingResponse(lines, media_type=mime, headers=headers)


def _midnight(on: date | None, visit: Visit) -> datetime | None:
    return datetime.combine(on, time(), visit.zone) if on else None
