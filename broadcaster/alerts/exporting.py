"""Our own alerts for others to read: as CAP 1.2, and listed as an Atom feed. Nothing of who pressed is in them.

Each version of an alert is a message of its own: the first an Alert, later ones an Update, the last perhaps a Cancel,
each referring to all before it. What a commune's loudspeakers interrupt everything for is Immediate, Severe and Likely;
whoever needs it finer reads the text.
"""

import unicodedata
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

from lxml import etree
from sqlalchemy import select
from sqlalchemy.orm import Session

from broadcaster.alerts import queries
from broadcaster.alerts.calls import Call
from broadcaster.alerts.cap.model import Alert as CapAlert
from broadcaster.alerts.cap.model import Area, Circle, Info, MsgType, Reference, Scope, Status, Value
from broadcaster.alerts.cap.writing import to_xml
from broadcaster.alerts.errors import NoSuchAlert
from broadcaster.alerts.incoming import places
from broadcaster.alerts.incoming.areas import REACH_KM, Place
from broadcaster.alerts.models import Alert, AlertVersion
from broadcaster.protocol import AlertScope
from content.kernel.nodes import Node, the_commune

ATOM: Final = "http://www.w3.org/2005/Atom"
CAP_TYPE: Final = "application/cap+xml"
MOST_LISTED: Final = 50
_CODE: Final = "VN"
"""What a code without a name of its own is called."""


def cap_of(session: Session, uuid: UUID) -> bytes:
    """The newest message about an alert. Raises NoSuchAlert, also for a silent drill, which nobody heard."""
    found = session.scalars(select(Alert).where(Alert.uuid == uuid, Alert.audible)).one_or_none()
    if found is None:
        raise NoSuchAlert
    villages, around = places.places(session, session.get_one(Node, found.node_id))
    return to_xml(message(found, queries.versions(session, found), villages, around))


def feed_of(session: Session, base: str) -> bytes:
    """The newest alerts as Atom, for who polls it; `base` is the address of this site, ending in `/`."""
    commune = the_commune(session)
    listed = [one for one in queries.history(session, commune, limit=MOST_LISTED) if one.audible] if commune else []
    name = commune.name if commune else ""
    root = etree.Element(f"{{{ATOM}}}feed", nsmap={None: ATOM})
    _put(root, "id", commune.uuid.urn if commune else "urn:none")
    _put(root, "title", name)
    newest = {one.uuid: queries.versions(session, one)[-1] for one in listed}
    epoch = datetime(2020, 1, 1, tzinfo=UTC)
    _put(root, "updated", _instant(max((one.at for one in newest.values()), default=epoch)))
    _put(_put(root, "author"), "name", name)
    _put(root, "link", rel="self", href=f"{base}cap/feed.atom")
    for one in listed:
        entry = _put(root, "entry")
        _put(entry, "id", one.uuid.urn)
        _put(entry, "title", _clean(one.title))
        _put(entry, "updated", _instant(newest[one.uuid].at))
        _put(entry, "link", rel="alternate", type=CAP_TYPE, href=f"{base}cap/{one.uuid}.xml")
    return bytes(etree.tostring(root, encoding="UTF-8", xml_declaration=True, pretty_print=True))


def message(alert: Alert, versions: Sequence[AlertVersion], villages: Sequence[Place], around: Place) -> CapAlert:
    """The newest version as a CAP message, with references to the earlier ones."""
    names = [
        Reference(around.uuid.urn, f"{alert.uuid}.{one.version}", one.at.replace(microsecond=0)) for one in versions
    ]
    cancelled = alert.cancelled_at is not None
    kind = MsgType.CANCEL if cancelled else MsgType.UPDATE if len(names) > 1 else MsgType.ALERT
    call = Call.model_validate(alert.call)
    by_uuid = {place.uuid: place for place in villages}
    return CapAlert(
        identifier=names[-1].identifier,
        sender=names[-1].sender,
        sent_at=names[-1].sent_at,
        status=Status.EXERCISE if alert.scope == AlertScope.EXERCISE else Status.ACTUAL,
        msg_type=kind,
        scope=Scope.PUBLIC,
        references=tuple(names[:-1]),
        infos=_infos(alert, call, by_uuid, around),
    )


def _infos(alert: Alert, call: Call, villages: Mapping[UUID, Place], around: Place) -> tuple[Info, ...]:
    areas = tuple(_area(villages[uuid], around) for uuid in call.villages if uuid in villages)
    return tuple(
        Info(
            language="vi-VN" if line.language == "vi" else line.language or "vi-VN",
            categories=("Safety",),
            event=_clean(alert.title) or "…",
            urgency="Immediate",
            severity="Severe",
            certainty="Likely",
            expires_at=alert.expires_at.replace(microsecond=0),
            sender_name=_clean(around.names[0]) or None,
            headline=_clean(alert.title) or None,
            description=_clean(line.text) or None,
            areas=areas,
        )
        for line in call.lines
    )


def _area(village: Place, around: Place) -> Area:
    near = (Circle(village.position, REACH_KM),) if village.position else ()
    codes = tuple(_value(code) for code in sorted(village.codes))
    return Area(_clean(f"{village.names[0]}, {around.names[0]}"), circles=near, geocodes=codes)


def _value(code: str) -> Value:
    name, found, value = code.partition("=")
    return Value(name, value) if found else Value(_CODE, code)


def _clean(text: str) -> str:
    """Without what XML cannot carry."""
    kept = "".join(char for char in text if char in "\n\t" or unicodedata.category(char) not in {"Cc", "Cs", "Cn"})
    return unicodedata.normalize("NFC", kept).strip()


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _put(parent: etree._Element, name: str, text: str = "", **attributes: str) -> etree._Element:
    node = etree.SubElement(parent, f"{{{ATOM}}}{name}", attributes)
    node.text = text or None
    return node
