"""The documents say what is true."""

import re
from pathlib import Path

from broadcaster.settings import Settings

ROOT = Path(__file__).parent.parent


def test_every_setting_is_documented() -> None:
    """docs/settings.md has each setting, its default and its description, and no other."""
    rows = re.findall(
        r"^\| `(\w+)` \| (?:`(.*?)`)? ?\| (.*?) \|$", (ROOT / "docs/settings.md").read_text(), re.MULTILINE
    )
    fields = Settings.model_fields.items()
    shown = {
        name: str(field.default).lower() if field.annotation is bool else str(field.default) for name, field in fields
    }
    assert rows == [(name, shown[name], field.description) for name, field in fields]


def test_make_help_names_every_target() -> None:
    """Each phony target of the Makefile explains itself."""
    makefile = (ROOT / "Makefile").read_text()
    phony = re.search(r"^\.PHONY: (.*)$", makefile, re.MULTILINE)
    assert phony is not None
    explained = re.findall(r"^([a-z-]+):.*## ", makefile, re.MULTILINE)
    assert sorted(explained) == sorted(phony[1].split())


def test_nothing_of_a_machine_or_a_registry_is_committed() -> None:
    """Locks name packages and hashes, never where they were fetched from."""
    for lock in (ROOT / "requirements").glob("*.txt"):
        assert not re.search(r"https?://|file:|index-url|find-links", lock.read_text())
