"""The design tokens: readable in light and dark, and the only place that names a colour."""

import re
from importlib.resources import files

import pytest

STATIC = files("broadcaster.web") / "static"
LIGHT, DARK = (STATIC / "tokens.css").read_text().split("@media (prefers-color-scheme: dark)")
READ_ON = [
    ("--ink", "--paper"),
    ("--ink", "--surface"),
    ("--ink", "--sunk"),
    ("--ink-soft", "--paper"),
    ("--ink-soft", "--surface"),
    ("--ink-soft", "--sunk"),
    ("--accent", "--paper"),
    ("--accent", "--surface"),
    ("--accent", "--accent-soft"),
    ("--on-accent", "--accent"),
    ("--on-accent", "--accent-hover"),
    ("--good", "--surface"),
    ("--good", "--good-soft"),
    ("--care", "--surface"),
    ("--care", "--care-soft"),
    ("--emergency", "--surface"),
    ("--emergency", "--emergency-soft"),
]


def colours(css: str) -> dict[str, str]:
    return dict(re.findall(r"(--[\w-]+): #([0-9a-f]{6});", css))


def luminance(colour: str) -> float:
    """Relative luminance. Source: WCAG 2.2."""
    channels = [int(colour[place : place + 2], 16) / 255 for place in (0, 2, 4)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("scheme", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize(("text", "ground"), READ_ON)
def test_text_can_be_read_by_everybody(scheme: str, text: str, ground: str) -> None:
    """Each text colour has a contrast of 4.5 (AA) on each ground it stands on, by day and by night."""
    known = colours(scheme)
    lighter, darker = sorted((luminance(known[text]), luminance(known[ground])), reverse=True)
    assert (lighter + 0.05) / (darker + 0.05) >= 4.5


def test_colours_are_named_by_role_only() -> None:
    """No component names a colour of its own."""
    assert not re.search(r"#[0-9a-fA-F]{3,8}\b(?![^{]*\{)", (STATIC / "style.css").read_text())


def test_every_styled_class_is_used() -> None:
    """The style sheet holds no component that no page uses."""
    css = re.sub(r"/\*.*?\*/", "", (STATIC / "style.css").read_text(), flags=re.DOTALL)
    styled = set(re.findall(r"\.([a-z][\w-]*)", re.sub(r"\{[^}]*\}", "{}", css)))
    folder = files("broadcaster.web") / "templates"
    pages = "\n".join(path.read_text() for path in _templates(folder))
    moods = {"on-air", "well", "trouble", "aired", "partial", "skipped", "failed", "waiting", "missing"}
    states = {"in_review", "approved", "important", "emergency", "filled", "often", "bad", "narrow"}
    heard = {"clear", "unclear", "silent", "lost", "all-heard", "some-unheard", "none-heard", "not-yet", "text"}
    unused = {name for name in styled - moods - states - heard if not re.search(rf"\b{name}\b", pages)}
    assert not unused


def _templates(folder):
    for entry in folder.iterdir():
        if entry.is_dir():
            yield from _templates(entry)
        elif entry.name.endswith(".html"):
            yield entry
