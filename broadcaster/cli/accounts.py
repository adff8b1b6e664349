"""`broadcaster accounts`: who may log in."""

from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from sqlalchemy import select

from broadcaster.accounts import service as accounts
from broadcaster.accounts.models import Role, User
from broadcaster.cli.root import app, commune, station
from content.kernel.db import unit_of_work

group = typer.Typer(help="Accounts: list, add, give a new password.", no_args_is_help=True)
app.add_typer(group, name="accounts")


@group.command("list")
def list_accounts() -> None:
    """All accounts with their roles."""
    table = Table("Login", "Name", "Role", "Closed")
    with unit_of_work(station("cli").sessions, writes=False) as session:
        for user in session.scalars(select(User).where(User.node_id == commune(session).id).order_by(User.id)):
            table.add_row(user.login, user.name, user.role, str(user.disabled_at or ""))
    Console().print(table)


@group.command()
def add(
    login: str, name: str, role: Annotated[Role, typer.Option(help="What the person may do.")] = Role.SECRETARY
) -> None:
    """Add an account; its first password is printed once."""
    opened, first = station("cli"), accounts.new_password()
    with unit_of_work(opened.sessions) as session:
        accounts.add_user(session, commune(session), login.lower(), name, role, first, opened.clock.now())
    typer.echo(first)


@group.command()
def password(login: str) -> None:
    """Give an account a new password, printed once; all its logins end."""
    opened, new = station("cli"), accounts.new_password()
    with unit_of_work(opened.sessions) as session:
        accounts.set_password(session, commune(session), login, new, opened.clock.now())
    typer.echo(new)
