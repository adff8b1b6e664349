"""The web player keeps all rules of the protocol: the whole suite, in headless Chromium."""

import pytest

from broadcaster.player.conformance.hands import Commands
from broadcaster.player.conformance.runner import ALL, run
from tests.e2e import web_player_command

pytestmark = pytest.mark.slow


def test_the_web_player_keeps_all_rules() -> None:
    """What docs/player.md says of it: all rules are kept, in one run."""
    command = (
        f"{{python}} -m {web_player_command.__name__} --pace 0.1 --server {{server}} --code {{code}} --data {{data}}"
    )
    commands = Commands(run=command, pair=None)
    assert {result.check.name: result.why for result in run(ALL, commands, 2, 60) if result.why} == {}
