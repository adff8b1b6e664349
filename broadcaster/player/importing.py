"""The command `import`: a bundle is taken in at once, or handed to the player that runs over the same folder."""

import shutil
from pathlib import Path

from broadcaster.player import machine
from broadcaster.player.agent import Agent
from broadcaster.player.carrying.bundles import Taken
from broadcaster.player.carrying.sticks import INBOX
from broadcaster.player.errors import PlayerError
from broadcaster.player.output.paced import PacedOutput


def bring(data: Path, bundle: Path) -> str:
    """Take a bundle in and say what it brought.

    Raises:
        PlayerError: not paired, no such bundle, or nothing in it for this player.
    """
    if not bundle.exists():
        raise PlayerError(f"There is no {bundle}: look at the name")
    held = machine.lock(data)
    if held is None:
        return _hand_over(data, bundle)
    with held:
        agent = Agent(data, PacedOutput)
        try:
            agent.sync.take_stock()
            return _told(agent.take_in(bundle))
        finally:
            agent.close()


def _hand_over(data: Path, bundle: Path) -> str:
    inbox = data / INBOX
    inbox.mkdir(exist_ok=True)
    aside, there = inbox / f"part-{bundle.name}", inbox / f"bundle-{bundle.name}"
    if bundle.is_dir():
        shutil.copytree(bundle, aside, dirs_exist_ok=True)
    else:
        shutil.copy(bundle, aside)
    aside.replace(there)
    return "The player is running: it takes the bundle in within seconds"


def _told(taken: Taken) -> str:
    plan = "a newer programme" if taken.manifest else "no newer programme"
    return "\n".join([f"Taken in: {plan}, {taken.objects} objects", *taken.refused])
