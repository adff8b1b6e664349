"""What is asked of alerts: those in force, what players keep of phrases, how far each village is. Only reads."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from broadcaster.alerts import document, phrases, sounds
from broadcaster.alerts.calls import Call, Line, Signal, in_languages
from broadcaster.alerts.errors import NoSuchAlert
from broadcaster.alerts.models import Alert, AlertReceiptRow, AlertRules, AlertSound, AlertVersion
from broadcaster.asrun.models import AsRunEntry
from broadcaster.fleet.models import Player
from broadcaster.protocol import AlertStage, ObjectRef, Phrase, SignedAlert
from content.kernel.nodes import Node
from content.kernel.units import Sha256

SENT: Final = "sent"
"""The stage that the server notes itself: the version is on the wire to the player."""
HEARD: Final = "heard"
"""The stage that a microphone proves, by the as-run rows."""
_ORDER = (SENT, AlertStage.RECEIVED, AlertStage.SOUNDING, AlertStage.FINISHED)


@dataclass(frozen=True, slots=True)
class Kept:
    """What the players of a village keep for alerts: phrases ready to sound, and their objects."""

    phrases: tuple[Phrase, ...]
    objects: tuple[ObjectRef, ...]


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the newest version is in one player: when each stage was reached, None where it was not.

    `stage` is the furthest, empty where nothing is known; `refused` why the player did not take it. `heard` is what
    a microphone there found, None without one.
    """

    player: Player
    sent_at: datetime | None = None
    received_at: datetime | None = None
    sounding_at: datetime | None = None
    finished_at: datetime | None = None
    refused: str | None = None
    heard: bool | None = None

    @property
    def stage(self) -> str:
        """The furthest stage."""
        if self.refused is not None:
            return AlertStage.REFUSED
        reached = (self.sent_at, self.received_at, self.sounding_at, self.finished_at)
        return next((stage for stage, at in zip(reversed(_ORDER), reversed(reached), strict=True) if at), "")


def alert(session: Session, commune: Node, uuid: UUID) -> Alert:
    """One alert. Raises NoSuchAlert."""
    found = session.scalars(select(Alert).where(Alert.node_id == commune.id, Alert.uuid == uuid)).one_or_none()
    if found is None:
        raise NoSuchAlert
    return found


def in_force(session: Session, commune: Node, now: datetime) -> list[Alert]:
    """The alerts that may sound now, newest first."""
    query = select(Alert).where(Alert.node_id == commune.id, Alert.cancelled_at.is_(None), Alert.expires_at > now)
    return list(session.scalars(query.order_by(Alert.id.desc())))


def history(session: Session, commune: Node, *, limit: int = 50) -> list[Alert]:
    """The commune's alerts, newest first."""
    query = select(Alert).where(Alert.node_id == commune.id).order_by(Alert.id.desc())
    return list(session.scalars(query.limit(limit)))


def versions(session: Session, of: Alert) -> list[AlertVersion]:
    """All versions, oldest first."""
    query = select(AlertVersion).where(AlertVersion.alert_id == of.id).order_by(AlertVersion.version)
    return list(session.scalars(query))


def newest_documents(session: Session, now: datetime) -> list[tuple[AlertVersion, Alert]]:
    """The newest version of each alert that has not expired, cancelled ones too: a player must learn of those."""
    query = (
        select(AlertVersion, Alert)
        .join(Alert, (Alert.id == AlertVersion.alert_id) & (Alert.version == AlertVersion.version))
        .where(Alert.expires_at > now)
        .order_by(AlertVersion.id)
    )
    return [(row, alert) for row, alert in session.execute(query)]


def signed(row: AlertVersion) -> SignedAlert:
    """A version as it travels."""
    return SignedAlert(document=row.document, signature=row.signature, key_id=row.key_id)


def rules(session: Session, commune: Node) -> AlertRules:
    """The commune's rules; the usual ones while it has none of its own (not in the database then)."""
    usual = AlertRules(node_id=commune.id)
    for column in AlertRules.__table__.columns:
        if column.default is not None:
            setattr(usual, column.name, column.default.arg)
    return session.get(AlertRules, commune.id) or usual


def kept_by(session: Session, commune: Node) -> dict[int, Kept]:
    """By village id: the phrases whose sounds are all there, in the village's languages and format."""
    palette = sounds.palette(session, commune)
    made = sounds.made(session, palette.always())
    return {place.village.id: _kept(palette, place, made) for place in palette.places}


def mime_of(session: Session, sha256: Sha256) -> str | None:
    """What kind of sound this object is, None if it is no alert's."""
    return session.scalars(select(AlertSound.mime).where(AlertSound.sha256 == sha256)).first()


def progress(session: Session, of: Alert, players: Sequence[Player], version: int | None = None) -> list[Progress]:
    """How far a version, the newest unless said, is in each of these players, in their order."""
    receipts: dict[int, dict[str, AlertReceiptRow]] = {}
    query = select(AlertReceiptRow).where(
        AlertReceiptRow.alert_id == of.id, AlertReceiptRow.version == (version or of.version)
    )
    for row in session.scalars(query):
        receipts.setdefault(row.player_id, {})[row.stage] = row
    heard = _heard(session, of)
    return [_progress(player, receipts.get(player.id, {}), heard=heard.get(player.id)) for player in players]


def _progress(player: Player, receipts: dict[str, AlertReceiptRow], *, heard: bool | None) -> Progress:
    at = {stage: row.at for stage, row in receipts.items()}
    refused = receipts.get(AlertStage.REFUSED)
    return Progress(
        player,
        sent_at=at.get(SENT),
        received_at=at.get(AlertStage.RECEIVED),
        sounding_at=at.get(AlertStage.SOUNDING),
        finished_at=at.get(AlertStage.FINISHED),
        refused=refused.detail if refused else None,
        heard=heard,
    )


def _heard(session: Session, of: Alert) -> dict[int, bool]:
    """By player: whether a microphone heard any repeat of it; players without one are not in it."""
    found: dict[int, bool] = {}
    rows = select(AsRunEntry.player_id, AsRunEntry.row).where(AsRunEntry.occurrence_uuid == of.uuid)
    for player_id, row in session.execute(rows):
        if row.get("heard") is not None:
            found[player_id] = found.get(player_id, False) or bool(row["heard"])
    return found


def _kept(palette: sounds.Palette, place: sounds.Place, made: sounds.Made) -> Kept:
    """Phrases that mean something by themselves are listed; every sound is kept."""
    listed: list[Phrase] = []
    names = [_name(Line.of(signal), place, made) for signal in Signal]
    for row in palette.rows:
        lines = in_languages(palette.phrases[row.key], place.languages)
        signal = Signal.CHIME if row.key == phrases.ALL_CLEAR else Signal.SIREN
        order = [Line.of(signal), *(line for line in lines for _ in range(sounds.TIMES_SAID))]
        media = [_name(line, place, made) for line in order]
        names += media
        if lines and all(media) and (row.is_offered or row.key == phrases.ALL_CLEAR):
            listed.append(Phrase(key=row.key, title=row.title, media=tuple(name for name in media if name)))
    return Kept(tuple(listed), document.refs([name for name in names if name], made))


def _name(line: Line, place: sounds.Place, made: sounds.Made) -> str | None:
    row = made.get((line.source, place.format))
    return row.sha256 if row else None


def call_of(row: Alert) -> Call:
    """What an alert says now."""
    return Call.model_validate(row.call)
