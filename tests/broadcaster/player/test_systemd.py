import os
import socket
import threading

import pytest

from broadcaster.player.systemd import ALIVE, READY, STOPPING, tell

pytestmark = pytest.mark.skipif(os.name != "posix", reason="systemd is Linux's")


@pytest.fixture
def supervisor(tmp_path, monkeypatch):
    """The socket that systemd would listen at; `heard()` waits for the next word."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as line:
        line.bind(str(tmp_path / "notify"))
        line.settimeout(20)
        monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
        yield lambda: line.recv(100).decode()


def test_a_running_player_tells_that_it_is_ready_turns_and_stops(supervisor, make_agent):
    """READY once, ALIVE after a turn, STOPPING at the end."""
    agent = make_agent()
    running = threading.Thread(target=agent.run)
    running.start()
    assert [supervisor(), supervisor()] == [READY, ALIVE]
    agent.stop()
    while (said := supervisor()) == ALIVE:
        pass
    assert said == STOPPING
    running.join()


def test_a_player_whose_turns_fail_does_not_say_that_it_is_alive(supervisor, make_agent, monkeypatch):
    """A loop that goes round without turning must look dead to the watchdog."""
    agent = make_agent()
    turned = threading.Event()

    def fail():
        turned.set()
        raise RuntimeError

    monkeypatch.setattr(agent.conductor, "turn", fail)
    running = threading.Thread(target=agent.run)
    running.start()
    assert turned.wait(20)
    agent.stop()
    assert [supervisor(), supervisor()] == [READY, STOPPING]
    running.join()


def test_without_a_supervisor_nothing_is_told(monkeypatch, tmp_path):
    """No socket, or one that is gone, hurts nobody."""
    monkeypatch.delenv("NOTIFY_SOCKET", raising=False)
    tell(ALIVE)
    monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "gone"))
    tell(ALIVE)
