"""A village's programme on a stick, and its journal back: the real server's side against the real player's."""

import hashlib
import io
import json
import zipfile
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from broadcaster.asrun.models import AsRunEntry
from broadcaster.fleet import service as fleet
from broadcaster.fleet.models import Player
from broadcaster.player.agent import Agent
from broadcaster.player.carrying.sticks import journal_file
from broadcaster.player.keeping.identity import Identity
from broadcaster.player.output.paced import PacedOutput
from broadcaster.protocol import AsRunRow, ClockState, Outcome, PairRequest, RowVerdict
from broadcaster.publishing import bundles
from broadcaster.publishing import service as publishing
from broadcaster.station import Station
from content.kernel.nodes import Node
from content.kernel.units import Sha256
from tests import factories
from tests.broadcaster.publishing.test_service import plan
from tests.conftest import HandClock


@pytest.fixture
def identity(session: Session, villages: list[Node], station: Station, clock: HandClock) -> Identity:
    """A player of the first village, really paired."""
    code = fleet.make_code(session, villages[0], None, clock.now())
    request = PairRequest(code=code, nonce="n" * 32, name="Loa")
    answer = fleet.pair(session, station.signer, request, clock.now())
    return Identity(server="http://127.0.0.1:9", **answer.model_dump())


@pytest.fixture
def agent(identity: Identity, tmp_path: Path) -> Agent:
    home = tmp_path / "player"
    home.mkdir()
    identity.save(home)
    return Agent(home, PacedOutput)


def export(session: Session, village: Node, station: Station) -> bytes:
    listed = bundles.contents(session, village, station.signer.public.key_id)
    file = io.BytesIO()
    bundles.write(listed, station.store, file)
    return file.getvalue()


def skipped(key: str, clock: HandClock) -> AsRunRow:
    return AsRunRow(
        row_uuid=uuid4(),
        occurrence_uuid=uuid4(),
        cue_key=key,
        planned_at=clock.now() - timedelta(hours=1),
        outcome=Outcome.SKIPPED,
        clock_state=ClockState.DRIFTING,
    )


def rows(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(AsRunEntry)) or 0


@pytest.mark.usefixtures("players")
def test_a_real_player_takes_a_real_bundle_in(
    session: Session, commune: Node, villages: list[Node], station: Station, agent: Agent, tmp_path: Path
) -> None:
    """What the server exports brings a player that never reached it its whole programme; the same twice is the same."""
    factories.approved(session, commune, villages, station.clock.now())
    publishing.want_plan(session, commune)
    plan(session, commune, station)
    packed = export(session, villages[0], station)
    assert packed == export(session, villages[0], station)
    (tmp_path / "bundle-un-ta.zip").write_bytes(packed)
    taken = agent.take_in(tmp_path / "bundle-un-ta.zip")
    manifest = agent.manifests.current
    assert manifest is not None
    assert (taken.manifest, taken.refused) == (True, ())
    # The factory's audio is a name without a file: all else has come, and its absence stops nothing.
    there = {ref.sha256 for ref in manifest.objects if station.store.exists(Sha256(ref.sha256))}
    assert there == agent.cache.present
    assert {occurrence.playlist for occurrence in manifest.occurrences} <= there
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        assert {info.compress_type for info in archive.infolist()} == {zipfile.ZIP_STORED}
    agent.close()


def test_a_village_without_a_programme_has_nothing_to_carry(
    session: Session, villages: list[Node], station: Station
) -> None:
    """Without a player, or before its first plan, that is said."""
    with pytest.raises(bundles.NothingToCarry):
        bundles.contents(session, villages[0], station.signer.public.key_id)


def test_a_journal_comes_back_once(session: Session, agent: Agent, identity: Identity, clock: HandClock) -> None:
    """Its rows are taken in as over the line; a second time changes nothing; later rows come with a later file."""
    agent.journal.skip([skipped("one", clock), skipped("two", clock)])
    _, file = journal_file(identity, agent.journal)
    first = bundles.import_journal(session, file, None, clock.now())
    assert first.counts[RowVerdict.ACCEPTED] == rows(session) == 2
    again = bundles.import_journal(session, file, None, clock.now())
    assert (again.counts[RowVerdict.ACCEPTED], again.counts[RowVerdict.DUPLICATE], rows(session)) == (0, 2, 2)
    agent.journal.skip([skipped("three", clock)])
    bundles.import_journal(session, journal_file(identity, agent.journal)[1], None, clock.now())
    assert rows(session) == 3
    agent.close()


def test_a_changed_journal_is_refused(session: Session, agent: Agent, identity: Identity, clock: HandClock) -> None:
    """One word changed, another player's key, or no journal at all: nothing is taken in."""
    agent.journal.skip([skipped("one", clock)])
    _, file = journal_file(identity, agent.journal)
    sealed = json.loads(file)
    better = sealed | {"document": sealed["document"].replace("skipped", "aired")}
    _, stranger = journal_file(identity.model_copy(update={"token": "guessed"}), agent.journal)
    nobody = sealed | {"player": str(uuid4())}
    for forged in (json.dumps(better).encode(), stranger, json.dumps(nobody).encode()):
        with pytest.raises(bundles.ForgedJournal):
            bundles.import_journal(session, forged, None, clock.now())
    for other in (b"", b"{}", b"PK\x03\x04", file[: len(file) // 2]):
        with pytest.raises(bundles.NotAJournal):
            bundles.import_journal(session, other, None, clock.now())
    assert rows(session) == 0
    agent.close()


def test_the_key_of_the_mac_is_what_the_server_knows(session: Session, identity: Identity) -> None:
    """The server keeps the token's sha256 only, and that is the key: it can check without knowing the token."""
    player = session.scalars(select(Player).where(Player.uuid == identity.player)).one()
    assert player.token_sha256 == hashlib.sha256(identity.token.encode()).hexdigest()
