"""What the tests with real processes share: one commune for a module, and a browser."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from broadcaster.demo.stage import Stage

CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
QUIET = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update")


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """One commune with server and worker for this module; its environment is put back at the end."""
    with pytest.MonkeyPatch.context() as environment:
        for name in ("DATA_DIR", "PORT", "HOST", "POLL_SECONDS", "ONLINE_VOICES", "DATABASE_URL", "LOG_LEVEL"):
            environment.setenv(f"BROADCASTER_{name}", "")
        with Stage(tmp_path_factory.mktemp("stage") / "data") as opened:
            yield opened


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    """A headless Chromium of this machine."""
    from playwright.sync_api import sync_playwright  # noqa: PLC0415  (only where a browser is wanted)

    path = next((found for name in CHROMIUM if (found := shutil.which(name))), None)
    if path is None:
        pytest.fail("Chromium is missing: apt install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=path, args=[*QUIET, "--autoplay-policy=no-user-gesture-required"]
        )
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def screens() -> Path:
    """Where screenshots go, to be looked at."""
    folder = Path("build/screens")
    folder.mkdir(parents=True, exist_ok=True)
    return folder
