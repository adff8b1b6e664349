"""`broadcaster alert`: raise, end and list emergency calls where no browser is at hand."""

from typing import Annotated
from uuid import UUID

import typer
from sqlalchemy.orm import Session

from broadcaster.alerts import phrases, queries, quiet
from broadcaster.alerts import service as alerts
from broadcaster.alerts.calls import LONGEST_MINUTES, LONGEST_VALID_MINUTES, MOST_REPEATS, Call
from broadcaster.alerts.service import By
from broadcaster.cli.root import app, commune, station
from broadcaster.protocol import AlertScope
from content.kernel.db import unit_of_work
from content.kernel.nodes import Node, village

alert_app = typer.Typer(help="Emergency calls: send, cancel, list.", no_args_is_help=True)
app.add_typer(alert_app, name="alert")


@alert_app.command()
def send(
    phrase: Annotated[str, typer.Option(help="A prepared phrase by its key; `list --phrases` shows them.")] = "",
    text: Annotated[str, typer.Option(help="Own words, in Vietnamese.")] = "",
    villages: Annotated[list[str] | None, typer.Option("--village", help="Only there; may be given again.")] = None,
    exercise: Annotated[bool, typer.Option("--exercise", help="Say first that it is an exercise.")] = False,
    minutes: Annotated[int, typer.Option(min=1, max=LONGEST_MINUTES, help="Sounds for at most.")] = 10,
    valid_minutes: Annotated[int, typer.Option(min=1, max=LONGEST_VALID_MINUTES, help="May begin within.")] = 60,
    repeats: Annotated[int, typer.Option(min=0, max=MOST_REPEATS, help="0: again and again.")] = 0,
    reason: Annotated[str, typer.Option(help="Why from here; kept in the audit log.")] = "",
) -> None:
    """Raise an alert now. Nobody is asked again: whoever may run this is whoever holds the server."""
    opened = station("alert")
    with unit_of_work(opened.sessions) as session:
        place = commune(session)
        call = _call(session, place, phrase, text).model_copy(
            update={
                "scope": AlertScope.EXERCISE if exercise else AlertScope.ACTUAL,
                "minutes": minutes,
                "valid_minutes": valid_minutes,
                "repeats": repeats,
            }
        )
        if villages:
            where = tuple(village(session, place, slug).uuid for slug in villages)
            call = call.model_copy(update={"villages": where})
        by = By(None, opened.clock.now(), "command", reason)
        quiet.check(session, place, call, by.at)
        raised = alerts.raise_alert(session, opened.signer, place, call, by)
    typer.echo(f"{raised.uuid}  {raised.scope}  {raised.title}")


@alert_app.command()
def cancel(
    uuid: Annotated[UUID | None, typer.Argument(help="Which; without it, all that are in force.")] = None,
    all_clear: Annotated[bool, typer.Option("--all-clear", help="Say then that the danger is over.")] = False,
    reason: Annotated[str, typer.Option(help="Why; kept in the audit log.")] = "",
) -> None:
    """End an alert, or all of them, in every village."""
    opened = station("alert")
    with unit_of_work(opened.sessions) as session:
        place, by = commune(session), By(None, opened.clock.now(), "command", reason)
        ended = [queries.alert(session, place, uuid)] if uuid else queries.in_force(session, place, by.at)
        for one in ended:
            alerts.cancel_alert(session, opened.signer, one, by, all_clear=all_clear)
    for one in ended:
        typer.echo(f"{one.uuid}  cancelled  {one.title}")
    if not ended:
        typer.echo("No alert is in force.")


@alert_app.command("list")
def list_(
    phrases_too: Annotated[bool, typer.Option("--phrases", help="The prepared phrases instead.")] = False,
) -> None:
    """The newest alerts, or the phrases that can be sent."""
    opened = station("alert")
    with unit_of_work(opened.sessions, writes=False) as session:
        place, now = commune(session), opened.clock.now()
        if phrases_too:
            for row in phrases.all_of(session, place):
                typer.echo(f"{row.key:<14}  {row.title}")
            return
        for one in queries.history(session, place):
            state = "over" if one.is_over(now) else "IN FORCE"
            typer.echo(f"{one.uuid}  {one.raised_at:%Y-%m-%d %H:%M}Z  {one.scope:<8}  {state:<8}  {one.title}")


def _call(session: Session, place: Node, phrase: str, text: str) -> Call:
    if phrase:
        return alerts.phrase_call(session, place, phrase)
    return alerts.text_call(session, place, text)
