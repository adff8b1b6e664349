"""Pairing and the identity of players."""

import pytest
from sqlalchemy.orm import Session

from broadcaster.fleet import service
from broadcaster.fleet.errors import UnknownPairingCode, UnknownToken, UsedPairingCode
from broadcaster.fleet.signing import Signer, load_signer
from broadcaster.protocol import PairRequest
from content.kernel.nodes import Node
from tests.conftest import HandClock


@pytest.fixture
def signer(tmp_path) -> Signer:
    return load_signer(tmp_path / "keys")


def request(code: str, nonce: str = "n" * 16) -> PairRequest:
    return PairRequest(code=code, nonce=nonce, name="Loa Ún Tà", hardware="test")


def test_a_code_pairs_one_player(session: Session, villages: list[Node], clock: HandClock, signer: Signer) -> None:
    """The token of the answer is the player's identity."""
    code = service.make_code(session, villages[0], None, clock.now())
    answer = service.pair(session, signer, request(code), clock.now())
    assert answer.village == "un-ta"
    assert service.player_by_token(session, answer.token).uuid == answer.player


def test_a_lost_answer_does_not_burn_the_code(
    session: Session, villages: list[Node], clock: HandClock, signer: Signer
) -> None:
    """The same code and nonce get the same answer again, and make no second player."""
    code = service.make_code(session, villages[0], None, clock.now())
    first = service.pair(session, signer, request(code), clock.now())
    assert service.pair(session, signer, request(code), clock.now()) == first
    assert len(service.players_of(session, villages)) == 1


def test_a_used_code_is_refused(session: Session, villages: list[Node], clock: HandClock, signer: Signer) -> None:
    """Another device cannot use the code again."""
    code = service.make_code(session, villages[0], None, clock.now())
    service.pair(session, signer, request(code), clock.now())
    with pytest.raises(UsedPairingCode):
        service.pair(session, signer, request(code, "m" * 16), clock.now())


def test_unknown_and_old_codes_are_refused(
    session: Session, villages: list[Node], clock: HandClock, signer: Signer
) -> None:
    """A code that was never given out, or is older than 15 minutes, pairs nothing."""
    with pytest.raises(UnknownPairingCode):
        service.pair(session, signer, request("ABCDEFGH"), clock.now())
    code = service.make_code(session, villages[0], None, clock.now())
    clock.pass_by(minutes=16)
    with pytest.raises(UnknownPairingCode):
        service.pair(session, signer, request(code), clock.now())


def test_a_revoked_token_ends_at_once(session: Session, villages: list[Node], clock: HandClock, signer: Signer) -> None:
    """A removed player is nobody from the next request on."""
    code = service.make_code(session, villages[0], None, clock.now())
    answer = service.pair(session, signer, request(code), clock.now())
    service.revoke(session, answer.player, answer.player, clock.now())
    with pytest.raises(UnknownToken):
        service.player_by_token(session, answer.token)


def test_the_key_is_made_once_and_kept_private(tmp_path) -> None:
    """A second start has the same key; only its owner may read it."""
    first = load_signer(tmp_path / "keys")
    assert load_signer(tmp_path / "keys").public == first.public
    assert (tmp_path / "keys" / "signing.key").stat().st_mode & 0o077 == 0
