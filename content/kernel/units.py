"""Units as types: a number without its unit has cost other projects a release."""

from typing import NewType

DurationMs = NewType("DurationMs", int)
Hz = NewType("Hz", int)
Lufs = NewType("Lufs", float)
Dbtp = NewType("Dbtp", float)
Sha256 = NewType("Sha256", str)
"""64 lower-case hexadecimal digits: the name of an immutable object."""
