"""`broadcaster voices`: which synthetic voices are here, fetching and carrying in Piper's, hearing one."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer
from rich.progress import DownloadColumn, Progress, TransferSpeedColumn

from audio_out.codecs import Codec
from audio_out.engines import piper
from audio_out.errors import EngineMissing
from audio_out.store import Store
from audio_out.voicebox import PUBLISHED, PUBLISHED_AT, InstalledVoice, Voicebox
from audio_out.voices import AUTO, ONLINE, VOICES, by_id
from broadcaster import logs
from broadcaster.cli.root import app, settings
from broadcaster.jobs.worker import studio_of
from content import reading
from content.kernel.errors import Invalid

VIETNAMESE = "vi"
GREETING = "Xin chào bà con. Đây là đài truyền thanh xã, đang thử giọng đọc. Chúc bà con một ngày tốt lành!"

group = typer.Typer(help="Synthetic voices: list, get, add, try.", no_args_is_help=True)
app.add_typer(group, name="voices")


class NotWritten(Invalid):
    """The sound could not be saved."""

    sentence = "{path} cannot be written ({cause}). Name another file with --to."


@group.command("list")
def list_voices() -> None:
    """All voices: engine, name, language, whether it is here, size, licence and sha256 of the model."""
    chosen, voicebox = settings(), _voicebox()
    for voice in VOICES:
        off = voice.engine in ONLINE and not chosen.online_voices
        _print_row(voice.id, voice.language, "switched off" if off else "here", voice.label)
    for installed in voicebox.installed():
        _print_installed(installed)
    here = {installed.name for installed in voicebox.installed()}
    for offer in PUBLISHED:
        if offer.name not in here:
            facts = _mb(offer.size_bytes), offer.licence or "licence not stated"
            _print_row(f"{piper.NAME}:{offer.name}", VIETNAMESE, "not installed", *facts, sha256=offer.sha256)
    try:
        piper.library()
    except EngineMissing as error:
        typer.echo(str(error))


@group.command()
def get(
    name: Annotated[str, typer.Argument(help="As in the list, such as vi_VN-vais1000-medium.")],
    base_url: Annotated[str, typer.Option("--from", help="Where the makers' voices.json is.")] = PUBLISHED_AT,
) -> None:
    """Fetch a published Piper voice and install it; a download that was cut goes on."""
    piper.library()
    columns = (*Progress.get_default_columns(), DownloadColumn(), TransferSpeedColumn())
    with Progress(*columns) as progress:
        tasks = {}

        def show(file: str, size_bytes: int, have_bytes: int) -> None:
            if file not in tasks:
                tasks[file] = progress.add_task(file, total=size_bytes)
            progress.update(tasks[file], completed=have_bytes)

        got = _voicebox().get(name.removeprefix(f"{piper.NAME}:"), piper.try_out, base_url.rstrip("/"), show)
    _say_installed(got)


@group.command()
def add(
    folder: Annotated[Path, typer.Argument(help="Where NAME.onnx and NAME.onnx.json lie.", exists=True)],
) -> None:
    """Install Piper voices that were carried in, on a stick for example."""
    piper.library()
    for added in _voicebox().add(folder, piper.try_out):
        _say_installed(added)


@group.command("try")
def try_voice(
    voice: Annotated[str, typer.Argument(help="As in the list, such as espeak:vi+f2; or auto.")],
    text: Annotated[str, typer.Argument(help="What to say, as one would write it.")] = GREETING,
    to: Annotated[Path, typer.Option(help="The file to write.")] = Path("voice.wav"),
) -> None:
    """Speak a text as it would be aired, into a WAV file, and say which voice really spoke."""
    chosen = settings()
    logs.set_up(chosen.log_level, "cli")  # why a voice did not speak is told there
    language = VIETNAMESE if voice == AUTO else by_id(voice, _voicebox().catalogue()).language
    said = reading.read(text).spoken if language == VIETNAMESE else text
    with TemporaryDirectory() as folder:
        store = Store(Path(folder, "objects"))
        studio = studio_of(chosen, store, Path(folder, "cache"))
        try:
            master, _ = studio.render(said, language=language, voice=voice)
            sound = store.read(studio.deliver(master.sha256, codec=Codec.WAV).sha256)
        finally:
            studio.close()
    try:
        to.write_bytes(sound)
    except OSError as error:
        raise NotWritten(path=to, cause=error.strerror or error) from error
    instead = "" if voice in {AUTO, master.voice_id} else f", because {voice} did not"
    typer.echo(f"{to.resolve()}: {master.voice_id} spoke{instead}")


def _voicebox() -> Voicebox:
    return Voicebox(settings().voices_dir)


def _say_installed(voice: InstalledVoice) -> None:
    _print_installed(voice)
    typer.echo(f"Hear it: broadcaster voices try {voice.voice.id}")


def _print_installed(voice: InstalledVoice) -> None:
    size = _mb(voice.size_bytes)
    _print_row(
        voice.voice.id, voice.language, "installed", size, voice.licence or "licence not stated", sha256=voice.sha256
    )


def _print_row(voice_id: str, language: str, standing: str, *facts: str, sha256: str = "") -> None:
    typer.echo(f"{voice_id:32} {language:4} {standing:14} {'  '.join(facts)}")
    if sha256:
        typer.echo(f"    sha256 {sha256}")


def _mb(size_bytes: int) -> str:
    return f"{size_bytes / 1e6:.1f} MB"
