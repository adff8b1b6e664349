"""Children that do what strangers' files make them do."""

import os
import sys
import textwrap

import pytest

from content.kernel.children import HAS_LIMITS, ChildDied, ChildTimedOut, Limits, ask_child, limit_this_process

needs_limits = pytest.mark.skipif(not HAS_LIMITS, reason="no limits on this system")


@pytest.fixture
def child(tmp_path, monkeypatch):
    """Make a module that a child can be asked to run."""
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(tmp_path), *sys.path]))

    def make(source: str) -> str:
        (tmp_path / "some_child.py").write_text(textwrap.dedent(source))
        return "some_child"

    return make


def test_a_child_answers_what_it_was_given(child, tmp_path):
    """Bytes and files come in by standard input, options as arguments; a file can be read again from its start."""
    module = child("""
        import json, sys
        read = sys.stdin.buffer.read().decode()
        again = sys.stdin.buffer.seek(0) if sys.stdin.seekable() else None
        print(json.dumps([read, again, sys.argv[1:]]))
    """)
    (tmp_path / "file.mp3").write_text("chào")
    assert ask_child(module, "chào".encode(), ["-a"], seconds=30) == ["chào", None, ["-a"]]
    assert ask_child(module, tmp_path / "file.mp3", seconds=30) == ["chào", 0, []]


@pytest.mark.skipif(not hasattr(os, "killpg"), reason="no process groups on this system")
def test_a_child_that_hangs_is_ended_with_its_own_children(child, tmp_path):
    """The clock ends a child, and also what it started: nothing goes on working for nobody."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    module = child(f"""
        import subprocess, sys, time
        subprocess.run([sys.executable, "-c", "import time; f = open({str(pipe)!r}, 'w'); time.sleep(600)"])
    """)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    with pytest.raises(ChildTimedOut):
        ask_child(module, b"", seconds=3)
    os.set_blocking(reader, True)
    assert os.read(reader, 1) == b""  # all writers are gone
    os.close(reader)


@pytest.mark.parametrize(
    "source", ["", "print('half an ans')", "import os; os.kill(os.getpid(), 9)", "raise ValueError"]
)
def test_a_child_without_an_answer_has_died(child, source):
    """Whatever ended it, the caller gets one error."""
    with pytest.raises(ChildDied):
        ask_child(child(source), b"", seconds=30)


@needs_limits
def test_a_child_cannot_take_more_than_it_may(child, tmp_path):
    """Memory and files beyond the limits are refused to it."""
    module = child(f"""
        import errno, json
        from content.kernel.children import Limits, limit_this_process
        limit_this_process(Limits(cpu_seconds=10, memory_bytes=1 << 30, file_bytes=1000))
        refused = []
        try:
            bytearray(2 << 30)
        except MemoryError:
            refused.append("memory")
        try:
            with open({str(tmp_path / "big")!r}, "wb") as file:
                file.write(bytes(2000))
        except OSError as error:
            refused.append(errno.errorcode[error.errno])
        print(json.dumps(refused))
    """)
    assert ask_child(module, b"", seconds=30) == ["memory", "EFBIG"]


@needs_limits
def test_the_system_ends_a_child_that_spins(child):
    """Processor time is limited apart from the clock, and the caller learns of the end at once."""
    module = child("""
        from content.kernel.children import Limits, limit_this_process
        limit_this_process(Limits(cpu_seconds=1, memory_bytes=1 << 30))
        while True:
            pass
    """)
    with pytest.raises(ChildDied):
        ask_child(module, b"", seconds=60)


def test_where_nothing_can_be_limited_it_works_without(monkeypatch):
    """On Windows the call is harmless."""
    monkeypatch.setattr("content.kernel.children.HAS_LIMITS", False)
    limit_this_process(Limits(cpu_seconds=0, memory_bytes=0))
    assert len(bytearray(1 << 20)) == 1 << 20
