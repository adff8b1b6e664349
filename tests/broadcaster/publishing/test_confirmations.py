"""Whether players have taken in that an announcement was withdrawn."""

from uuid import uuid4

from sqlalchemy.orm import Session

from broadcaster import pipeline
from broadcaster.fleet import service as fleet
from broadcaster.fleet.models import Player, ServerEpoch
from broadcaster.protocol import ClockState, Heartbeat
from broadcaster.publishing import service as publishing
from broadcaster.publishing.confirmations import confirmations, expect
from broadcaster.publishing.models import ManifestRow
from broadcaster.station import Station
from content.kernel.nodes import Node
from content.models import Revision
from tests import factories
from tests.conftest import HandClock


def plan(session: Session, commune: Node, station: Station) -> None:
    publishing.want_plan(session, commune)
    publishing.plan_and_publish(session, commune, station.press(), station.clock.now())


def report(session: Session, player: Player, station: Station, *, behind: int = 0, epoch: int | None = None) -> None:
    """The player says which manifest it has."""
    held = session.get_one(ManifestRow, player.id)
    now = station.clock.now()
    beat = Heartbeat(
        sent_at=now,
        clock_state=ClockState.TRUSTED,
        server_epoch=epoch or held.server_epoch,
        manifest_id=held.manifest_id - behind,
    )
    fleet.heard_from(session, player, beat, now)


def withdraw(session: Session, commune: Node, revision: Revision, station: Station) -> None:
    pipeline.withdraw(session, commune, revision, uuid4(), station.clock.now())


def confirmed(session: Session, commune: Node, revision: Revision, station: Station) -> dict[str, bool]:
    told = confirmations(session, commune, revision, station.clock.now())
    return {each.village.slug: each.is_confirmed for each in told}


def test_a_player_confirms_by_reporting_a_manifest_without_it(
    session: Session, commune: Node, villages: list[Node], players: list[Player], station: Station
) -> None:
    """The manifest that held it does not count, however often it is reported; the next one does, and all later ones."""
    revision = factories.approved(session, commune, villages, station.clock.now())
    plan(session, commune, station)
    for player in players:
        report(session, player, station)
    withdraw(session, commune, revision, station)
    report(session, players[0], station)
    assert confirmed(session, commune, revision, station) == {"un-ta": False, "an-san": False}
    plan(session, commune, station)
    report(session, players[0], station)
    assert confirmed(session, commune, revision, station) == {"un-ta": True, "an-san": False}


def test_what_was_confirmed_stays_confirmed_when_later_plans_are_not_reported(
    session: Session, commune: Node, villages: list[Node], players: list[Player], station: Station
) -> None:
    """A player that goes silent after its confirmation does not lose it by programmes that it has not fetched."""
    revision = factories.approved(session, commune, villages, station.clock.now())
    plan(session, commune, station)
    withdraw(session, commune, revision, station)
    plan(session, commune, station)
    for player in players:
        report(session, player, station)
    factories.approved(session, commune, villages, station.clock.now(), title="Tin khác")
    plan(session, commune, station)
    report(session, players[1], station, behind=1)
    assert confirmed(session, commune, revision, station) == {"un-ta": True, "an-san": True}


def test_the_old_programme_is_told_as_long_as_it_may_air(
    session: Session, commune: Node, villages: list[Node], players: list[Player], station: Station, clock: HandClock
) -> None:
    """Until the end of the last slot that held it; after that nothing can air there any more."""
    revision = factories.approved(session, commune, villages[:1], clock.now())
    plan(session, commune, station)
    withdraw(session, commune, revision, station)
    (told,) = confirmations(session, commune, revision, clock.now())
    assert told.airs_until is not None
    assert told.airs_until.astimezone(commune.zone).isoformat() == "2026-11-25T17:45:00+07:00"
    clock.pass_by(days=4)
    (told,) = confirmations(session, commune, revision, clock.now())
    assert (told.is_confirmed, told.airs_until) == (False, None)


def test_what_was_never_planned_needs_no_newer_manifest(
    session: Session, commune: Node, villages: list[Node], players: list[Player], station: Station
) -> None:
    """Where the plan did not hold it, the present manifest confirms; an older one, which may have held it, does not."""
    plan(session, commune, station)
    revision = factories.approved(session, commune, villages, station.clock.now())
    withdraw(session, commune, revision, station)
    report(session, players[0], station)
    report(session, players[1], station, behind=1)
    assert confirmed(session, commune, revision, station) == {"un-ta": True, "an-san": False}


def test_a_database_that_was_restored_counts_anew(
    session: Session, commune: Node, villages: list[Node], players: list[Player], station: Station
) -> None:
    """A manifest of a later life of the database is newer, whatever its number."""
    revision = factories.approved(session, commune, villages, station.clock.now())
    plan(session, commune, station)
    withdraw(session, commune, revision, station)
    session.add(ServerEpoch(begun_at=station.clock.now()))
    session.flush()
    report(session, players[0], station, behind=1, epoch=2)
    assert confirmed(session, commune, revision, station)["un-ta"]


def test_nobody_is_asked_who_never_held_anything(
    session: Session, commune: Node, villages: list[Node], players: list[Player], station: Station
) -> None:
    """Players without a manifest, and revisions that are not withdrawn, have nothing to confirm."""
    revision = factories.approved(session, commune, villages, station.clock.now())
    expect(session, commune, revision, station.clock.now())
    assert confirmations(session, commune, revision, station.clock.now()) == []
    withdraw(session, commune, revision, station)
    assert confirmations(session, commune, revision, station.clock.now()) == []
