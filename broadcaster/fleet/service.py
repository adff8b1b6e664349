"""Pairing, tokens and heartbeats. Functions take the session first, flush and never commit."""

import base64
import hashlib
import hmac
import secrets
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from broadcaster.fleet.errors import NoSuchPlayer, UnknownPairingCode, UnknownToken, UsedPairingCode
from broadcaster.fleet.models import PairingCode, Player, PlayerHour
from broadcaster.fleet.signing import Signer
from broadcaster.protocol import PAIRING_CODE_ALPHABET, Heartbeat, PairAnswer, PairRequest
from content.kernel import audit
from content.kernel.nodes import Node

CODE_LIVES = timedelta(minutes=15)
_CODE_LENGTH = 8
KEPT_HOURLY = frozenset(
    {"clock_state", "clock_offset_ms", "disk_free_bytes", "temperature_c", "under_voltage", "volume_percent"}
    | {"objects_missing", "rows_waiting", "bytes_month", "version", "problems"}
)
"""What of an hour's first report is kept."""


def make_code(session: Session, village: Node, actor: UUID | None, now: datetime, *, for_sample: bool = False) -> str:
    """A pairing code for a player of this village, shown once: 8 characters, 15 minutes, one player."""
    code = "".join(secrets.choice(PAIRING_CODE_ALPHABET) for _ in range(_CODE_LENGTH))
    session.add(
        PairingCode(
            village_id=village.id,
            code_sha256=_hash(code),
            created_by=actor,
            for_sample=for_sample,
            expires_at=now + CODE_LIVES,
        )
    )
    session.flush()
    audit.record(session, village.id, now, actor, "player.code_made", f"village:{village.slug}")
    return code


def pair(session: Session, signer: Signer, request: PairRequest, now: datetime) -> PairAnswer:
    """Exchange a code for an identity; the same code and nonce get the same answer again.

    Raises:
        UnknownPairingCode: never given out, or expired.
        UsedPairingCode: another nonce has used it.
    """
    code = session.scalars(select(PairingCode).where(PairingCode.code_sha256 == _hash(request.code))).one_or_none()
    if code is None or code.expires_at < now:
        raise UnknownPairingCode
    if code.nonce is not None and not hmac.compare_digest(code.nonce, request.nonce):
        raise UsedPairingCode
    player = session.get(Player, code.player_id) if code.player_id else _new_player(session, signer, code, request, now)
    village = session.get_one(Node, code.village_id)
    if player is None or player.revoked_at is not None:
        raise UnknownPairingCode
    return PairAnswer(
        token=_token(signer, player.uuid, request.nonce),
        player=player.uuid,
        village=village.slug,
        village_name=village.name,
        village_uuid=village.uuid,
        keys=(signer.public,),
    )


def player_by_token(session: Session, token: str) -> Player:
    """Whose token this is. Raises UnknownToken."""
    player = session.scalars(
        select(Player).where(Player.token_sha256 == _hash(token), Player.revoked_at.is_(None))
    ).one_or_none()
    if player is None:
        raise UnknownToken
    return player


def revoke(session: Session, player_uuid: UUID, actor: UUID, now: datetime) -> Player:
    """End a player's token. Its rows stay. Raises NoSuchPlayer."""
    player = session.scalars(select(Player).where(Player.uuid == player_uuid)).one_or_none()
    if player is None:
        raise NoSuchPlayer
    player.revoked_at = now
    session.flush()
    audit.record(session, player.village_id, now, actor, "player.revoked", f"player:{player.uuid}")
    return player


def heard_from(session: Session, player: Player, heartbeat: Heartbeat, now: datetime) -> None:
    """Keep a player's newest report, and the first of each hour for looking back."""
    hour = now.replace(minute=0, second=0, microsecond=0)
    is_first = player.last_seen_at is None or player.last_seen_at < hour
    player.last_seen_at = now
    player.heartbeat = heartbeat.model_dump(mode="json")
    known = select(PlayerHour.id).where(PlayerHour.player_id == player.id, PlayerHour.at == hour)
    if is_first and session.scalar(known) is None:  # the server's clock may have been set back
        kept = {name: value for name, value in player.heartbeat.items() if name in KEPT_HOURLY}
        session.add(PlayerHour(player_id=player.id, at=hour, report=kept))
    session.flush()


def players_of(session: Session, villages: list[Node]) -> list[Player]:
    """The living players of these villages, oldest first."""
    ids = [village.id for village in villages]
    return list(
        session.scalars(
            select(Player).where(Player.village_id.in_(ids), Player.revoked_at.is_(None)).order_by(Player.id)
        )
    )


def _new_player(session: Session, signer: Signer, code: PairingCode, request: PairRequest, now: datetime) -> Player:
    uuid = uuid4()
    player = Player(
        uuid=uuid,
        village_id=code.village_id,
        name=request.name,
        hardware=request.hardware,
        token_sha256=_hash(_token(signer, uuid, request.nonce)),
        is_sample=code.for_sample,
        paired_at=now,
    )
    session.add(player)
    session.flush()
    code.nonce, code.player_id = request.nonce, player.id
    audit.record(session, player.village_id, now, None, "player.paired", f"player:{uuid}", name=request.name)
    return player


def _token(signer: Signer, player: UUID, nonce: str) -> str:
    """Derived, so that the same nonce gets the same token although only its hash is stored."""
    mac = hmac.new(signer.secret_for("player-token"), f"{player}:{nonce}".encode(), hashlib.sha256)
    return base64.urlsafe_b64encode(mac.digest()).decode().rstrip("=")


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.strip().encode()).hexdigest()
