"""How much of a recording is taken, and what reading it may cost."""

from content.kernel.children import Limits
from content.kernel.units import DurationMs

LARGEST_FILE = 100 << 20
"""Bytes."""
LONGEST = DurationMs(30 * 60_000)
SECONDS = 150
# The file written is at most half an hour of FLAC that could not be compressed: 173 MB.
LIMITS = Limits(cpu_seconds=120, memory_bytes=1 << 30, file_bytes=200 << 20)
