"""The pictures of the guides, taken from the real pages, so that they never grow old: `make guides` keeps them."""

import os
import re
from datetime import time
from pathlib import Path
from typing import Any

import pytest

from broadcaster.demo.stage import Stage
from broadcaster.web.guides import GUIDES, PICTURES, folder
from content.kernel.db import unit_of_work
from content.kernel.nodes import the_commune, villages_of
from content.kernel.units import DurationMs
from schedules import service as schedules
from tests.e2e.browsing import log_in

pytestmark = pytest.mark.browser
JPEG = {"type": "jpeg", "quality": 45}
"""A guide with its pictures stays under 100 kB."""
PHONE = {"width": 360, "height": 700}
TITLE = "Tiêm chủng cho trẻ em đợt tháng 12"
TEXT = (
    "Trạm Y tế xã Cốc San thông báo lịch tiêm chủng thường xuyên: từ 7h30 đến 11h ngày 3/12, tại Trạm Y tế xã.\n"
    "Các gia đình có trẻ từ 2 tháng đến 18 tháng tuổi đưa trẻ đi tiêm đúng lịch, mang theo sổ tiêm. "
    "Liên hệ đ/c Sần Thị Hoa, ĐT 0912 345 678."
)


def test_the_pictures_of_the_guides_are_those_of_the_pages(stage: Stage, chromium: Any, tmp_path: Path) -> None:
    """Each picture that a guide shows is taken here, on a phone, in the order of a working day."""
    pictures = folder() / PICTURES if os.environ.get("KEEP_GUIDE_PICTURES") else tmp_path
    pictures.mkdir(exist_ok=True)
    open_a_slot(stage)
    phone = chromium.new_context(base_url=stage.url, viewport=PHONE, locale="vi-VN")
    page = log_in(phone, stage.secretary)
    page.goto("/announcements/new")
    page.fill("[name=title]", TITLE)
    page.fill("[name=text]", TEXT)
    page.wait_for_selector("text=bảy giờ ba mươi")
    page.evaluate("document.getElementById('text').scrollIntoView()")
    page.evaluate("scrollBy(0, -150)")
    page.screenshot(path=pictures / "soan-ban-tin.jpg", **JPEG)
    page.click("button[name=do][value=save]")
    page.wait_for_url(re.compile("/edit"))
    uuid = re.findall(r"[0-9a-f-]{36}", page.url)[0]
    page.goto(f"/announcements/{uuid}/parts/pcc")
    page.screenshot(path=pictures / "ghi-am.jpg", **JPEG)
    page.goto(f"/announcements/{uuid}/edit")
    page.click("button[name=do][value=send]")
    page.wait_for_selector("audio", state="attached", timeout=60_000)
    phone.close()

    phone = chromium.new_context(base_url=stage.url, viewport=PHONE, locale="vi-VN")
    page = log_in(phone, stage.cadre)
    page.screenshot(path=pictures / "hom-nay.jpg", **JPEG)
    page.goto(f"/announcements/{uuid}/review")
    page.wait_for_selector("audio", state="attached")
    page.screenshot(path=pictures / "duyet.jpg", **JPEG)
    phone.close()
    shown = {name for guide in GUIDES for name in re.findall(rf"{PICTURES}/([\w-]+\.jpg)", _text(guide))}
    assert {path.name for path in pictures.glob("*.jpg")} == shown


def open_a_slot(stage: Stage) -> None:
    """A commune that has its evening slot, as the readers of a guide do."""
    with unit_of_work(stage.station.sessions) as session:
        commune = the_commune(session)
        assert commune is not None
        now = stage.station.clock.now()
        schedules.open_slot(
            session,
            commune,
            name="Bản tin chiều",
            start_local=time(17, 30),
            duration_ms=DurationMs(20 * 60_000),
            rrule="FREQ=DAILY",
            starts_on=now.astimezone(commune.zone).date(),
            villages=villages_of(session, commune),
            now=now,
        )


def _text(name: str) -> str:
    return (folder() / f"{name}.md").read_text(encoding="utf-8")
