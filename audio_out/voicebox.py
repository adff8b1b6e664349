"""The Piper voices of this installation: which are here, fetching one, taking one in from a stick.

A voice is a folder `NAME/` with the two files its makers publish and our record of them. It is put together in
`.incoming`, tried, and only then given its place: whoever finds the folder finds a whole voice that speaks. No engine
is known here; what tries a voice is handed in.
"""

import hashlib
import json
import logging
import re
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final

import httpx2

from audio_out.errors import (
    DownloadDamaged,
    NoVoiceInFolder,
    SpeechRejected,
    StoreFull,
    StoreNotWritable,
    UnknownVoice,
    VoiceNotPublished,
    VoiceRefused,
    VoicesUnreachable,
)
from audio_out.fetching import fetch, is_full, open_client
from audio_out.voices import Voice, catalogue
from content.kernel.units import Sha256

log = logging.getLogger(__name__)

ENGINE: Final = "piper"
PUBLISHED_AT: Final = "https://huggingface.co/rhasspy/piper-voices/resolve/main"
_INDEX, _CARD, _RECORD, _INCOMING, _REMOVED = "voices.json", "MODEL_CARD", "voice.json", ".incoming", ".removed"
_NAME = re.compile(r"\w[\w-]*")
_QUALITIES = ("high", "medium", "low", "x_low")


@dataclass(frozen=True, slots=True)
class PublishedVoice:
    """What is known of a voice before it is fetched; `sha256` is of the model, where we know it."""

    name: str
    size_bytes: int
    licence: str
    sha256: str = ""


PUBLISHED = (
    PublishedVoice(
        "vi_VN-vais1000-medium",
        63_201_294,
        "CC BY 4.0 (VAIS-1000)",
        "ec7c89e2c85f4d1edc24b6120c18aaf1bda614f06b511567eb9c7c0de15e2dab",
    ),
    PublishedVoice("vi_VN-25hours_single-low", 63_104_526, ""),
    PublishedVoice("vi_VN-vivos-x_low", 27_789_413, "CC BY-NC-SA 4.0 (VIVOS)"),
)
"""The Vietnamese voices of the Piper project, best first. Source: its model cards and index; ADR 0011."""


@dataclass(frozen=True, slots=True)
class InstalledVoice:
    """The record of a voice that is here; digests are of the two files as they were tried."""

    name: str
    language: str
    size_bytes: int
    licence: str
    sha256: Sha256
    config_sha256: Sha256

    @property
    def voice(self) -> Voice:
        """How it is chosen."""
        return Voice(ENGINE, self.name, self.language, f"Piper {self.name}")


Trial = Callable[["Voicebox", Voice], object]
"""Lets the voice of that box speak; raises SpeechRejected if it cannot, another EngineFailed if it could not now."""
Progress = Callable[[str, int, int], None]
"""Told a file's name, how many bytes it has, and how many of them are here."""


class Voicebox:
    """The voices below one folder, made when first needed; other processes may look meanwhile."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def installed(self) -> tuple[InstalledVoice, ...]:
        """All voices that are here, the best of each language first."""
        records = (_read_record(path) for path in self._folder.glob(f"[!.]*/{_RECORD}"))
        return tuple(sorted((record for record in records if record), key=_best_first))

    def catalogue(self) -> tuple[Voice, ...]:
        """Every voice that can be chosen now, of all engines."""
        return catalogue(installed.voice for installed in self.installed())

    def find(self, name: str) -> InstalledVoice:
        """The record of that voice. Raises UnknownVoice: it is not here."""
        record = _read_record(self.model(name).with_name(_RECORD))
        if record is None:
            raise UnknownVoice(voice=f"{ENGINE}:{name}")
        return record

    def model(self, name: str) -> Path:
        """Where the voice's model lies, or would lie; its settings are beside it."""
        if not _NAME.fullmatch(name):
            raise UnknownVoice(voice=f"{ENGINE}:{name}")
        return self._folder / name / f"{name}.onnx"

    def add(self, source: Path, trial: Trial) -> tuple[InstalledVoice, ...]:
        """Install the voices whose two files lie in a folder, as carried on a stick; the folder is only read.

        Raises:
            NoVoiceInFolder, VoiceRefused, DownloadDamaged: nothing of that voice was installed.
            EngineFailed, StoreFull, StoreNotWritable: not now.
        """
        models = [path for path in sorted(source.glob("*.onnx")) if _config_of(path).is_file()]
        if not models:
            raise NoVoiceInFolder(folder=source)
        return tuple(self._add(model, trial) for model in models)

    def get(
        self,
        name: str,
        trial: Trial,
        base_url: str = PUBLISHED_AT,
        on_progress: Progress = lambda _file, _size, _have: None,
    ) -> InstalledVoice:
        """Fetch a published voice and install it; what an earlier call left half-fetched is gone on with.

        Raises:
            VoiceNotPublished, VoiceRefused, DownloadDamaged: nothing was installed.
            VoicesUnreachable, EngineFailed, StoreFull, StoreNotWritable: not now; what came is kept.
        """
        target = self._staging.model(name)
        try:
            with self._writing(), open_client() as client:
                target.parent.mkdir(parents=True, exist_ok=True)
                for path, entry in _files_of(client, base_url, name).items():
                    file = target.with_name(path.rpartition("/")[2])
                    size_bytes = entry["size_bytes"]
                    fetch(client, f"{base_url}/{path}", file, size_bytes, partial(on_progress, file.name, size_bytes))
                    _hold_against(file, "md5", entry["md5_digest"])
        except httpx2.HTTPError as error:
            detail = str(error) or type(error).__name__
            raise VoicesUnreachable(detail=detail, url=_url_of(base_url, name)) from error
        return self._settle(name, trial)

    def removed(self) -> tuple[InstalledVoice, ...]:
        """Voices that were put out of use and can come back: those of whose name none is here."""
        here = {voice.name for voice in self.installed()}
        return tuple(voice for voice in self._aside.installed() if voice.name not in here)

    def remove(self, name: str) -> None:
        """Put a voice out of use. Raises UnknownVoice: it is not here."""
        self._move(name, self, self._aside)

    def restore(self, name: str) -> None:
        """Undo `remove`. Raises UnknownVoice: it was not removed."""
        self._move(name, self._aside, self)

    def _move(self, name: str, source: "Voicebox", target: "Voicebox") -> None:
        source.find(name)
        with self._writing():
            place = target.model(name).parent
            shutil.rmtree(place, ignore_errors=True)
            place.parent.mkdir(parents=True, exist_ok=True)
            source.model(name).parent.rename(place)

    @property
    def _aside(self) -> "Voicebox":
        return Voicebox(self._folder / _REMOVED)

    @property
    def _staging(self) -> "Voicebox":
        return Voicebox(self._folder / _INCOMING)

    def _add(self, model: Path, trial: Trial) -> InstalledVoice:
        target = self._staging.model(model.stem)
        with self._writing():
            shutil.rmtree(target.parent, ignore_errors=True)
            target.parent.mkdir(parents=True)
            for file in (model, _config_of(model), model.with_name(_CARD)):
                if file.is_file():
                    shutil.copyfile(file, target.with_name(file.name))
        return self._settle(model.stem, trial)

    def _settle(self, name: str, trial: Trial) -> InstalledVoice:
        """Try the staged voice and give it its place; one that is refused is thrown away."""
        staged = self._staging.model(name)
        try:
            record = _described(staged)
            staged.with_name(_RECORD).write_text(json.dumps(asdict(record)), encoding="utf-8")
            trial(self._staging, record.voice)
        except SpeechRejected as failure:
            shutil.rmtree(staged.parent)
            raise VoiceRefused(voice=name, detail=failure.facts["detail"]) from failure
        except (VoiceRefused, DownloadDamaged):
            shutil.rmtree(staged.parent)
            raise
        with self._writing():
            place = self.model(name).parent
            shutil.rmtree(place, ignore_errors=True)
            staged.parent.rename(place)
        return record

    @contextmanager
    def _writing(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            if is_full(error):
                raise StoreFull(folder=self._folder) from error
            raise StoreNotWritable(folder=self._folder, detail=error.strerror or error) from error


def _files_of(client: httpx2.Client, base_url: str, name: str) -> Mapping[str, Mapping[str, Any]]:
    """The voice's files by the makers' index: path -> size and MD5, which is all they publish of digests."""
    try:
        index = client.get(f"{base_url}/{_INDEX}").raise_for_status().json()
        wanted = {f"{name}.onnx", f"{name}.onnx.json", _CARD}
        return {path: entry for path, entry in index[name]["files"].items() if path.rpartition("/")[2] in wanted}
    except KeyError:
        raise VoiceNotPublished(voice=name) from None
    except ValueError as error:
        raise httpx2.DecodingError("an answer that is no index of voices, as of a log-in page") from error


def _url_of(base_url: str, name: str) -> str:
    """Where the makers keep the model of a voice of theirs, by their scheme of names."""
    code, _, rest = name.partition("-")
    dataset, _, quality = rest.partition("-")
    return f"{base_url}/{code.partition('_')[0]}/{code}/{dataset}/{quality}/{name}.onnx"


def _described(model: Path) -> InstalledVoice:
    """The record of the files, the model held against the digest we know, if we know it."""
    published = next((voice for voice in PUBLISHED if voice.name == model.stem), None)
    if published and published.sha256:
        _hold_against(model, "sha256", published.sha256)
    config = _config_of(model)
    return InstalledVoice(
        name=model.stem,
        language=_language_of(config),
        size_bytes=model.stat().st_size,
        licence=_licence_in(model.with_name(_CARD)) or (published.licence if published else ""),
        sha256=sha256_of(model),
        config_sha256=sha256_of(config),
    )


def _language_of(config: Path) -> str:
    try:
        settings = json.loads(config.read_text(encoding="utf-8"))
        language = settings.get("language", {}).get("family") or settings["espeak"]["voice"].partition("-")[0]
    except (ValueError, KeyError, AttributeError) as error:
        raise VoiceRefused(voice=config.name, detail="no settings of a Piper voice") from error
    return str(language)


def _licence_in(card: Path) -> str:
    text = card.read_text(encoding="utf-8", errors="replace") if card.is_file() else ""
    found = re.search(r"license:\s*(\S.*)", text, re.IGNORECASE)
    return found[1].strip() if found else ""


def sha256_of(path: Path) -> Sha256:
    """The digest of a file's bytes."""
    return Sha256(_digest(path, "sha256"))


def _hold_against(path: Path, kind: str, digest: str) -> None:
    if _digest(path, kind) != digest:
        path.unlink()
        raise DownloadDamaged(file=path.name)


def _digest(path: Path, kind: str) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.new(kind, usedforsecurity=False)).hexdigest()


def _config_of(model: Path) -> Path:
    return model.with_name(f"{model.name}.json")


def _read_record(path: Path) -> InstalledVoice | None:
    """The record, or None where there is none that can be read: such a voice is not here."""
    try:
        return InstalledVoice(**json.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError) as error:
        log.warning("voicebox.unreadable", extra={"path": str(path), "error": str(error)})
        return None


def _best_first(installed: InstalledVoice) -> tuple[str, int, str]:
    quality = installed.name.rpartition("-")[2]
    rank = _QUALITIES.index(quality) if quality in _QUALITIES else len(_QUALITIES)
    return installed.language, rank, installed.name
