"""A human take comes in: any sound file, known by its content, becomes a take that can be aired, or a clear refusal.

The names below are what others use; `hearing` is for who trims a take. Foreign files are decoded in a child process
only, so that importing this package loads no decoder (ADR 0014).
"""

from audio_out.recordings.findings import Finding, FindingKind, Take
from audio_out.recordings.limits import LARGEST_FILE, LONGEST
from audio_out.recordings.receiving import receive

__all__ = ["LARGEST_FILE", "LONGEST", "Finding", "FindingKind", "Take", "receive"]
