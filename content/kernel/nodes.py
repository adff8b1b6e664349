"""Nodes: the places that everything belongs to. nation > province > commune > village."""

from enum import StrEnum
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from sqlalchemy import ForeignKey, String, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from content.kernel.db import Base
from content.kernel.errors import Invalid, NotFound


class NodeKind(StrEnum):
    """The levels, widest first."""

    NATION = "nation"
    PROVINCE = "province"
    COMMUNE = "commune"
    VILLAGE = "village"


class NoSuchNode(NotFound):
    """No place by this name."""

    sentence = "There is no village or commune named “{slug}”. Choose one from the list."
    field = "villages"


class BadTimeZone(Invalid):
    """Not an IANA time zone."""

    sentence = "“{name}” is not a time zone. Vietnam's is Asia/Ho_Chi_Minh."
    field = "time_zone"


class Node(Base):
    """A place: `slug` names it in files and commands, `name` on screens, `time_zone` its wall clocks."""

    __tablename__ = "node"
    __table_args__ = (UniqueConstraint("parent_id", "slug"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    uuid: Mapped[UUID] = mapped_column(default=uuid4, unique=True)
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("node.id"), index=True)
    kind: Mapped[NodeKind] = mapped_column(String(16))
    slug: Mapped[str] = mapped_column(String(64))
    name: Mapped[str] = mapped_column(String(120))
    time_zone: Mapped[str] = mapped_column(String(64), default="Asia/Ho_Chi_Minh")

    @property
    def zone(self) -> ZoneInfo:
        """The zone as an object."""
        return ZoneInfo(self.time_zone)


def add_node(
    session: Session,
    kind: NodeKind,
    slug: str,
    name: str,
    *,
    parent: Node | None = None,
    time_zone: str = "Asia/Ho_Chi_Minh",
) -> Node:
    """A new place below `parent`. Raises BadTimeZone."""
    try:
        ZoneInfo(time_zone)
    except (KeyError, ValueError, OSError):
        raise BadTimeZone(name=time_zone) from None
    node = Node(kind=kind, slug=slug, name=name, parent_id=parent.id if parent else None, time_zone=time_zone)
    session.add(node)
    session.flush()
    return node


def the_commune(session: Session) -> Node | None:
    """The commune of an embedded installation, None before the first start has made it."""
    return session.scalars(select(Node).where(Node.kind == NodeKind.COMMUNE).order_by(Node.id)).first()


def villages_of(session: Session, commune: Node) -> list[Node]:
    """The commune's villages, in the order in which they were entered."""
    return list(
        session.scalars(
            select(Node).where(Node.parent_id == commune.id, Node.kind == NodeKind.VILLAGE).order_by(Node.id)
        )
    )


def village(session: Session, commune: Node, slug: str) -> Node:
    """One village by its slug. Raises NoSuchNode."""
    found = session.scalars(select(Node).where(Node.parent_id == commune.id, Node.slug == slug)).one_or_none()
    if found is None:
        raise NoSuchNode(slug=slug)
    return found
