"""What the person who starts a player decides: flags, or environment variables named after them."""

import argparse
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

PREFIX = "BROADCASTER_PLAYER_"


class OutputKind(StrEnum):
    """Where the sound goes."""

    SOUND = "sound"
    WAV = "wav"
    NULL = "null"


@dataclass(frozen=True)
class PairSettings:
    """For `pair`."""

    data: Path
    server: str
    code: str
    name: str
    fingerprint: str | None


@dataclass(frozen=True)
class RunSettings:
    """For `run`."""

    data: Path
    output: OutputKind
    device: str | None
    wav_dir: Path
    with_parent: bool


@dataclass(frozen=True)
class StatusSettings:
    """For `status`."""

    data: Path


Settings = PairSettings | RunSettings | StatusSettings


def parse(arguments: Sequence[str], environment: Mapping[str, str] = os.environ) -> Settings:
    """Read flags, then the environment. Leaves the process with a usage message when something is missing."""
    parser = argparse.ArgumentParser(
        prog="broadcaster-player",
        description="Plays a village's programme. Each option is also read from the environment: "
        f"--wav-dir is {PREFIX}WAV_DIR.",
    )
    commands = parser.add_subparsers(dest="command", required=True)
    option = _Options(environment)

    pair = commands.add_parser("pair", help="make this machine the player of a village, once")
    option(pair, "--server", "the server's address, such as https://radio.example")
    option(pair, "--code", "the pairing code that an admin's screen shows")
    option(pair, "--name", "what this machine is called in the list of players")
    option(pair, "--data", "the player's own folder")
    option(pair, "--fingerprint", "the server's key as its screen shows it, instead of asking", required=False)

    run = commands.add_parser("run", help="play, until stopped")
    option(run, "--data", "the player's own folder")
    kinds = [kind.value for kind in OutputKind]
    option(run, "--output", "sound card, WAV files or nothing (default: sound)", required=False, choices=kinds)
    option(run, "--device", "sound card by number or part of its name (default: the system's)", required=False)
    option(run, "--wav-dir", "where the WAV files go (default: wav in the data folder)", required=False)
    run.add_argument("--with-parent", action="store_true", help="leave when standard input closes")

    status = commands.add_parser("status", help="say how the player is")
    option(status, "--data", "the player's own folder")
    return _settings(parser.parse_args(arguments))


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


def _settings(given: argparse.Namespace) -> Settings:
    data = Path(given.data)
    if given.command == "pair":
        return PairSettings(data, given.server, given.code, given.name, given.fingerprint)
    if given.command == "status":
        return StatusSettings(data)
    wav_dir = Path(given.wav_dir) if given.wav_dir else data / "wav"
    return RunSettings(data, OutputKind(given.output or OutputKind.SOUND), given.device, wav_dir, given.with_parent)
