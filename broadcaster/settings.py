"""All settings of the server: one frozen object, built at the entry point and passed down.

Read from the environment (`BROADCASTER_PORT=...`), then from the file `broadcaster.toml` of the working folder (or
the one that `BROADCASTER_CONFIG` names), then from the defaults here. `docs/settings.md` tells each of them.
"""

import os
from pathlib import Path

from pydantic import Field
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from audio_out.voicebox import PUBLISHED_AT
from audio_out.voices import ONLINE, ORDER


class Settings(BaseSettings):
    """What an installation can choose; every field has a default with which it works."""

    model_config = SettingsConfigDict(env_prefix="BROADCASTER_", frozen=True, extra="forbid")

    data_dir: Path = Field(default=Path("data"), description="Folder of database, audio, keys and sample players.")
    database_url: str = Field(
        default="",
        pattern=r"^$|^sqlite:///|^postgresql(\+psycopg)?://",
        description="postgresql://user:password@host/name; empty: SQLite inside the data folder.",
    )
    host: str = Field(default="127.0.0.1", description="Address to listen on; 0.0.0.0 for the whole network.")
    port: int = Field(default=8000, ge=1, le=65535, description="TCP port of the pages and of the players.")
    public_url: str = Field(default="", description="Where people open the pages; links in notices lead there.")
    secure_cookies: bool = Field(default=False, description="Set behind TLS: login cookies then never travel in clear.")
    require_totp: bool = Field(default=False, description="Whether who approves must log in in two steps.")
    language: str = Field(default="vi", pattern="^(vi|en)$", description="Language of the pages: vi or en.")
    voice: str = Field(default="auto", description="Voice of new announcements: auto takes the best that answers.")
    online_voices: bool = Field(default=True, description="Whether gTTS (Google, needs internet) may be asked.")
    voices_url: str = Field(default=PUBLISHED_AT, description="Where Piper's voices are fetched from.")
    horizon_days: int = Field(default=14, ge=1, le=60, description="How many days ahead players hold their programme.")
    poll_seconds: int = Field(default=60, ge=1, le=3600, description="How often players ask for changes.")
    offline_minutes: int = Field(default=15, ge=1, description="Silence of a loudspeaker after which people are told.")
    metrics_token: str = Field(default="", description="Opens /metrics to other machines; empty: only to this one.")
    keep_log_months: int = Field(default=0, ge=0, description="How long the broadcast log is kept; 0: for ever.")
    keep_audio_months: int = Field(
        default=0, ge=0, description="How long the audio of announcements that are over is kept; 0: for ever."
    )
    keep_health_days: int = Field(default=90, ge=1, description="How long the players' hourly reports are kept.")
    speech_cache_mb: int = Field(default=500, ge=10, description="Disk for spoken sentences kept for reuse.")
    log_level: str = Field(default="INFO", description="DEBUG, INFO, WARNING or ERROR.")

    @property
    def database(self) -> str:
        """The database's URL, resolved."""
        return self.database_url or f"sqlite:///{(self.data_dir / 'broadcaster.db').resolve()}"

    @property
    def voices_dir(self) -> Path:
        """Where the voices lie that were fetched or carried in."""
        return self.data_dir / "voices"

    @property
    def voice_order(self) -> tuple[str, ...]:
        """The engines to ask, best first; none that sends texts away unless that is allowed."""
        return tuple(engine for engine in ORDER if self.online_voices or engine not in ONLINE)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003  (pydantic's signature)
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """What wins: arguments of the command, environment, file, defaults."""
        file = Path(os.environ.get("BROADCASTER_CONFIG", "broadcaster.toml"))
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls, toml_file=file)
