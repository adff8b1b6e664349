"""Changing a prepared phrase by four eyes: one person proposes, another approves, and until then the old one airs.

A call of a phrase asks nobody, day or night; what it says was therefore approved beforehand.
"""

import unicodedata
from collections.abc import Mapping
from datetime import datetime
from typing import Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict
from sqlalchemy.orm import Session

from broadcaster.alerts import phrases
from broadcaster.alerts.calls import LONGEST_TEXT
from broadcaster.alerts.errors import NothingProposed, OtherWordsMeanwhile, OwnProposal, PhraseEmpty, TextTooLong
from broadcaster.alerts.models import PreparedPhrase
from content.kernel import audit
from content.kernel.nodes import Node
from content.languages import LANGUAGES, VIETNAMESE

LONGEST_TITLE = 120


class Proposal(BaseModel):
    """A phrase as somebody would have it: `texts` and `takes` by language, `by` all who had a hand in it."""

    model_config = ConfigDict(frozen=True)

    title: str
    texts: dict[str, str]
    takes: dict[str, str]
    by: tuple[UUID, ...] = ()
    at: datetime

    @classmethod
    def of(cls, row: PreparedPhrase) -> Self:
        """What is proposed for a phrase; where nothing is, what it says now."""
        if row.proposal is not None:
            return cls.model_validate(row.proposal)
        return cls(title=row.title, texts=row.texts, takes=row.takes, at=row.changed_at)


def change(
    session: Session, commune: Node, key: str, title: str, texts: Mapping[str, str], actor: UUID, now: datetime
) -> PreparedPhrase:
    """Propose other words. Raises NoSuchPhrase, PhraseEmpty, TextTooLong.

    A language whose words are empty is taken out, but never Vietnamese.
    """
    row = phrases.by_key(session, commune, key)
    said = {language: phrases.clean(texts.get(language, "")) for language in LANGUAGES}
    if not title.strip() or not said[VIETNAMESE]:
        raise PhraseEmpty
    if any(len(text) > LONGEST_TEXT for text in said.values()):
        raise TextTooLong(limit=LONGEST_TEXT)
    words = {
        "title": unicodedata.normalize("NFC", title.strip())[:LONGEST_TITLE],
        "texts": {language: text for language, text in said.items() if text},
    }
    return _propose(session, commune, row, Proposal.of(row).model_copy(update=words), actor, now, words)


def set_take(
    session: Session, commune: Node, key: str, language: str, take_sha256: str | None, actor: UUID, now: datetime
) -> PreparedPhrase:
    """Propose that a take (an object of the store) sounds in a language, or no longer. Raises NoSuchPhrase."""
    row = phrases.by_key(session, commune, key)
    former = Proposal.of(row)
    takes = {code: take for code, take in former.takes.items() if code != language}
    takes |= {language: take_sha256} if take_sha256 else {}
    facts = {"language": language, "take": take_sha256}
    return _propose(session, commune, row, former.model_copy(update={"takes": takes}), actor, now, facts)


def approve(session: Session, commune: Node, key: str, shown_at: datetime, actor: UUID, now: datetime) -> None:
    """Let what was shown take the place of what the phrase says.

    Raises:
        NoSuchPhrase, NothingProposed: there is nothing to approve.
        OtherWordsMeanwhile: it is not what was shown.
        OwnProposal: who had a hand in it cannot approve it.
    """
    row = phrases.by_key(session, commune, key)
    if row.proposal is None:
        raise NothingProposed
    proposal = Proposal.of(row)
    if proposal.at != shown_at:
        raise OtherWordsMeanwhile
    if actor in proposal.by:
        raise OwnProposal
    row.title, row.texts, row.takes = proposal.title, proposal.texts, proposal.takes
    row.changed_by, row.changed_at, row.approved_by, row.proposal = proposal.by[-1], now, actor, None
    session.flush()
    said = {"title": row.title, "texts": row.texts, "takes": row.takes, "by": [str(one) for one in proposal.by]}
    audit.record(session, commune.id, now, actor, "phrase.approved", f"phrase:{key}", **said)


def drop(session: Session, commune: Node, key: str, actor: UUID, now: datetime) -> None:
    """Take a proposal back, one's own or another's: what aired goes on airing. Raises NoSuchPhrase, NothingProposed."""
    row = phrases.by_key(session, commune, key)
    if row.proposal is None:
        raise NothingProposed
    row.proposal = None
    session.flush()
    audit.record(session, commune.id, now, actor, "phrase.dropped", f"phrase:{key}", title=row.title)


def waiting(session: Session, commune: Node) -> list[PreparedPhrase]:
    """The phrases for which something is proposed, in their order."""
    return [row for row in phrases.all_of(session, commune) if row.proposal is not None]


def _propose(
    session: Session,
    commune: Node,
    row: PreparedPhrase,
    proposal: Proposal,
    actor: UUID,
    now: datetime,
    facts: Mapping[str, object],
) -> PreparedPhrase:
    if (proposal.title, proposal.texts, proposal.takes) == (row.title, row.texts, row.takes):
        row.proposal = None
        session.flush()
        return row
    by = (*(one for one in proposal.by if one != actor), actor)
    row.proposal = proposal.model_copy(update={"by": by, "at": now}).model_dump(mode="json")
    session.flush()
    audit.record(session, commune.id, now, actor, "phrase.proposed", f"phrase:{row.key}", **facts)
    return row
