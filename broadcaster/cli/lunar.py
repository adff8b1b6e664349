"""`broadcaster lunar`: a day by the Vietnamese lunar calendar."""

from datetime import date
from typing import Annotated

import typer

from broadcaster.cli.plan import NotADate
from broadcaster.cli.root import app
from content.kernel.clock import SystemClock
from schedules.lunar import HANOI, lunar_of


@app.command()
def lunar(
    on: Annotated[str | None, typer.Argument(metavar="DATE", help="Such as 2030-02-02; none: today in UTC+7.")] = None,
) -> None:
    """Print the lunar date as day/month/year, a leap month marked “nhuận”."""
    try:
        day = date.fromisoformat(on) if on else SystemClock().now().astimezone(HANOI).date()
    except ValueError:
        raise NotADate(text=on) from None
    typer.echo(lunar_of(day))
