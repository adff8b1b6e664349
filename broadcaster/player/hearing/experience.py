"""How loud this microphone usually hears this loudspeaker, remembered over restarts in one small file."""

from pathlib import Path

from pydantic import BaseModel, ValidationError

from broadcaster.player.files import note

REMEMBERED = 20
ENOUGH = 3
_UPPER = 0.75


class _Kept(BaseModel):
    microphone: str
    gains_db: list[float]


class Experience:
    """The gains of the newest cues that were heard. Another microphone begins anew."""

    def __init__(self, path: Path, microphone: str) -> None:
        self._path = path
        try:
            self._kept = _Kept.model_validate_json(path.read_bytes())
        except (OSError, ValidationError):
            self._kept = _Kept(microphone=microphone, gains_db=[])
        if self._kept.microphone != microphone:
            self._kept = _Kept(microphone=microphone, gains_db=[])

    @property
    def usual_gain_db(self) -> float | None:
        """What is usual, rather more than less: a few faint ones do not make faintness usual. None: too few cues."""
        gains = sorted(self._kept.gains_db)
        return gains[int(_UPPER * len(gains))] if len(gains) >= ENOUGH else None

    def add(self, gain_db: float) -> None:
        """Remember a cue that was heard."""
        self._kept.gains_db = [*self._kept.gains_db, round(gain_db, 1)][-REMEMBERED:]
        note(self._path, self._kept.model_dump_json().encode())
