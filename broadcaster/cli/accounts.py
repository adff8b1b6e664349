"""`broadcaster accounts`: who may log in."""

from typing import Annotated

import typer

from broadcaster import serve
from broadcaster.accounts import links, logins, passwords, second_factor
from broadcaster.accounts import service as accounts
from broadcaster.accounts.models import Role
from broadcaster.cli import tables
from broadcaster.cli.root import app, commune, station
from content.kernel.db import unit_of_work

group = typer.Typer(help="Accounts: list, add, passwords, close.", no_args_is_help=True)
app.add_typer(group, name="accounts")


@group.command("list")
def list_accounts() -> None:
    """All accounts with their roles."""
    rows = []
    with unit_of_work(station("cli").sessions, writes=False) as session:
        here = commune(session)
        seen = logins.last_seen(session, here)
        for user in accounts.people(session, here):
            villages = ", ".join(village.slug for village in user.villages)
            at, closed = seen.get(user.id), user.disabled_at
            row = (
                user.login,
                user.name,
                user.role,
                villages or "all",
                f"{at:%Y-%m-%d %H:%M} UTC" if at else "",
                "on" if user.totp_sealed else "",
                f"{closed:%Y-%m-%d %H:%M} UTC" if closed else "",
            )
            rows.append(row)
    tables.show(("Login", "Name", "Role", "Villages", "Last seen", "Second factor", "Closed"), rows)


@group.command()
def add(
    login: str, name: str, role: Annotated[Role, typer.Option(help="What the person may do.")] = Role.SECRETARY
) -> None:
    """Add an account; its first password is printed once and changed at the first login."""
    opened, first = station("cli"), accounts.new_password()
    with unit_of_work(opened.sessions) as session:
        accounts.add_user(session, commune(session), login.lower(), name, role, first, opened.clock.now())
    typer.echo(first)


@group.command()
def password(login: str) -> None:
    """Give an account a new password, printed once and changed at the next login; all its logins end."""
    opened, new = station("cli"), accounts.new_password()
    password_hash = passwords.hashed(new)
    with unit_of_work(opened.sessions) as session:
        user = accounts.by_login(session, commune(session), login)
        accounts.set_password(session, user, password_hash, None, opened.clock.now(), chosen=False)
    typer.echo(new)


@group.command()
def link(
    login: str, url: Annotated[str, typer.Option(help="Where the person reaches the pages; else this machine.")] = ""
) -> None:
    """Print a link by which the person chooses a password: valid once, for a day."""
    opened = station("cli")
    with unit_of_work(opened.sessions) as session:
        token = links.make(session, accounts.by_login(session, commune(session), login), None, opened.clock.now())
    typer.echo(f"{(url or serve.base_url(opened.settings)).rstrip('/')}/link/{token}")


@group.command()
def close(login: str) -> None:
    """Close an account and end its logins; `reopen` undoes it."""
    opened = station("cli")
    with unit_of_work(opened.sessions) as session:
        accounts.close(session, accounts.by_login(session, commune(session), login), None, opened.clock.now())


@group.command()
def reopen(login: str) -> None:
    """Open a closed account again."""
    opened = station("cli")
    with unit_of_work(opened.sessions) as session:
        accounts.reopen(session, accounts.by_login(session, commune(session), login), None, opened.clock.now())


@group.command("totp-off")
def totp_off(login: str) -> None:
    """Switch an account's second factor off, for who lost the phone and the recovery codes."""
    opened = station("cli")
    with unit_of_work(opened.sessions) as session:
        user = accounts.by_login(session, commune(session), login)
        second_factor.switch_off(session, user, None, opened.clock.now())
