"""The command `broadcaster-player`: pair, run, status and others. Errors are sentences, not traces."""

import json
import os
import signal
import sys
import threading
from collections.abc import Sequence
from contextlib import nullcontext, suppress
from importlib import import_module
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

from broadcaster.player import attached, install, machine
from broadcaster.player.agent import STATUS_FILE, Agent
from broadcaster.player.clock import PlayerClock
from broadcaster.player.control import ask
from broadcaster.player.errors import OutputFailed, PlayerError
from broadcaster.player.importing import bring
from broadcaster.player.keeping.identity import load_identity
from broadcaster.player.life import Life
from broadcaster.player.local.page import FILE as PAGE_FILE
from broadcaster.player.local.page import Page
from broadcaster.player.logs import start_logging
from broadcaster.player.network.pairing import pair
from broadcaster.player.output.base import Output
from broadcaster.player.output.paced import PacedOutput
from broadcaster.player.output.wav import WavOutput
from broadcaster.player.settings import (
    ConformanceSettings,
    ImportSettings,
    InstallSettings,
    OutputKind,
    PairSettings,
    PhraseSettings,
    RunSettings,
    StatusSettings,
    parse,
)
from broadcaster.player.sound.feed import Feed
from broadcaster.protocol import AlertScope


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return the exit status: 0, or 1 with a sentence on standard error."""
    settings = parse(sys.argv[1:] if arguments is None else arguments)
    try:
        match settings:
            case PairSettings():
                _pair(settings)
            case RunSettings():
                _run(settings)
            case StatusSettings():
                _status(settings)
            case ImportSettings():
                sys.stdout.write(f"{bring(settings.data, settings.bundle)}\n")
            case PhraseSettings():
                _phrase(settings)
            case InstallSettings():
                _install(settings)
            case ConformanceSettings():
                return _conformance(settings)
    except PlayerError as error:
        sys.stderr.write(f"broadcaster-player: {error}\n")
        return 1
    return 0


def _pair(settings: PairSettings) -> None:
    _usable(settings.data)

    def confirm(shown: str) -> bool:
        if settings.fingerprint:
            return settings.fingerprint.strip().upper() in shown.split()
        sys.stdout.write(f"The server's key: {shown}\nIs it the same on the server's screen? [y/N] ")
        sys.stdout.flush()
        return sys.stdin.readline().strip().lower() in ("y", "yes")

    identity = pair(settings.server, settings.code, settings.name, settings.data, confirm)
    sys.stdout.write(f"Paired: this machine plays for {identity.village_name}\n")


def _run(settings: RunSettings) -> None:
    _usable(settings.data)
    held = machine.lock(settings.data)
    if held is None:
        raise PlayerError(f"Another player runs over {settings.data}: stop it, or give this one a folder of its own")
    start_logging(settings.data)
    with held:
        life = Life(settings.data, lambda: _make_agent(settings))
        page = Page(life, settings.page) if settings.page else None
        if page is None:
            load_identity(settings.data)
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: life.stop())
        if settings.with_parent:
            threading.Thread(target=_leave_with_parent, args=(life,), daemon=True).start()
        with page or nullcontext():
            start_over = _live(life)
    if start_over:
        os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])  # noqa: S606 - ourselves


def _make_agent(settings: RunSettings) -> Agent:
    agent = Agent(
        settings.data,
        lambda feed, clock: _output(settings, feed, clock),
        amplifier=attached.amplifier(settings.attached.amplifier),
        ears=attached.ears(settings.attached.microphone, settings.data),
        sticks=settings.sticks,
    )
    attached.button(settings.attached.button, settings.attached.phrase, agent.alerts)
    return agent


def _live(life: Life) -> bool:
    """Run a player to its end in a thread: a signal's handler must never find this one inside a lock that it needs."""
    failures: list[PlayerError] = []
    ends: list[bool] = []

    def run() -> None:
        try:
            ends.append(life.run())
        except PlayerError as error:
            failures.append(error)

    player = threading.Thread(target=run, name="player")
    player.start()
    player.join()
    if failures:
        raise failures[0]
    return ends == [True]


def _output(settings: RunSettings, feed: Feed, clock: PlayerClock) -> Output:
    if settings.output is OutputKind.NULL:
        return PacedOutput(feed, clock)
    if settings.output is OutputKind.WAV:
        _usable(settings.wav_dir)
        return WavOutput(feed, clock, settings.wav_dir)
    try:
        sound = import_module("broadcaster.player.output.sound")
    except OSError as error:
        raise OutputFailed(
            f"PortAudio is missing: run `apt install libportaudio2`, then try again ({error})"
        ) from error
    output: Output = sound.SoundOutput(feed, clock, settings.device)
    return output


def _leave_with_parent(life: Life) -> None:
    # Whoever started us holds the other end of the pipe; it closes when they are gone, however they went. Read without
    # sys.stdin: its lock, held by this thread, would kill the interpreter as it shuts down.
    while os.read(0, 1024):
        pass
    life.stop()


def _phrase(settings: PhraseSettings) -> None:
    scope = AlertScope.EXERCISE if settings.exercise else AlertScope.ACTUAL
    if settings.key is None:
        said = ask(settings.data, do="stop-phrase")
    else:
        said = ask(settings.data, do="sound-phrase", key=settings.key, scope=scope.value)
    sys.stdout.write(f"{said}\n")


def _status(settings: StatusSettings) -> None:
    with suppress(OSError, ValueError):
        page = json.loads((settings.data / PAGE_FILE).read_bytes())
        alone = ip_address(urlsplit(page["url"]).hostname or "::1").is_loopback
        pin = "" if alone else f" (from other machines with the PIN {page['pin']})"
        sys.stdout.write(f"page: {page['url']}{pin}\n")
    identity = load_identity(settings.data)
    sys.stdout.write(f"player {identity.player} of {identity.village_name} ({identity.village}) at {identity.server}\n")
    try:
        facts = json.loads((settings.data / STATUS_FILE).read_bytes())
    except (OSError, ValueError):
        sys.stdout.write("it has not run yet\n")
        return
    for name, value in facts.items():
        sys.stdout.write(f"{name}: {value}\n")


def _install(settings: InstallSettings) -> None:
    host = install.Host(settings.root, settings.dry_run)
    steps = install.uninstall(host) if settings.remove else install.install(host, settings.program)
    if settings.dry_run:
        sys.stdout.write("Nothing is changed; this would be done:\n")
    for step in steps:
        sys.stdout.write(f"{step}\n")


def _conformance(settings: ConformanceSettings) -> int:
    from broadcaster.player.conformance import runner  # noqa: PLC0415 - two megabytes that no player has a use for
    from broadcaster.player.conformance.hands import Commands  # noqa: PLC0415

    checks = runner.chosen(settings.names)

    def say(line: str) -> None:
        sys.stdout.write(f"{line}\n")
        sys.stdout.flush()

    if settings.only_list:
        for check in checks:
            say(f"{check.name}: {check.rule} ({check.anchor})")
        return 0
    at = settings.listen
    if at and not settings.player:
        return runner.report(runner.run_by_hand(checks, at.host, at.port, settings.patience_s, say), say)
    commands = Commands(settings.player, settings.pair) if settings.player else Commands()
    host = at.host if at else "127.0.0.1"
    return runner.report(runner.run(checks, commands, settings.at_once, settings.patience_s, host), say)


def _usable(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise PlayerError(f"Cannot make the folder {folder}: choose another one ({error})") from error
    if not os.access(folder, os.W_OK | os.X_OK):
        raise PlayerError(f"Cannot write into {folder}: run as its owner, or choose another folder")


if __name__ == "__main__":
    sys.exit(main())
