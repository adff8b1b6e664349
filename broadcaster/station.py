"""What every process of the server holds: settings, database, audio store, key and clock, opened once."""

from dataclasses import dataclass
from pathlib import Path

from audio_out.store import Store
from audio_out.voicebox import Voicebox
from audio_out.voices import Voice
from broadcaster.fleet.signing import Signer, load_signer
from broadcaster.publishing.service import Press
from broadcaster.settings import Settings
from content.kernel.clock import Clock, SystemClock
from content.kernel.db import SessionFactory, open_engine, session_factory
from content.kernel.errors import Unavailable


class DataFolderUnwritable(Unavailable):
    """Nothing can be kept."""

    sentence = "The data folder {folder} cannot be written: {cause}. Give it to this user, or set BROADCASTER_DATA_DIR."


@dataclass(frozen=True, slots=True)
class Station:
    """The open resources of one process."""

    settings: Settings
    clock: Clock
    sessions: SessionFactory
    store: Store
    signer: Signer

    def press(self) -> Press:
        """What publishing works with."""
        return Press(self.store, self.signer, self.settings.horizon_days, self.settings.poll_seconds)

    @property
    def voicebox(self) -> Voicebox:
        """Where the voices lie that this installation fetched or was given."""
        return Voicebox(self.settings.voices_dir)

    def voices(self, language: str) -> list[Voice]:
        """The voices of a language that can be chosen here, best first."""
        known = (voice for voice in self.voicebox.catalogue() if voice.language == language)
        return [voice for voice in known if voice.engine in self.settings.voice_order]

    @property
    def sample_players_dir(self) -> Path:
        """Where the sample players of this machine keep their data, a folder per village."""
        return self.settings.data_dir / "sample-players"


def open_station(settings: Settings, clock: Clock | None = None) -> Station:
    """Open everything. The database must have been migrated. Raises DataFolderUnwritable."""
    check_data_dir(settings.data_dir)
    return Station(
        settings=settings,
        clock=clock or SystemClock(),
        sessions=session_factory(open_engine(settings.database)),
        store=Store(settings.data_dir / "objects"),
        signer=load_signer(settings.data_dir / "keys"),
    )


def check_data_dir(folder: Path) -> None:
    """Make the data folder and prove that a file can be written in it. Raises DataFolderUnwritable."""
    probe = folder / ".writable"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe.write_text("ok")
        probe.unlink()
    except OSError as error:
        raise DataFolderUnwritable(folder=folder, cause=error.strerror or error) from error
