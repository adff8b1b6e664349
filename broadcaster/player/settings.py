"""What the person who starts a player decides: flags, or environment variables named after them."""

import argparse
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

PREFIX = "BROADCASTER_PLAYER_"
STICKS = os.pathsep.join(("/media/*", "/media/*/*", "/run/media/*/*", "/mnt/*"))
PAGE = "127.0.0.1:8020"
OFF = "off"
ANYWHERE = "0.0.0.0"  # noqa: S104 - so as to refuse it


class OutputKind(StrEnum):
    """Where the sound goes."""

    SOUND = "sound"
    WAV = "wav"
    NULL = "null"


@dataclass(frozen=True)
class Address:
    """Where somebody listens."""

    host: str
    port: int


@dataclass(frozen=True)
class PairSettings:
    """For `pair`."""

    data: Path
    server: str
    code: str
    name: str
    fingerprint: str | None


@dataclass(frozen=True)
class Attached:
    """What else hangs on the machine, as it was spelled; nothing of it need be there."""

    microphone: str | None = None
    amplifier: str | None = None
    button: str | None = None
    phrase: str | None = None


@dataclass(frozen=True)
class RunSettings:
    """For `run`. Without a `page` there is none."""

    data: Path
    output: OutputKind
    device: str | None
    wav_dir: Path
    with_parent: bool
    page: Address | None = None
    attached: Attached = Attached()
    sticks: tuple[str, ...] = ()


@dataclass(frozen=True)
class StatusSettings:
    """For `status`."""

    data: Path


@dataclass(frozen=True)
class ImportSettings:
    """For `import`: `bundle` is an archive or an unpacked folder."""

    data: Path
    bundle: Path


@dataclass(frozen=True)
class PhraseSettings:
    """For `sound-phrase` and `stop-phrase`: `key` None stops."""

    data: Path
    key: str | None
    exercise: bool


@dataclass(frozen=True)
class InstallSettings:
    """For `install` and `uninstall`: `root` is another system's root folder; `program` is how it starts a player."""

    root: Path
    program: str | None
    dry_run: bool
    remove: bool


@dataclass(frozen=True)
class ConformanceSettings:
    """For `conformance`. Without a `player` our own is tried; without `names` all checks are.

    With `listen` the villages are at that host; without a `player` besides, a person starts it when asked to.
    """

    player: str | None
    pair: str | None
    listen: Address | None
    names: tuple[str, ...]
    at_once: int
    patience_s: float
    only_list: bool


Settings = (
    PairSettings
    | RunSettings
    | StatusSettings
    | PhraseSettings
    | ImportSettings
    | InstallSettings
    | ConformanceSettings
)


def parse(arguments: Sequence[str], environment: Mapping[str, str] = os.environ) -> Settings:
    """Read flags, then the environment. Leaves the process with a usage message when something is missing."""
    parser = argparse.ArgumentParser(
        prog="broadcaster-player",
        description="Plays a village's programme. Each option is also read from the environment: "
        f"--wav-dir is {PREFIX}WAV_DIR.",
    )
    commands = parser.add_subparsers(dest="command", required=True)
    option = _Options(environment)
    _add_pair(commands.add_parser("pair", help="make this machine the player of a village, once"), option)
    _add_run(commands.add_parser("run", help="play, until stopped"), option)
    status = commands.add_parser("status", help="say how the player is")
    option(status, "--data", "the player's own folder")
    bring = commands.add_parser("import", help="take in a bundle that was brought by hand, running or not")
    option(bring, "--data", "the player's own folder")
    bring.add_argument("bundle", type=Path, help="the archive, or the folder into which it was unpacked")
    sound = commands.add_parser("sound-phrase", help="sound a prepared phrase on the player that runs here, now")
    sound.add_argument("key", help="which one")
    sound.add_argument("--exercise", action="store_true", help="note it as an exercise")
    option(sound, "--data", "the player's own folder")
    stop = commands.add_parser("stop-phrase", help="stop what `sound-phrase` started")
    stop.set_defaults(key=None, exercise=False)
    option(stop, "--data", "the player's own folder")
    _add_install(commands.add_parser("install", help="have systemd start it with the machine and watch over it"))
    _add_install(commands.add_parser("uninstall", help="undo `install`; what was aired and fetched stays"))
    _add_conformance(commands.add_parser("conformance", help="try whether a player keeps the protocol's rules"))
    return _settings(parser, parser.parse_args(arguments))


class _Options:
    """Adds an option whose default is the environment's."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = environment

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        flag: str,
        help_: str,
        *,
        required: bool = True,
        choices: Sequence[str] | None = None,
    ) -> None:
        default = self._environment.get(PREFIX + flag.removeprefix("--").replace("-", "_").upper())
        parser.add_argument(flag, help=help_, default=default, required=required and not default, choices=choices)


def _add_pair(pair: argparse.ArgumentParser, option: _Options) -> None:
    option(pair, "--server", "the server's address, such as https://radio.example")
    option(pair, "--code", "the pairing code that an admin's screen shows")
    option(pair, "--name", "what this machine is called in the list of players")
    option(pair, "--data", "the player's own folder")
    option(pair, "--fingerprint", "the server's key as its screen shows it, instead of asking", required=False)


def _add_run(run: argparse.ArgumentParser, option: _Options) -> None:
    option(run, "--data", "the player's own folder")
    kinds = [kind.value for kind in OutputKind]
    option(run, "--output", "sound card, WAV files or nothing (default: sound)", required=False, choices=kinds)
    option(run, "--device", "sound card by number or part of its name (default: the system's)", required=False)
    option(run, "--wav-dir", "where the WAV files go (default: wav in the data folder)", required=False)
    option(run, "--page", f"where the local page is, HOST:PORT or {OFF} (default: {PAGE})", required=False)
    option(
        run, "--microphone", "to hear itself by: number, part of a name, or default (none if left out)", required=False
    )
    option(run, "--amplifier", "the line of its relay: GPIO17, gpiochip0:17, GPIO17!low", required=False)
    option(run, "--button", "a line such as GPIO27!low, or an input device under /dev/input", required=False)
    option(run, "--phrase", "the prepared phrase that the button starts (default: the first)", required=False)
    option(run, "--sticks", f"where sticks appear, with {os.pathsep} between (default: {STICKS})", required=False)
    run.add_argument("--with-parent", action="store_true", help="leave when standard input closes")


def _add_install(install: argparse.ArgumentParser) -> None:
    install.add_argument("--root", type=Path, default=Path("/"), help="the root folder of an image (default: /)")
    install.add_argument("--program", help="the player's absolute path there (default: this program)")
    install.add_argument("--dry-run", action="store_true", help="say what would be done and do nothing")


def _add_conformance(conformance: argparse.ArgumentParser) -> None:
    conformance.add_argument("--player-command", help="how it starts, with {server}, {code} and {data} (default: ours)")
    conformance.add_argument("--pair-command", help="how it is paired, if by another command")
    conformance.add_argument(
        "--listen",
        metavar="HOST[:PORT]",
        help="this machine's own address, for a player on another one; without a command a person is asked to start it",
    )
    conformance.add_argument("--only", action="append", default=[], metavar="NAME", help="this check; may be repeated")
    conformance.add_argument("--at-once", type=int, default=3, help="so many checks at a time (default: 3)")
    conformance.add_argument(
        "--patience", type=float, default=40.0, help="seconds to wait for what a player does (default: 40)"
    )
    conformance.add_argument("--list", action="store_true", help="name the checks and their rules, try nothing")


def _settings(parser: argparse.ArgumentParser, given: argparse.Namespace) -> Settings:  # noqa: PLR0911 - one each
    match given.command:
        case "pair":
            return PairSettings(Path(given.data), given.server, given.code, given.name, given.fingerprint)
        case "import":
            return ImportSettings(Path(given.data), given.bundle)
        case "status":
            return StatusSettings(Path(given.data))
        case "sound-phrase" | "stop-phrase":
            return PhraseSettings(Path(given.data), given.key, given.exercise)
        case "install" | "uninstall":
            return InstallSettings(given.root, given.program, given.dry_run, given.command == "uninstall")
        case "conformance":
            return ConformanceSettings(
                given.player_command,
                given.pair_command,
                _listen(parser, given.listen) if given.listen else None,
                tuple(given.only),
                max(1, given.at_once),
                given.patience,
                given.list,
            )
    data = Path(given.data)
    return RunSettings(
        data,
        OutputKind(given.output or OutputKind.SOUND),
        given.device,
        Path(given.wav_dir) if given.wav_dir else data / "wav",
        given.with_parent,
        _address(parser, given.page or PAGE),
        Attached(given.microphone, given.amplifier, given.button, given.phrase),
        tuple((given.sticks or STICKS).split(os.pathsep)),
    )


def _address(parser: argparse.ArgumentParser, text: str) -> Address | None:
    if text == OFF:
        return None
    host, _, port = text.rpartition(":")
    if not host or not port.isdecimal() or int(port) > 65535:
        parser.error(f"--page is an address and a port such as {PAGE}, or {OFF}")
    return Address(host.strip("[]"), int(port))


def _listen(parser: argparse.ArgumentParser, text: str) -> Address:
    host, _, port = text.partition(":")
    if not host or host == ANYWHERE or not (port or "0").isdecimal() or int(port or 0) > 65535:
        parser.error("--listen is this machine's own address as the player reaches it, such as 192.168.1.5:8030")
    return Address(host, int(port or 0))
