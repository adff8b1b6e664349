"""The parent's side of engines that live in child processes, which may hang or die without taking us along.

The child's side is `orders`; what a child does with an order is its engine's business.
"""

import json
import logging
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Mapping

import numpy as np

from audio_out.codecs import Pcm
from audio_out.engines.base import FOREVER
from audio_out.errors import EngineDied, EngineMissing, EngineTimedOut, SpeechRejected
from content.kernel.units import Hz

log = logging.getLogger(__name__)

Order = Mapping[str, str | int | float]
_ATTEMPTS = 2


class Children:
    """A small pool of children, each started when first needed and again after it died."""

    def __init__(self, engine: str, module: str, count: int, timeout_s: float) -> None:
        """`module` is run in each child; `timeout_s` is how long one order may take."""
        self._engine, self._timeout_s = engine, timeout_s
        self._children = [_Child(engine, module) for _ in range(count)]
        self._idle: queue.LifoQueue[_Child] = queue.LifoQueue()
        for child in self._children:
            self._idle.put(child)

    @property
    def pids(self) -> tuple[int, ...]:
        """The children that run now, for the logs and the tests."""
        return tuple(child.pid for child in self._children if child.pid is not None)

    def speak(self, order: Order, deadline: float = FOREVER) -> Pcm:
        """What a child answers, asked once more in a new process if the first one hung or died.

        Raises:
            EngineTimedOut: it took too long, or `deadline` of the monotonic clock has passed.
            EngineDied, EngineMissing, SpeechRejected: no speech came.
        """
        wait_s = None if deadline == FOREVER else max(0.0, deadline - time.monotonic())
        try:
            child = self._idle.get(timeout=wait_s)
        except queue.Empty:
            raise EngineTimedOut(engine=self._engine, detail="all its processes are busy") from None
        try:
            return self._from(child, order, deadline)
        finally:
            self._idle.put(child)

    def close(self) -> None:
        """End the children."""
        for child in self._children:
            child.stop()

    def _from(self, child: "_Child", order: Order, deadline: float) -> Pcm:
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                return child.speak(order, min(self._timeout_s, deadline - time.monotonic()))
            except (EngineDied, EngineTimedOut) as failure:
                child.stop()
                log.warning(
                    "child.restarted",
                    extra={"engine": self._engine, "attempt": attempt, "detail": failure.facts["detail"]},
                )
                if attempt == _ATTEMPTS:
                    raise
        raise AssertionError


class _Child:
    """One process and its two pipes; used by one thread at a time."""

    def __init__(self, engine: str, module: str) -> None:
        self._engine, self._module = engine, module
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    def speak(self, order: Order, timeout_s: float) -> Pcm:
        if timeout_s <= 0:
            raise EngineTimedOut(engine=self._engine, detail="the announcement cannot wait longer")
        process = self._process = self._process or self._started()
        late = threading.Event()
        alarm = threading.Timer(timeout_s, _kill, (process, late))
        alarm.start()
        try:
            return self._exchange(process, order)
        except (OSError, EngineDied, ValueError) as error:
            if late.is_set():
                raise EngineTimedOut(engine=self._engine, detail=f"{timeout_s:.0f} s") from error
            raise EngineDied(engine=self._engine, detail=f"process {process.pid}") from error
        finally:
            alarm.cancel()

    def stop(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            assert pipe is not None
            try:
                pipe.close()
            except OSError:
                log.debug("child.pipe_lost")

    def _started(self) -> "subprocess.Popen[bytes]":
        # -P: the folder we happen to be in holds no library of ours.
        command = [sys.executable, "-P", "-m", self._module]
        try:
            return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        except OSError as error:
            raise EngineMissing(engine=self._engine, detail=str(error)) from error

    def _exchange(self, process: "subprocess.Popen[bytes]", order: Order) -> Pcm:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(json.dumps(dict(order)).encode() + b"\n")
        process.stdin.flush()
        header = process.stdout.readline()
        if not header:
            raise EngineDied(engine=self._engine, detail="no answer")
        answer = json.loads(header)
        if answer["error"]:
            raise SpeechRejected(engine=self._engine, detail=answer["error"])
        samples = process.stdout.read(answer["bytes"])
        if len(samples) != answer["bytes"]:
            raise EngineDied(engine=self._engine, detail="half an answer")
        return Pcm(np.frombuffer(samples, np.int16), Hz(answer["rate_hz"]))


def _kill(process: "subprocess.Popen[bytes]", late: threading.Event) -> None:
    late.set()
    process.kill()
