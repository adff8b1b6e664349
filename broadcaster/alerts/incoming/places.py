"""Where the commune's villages are, for warnings: entered by an admin, read as `areas.Place`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from broadcaster.alerts.cap.model import Point
from broadcaster.alerts.incoming.areas import Place
from broadcaster.alerts.incoming.errors import BadPosition
from broadcaster.alerts.incoming.models import PlaceRow
from content.kernel import audit
from content.kernel.nodes import Node, villages_of


@dataclass(frozen=True, slots=True)
class Typed:
    """What somebody typed of one place: `position` as maps copy it (`22.44, 103.93`), lists by comma."""

    position: str = ""
    codes: str = ""
    names: str = ""


def places(session: Session, commune: Node) -> tuple[list[Place], Place]:
    """All villages, and the commune around them."""
    villages = villages_of(session, commune)
    query = select(PlaceRow).where(PlaceRow.node_id.in_([node.id for node in (commune, *villages)]))
    rows = {row.node_id: row for row in session.scalars(query)}
    return [_place(node, rows.get(node.id)) for node in villages], _place(commune, rows.get(commune.id))


def as_typed(session: Session, nodes: Sequence[Node]) -> dict[int, Typed]:
    """What was entered of each place, by node id, as somebody would type it."""
    rows = {row.node_id: row for row in session.scalars(select(PlaceRow))}
    return {node.id: _typed(rows.get(node.id)) for node in nodes}


def enter(
    session: Session, commune: Node, typed: Mapping[int, Typed], actor: UUID | None, now: datetime
) -> dict[int, BadPosition]:
    """Keep what was typed, by node id. Nothing is kept if a position is wrong: those are returned, by node id."""
    wrong: dict[int, BadPosition] = {}
    points: dict[int, Point | None] = {}
    for node_id, one in typed.items():
        try:
            points[node_id] = position(one.position)
        except BadPosition as error:
            wrong[node_id] = error
    if wrong:
        return wrong
    for node_id, one in typed.items():
        point = points[node_id]
        row = session.get(PlaceRow, node_id) or PlaceRow(node_id=node_id)
        row.latitude, row.longitude = point or (None, None)
        row.codes, row.names = _listed(one.codes), _listed(one.names)
        session.add(row)
    session.flush()
    audit.record(session, commune.id, now, actor, "cap.places_changed", f"commune:{commune.uuid}")
    return {}


def position(typed: str) -> Point | None:
    """`22.44, 103.93` (degrees north, degrees east); None where nothing was typed. Raises BadPosition."""
    if not typed.strip():
        return None
    try:
        latitude, longitude = map(float, typed.replace(";", ",").split(","))
    except ValueError:
        raise BadPosition(value=typed.strip()[:40]) from None
    if not (abs(latitude) <= 90 and abs(longitude) <= 180):
        raise BadPosition(value=typed.strip()[:40])
    return Point(latitude, longitude)


def _place(node: Node, row: PlaceRow | None) -> Place:
    name = node.name.partition("(")[0].strip() or node.name
    if row is None:
        return Place(node.uuid, (name,))
    known = row.latitude is not None and row.longitude is not None
    point = Point(row.latitude, row.longitude) if known else None  # type: ignore[arg-type]
    return Place(node.uuid, (name, *row.names), point, frozenset(row.codes))


def _typed(row: PlaceRow | None) -> Typed:
    if row is None:
        return Typed()
    known = row.latitude is not None and row.longitude is not None
    return Typed(f"{row.latitude}, {row.longitude}" if known else "", ", ".join(row.codes), ", ".join(row.names))


def _listed(typed: str) -> list[str]:
    return [item for part in typed.split(",") if (item := " ".join(part.split()))]
