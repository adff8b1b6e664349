"""Our own alerts, as others read them."""

from datetime import timedelta
from uuid import UUID

import pytest
from lxml import etree

from broadcaster.alerts import exporting, service
from broadcaster.alerts.cap.model import MsgType, Status
from broadcaster.alerts.cap.parsing import parse
from broadcaster.alerts.errors import NoSuchAlert
from broadcaster.alerts.incoming import places
from broadcaster.alerts.incoming.feeds import entries
from broadcaster.alerts.models import Alert
from broadcaster.alerts.service import By
from broadcaster.protocol import AlertScope
from tests.broadcaster.alerts.incoming.conftest import CADRE, Desk, desk

__all__ = ["desk"]


def raised(desk: Desk, **changed: object) -> Alert:
    call = service.text_call(desk.session, desk.commune, "Nước suối lên nhanh.\x0b Lên đồi ngay.", "Lũ quét")
    call = call.model_copy(update={"villages": (desk.villages[0].uuid,)} | changed)
    return service.raise_alert(desk.session, desk.signer, desk.commune, call, By(CADRE, desk.clock.now()))


def test_an_alert_is_valid_cap(desk: Desk) -> None:
    """By the standard's schema and rules, with its words, villages and end; who pressed is not in it."""
    typed = {desk.villages[0].id: places.Typed("22.44, 103.93", "xa=02680, 7", "")}
    places.enter(desk.session, desk.commune, typed, CADRE, desk.clock.now())
    alert = raised(desk)
    xml = exporting.cap_of(desk.session, alert.uuid)
    cap = parse(xml)
    (info,) = cap.infos
    assert (cap.status, cap.msg_type, info.expires_at) == (Status.ACTUAL, MsgType.ALERT, alert.expires_at)
    assert info.description is not None
    assert info.description.startswith("Nước suối lên nhanh.")
    assert info.areas[0].description == "Ún Tà, Cốc San"
    assert {(code.name, code.value) for code in info.areas[0].geocodes} == {("xa", "02680"), ("VN", "7")}
    assert str(CADRE).encode() not in xml


def test_later_versions_refer_to_the_earlier_ones(desk: Desk) -> None:
    """Update, then Cancel; a receiver that knows none of them can tell what belongs together."""
    alert = raised(desk)
    first = parse(exporting.cap_of(desk.session, alert.uuid))
    desk.clock.pass_by(seconds=30)
    call = service.text_call(desk.session, desk.commune, "Nước rút.", "Lũ quét")
    service.update_alert(desk.session, desk.signer, alert, call, By(CADRE, desk.clock.now()))
    second = parse(exporting.cap_of(desk.session, alert.uuid))
    assert (second.msg_type, second.references) == (MsgType.UPDATE, (first.name,))
    service.cancel_alert(desk.session, desk.signer, alert, By(CADRE, desk.clock.now()))
    third = parse(exporting.cap_of(desk.session, alert.uuid))
    assert (third.msg_type, third.references) == (MsgType.CANCEL, (first.name, second.name))


def test_a_drill_says_so_and_a_silent_one_is_not_told(desk: Desk) -> None:
    """Nobody outside mistakes practice for an emergency."""
    drill = raised(desk, scope=AlertScope.EXERCISE)
    silent = raised(desk, scope=AlertScope.EXERCISE, audible=False)
    assert parse(exporting.cap_of(desk.session, drill.uuid)).status is Status.EXERCISE
    for unknown in (silent.uuid, UUID(int=1)):
        with pytest.raises(NoSuchAlert):
            exporting.cap_of(desk.session, unknown)
    assert str(silent.uuid).encode() not in exporting.feed_of(desk.session, "https://xa.example/")


def test_the_feed_leads_to_the_messages(desk: Desk) -> None:
    """Read by our own reader of feeds; it changes when an alert does, and only then."""
    alert = raised(desk)
    feed = exporting.feed_of(desk.session, "https://xa.example/")
    (entry,) = entries(feed, "https://xa.example/cap/feed.atom")
    assert entry.url == f"https://xa.example/cap/{alert.uuid}.xml"
    assert feed == exporting.feed_of(desk.session, "https://xa.example/")
    desk.clock.at += timedelta(seconds=5)
    service.cancel_alert(desk.session, desk.signer, alert, By(CADRE, desk.clock.now()))
    assert feed != exporting.feed_of(desk.session, "https://xa.example/")


def test_a_feed_without_alerts_is_one(desk: Desk) -> None:
    """A quiet commune's feed can be subscribed to."""
    root = etree.fromstring(exporting.feed_of(desk.session, "https://xa.example/"))
    assert root.findtext(f"{{{exporting.ATOM}}}title") == "Cốc San"
