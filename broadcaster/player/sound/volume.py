"""How loud: by the time of day, and for emergencies. Pure."""

from datetime import datetime, time
from zoneinfo import ZoneInfo

from broadcaster.protocol import Manifest, PlayerSettings, Priority, VolumeSpan


def volume_of(manifest: Manifest | None, at: datetime, priority: Priority = Priority.ROUTINE) -> int:
    """Return the volume in percent for what begins at this instant; without a manifest it is full."""
    if manifest is None:
        return PlayerSettings().volume_percent
    return volume_at(manifest.settings, at.astimezone(ZoneInfo(manifest.time_zone)).time(), priority)


def volume_at(settings: PlayerSettings, local: time, priority: Priority = Priority.ROUTINE) -> int:
    """Return the volume in percent at this wall clock of the village; emergencies have one of their own."""
    if priority is Priority.EMERGENCY:
        return settings.emergency_volume_percent
    return next((span.percent for span in settings.volumes if _holds(span, local)), settings.volume_percent)


def _holds(span: VolumeSpan, local: time) -> bool:
    if span.from_local <= span.until_local:
        return span.from_local <= local < span.until_local
    return local >= span.from_local or local < span.until_local
