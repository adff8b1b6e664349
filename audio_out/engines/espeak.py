"""eSpeak NG, the voice that is always there, in child processes that may die without taking us along."""

import hashlib
import json
import logging
import queue
import subprocess
import sys
import threading
from functools import cache
from pathlib import Path
from typing import Final

import espeakng_loader
import numpy as np

from audio_out.codecs import Pcm
from audio_out.engines.base import FOREVER, examined
from audio_out.errors import EngineDied, EngineMissing, EngineTimedOut, SpeechRejected
from audio_out.voices import Pace, Voice
from content.kernel.units import Hz

log = logging.getLogger(__name__)

NAME: Final = "espeak"
_RATES = {Pace.CALM: 130, Pace.SLOW: 105}
_SHAPE = {"pitch": 50, "range": 90, "gap": 0}
"""Words a minute and the rest. Source: recogniser's word errors over 25 variants, design, speech.md."""
_TIMEOUT_S = 20.0
_ATTEMPTS = 2


class Espeak:
    """A small pool of children, each started when first needed and again after it died."""

    name = NAME

    def __init__(self, children: int = 2, timeout_s: float = _TIMEOUT_S) -> None:
        self._timeout_s = timeout_s
        self._children = [_Child() for _ in range(children)]
        self._idle: queue.LifoQueue[_Child] = queue.LifoQueue()
        for child in self._children:
            self._idle.put(child)

    @property
    def pids(self) -> tuple[int, ...]:
        """The children that run now, for the logs and the tests."""
        return tuple(child.pid for child in self._children if child.pid is not None)

    def fingerprint(self, voice: Voice, pace: Pace) -> str:
        """Names the library's data and the way of speaking."""
        return json.dumps([_model_hash(voice.name), _RATES[pace], _SHAPE])

    def speak(self, sentence: str, voice: Voice, pace: Pace, deadline: float = FOREVER) -> Pcm:  # noqa: ARG002
        """The sentence spoken, once more in a new child if the first one died; it needs no deadline, being local."""
        order: dict[str, str | int] = {"text": sentence, "voice": voice.name, "rate": _RATES[pace], **_SHAPE}
        child = self._idle.get()
        try:
            return examined(self._from(child, order), sentence, NAME)
        finally:
            self._idle.put(child)

    def close(self) -> None:
        """End the children."""
        for child in self._children:
            child.stop()

    def _from(self, child: "_Child", order: dict[str, str | int]) -> Pcm:
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                return child.speak(order, self._timeout_s)
            except (EngineDied, EngineTimedOut) as failure:
                child.stop()
                log.warning("espeak.restarted", extra={"attempt": attempt, "detail": failure.facts["detail"]})
                if attempt == _ATTEMPTS:
                    raise
        raise AssertionError


class _Child:
    """One process and its two pipes; used by one thread at a time."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    def speak(self, order: dict[str, str | int], timeout_s: float) -> Pcm:
        process = self._process = self._process or _started()
        late = threading.Event()
        alarm = threading.Timer(timeout_s, _kill, (process, late))
        alarm.start()
        try:
            return _exchange(process, order)
        except (OSError, EngineDied, ValueError) as error:
            if late.is_set():
                raise EngineTimedOut(engine=NAME, detail=f"{timeout_s:.0f} s") from error
            raise EngineDied(engine=NAME, detail=f"process {process.pid}") from error
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
                log.debug("espeak.pipe_lost")


def _started() -> "subprocess.Popen[bytes]":
    # By path and without a path of its own (-P): it needs nothing of ours and must start anywhere.
    command = [sys.executable, "-P", str(Path(__file__).with_name("espeak_child.py"))]
    try:
        return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    except OSError as error:
        raise EngineMissing(engine=NAME, detail=str(error)) from error


def _kill(process: "subprocess.Popen[bytes]", late: threading.Event) -> None:
    late.set()
    process.kill()


def _exchange(process: "subprocess.Popen[bytes]", order: dict[str, str | int]) -> Pcm:
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(json.dumps(order).encode() + b"\n")
    process.stdin.flush()
    header = process.stdout.readline()
    if not header:
        raise EngineDied(engine=NAME, detail="no answer")
    answer = json.loads(header)
    if answer["error"]:
        raise SpeechRejected(engine=NAME, detail=answer["error"])
    samples = process.stdout.read(answer["bytes"])
    if len(samples) != answer["bytes"]:
        raise EngineDied(engine=NAME, detail="half an answer")
    return Pcm(np.frombuffer(samples, np.int16), Hz(answer["rate_hz"]))


@cache
def _model_hash(voice_name: str) -> str:
    """Over all the data that shapes this voice: another version of them is another voice."""
    base, _, variant = voice_name.partition("+")
    data = Path(espeakng_loader.get_data_path())
    files = [data / name for name in ("phontab", "phonindex", "phondata", "intonations", f"{base}_dict")]
    files += sorted(data.glob(f"lang/*/{base}"))
    files += [data / "voices" / "!v" / variant] if variant else []
    digest = hashlib.sha256()
    try:
        for file in files:
            digest.update(file.read_bytes())
    except OSError as error:
        raise EngineMissing(engine=NAME, detail=str(error)) from error
    return digest.hexdigest()
