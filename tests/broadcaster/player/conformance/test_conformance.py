"""The suite passes our player and finds players that break a rule."""

import subprocess
import sys
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace

import pytest

from broadcaster.player.__main__ import main
from broadcaster.player.conformance.hands import Commands, Processes
from broadcaster.player.conformance.runner import ALL, chosen, run, run_on_one
from broadcaster.player.conformance.village import Village
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
def test_one_player_is_tried_by_hand(tmp_path):
    """`--listen` without a command has a person pair, start, kill and stop the player; it is paired once."""
    player = Processes(Commands(), tmp_path, 40)
    done = []

    def obey(asked):
        done.append(asked.split()[0])
        match done[-1]:
            case "PAIR":
                player.pair(SimpleNamespace(url=asked.split()[4].rstrip(",")))
            case "START":
                player.start()
            case "STOP":
                player.stop()
            case "NOW":
                player.kill()

    names = ["pair-nonce", "time-server", "plays"]
    command = [sys.executable, "-m", "broadcaster.player", "conformance", "--listen", "127.0.0.1"]
    command += [word for name in names for word in ("--only", name)]
    told = []
    with closing(player), subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as suite:
        try:
            for line in suite.stdout:
                told.append(line)
                if line.endswith("press Enter.\n"):
                    obey(line)
                    suite.stdin.write("\n")
                    suite.stdin.flush()
        finally:
            suite.kill()
    assert told[-1] == "3 of 3 rules are kept\n", "".join(told)
    assert (done[0], done.count("START")) == ("PAIR", 1)


def test_the_address_to_listen_at_is_one_that_a_player_can_reach(capsys):
    """All addresses at once are none that a player could be told."""
    for address in ("0.0.0.0:8030", ":8030", "192.168.1.5:many"):
        with pytest.raises(SystemExit):
            main(["conformance", "--listen", address])
        assert "as the player reaches it" in capsys.readouterr().err


@pytest.mark.slow
def test_our_player_keeps_all_rules():
    """Our own player passes its own suite."""
    assert {result.check.name: result.why for result in run(ALL, Commands(), 3, 60) if result.why} == {}


@pytest.mark.slow
def test_one_player_keeps_all_rules_through_its_life(tmp_path):
    """The same suite on one player that keeps its data, its journal and its alerts from check to check."""
    with closing(Village()) as village, closing(Processes(Commands(), tmp_path, 60)) as player:
        results = list(run_on_one(ALL, village, player, 60))
    assert {result.check.name: result.why for result in results if result.why} == {}


@pytest.mark.slow
@pytest.mark.parametrize("fault", sorted(FAULTS))
def test_a_broken_rule_is_found(fault):
    """A player that breaks one rule fails the check of that rule, and for that reason."""
    name, why = FOUND_BY[fault]
    (result,) = run(chosen([name]), broken(fault), 1, 25)
    assert why in result.why
