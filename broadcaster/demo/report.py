"""What was really aired: the plan, the log and the recordings of the nine players, held against each other.

Times of sound come from the recordings alone: a cue is found in its WAV file by correlation, and the frame at which it
begins is turned into an instant by the file's own rule (frame 0 is the occurrence's start).
"""

import io
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import soundfile
from sqlalchemy import select
from sqlalchemy.orm import Session

from audio_out.store import Store
from broadcaster.asrun.models import AsRunEntry
from broadcaster.demo.hearing import Samples, find
from content.kernel.nodes import Node
from content.kernel.units import Sha256
from schedules.models import CueRow, Occurrence, Playlist

RATE_HZ = 48_000
REACH_S = 3.0
"""How far from its planned second a cue is looked for."""


@dataclass(frozen=True, slots=True)
class Planned:
    """One cue of one village's occurrence."""

    village: str
    village_name: str
    occurrence: str
    occurrence_starts_at: datetime
    key: str
    title: str
    planned_at: datetime
    offset_ms: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Line:
    """A planned cue and what became of it. `aired_at` and `late_ms` are measured in the WAV file."""

    village: str
    title: str
    planned_at: datetime
    aired_at: datetime | None
    late_ms: float | None
    outcome: str
    sha256: str
    alike: float
    journal_late_ms: int | None
    wav: str

    @property
    def proven(self) -> bool:
        """Aired by the log, and the recording holds it."""
        return self.outcome == "aired" and self.aired_at is not None


def planned(session: Session, villages: Sequence[Node], slot_id: int) -> list[Planned]:
    """Every cue of the slot's occurrences, village by village, in the order in which they sound."""
    names = {village.id: village for village in villages}
    query = (
        select(Occurrence, CueRow)
        .join(Playlist, Playlist.id == Occurrence.playlist_id)
        .join(CueRow, CueRow.playlist_id == Playlist.id)
        .where(Occurrence.slot_id == slot_id)
        .order_by(Occurrence.village_id, Occurrence.starts_at, CueRow.position)
    )
    return [
        Planned(
            village=names[occurrence.village_id].slug,
            village_name=names[occurrence.village_id].name,
            occurrence=str(occurrence.uuid),
            occurrence_starts_at=occurrence.starts_at,
            key=cue.key,
            title=cue.title,
            planned_at=occurrence.starts_at + timedelta(milliseconds=cue.offset_ms),
            offset_ms=cue.offset_ms,
            sha256=cue.media[0],
        )
        for occurrence, cue in session.execute(query)
    ]


def outcomes(session: Session) -> dict[tuple[str, str], AsRunEntry]:
    """The log's newest row of each cue, by occurrence and key."""
    rows = session.scalars(select(AsRunEntry).order_by(AsRunEntry.id))
    return {(str(row.occurrence_uuid), row.cue_key): row for row in rows}


def hold_against(
    plan: Sequence[Planned], log: dict[tuple[str, str], AsRunEntry], store: Store, folder: Path
) -> list[Line]:
    """Each planned cue with its row of the log and its place in the recording of its village."""
    sounds = {name: _decode(store.read(Sha256(name))) for name in {cue.sha256 for cue in plan}}
    return [_line(cue, log.get((cue.occurrence, cue.key)), sounds[cue.sha256], folder) for cue in plan]


def spread_ms(lines: Sequence[Line]) -> float | None:
    """How far apart the players began what was planned for several villages at the same second, at the most."""
    groups: dict[tuple[str, datetime], list[float]] = {}
    for line in lines:
        if line.late_ms is not None:
            groups.setdefault((line.sha256, line.planned_at), []).append(line.late_ms)
    shared = [max(late) - min(late) for late in groups.values() if len(late) > 1]
    return round(max(shared), 3) if shared else None


def write(lines: Sequence[Line], path: Path) -> None:
    """Keep the report as JSON."""
    wavs = dict.fromkeys(Path(line.wav) for line in lines)
    report = {
        "spread_ms": spread_ms(lines),
        "recordings": [_recording(wav) for wav in wavs if wav.exists()],
        "cues": [asdict(line) for line in lines],
    }
    path.write_text(json.dumps(report, indent=2, ensure_ascii=False, default=_text))


def _recording(wav: Path) -> dict[str, object]:
    """A recording, and how far its frames lie from the machine's own clock.

    The player's note beside it says when the first block was really written; a block is 10 ms.
    """
    note = json.loads(wav.with_suffix(".json").read_text())
    first = note["openings"][0]
    claimed = datetime.fromisoformat(note["starts_at"]) + timedelta(seconds=first["frame"] / RATE_HZ)
    off = datetime.fromisoformat(first["written_at"]) - claimed
    return {"wav": str(wav), "off_os_clock_ms": off / timedelta(milliseconds=1), "underruns": note["underruns"]}


def wav_of(cue: Planned, folder: Path) -> Path:
    """The recording of the cue's occurrence in its village."""
    starts = f"{cue.occurrence_starts_at:%Y%m%dT%H%M%SZ}"
    return folder / cue.village / "air" / f"{starts}_{cue.occurrence[:8]}.wav"


def _line(cue: Planned, row: AsRunEntry | None, sound: Samples, folder: Path) -> Line:
    wav = wav_of(cue, folder)
    frame, alike = _found(cue, sound, wav)
    aired_at = None if frame is None else cue.occurrence_starts_at + timedelta(seconds=frame / RATE_HZ)
    return Line(
        village=cue.village_name,
        title=cue.title,
        planned_at=cue.planned_at,
        aired_at=aired_at,
        late_ms=None if aired_at is None else round((aired_at - cue.planned_at) / timedelta(milliseconds=1), 3),
        outcome=row.outcome if row else "missing",
        sha256=cue.sha256,
        alike=round(alike, 4),
        journal_late_ms=row.late_ms if row else None,
        wav=str(wav),
    )


def _found(cue: Planned, sound: Samples, wav: Path) -> tuple[int | None, float]:
    if not wav.exists():
        return None, 0.0
    recording, _ = soundfile.read(wav, dtype="float32")
    around = cue.offset_ms * RATE_HZ // 1000
    heard = find(sound, recording, around, int(REACH_S * RATE_HZ))
    return (heard.frame if heard.surely else None), heard.alike


def _decode(data: bytes) -> Samples:
    samples, rate = soundfile.read(io.BytesIO(data), dtype="float32")
    assert rate == RATE_HZ
    return np.asarray(samples, dtype=np.float32)


def _text(value: object) -> str:
    return value.isoformat(timespec="milliseconds") if isinstance(value, datetime) else str(value)
