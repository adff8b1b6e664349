"""Google's voice by the gTTS library: the best Vietnamese one, when the network and Google allow.

The library is given one short piece at a time, cut by us; every answer is decoded by itself and measured, since
strung-together MP3s lose all but the first, and a captive portal's page is taken for an answer without an error.
The library does not check the server's certificate; what it spoke is heard by whoever approves the announcement.
"""

import io
import logging
import random
import threading
import time
from collections.abc import Callable
from typing import Final

import gtts
import numpy as np

from audio_out.codecs import Pcm, decode
from audio_out.engines.base import FOREVER, examined
from audio_out.errors import (
    EngineFailed,
    EngineMissing,
    EngineRefused,
    EngineResting,
    EngineTimedOut,
    EngineUnreachable,
    NotAudio,
    SpeechRejected,
)
from audio_out.phrasing import pieces
from audio_out.voices import Pace, Voice
from content.kernel.units import Hz

log = logging.getLogger(__name__)

NAME: Final = "gtts"
_CONNECT_S, _READ_S, _WHOLE_S = 3.0, 10.0, 20.0
_RATE = Hz(24_000)  # what Google sends; asked for, so that pieces always fit together
_ATTEMPTS = 3
_BACKOFF_S = 1.0
_BETWEEN_CALLS_S = 0.7
_FAILURES, _REST_S = 3, 600.0


class Breaker:
    """After some failures in a row the way is closed for a while, so that nobody waits for a dead network."""

    def __init__(self, failures: int, rest_s: float, monotonic: Callable[[], float]) -> None:
        self._allowed, self._rest_s, self._monotonic = failures, rest_s, monotonic
        self._failures = 0
        self._closed_until = -FOREVER

    @property
    def rests_s(self) -> float:
        """How long the way stays closed; 0 when it is open."""
        return max(0.0, self._closed_until - self._monotonic())

    def failed(self) -> None:
        """Count a failure, and close the way when there were enough."""
        self._failures += 1
        if self._failures >= self._allowed:
            self._failures, self._closed_until = 0, self._monotonic() + self._rest_s

    def worked(self) -> None:
        """Forget the failures."""
        self._failures = 0


class Gtts:
    """One call at a time, a pause between, patience with faults, and a rest after too many of them."""

    name = NAME

    def __init__(
        self,
        *,
        monotonic: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self._monotonic, self._sleep, self._jitter = monotonic, sleep, jitter
        self._one_at_a_time = threading.Lock()
        self._next_call = -FOREVER
        self._breaker = Breaker(_FAILURES, _REST_S, monotonic)

    def fingerprint(self, voice: Voice, pace: Pace) -> str:  # noqa: ARG002 - it has one pace
        """Google names no version; the library's way of asking is all that is known."""
        return f"gtts {gtts.__version__}"

    def speak(self, sentence: str, voice: Voice, pace: Pace, deadline: float = FOREVER) -> Pcm:  # noqa: ARG002
        """The sentence spoken, piece by piece."""
        with self._one_at_a_time:
            spoken = [self._patiently(piece, voice, deadline) for piece in pieces(sentence)]
        if not spoken:
            raise SpeechRejected(engine=NAME, detail="nothing to say")
        joined = Pcm(np.concatenate([part.samples for part in spoken]), _RATE)
        return examined(joined, sentence, NAME)

    def close(self) -> None:
        """Nothing is held."""

    def _patiently(self, piece: str, voice: Voice, deadline: float) -> Pcm:
        for attempt in range(1, _ATTEMPTS + 1):
            self._wait_turn(attempt, deadline)
            try:
                speech = examined(_asked(piece, voice.name, self._left_s(deadline)), piece, NAME)
            except EngineMissing:
                raise
            except EngineFailed as failure:
                self._breaker.failed()
                log.warning("gtts.failed", extra={"attempt": attempt, "detail": failure.facts["detail"]})
                if attempt == _ATTEMPTS:
                    raise
            else:
                self._breaker.worked()
                return speech
        raise AssertionError

    def _wait_turn(self, attempt: int, deadline: float) -> None:
        if rests_s := self._breaker.rests_s:
            raise EngineResting(engine=NAME, detail=f"{rests_s:.0f} s")
        backoff_s = _BACKOFF_S * 2 ** (attempt - 2) * (1 + self._jitter()) if attempt > 1 else 0.0
        wait_s = max(backoff_s, self._next_call - self._monotonic())
        if wait_s >= self._left_s(deadline):
            raise EngineTimedOut(engine=NAME, detail="the announcement cannot wait longer")
        if wait_s > 0:
            self._sleep(wait_s)
        self._next_call = self._monotonic() + _BETWEEN_CALLS_S

    def _left_s(self, deadline: float) -> float:
        return deadline - self._monotonic()


def _asked(piece: str, language: str, left_s: float) -> Pcm:
    """One call of the library, its answer decoded."""
    answer = _within(min(_WHOLE_S, left_s), lambda: _fetched(piece, language))
    if not answer:
        raise EngineRefused(engine=NAME, detail="an answer without sound, as of a log-in page")
    try:
        return decode(answer, rate=_RATE)
    except NotAudio as error:
        raise SpeechRejected(engine=NAME, detail="no sound in the answer") from error


def _fetched(piece: str, language: str) -> bytes:
    file = io.BytesIO()
    try:
        # Our own cut is final: the library's helpers would cut again, and change words.
        speech = gtts.gTTS(
            piece,
            lang=language,
            timeout=(_CONNECT_S, _READ_S),
            pre_processor_funcs=[],
            tokenizer_func=lambda text: [text],
        )
        speech.write_to_fp(file)
    except gtts.gTTSError as error:
        if error.rsp is None:
            raise EngineUnreachable(engine=NAME, detail=str(error)) from error
        raise EngineRefused(engine=NAME, detail=str(error)) from error
    except AssertionError as error:
        raise SpeechRejected(engine=NAME, detail=str(error)) from error
    except ValueError as error:
        raise EngineMissing(engine=NAME, detail=str(error)) from error
    return file.getvalue()


def _within(seconds: float, work: Callable[[], bytes]) -> bytes:
    """What `work` returns, or a time-out: the library's own knows no end to an answer that drips in."""
    results: list[bytes] = []
    failures: list[Exception] = []

    def run() -> None:
        try:
            results.append(work())
        except Exception as failure:  # noqa: BLE001 - carried over to the waiting thread
            failures.append(failure)

    thread = threading.Thread(target=run, name="gtts", daemon=True)
    thread.start()
    thread.join(seconds)
    if thread.is_alive():
        raise EngineTimedOut(engine=NAME, detail=f"{seconds:.0f} s")
    if failures:
        raise failures[0]
    return results[0]
