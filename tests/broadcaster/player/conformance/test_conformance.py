"""The suite passes our player and finds players that break a rule."""

import sys
from pathlib import Path

import pytest

from broadcaster.player.__main__ import main
from broadcaster.player.conformance.bench import Commands
from broadcaster.player.conformance.runner import ALL, chosen, run
from tests.broadcaster.player.conformance.broken import FAULTS

BROKEN = f"{sys.executable} -m tests.broadcaster.player.conformance.broken"
FOUND_BY = {
    "nonce": ("pair-nonce", "2 nonces"),
    "time": ("time-signature", "false time"),
    "replayed-time": ("time-nonce", "false time"),
    "signature": ("manifest-signature", "must refuse"),
    "replay": ("manifest-replay", "must refuse"),
    "etag": ("manifest-unchanged", "without If-None-Match"),
    "hash": ("object-corrupt", "wrong bytes"),
    "range": ("object-resume", "the whole object again"),
    "quiet": ("quiet-hours", "'within' says aired"),
    "late": ("too-late", "'news' says aired"),
    "once": ("once", "'cut' says aired"),
    "names": ("rows-again", "other rows"),
    "backoff": ("server-away", "as often as before"),
}


def broken(fault):
    command = f"{BROKEN} {fault} "
    return Commands(
        run=command + "run --data {data} --output null --page off",
        pair=command + "pair --server {server} --code {code} --name Broken --data {data}",
    )


def test_a_quick_pair_of_rules_is_kept_by_our_player():
    """The suite runs, and our player keeps what is quickly tried."""
    assert {result.check.name: result.why for result in run(chosen(["too-late", "pair-nonce"]), Commands(), 2, 40)} == {
        "pair-nonce": "",
        "too-late": "",
    }


def test_a_player_that_cannot_be_started_is_no_crash(capsys):
    """A command that does not exist fails the check with a sentence, and the exit status says so."""
    assert main(["conformance", "--player-command", "/no/such/player {data}", "--only", "plays"]) == 1
    said = capsys.readouterr().out
    assert "cannot be started" in said
    assert "0 of 1 rules are kept" in said


def test_every_check_is_listed_with_its_rule(capsys):
    """`--list` names each check once, each with a rule; an unknown name is told."""
    assert main(["conformance", "--list"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.partition(":")[0] for line in lines] == [check.name for check in ALL]
    assert len({check.name for check in ALL}) == len(ALL)
    assert all(check.rule.endswith(".") for check in ALL)
    assert main(["conformance", "--only", "nonsense"]) == 1
    assert "nonsense" in capsys.readouterr().err


def test_every_check_names_a_place_in_the_guide():
    """Whoever fails a check finds its rule in docs/player.md."""
    guide = (Path(__file__).parents[4] / "docs/player.md").read_text()
    assert {check.anchor for check in ALL if check.anchor.partition(",")[0] not in guide} == set()


@pytest.mark.slow
def test_our_player_keeps_all_rules():
    """Our own player passes its own suite."""
    assert {result.check.name: result.why for result in run(ALL, Commands(), 3, 60) if result.why} == {}


@pytest.mark.slow
@pytest.mark.parametrize("fault", sorted(FAULTS))
def test_a_broken_rule_is_found(fault):
    """A player that breaks one rule fails the check of that rule, and for that reason."""
    name, why = FOUND_BY[fault]
    (result,) = run(chosen([name]), broken(fault), 1, 25)
    assert why in result.why
