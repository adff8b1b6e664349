"""The volume as somebody at the loudspeaker set it, in the commune's place: kept until the commune sets another.

Emergencies and alerts are as loud as the commune says, whatever is turned here.
"""

from datetime import datetime
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from broadcaster.player.errors import DiskFull
from broadcaster.player.files import write_atomically
from broadcaster.player.sound.volume import volume_of
from broadcaster.protocol import Manifest, PlayerSettings, Priority, VolumeSpan

FILE = "volume.json"


class Turned(BaseModel):
    """What was set here, and in the place of which settings of the commune's."""

    model_config = ConfigDict(frozen=True)

    percent: int = Field(ge=0, le=100)
    volume_percent: int
    volumes: tuple[VolumeSpan, ...]


class Knob:
    """The volume of this player; any thread may read and turn it."""

    def __init__(self, data: Path) -> None:
        """Take up where it was left."""
        self._path = data / FILE
        try:
            self._turned: Turned | None = Turned.model_validate_json(self._path.read_bytes())
        except (OSError, ValidationError):
            self._turned = None

    def turn(self, percent: int, settings: PlayerSettings) -> None:
        """Set the volume, 0 to 100 percent, for all that begins from now on and is no emergency.

        Raises:
            DiskFull: it cannot be written down.
        """
        turned = Turned(percent=percent, volume_percent=settings.volume_percent, volumes=settings.volumes)
        try:
            write_atomically(self._path, turned.model_dump_json().encode())
        except OSError as error:
            raise DiskFull(f"The disk does not take the volume ({error})") from error
        self._turned = turned

    def let_go(self) -> None:
        """Leave the volume to the commune again."""
        self._turned = None
        self._path.unlink(missing_ok=True)

    def turned(self, manifest: Manifest | None) -> int | None:
        """Return what was set here, None while the commune's own volume counts."""
        turned, settings = self._turned, manifest.settings if manifest else None
        if turned is None or settings is None:
            return None
        if (turned.volume_percent, turned.volumes) != (settings.volume_percent, settings.volumes):
            self.let_go()
            return None
        return turned.percent

    def percent(self, manifest: Manifest | None, at: datetime, priority: Priority = Priority.ROUTINE) -> int:
        """Return the volume in percent for what begins at this instant."""
        turned = None if priority is Priority.EMERGENCY else self.turned(manifest)
        return volume_of(manifest, at, priority) if turned is None else turned
