"""Bytes from anywhere into an `Alert`, or a named refusal. Nothing is fetched, expanded or guessed.

A message with a document type is refused before the XML library sees it, since CAP needs none; the library is told
to expand and fetch nothing all the same. Then the standard's schema is asked, then the rules that it cannot say.

CAP 1.1 and 1.0 are refused, although much of them looks alike: they have another schema, other times, and no
AllClear, and no sender has needed them since 2010.
"""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from importlib.resources import files
from typing import TypeVar

from lxml import etree

from broadcaster.alerts import errors
from broadcaster.alerts.cap.model import (
    ALL_CLEAR,
    DEFAULT_LANGUAGE,
    Alert,
    Area,
    Circle,
    Info,
    MsgType,
    Point,
    Polygon,
    Reference,
    Resource,
    Scope,
    Status,
    Value,
)

NAMESPACE = "urn:oasis:names:tc:emergency:cap:1.2"
MAX_BYTES = 1024 * 1024
SCHEMA = files("broadcaster.alerts.cap") / "CAP-v1.2.xsd"

_OLDER = re.compile(r"(?:urn:oasis:names:tc:emergency:cap:|http://www\.incident\.com/cap/)([0-9.]+)")
_NAME = re.compile(r"[^\s,<&]{1,300}")
_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}[-+][0-9]{2}:[0-9]{2}")
_DEGREES = re.compile(r"([-+]?[0-9]{1,3}(?:\.[0-9]*)?),([-+]?[0-9]{1,3}(?:\.[0-9]*)?)")
_KILOMETRES = re.compile(r"[0-9]{1,5}(?:\.[0-9]*)?")
_MAX_DIGITS = 18
_MOST_REFERENCES = 1000

T = TypeVar("T")


def parse(xml: bytes) -> Alert:
    """The message in `xml`, of any encoding that XML knows. Raises a BadCap."""
    alert = _alert(_checked(read_xml(xml)))
    _check_names(alert)
    _check_references(alert)
    _check_expiry(alert)
    return alert


def read_xml(xml: bytes, *, whole: bool = False) -> etree._Element:
    """The root of any XML from a stranger, nothing expanded or fetched; `whole` keeps comments and instructions.

    Raises TooLarge, DeclaresDocumentType, NotXml.
    """
    if len(xml) > MAX_BYTES:
        raise errors.TooLarge(limit=MAX_BYTES)
    if b"<!DOCTYPE" in xml.replace(b"\0", b""):  # without the zeros of UTF-16 and UTF-32
        raise errors.DeclaresDocumentType
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=not whole,
        remove_pis=not whole,
    )
    try:
        root = etree.fromstring(xml, parser)
    except etree.XMLSyntaxError as error:
        raise errors.NotXml(problem=_short(str(error.msg))) from None
    if root.getroottree().docinfo.doctype:
        raise errors.DeclaresDocumentType
    return root


def _checked(root: etree._Element) -> etree._Element:
    name = etree.QName(root)
    if name.namespace != NAMESPACE:
        older = _OLDER.fullmatch(name.namespace or "")
        raise errors.OlderCap(version=older[1]) if older else errors.NotCap(root=_short(name.localname))
    schema = etree.XMLSchema(etree.fromstring(SCHEMA.read_bytes()))
    if not schema.validate(root):
        first = schema.error_log[0]
        raise errors.NotBySchema(line=first.line, problem=_short(first.message.replace(f"{{{NAMESPACE}}}", ""), 200))
    return root


def _alert(node: etree._Element) -> Alert:
    return Alert(
        identifier=_text(node, "identifier"),
        sender=_text(node, "sender"),
        sent_at=_time(_text(node, "sent")),
        status=Status(_text(node, "status")),
        msg_type=MsgType(_text(node, "msgType")),
        scope=Scope(_text(node, "scope")),
        source=_text(node, "source") or None,
        restriction=_text(node, "restriction") or None,
        addresses=_text(node, "addresses") or None,
        codes=_texts(node, "code"),
        note=_text(node, "note") or None,
        references=tuple(map(_reference, _text(node, "references").split())),
        incidents=_text(node, "incidents") or None,
        infos=_each(node, "info", _info),
    )


def _info(node: etree._Element) -> Info:
    return Info(
        language=_text(node, "language").strip() or DEFAULT_LANGUAGE,
        categories=_texts(node, "category"),
        event=_text(node, "event"),
        responses=_texts(node, "responseType"),
        urgency=_text(node, "urgency"),
        severity=_text(node, "severity"),
        certainty=_text(node, "certainty"),
        audience=_text(node, "audience") or None,
        event_codes=_each(node, "eventCode", _value),
        effective_at=_maybe(node, "effective", _time),
        onset_at=_maybe(node, "onset", _time),
        expires_at=_maybe(node, "expires", _time),
        sender_name=_text(node, "senderName") or None,
        headline=_text(node, "headline") or None,
        description=_text(node, "description") or None,
        instruction=_text(node, "instruction") or None,
        web=_text(node, "web") or None,
        contact=_text(node, "contact") or None,
        parameters=_each(node, "parameter", _value),
        resources=_each(node, "resource", _resource),
        areas=_each(node, "area", _area),
    )


def _resource(node: etree._Element) -> Resource:
    return Resource(
        description=_text(node, "resourceDesc"),
        mime_type=_text(node, "mimeType"),
        size_bytes=_maybe(node, "size", lambda text: int(_number(text))),
        uri=_text(node, "uri") or None,
        content=_text(node, "derefUri") or None,
        digest=_text(node, "digest") or None,
    )


def _area(node: etree._Element) -> Area:
    return Area(
        description=_text(node, "areaDesc"),
        polygons=tuple(map(_polygon, _texts(node, "polygon"))),
        circles=tuple(map(_circle, _texts(node, "circle"))),
        geocodes=_each(node, "geocode", _value),
        altitude_ft=_maybe(node, "altitude", _number),
        ceiling_ft=_maybe(node, "ceiling", _number),
    )


def _value(node: etree._Element) -> Value:
    return Value(_text(node, "valueName"), _text(node, "value"))


def _each(node: etree._Element, name: str, read: Callable[[etree._Element], T]) -> tuple[T, ...]:
    return tuple(read(child) for child in node.iterfind(f"{{{NAMESPACE}}}{name}"))


def _texts(node: etree._Element, name: str) -> tuple[str, ...]:
    return _each(node, name, lambda child: child.text or "")


def _text(node: etree._Element, name: str) -> str:
    return next(iter(_texts(node, name)), "")


def _maybe(node: etree._Element, name: str, read: Callable[[str], T]) -> T | None:
    text = _text(node, name)
    return read(text) if text else None


def _time(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text.strip()).astimezone(UTC)
    except (ValueError, OverflowError):  # such as 24:00:00, or the year 1 seen from the east
        raise errors.BadTime(value=_short(text)) from None


def _number(text: str) -> Decimal:
    if len(text.strip()) > _MAX_DIGITS:
        raise errors.BadNumber(value=_short(text))
    return Decimal(text.strip())


def _reference(text: str) -> Reference:
    sender, _, rest = text.partition(",")
    identifier, _, sent = rest.partition(",")
    if not (_NAME.fullmatch(sender) and _NAME.fullmatch(identifier) and _TIME.fullmatch(sent)):
        raise errors.BadReference(value=_short(text))
    return Reference(sender, identifier, _time(sent))


def _polygon(text: str) -> Polygon:
    points = tuple(_point(pair, "polygon") for pair in text.split())
    if len(points) < 4 or points[0] != points[-1]:
        raise errors.BadShape(shape="polygon", value=_short(text))
    return points


def _circle(text: str) -> Circle:
    centre, _, radius = text.strip().partition(" ")
    if not _KILOMETRES.fullmatch(radius.strip()):
        raise errors.BadShape(shape="circle", value=_short(text))
    return Circle(_point(centre, "circle"), float(radius))


def _point(text: str, shape: str) -> Point:
    degrees = _DEGREES.fullmatch(text)
    point = Point(float(degrees[1]), float(degrees[2])) if degrees else None
    if point is None or abs(point.latitude) > 90 or abs(point.longitude) > 180:
        raise errors.BadShape(shape=shape, value=_short(text))
    return point


def _check_names(alert: Alert) -> None:
    for element, value in (("identifier", alert.identifier), ("sender", alert.sender)):
        if not _NAME.fullmatch(value):
            raise errors.BadName(element=element, value=_short(value))


def _check_references(alert: Alert) -> None:
    if alert.msg_type in (MsgType.UPDATE, MsgType.CANCEL) and not alert.references:
        raise errors.NoReferences(msg_type=alert.msg_type.value)
    if len(alert.references) > _MOST_REFERENCES:
        raise errors.TooManyReferences(most=_MOST_REFERENCES)
    if alert.name in alert.references:
        raise errors.RefersToItself


def _check_expiry(alert: Alert) -> None:
    for info in alert.infos:
        ends = alert.msg_type is MsgType.CANCEL or ALL_CLEAR in info.responses  # many real ones expire at once
        if not ends and info.expires_at is not None and info.expires_at <= alert.sent_at:
            raise errors.ExpiresBeforeSent(expires=info.expires_at.isoformat(), sent=alert.sent_at.isoformat())


def _short(text: str, shown: int = 60) -> str:
    line = " ".join(text.split())
    return line if len(line) <= shown else line[:shown] + "…"
