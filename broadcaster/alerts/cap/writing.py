"""An `Alert` as the XML that others read: what `parsing` takes for the same alert, or nothing at all. Not signed."""

from datetime import UTC, datetime
from decimal import Decimal

from lxml import etree

from broadcaster.alerts.cap.model import Alert, Area, Circle, Info, Point, Resource, Value
from broadcaster.alerts.cap.parsing import NAMESPACE, parse

Written = str | int | Decimal | datetime | None


def to_xml(alert: Alert) -> bytes:
    """The message, UTF-8, valid by schema and rules.

    Times keep the zone that they carry, so that people near see their own; UTC is written -00:00, as CAP asks.

    Raises:
        BadCap: the alert breaks a rule of CAP.
        ValueError: it holds what CAP cannot carry (control characters, parts of seconds, empty optional texts).
    """
    root = etree.Element(f"{{{NAMESPACE}}}alert", nsmap={None: NAMESPACE})
    _put(root, "identifier", alert.identifier)
    _put(root, "sender", alert.sender)
    _put(root, "sent", alert.sent_at)
    _put(root, "status", alert.status)
    _put(root, "msgType", alert.msg_type)
    _put(root, "source", alert.source)
    _put(root, "scope", alert.scope)
    _put(root, "restriction", alert.restriction)
    _put(root, "addresses", alert.addresses)
    _put(root, "code", *alert.codes)
    _put(root, "note", alert.note)
    _put(
        root, "references", " ".join(f"{r.sender},{r.identifier},{_time(r.sent_at)}" for r in alert.references) or None
    )
    _put(root, "incidents", alert.incidents)
    for info in alert.infos:
        _put_info(root, info)
    xml: bytes = etree.tostring(root, encoding="UTF-8", xml_declaration=True, pretty_print=True)
    if parse(xml) != alert:
        raise ValueError("the alert holds what CAP cannot carry")
    return xml


def _put_info(alert: etree._Element, info: Info) -> None:
    node = _put(alert, "info", "")
    _put(node, "language", info.language)
    _put(node, "category", *info.categories)
    _put(node, "event", info.event)
    _put(node, "responseType", *info.responses)
    _put(node, "urgency", info.urgency)
    _put(node, "severity", info.severity)
    _put(node, "certainty", info.certainty)
    _put(node, "audience", info.audience)
    _put_values(node, "eventCode", info.event_codes)
    _put(node, "effective", info.effective_at)
    _put(node, "onset", info.onset_at)
    _put(node, "expires", info.expires_at)
    _put(node, "senderName", info.sender_name)
    _put(node, "headline", info.headline)
    _put(node, "description", info.description)
    _put(node, "instruction", info.instruction)
    _put(node, "web", info.web)
    _put(node, "contact", info.contact)
    _put_values(node, "parameter", info.parameters)
    for resource in info.resources:
        _put_resource(node, resource)
    for area in info.areas:
        _put_area(node, area)


def _put_resource(info: etree._Element, resource: Resource) -> None:
    node = _put(info, "resource", "")
    _put(node, "resourceDesc", resource.description)
    _put(node, "mimeType", resource.mime_type)
    _put(node, "size", resource.size_bytes)
    _put(node, "uri", resource.uri)
    _put(node, "derefUri", resource.content)
    _put(node, "digest", resource.digest)


def _put_area(info: etree._Element, area: Area) -> None:
    node = _put(info, "area", "")
    _put(node, "areaDesc", area.description)
    _put(node, "polygon", *(" ".join(map(_point, polygon)) for polygon in area.polygons))
    _put(node, "circle", *map(_circle, area.circles))
    _put_values(node, "geocode", area.geocodes)
    _put(node, "altitude", area.altitude_ft)
    _put(node, "ceiling", area.ceiling_ft)


def _put_values(parent: etree._Element, name: str, values: tuple[Value, ...]) -> None:
    for value in values:
        node = _put(parent, name, "")
        _put(node, "valueName", value.name)
        _put(node, "value", value.value)


def _put(parent: etree._Element, name: str, *values: Written) -> etree._Element:
    """Append an element for each value that is one, and give the last (or the parent)."""
    node = parent
    for value in values:
        if value is not None:
            node = etree.SubElement(parent, f"{{{NAMESPACE}}}{name}")
            node.text = _written(value) or None
    return node


def _written(value: str | int | Decimal | datetime) -> str:
    if isinstance(value, datetime):
        return _time(value)
    return f"{value:f}" if isinstance(value, Decimal) else str(value)


def _time(at: datetime) -> str:
    written = at.isoformat(timespec="seconds")
    return written.removesuffix("+00:00") + "-00:00" if at.utcoffset() == UTC.utcoffset(None) else written


def _point(point: Point) -> str:
    return f"{_plain(point.latitude)},{_plain(point.longitude)}"


def _circle(circle: Circle) -> str:
    return f"{_point(circle.centre)} {_plain(circle.radius_km)}"


def _plain(value: float) -> str:
    return f"{Decimal(repr(value)):f}"  # never with an exponent
