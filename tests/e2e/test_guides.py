"""The pictures of the guides, taken from the real pages, so that they never grow old: `make guides` keeps them."""

import os
import re
from pathlib import Path
from typing import Any

import pytest

from broadcaster.demo.stage import Stage
from broadcaster.web.guides import GUIDES, PICTURES, folder
from tests.e2e.browsing import log_in

pytestmark = pytest.mark.browser
PHONE = {"width": 360, "height": 740}
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
    phone = chromium.new_context(base_url=stage.url, viewport=PHONE, locale="vi-VN")
    page = log_in(phone, stage.secretary)
    page.goto("/announcements/new")
    page.fill("[name=title]", TITLE)
    page.fill("[name=text]", TEXT)
    page.wait_for_selector("text=bảy giờ ba mươi")
    page.screenshot(path=pictures / "soan-ban-tin.png", full_page=False)
    page.click("button[name=do][value=save]")
    page.wait_for_url(re.compile("/edit"))
    uuid = re.findall(r"[0-9a-f-]{36}", page.url)[0]
    page.goto(f"/announcements/{uuid}/parts/pcc")
    page.screenshot(path=pictures / "ghi-am.png")
    page.goto(f"/announcements/{uuid}/edit")
    page.click("button[name=do][value=send]")
    page.wait_for_selector("audio", state="attached", timeout=60_000)
    phone.close()

    phone = chromium.new_context(base_url=stage.url, viewport=PHONE, locale="vi-VN")
    page = log_in(phone, stage.cadre)
    page.screenshot(path=pictures / "hom-nay.png")
    page.goto(f"/announcements/{uuid}/review")
    page.wait_for_selector("audio", state="attached")
    page.screenshot(path=pictures / "duyet.png")
    page.goto("/log")
    page.screenshot(path=pictures / "nhat-ky.png")
    phone.close()
    shown = {name for guide in GUIDES for name in re.findall(rf"{PICTURES}/([\w-]+\.png)", _text(guide))}
    assert {path.name for path in pictures.glob("*.png")} == shown


def _text(name: str) -> str:
    return (folder() / f"{name}.md").read_text(encoding="utf-8")
