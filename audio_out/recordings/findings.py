"""What a take is, and what a listener would stumble over in it. Words for people are the pages'."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from content.kernel.units import DurationMs, Sha256


class FindingKind(StrEnum):
    """What can be wrong with a take, with the facts that its finding carries."""

    SILENT = "silent"
    """Nothing can be heard: no facts."""
    TOO_SHORT = "too_short"
    """Under a second from the first sound to the last: `seconds`."""
    TOO_QUIET = "too_quiet"
    """`lufs`: so far from the microphone that its noise will be raised too."""
    CLIPPED = "clipped"
    """Too loud for the microphone: in how many `seconds` of the take, the first one `at_s`."""
    LONG_SILENCE = "long_silence"
    """The longest hole lasts `seconds` and begins `at_s`; `times` holes in all. They are shortened when it airs."""
    MOSTLY_NOISE = "mostly_noise"
    """`snr_db`: speech stands out of the noise by no more than this."""
    HUM = "hum"
    """The mains are heard: `hz` of its strongest tone, `below_speech_db`."""
    CUT_OFF = "cut_off"
    """The file says that it is longer: `seconds` are missing."""


_BLOCKING = {FindingKind.SILENT, FindingKind.TOO_SHORT}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing found. The facts' names end in their units; instants count from the start of the take."""

    kind: FindingKind
    facts: Mapping[str, float | int | str]

    @property
    def is_blocking(self) -> bool:
        """Whether the take cannot be aired; the others only warn."""
        return self.kind in _BLOCKING


@dataclass(frozen=True, slots=True)
class Take:
    """A recording received: both files are in the store.

    `sha256` names the bytes as received, `take_sha256` the sound (FLAC, 48 kHz, mono, neither cut nor levelled).
    `waveform` is about 200 peaks, 0 to 100 of full scale.
    """

    sha256: Sha256
    take_sha256: Sha256
    mime: str
    size_bytes: int
    duration_ms: DurationMs
    findings: tuple[Finding, ...]
    waveform: tuple[int, ...]

    @property
    def is_airable(self) -> bool:
        """Whether nothing found blocks it."""
        return not any(finding.is_blocking for finding in self.findings)
