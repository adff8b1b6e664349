"""Comments, attestations, discarded drafts, recordings in drafts."""

from datetime import UTC, date, datetime
from uuid import uuid4

import pytest
from sqlalchemy.orm import Session

from content import queries, service
from content.errors import CommentMissing, DaysTooFar, FourEyes, LanguageMissing, NotHeard, TextMissing, UnknownLanguage
from content.kernel.nodes import Node
from content.kernel.priority import Priority
from content.kernel.units import Sha256
from content.models import Revision
from content.workflow import Heard, State, digest
from tests.factories import draft

NOW = datetime(2026, 11, 22, 3, tzinfo=UTC)
MASTERS = {"vi": Sha256("a" * 64)}


def in_review(session: Session, commune: Node, villages: list[Node], **changes: object) -> Revision:
    revision = draft(session, commune, villages, NOW, **changes)
    service.submit(session, revision, revision.edited_by, NOW)
    return revision


def test_a_comment_changes_no_state(session: Session, commune: Node, villages: list[Node]) -> None:
    """People can talk about an announcement in any state."""
    revision = in_review(session, commune, villages)
    service.comment(session, revision, " Loa thôn Ún Tà rè ", uuid4(), NOW)
    assert revision.state == State.IN_REVIEW
    assert revision.events[-1].reason == "Loa thôn Ún Tà rè"
    with pytest.raises(CommentMissing):
        service.comment(session, revision, "  ", uuid4(), NOW)


def test_an_attestation_lapses_with_another_master(session: Session, commune: Node, villages: list[Node]) -> None:
    """Who vouches for a recording vouches for those bytes, and never for one's own."""
    revision = in_review(session, commune, villages)
    service.attest(session, revision, "vi", MASTERS, uuid4(), NOW)
    assert set(service.attestations(revision, MASTERS)) == {"vi"}
    assert service.attestations(revision, {"vi": Sha256("b" * 64)}) == {}
    with pytest.raises(FourEyes):
        service.attest(session, revision, "vi", MASTERS, revision.edited_by, NOW)


def test_who_did_not_listen_says_why(session: Session, commune: Node, villages: list[Node]) -> None:
    """An approval keeps how its approver listened; silence about it is refused."""
    revision = in_review(session, commune, villages)
    shown = digest(service.approvable(revision, MASTERS))
    with pytest.raises(NotHeard):
        service.approve(session, revision, MASTERS, shown, uuid4(), NOW, heard=Heard.NOT)
    assert revision.state == State.IN_REVIEW
    service.approve(session, revision, MASTERS, shown, uuid4(), NOW, heard=Heard.NOT, why_unheard="Đã nghe ở xã.")
    assert (revision.events[-1].content, revision.events[-1].reason) == ({"heard": "not"}, "Đã nghe ở xã.")


def test_a_discarded_draft_leaves_the_approved_one_in_sight(
    session: Session, commune: Node, villages: list[Node]
) -> None:
    """Discarding a new version shows the old one again, and can be undone."""
    revision = in_review(session, commune, villages)
    service.approve(session, revision, MASTERS, digest(service.approvable(revision, MASTERS)), uuid4(), NOW)
    newer = service.revise(session, revision, uuid4(), NOW)
    service.discard(session, newer, uuid4(), NOW)
    assert queries.latest(session, commune, revision.announcement.uuid) is revision
    assert queries.all_latest(session, commune) == [revision]
    third = service.revise(session, revision, uuid4(), NOW)
    assert third.number == 3
    service.discard(session, third, uuid4(), NOW)
    service.restore(session, newer, uuid4(), NOW)
    assert queries.latest(session, commune, revision.announcement.uuid) is newer


def test_a_wholly_discarded_announcement_is_listed_only_when_asked_for(
    session: Session, commune: Node, villages: list[Node]
) -> None:
    """A discarded first draft is out of sight, and still there."""
    only = draft(session, commune, villages, NOW)
    service.discard(session, only, uuid4(), NOW)
    assert queries.all_latest(session, commune) == []
    assert queries.all_latest(session, commune, states=(State.DISCARDED,)) == [only]
    assert queries.latest(session, commune, only.announcement.uuid) is only


def test_saving_the_form_keeps_recordings(session: Session, commune: Node, villages: list[Node]) -> None:
    """The form knows nothing of recordings, so that an autosave never drops one."""
    made = draft(session, commune, villages, NOW)
    take = uuid4()
    service.put_recording(session, made, "pcc", take, uuid4(), NOW, text="Mời họp thôn")
    typed = service.Wording("Họp", {"vi": "Mời bà con họp."}, villages, date(2026, 11, 22), date(2026, 11, 25))
    service.save_draft(session, made, typed, uuid4(), NOW, edits=made.edits)
    assert [(part.language, part.recording) for part in made.parts] == [("vi", None), ("pcc", take)]
    assert "moi hop thon" in made.search
    with pytest.raises(UnknownLanguage):
        service.put_recording(session, made, "xx", take, uuid4(), NOW)


def test_a_recording_alone_is_enough(session: Session, commune: Node, villages: list[Node]) -> None:
    """An announcement may have no text to be voiced; one without anything to hear is refused."""
    made = draft(session, commune, villages, NOW, texts={"vi": " "})
    with pytest.raises(TextMissing):
        service.submit(session, made, uuid4(), NOW)
    service.put_recording(session, made, "pcc", uuid4(), uuid4(), NOW)
    service.submit(session, made, uuid4(), NOW)
    assert [part.language for part in made.parts] == ["pcc"]


def test_what_is_important_needs_the_villages_languages(session: Session, commune: Node, villages: list[Node]) -> None:
    """A village that requires Giáy gets nothing important without it; routine announcements may go without."""
    needs = {"pcc": [villages[0].name]}
    with pytest.raises(LanguageMissing):
        service.submit(
            session, draft(session, commune, villages, NOW, priority=Priority.IMPORTANT), uuid4(), NOW, required=needs
        )
    service.submit(session, draft(session, commune, villages, NOW), uuid4(), NOW, required=needs)


def test_a_copy_has_the_words_and_recordings_for_as_many_days(
    session: Session, commune: Node, villages: list[Node]
) -> None:
    """Copying makes another announcement, from today on."""
    source = draft(session, commune, villages, NOW, texts={"vi": "Mời họp."})
    service.put_recording(session, source, "pcc", uuid4(), uuid4(), NOW)
    copy = service.copy_as_new(session, source, source.villages, uuid4(), NOW, date(2026, 12, 1))
    assert copy.announcement is not source.announcement
    assert (copy.from_on, copy.until_on) == (date(2026, 12, 1), date(2026, 12, 4))
    assert [(part.language, part.text, part.recording) for part in copy.parts] == [
        (part.language, part.text, part.recording) for part in source.parts
    ]


def test_what_was_sent_can_be_taken_back(session: Session, commune: Node, villages: list[Node]) -> None:
    """Who finds a mistake after sending writes on, without waiting for somebody to return it."""
    revision = in_review(session, commune, villages)
    service.recall(session, revision, revision.edited_by, NOW)
    assert revision.state == State.DRAFT
    assert revision.parts[0].reading is None
    service.submit(session, revision, revision.edited_by, NOW)
    assert revision.state == State.IN_REVIEW


@pytest.mark.parametrize("days", [{"from_on": date(1, 1, 1)}, {"until_on": date(9999, 12, 31)}])
def test_days_far_away_are_a_slip(session: Session, commune: Node, villages: list[Node], days: dict[str, date]) -> None:
    """The year 1 and the year 9999 are typing errors, told before they reach the plan."""
    with pytest.raises(DaysTooFar):
        service.submit(session, draft(session, commune, villages, NOW, **days), uuid4(), NOW)


def test_whoever_wrote_any_of_it_does_not_approve_it(session: Session, commune: Node, villages: list[Node]) -> None:
    """Somebody else's save afterwards makes nobody's words another's."""
    cadre, secretary = uuid4(), uuid4()
    made = draft(session, commune, villages, NOW, secretary)
    words = service.Wording("Họp", {"vi": "Lời của cán bộ."}, villages, made.from_on, made.until_on)
    service.save_draft(session, made, words, cadre, NOW, edits=made.edits)
    service.save_draft(session, made, words, secretary, NOW, edits=made.edits)
    service.submit(session, made, secretary, NOW)
    shown = digest(service.approvable(made, MASTERS))
    with pytest.raises(FourEyes):
        service.approve(session, made, MASTERS, shown, cadre, NOW)


def test_an_attestation_lapses_with_other_words(session: Session, commune: Node, villages: list[Node]) -> None:
    """Who vouched that a recording says what the text tells did so for that text."""
    revision = in_review(session, commune, villages)
    service.attest(session, revision, "vi", MASTERS, uuid4(), NOW)
    revision.parts[0].text = "Mời bà con họp lúc 8h."
    assert service.attestations(revision, MASTERS) == {}
