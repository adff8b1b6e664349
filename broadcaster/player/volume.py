"""How loud: by the time of day, and for emergencies. Pure."""

from datetime import time

from broadcaster.protocol import PlayerSettings, Priority, VolumeSpan


def volume_at(settings: PlayerSettings, local: time, priority: Priority = Priority.ROUTINE) -> int:
    """Return the volume in percent at this wall clock of the village; emergencies have one of their own."""
    if priority is Priority.EMERGENCY:
        return settings.emergency_volume_percent
    return next((span.percent for span in settings.volumes if _holds(span, local)), settings.volume_percent)


def _holds(span: VolumeSpan, local: time) -> bool:
    if span.from_local <= span.until_local:
        return span.from_local <= local < span.until_local
    return local >= span.from_local or local < span.until_local
