"""A commune with two villages, ready for alerts, that hears of others' warnings."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from broadcaster.alerts import phrases
from broadcaster.alerts.calls import Call
from broadcaster.alerts.cap.writing import to_xml
from broadcaster.alerts.incoming import service, sources
from broadcaster.alerts.incoming.models import Message, Source
from broadcaster.alerts.incoming.service import Via
from broadcaster.alerts.models import Alert
from broadcaster.fleet.signing import Signer
from broadcaster.station import Station
from content.kernel.nodes import Node, NodeKind, add_node
from schedules import service as schedules
from tests.broadcaster.alerts.cap.messages import NOW, alert
from tests.conftest import HandClock

CADRE = UUID(int=77)


@dataclass
class Desk:
    """Where messages arrive."""

    session: Session
    signer: Signer
    clock: HandClock
    commune: Node
    villages: Sequence[Node]

    def source(self, name: str = "Tỉnh", **wanted: Any) -> Source:
        return sources.add(self.session, self.commune, sources.Wanted(name, **wanted), None, self.clock.now())

    def take(self, xml: bytes, via: Via) -> Message:
        return service.receive(self.session, self.signer, self.commune, xml, via, self.clock.now())

    def message(self, *infos: Any, via: Via | None = None, **changed: Any) -> Message:
        return self.take(to_xml(alert(*infos, **changed)), via or Via(actor=CADRE))

    def alerts(self) -> list[Alert]:
        return list(self.session.scalars(select(Alert).order_by(Alert.id)))

    def calls(self) -> list[Call]:
        return [Call.model_validate(one.call) for one in self.alerts()]


@pytest.fixture
def desk(session: Session, station: Station, clock: HandClock) -> Desk:
    clock.at = NOW
    commune = add_node(session, NodeKind.COMMUNE, "coc-san", "Cốc San")
    names = {"un-ta": "Ún Tà", "luong-lao-1": "Luổng Láo 1"}
    villages = [add_node(session, NodeKind.VILLAGE, slug, name, parent=commune) for slug, name in names.items()]
    for village in villages:
        schedules.add_village_airing(session, village)
    phrases.seed(session, commune, clock.now())
    return Desk(session, station.signer, clock, commune, villages)
