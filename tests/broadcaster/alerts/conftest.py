"""A commune with two villages and its prepared phrases, whose sounds can be had without a voice."""

from dataclasses import dataclass
from uuid import UUID, uuid4

import pytest
from nacl.signing import SigningKey
from sqlalchemy import select
from sqlalchemy.orm import Session

from broadcaster.alerts import phrases, sounds
from broadcaster.alerts.models import Alert, AlertSound, AlertVersion
from broadcaster.alerts.service import By
from broadcaster.fleet.models import Player
from broadcaster.fleet.signing import Signer
from broadcaster.protocol import Alert as Wire
from content.kernel.nodes import Node
from schedules import service as schedules
from tests.conftest import HandClock


@dataclass
class Hall:
    """The commune's office in an emergency."""

    session: Session
    commune: Node
    villages: list[Node]
    clock: HandClock
    signer: Signer
    cadre: UUID

    @property
    def by(self) -> By:
        return By(self.cadre, self.clock.now())

    def render(self) -> None:
        """Every sound that is wanted is made, as the herald would: named by what it is made from."""
        for row in self.session.scalars(select(AlertSound).where(AlertSound.sha256.is_(None))):
            name = UUID(int=row.id).hex * 2
            sounds.keep(
                self.session, row.id, sha256=name, mime="audio/ogg", size_bytes=9, duration_ms=9000, voice="espeak:vi"
            )
        self.session.flush()
        self.session.expire_all()

    def ready(self) -> None:
        """All prepared phrases are rendered."""
        palette = sounds.palette(self.session, self.commune)
        sounds.want(self.session, palette.always(), palette.formats, self.clock.now())
        self.render()

    def document(self, alert: Alert, version: int | None = None) -> Wire:
        """What players get of an alert: its newest version, or an older one."""
        row = self.session.scalars(
            select(AlertVersion).where(
                AlertVersion.alert_id == alert.id, AlertVersion.version == (version or alert.version)
            )
        ).one()
        return Wire.model_validate_json(row.document)

    def player(self, village: Node) -> Player:
        player = Player(
            uuid=uuid4(),
            village_id=village.id,
            name=f"loa {village.slug}",
            hardware="",
            token_sha256=uuid4().hex * 2,
            paired_at=self.clock.now(),
        )
        self.session.add(player)
        self.session.flush()
        return player


@pytest.fixture
def hall(session: Session, commune: Node, villages: list[Node], clock: HandClock) -> Hall:
    for village in villages:
        schedules.add_village_airing(session, village)
    phrases.seed(session, commune, clock.now())
    return Hall(session, commune, villages, clock, Signer(SigningKey.generate()), uuid4())
