"""Changing a commune's templates of recurring announcements: added, changed, removed and back, each audited.

Four come along (`templates.toml`); once seeded they are the commune's own.
"""

import tomllib
from dataclasses import dataclass
from datetime import datetime
from importlib.resources import files
from uuid import UUID

from sqlalchemy.orm import Session

from content import importing, queries
from content.errors import TemplateNameMissing, TemplateTextMissing
from content.kernel import audit
from content.kernel.nodes import Node
from content.models import Template

LONGEST_NAME = 120
LONGEST_TITLE = 200


@dataclass(frozen=True, slots=True)
class Pattern:
    """What a template holds; title and text with their [fields]."""

    name: str
    title: str
    text: str
    category: str


def shipped() -> tuple[Pattern, ...]:
    """The templates that come along."""
    data = tomllib.loads((files("content.service") / "templates.toml").read_text(encoding="utf-8"))
    return tuple(Pattern(**template) for template in data["template"])


def seed(session: Session, node: Node, now: datetime, actor: UUID | None = None) -> list[Template]:
    """Give a commune the shipped templates that it has none of that name of; `actor` None is the system."""
    names = {template.name for template in queries.templates(session, node)}
    return [add(session, node, pattern, actor, now) for pattern in shipped() if pattern.name not in names]


def add(session: Session, node: Node, pattern: Pattern, actor: UUID | None, now: datetime) -> Template:
    """A new template. Raises TemplateNameMissing, TemplateTextMissing."""
    template = Template(node_id=node.id)
    _fill(template, pattern, actor, now)
    session.add(template)
    _record(session, template, actor, now, "template.added")
    return template


def change(session: Session, template: Template, pattern: Pattern, actor: UUID, now: datetime) -> None:
    """Another wording; announcements made from it stay as they are. Raises TemplateNameMissing, TemplateTextMissing."""
    _fill(template, pattern, actor, now)
    _record(session, template, actor, now, "template.changed")


def remove(session: Session, template: Template, actor: UUID, now: datetime) -> None:
    """Out of the list; `restore` undoes it."""
    if template.removed_at is not None:
        return
    template.removed_at, template.changed_by, template.changed_at = now, actor, now
    _record(session, template, actor, now, "template.removed")


def restore(session: Session, template: Template, actor: UUID, now: datetime) -> None:
    """Back into the list."""
    template.removed_at, template.changed_by, template.changed_at = None, actor, now
    _record(session, template, actor, now, "template.restored")


def _fill(template: Template, pattern: Pattern, actor: UUID | None, now: datetime) -> None:
    name, text = importing.clean(pattern.name), importing.clean(pattern.text)
    if not name:
        raise TemplateNameMissing
    if not text:
        raise TemplateTextMissing
    template.name, template.text = name[:LONGEST_NAME], text
    template.title, template.category = importing.clean(pattern.title)[:LONGEST_TITLE], pattern.category
    template.changed_by, template.changed_at = actor, now


def _record(session: Session, template: Template, actor: UUID | None, now: datetime, act: str) -> None:
    session.flush()
    audit.record(session, template.node_id, now, actor, act, f"template:{template.uuid}", name=template.name)
