"""Changing announcements: every step of a revision's life, audited in the same transaction.

Each function takes the session first, flushes and never commits. `actor` is a person's uuid, `now` an aware instant.
`writing` is the writer's side, `deciding` the approver's, `discussing` what both say of it; `lexicon` and `templates`
are what a commune brings to its writing.
"""

from content.service.deciding import approvable, approve, restore, send_back, withdraw
from content.service.discussing import attest, attestations, comment
from content.service.submitting import check, problems, recall, submit
from content.service.writing import (
    LONGEST_TITLE,
    MOST_TIMES_PER_DAY,
    Wording,
    copy_as_new,
    discard,
    put_recording,
    revise,
    save_draft,
    start_draft,
    writers_of,
)

__all__ = [
    "LONGEST_TITLE",
    "MOST_TIMES_PER_DAY",
    "Wording",
    "approvable",
    "approve",
    "attest",
    "attestations",
    "check",
    "comment",
    "copy_as_new",
    "discard",
    "problems",
    "put_recording",
    "recall",
    "restore",
    "revise",
    "save_draft",
    "send_back",
    "start_draft",
    "submit",
    "withdraw",
    "writers_of",
]
