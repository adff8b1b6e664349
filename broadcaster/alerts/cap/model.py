"""What a CAP 1.2 message says, as values; names follow the standard, times are aware UTC.

Texts are as received (spaces and line ends included); an absent or empty optional text is None.
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

DEFAULT_LANGUAGE = "en-US"
"""What the standard takes a text to be that does not say."""


class Status(StrEnum):
    """How seriously the message is meant."""

    ACTUAL = "Actual"
    EXERCISE = "Exercise"
    SYSTEM = "System"
    TEST = "Test"
    DRAFT = "Draft"

    @property
    def is_practice(self) -> bool:
        """Whether it is a drill, whatever the message says."""
        return self in (Status.EXERCISE, Status.TEST)


class MsgType(StrEnum):
    """What the message does to earlier ones."""

    ALERT = "Alert"
    UPDATE = "Update"
    CANCEL = "Cancel"
    ACK = "Ack"
    ERROR = "Error"


class Scope(StrEnum):
    """Whom it is for."""

    PUBLIC = "Public"
    RESTRICTED = "Restricted"
    PRIVATE = "Private"


ALL_CLEAR = "AllClear"
"""The response type that ends an alert."""


@dataclass(frozen=True)
class Reference:
    """The name of a message for ever."""

    sender: str
    identifier: str
    sent_at: datetime


class Value(NamedTuple):
    """A named value: an event code, a parameter, a geocode."""

    name: str
    value: str


class Point(NamedTuple):
    """WGS 84, degrees."""

    latitude: float
    longitude: float


class Circle(NamedTuple):
    """A place and its surroundings."""

    centre: Point
    radius_km: float


Polygon = tuple[Point, ...]
"""At least four points, the last one the first again."""


@dataclass(frozen=True)
class Area:
    """Where: the union of its shapes and codes; the description is for people."""

    description: str
    polygons: tuple[Polygon, ...] = ()
    circles: tuple[Circle, ...] = ()
    geocodes: tuple[Value, ...] = ()
    altitude_ft: Decimal | None = None
    ceiling_ft: Decimal | None = None


@dataclass(frozen=True)
class Resource:
    """A picture or sound that goes with the text; `content` is base64, as it came."""

    description: str
    mime_type: str
    size_bytes: int | None = None
    uri: str | None = None
    content: str | None = None
    digest: str | None = None


@dataclass(frozen=True)
class Info:
    """What is told, in one language, about one event; the words of the schema's lists are kept as they are."""

    categories: tuple[str, ...]
    event: str
    urgency: str
    severity: str
    certainty: str
    language: str = DEFAULT_LANGUAGE
    responses: tuple[str, ...] = ()
    audience: str | None = None
    event_codes: tuple[Value, ...] = ()
    effective_at: datetime | None = None
    onset_at: datetime | None = None
    expires_at: datetime | None = None
    sender_name: str | None = None
    headline: str | None = None
    description: str | None = None
    instruction: str | None = None
    web: str | None = None
    contact: str | None = None
    parameters: tuple[Value, ...] = ()
    resources: tuple[Resource, ...] = ()
    areas: tuple[Area, ...] = ()


@dataclass(frozen=True)
class Alert:
    """One message."""

    identifier: str
    sender: str
    sent_at: datetime
    status: Status
    msg_type: MsgType
    scope: Scope
    source: str | None = None
    restriction: str | None = None
    addresses: str | None = None
    codes: tuple[str, ...] = ()
    note: str | None = None
    references: tuple[Reference, ...] = ()
    incidents: str | None = None
    infos: tuple[Info, ...] = ()

    @property
    def name(self) -> Reference:
        """By what others refer to it."""
        return Reference(self.sender, self.identifier, self.sent_at)
