"""The child that has the microphone: writes what it captures to its standard output until that is closed.

`python -m broadcaster.player.hearing.recorder [NAME]`. A process of its own, because PortAudio finds devices that came
back only by letting all streams go, and a microphone must never hold up a loudspeaker. Each block is a `HEAD` and its
samples (48 kHz mono 16 bit). Why it ended goes to standard error in one line.
"""

import os
import struct
import sys
import time
from queue import Empty, SimpleQueue
from typing import Any

RATE_HZ = 48_000
BLOCK = RATE_HZ // 10
HEAD = struct.Struct("<dI")
"""The moment of the first frame by the machine's monotonic clock, in seconds, and the number of frames."""
LATENCY_S = 0.2
SILENT_S = 4.0
"""A microphone that gives nothing for so long is gone."""


def main() -> int:
    """Record until nobody reads any more (exit status 0) or the microphone is gone (1)."""
    try:
        import sounddevice  # noqa: PLC0415 - without PortAudio this raises, and the parent wants a sentence
    except OSError as error:
        return _sorry(f"PortAudio is missing ({error})")
    blocks: SimpleQueue[bytes] = SimpleQueue()
    device: str | int | None = sys.argv[1] if len(sys.argv) > 1 else None
    if isinstance(device, str) and device.isdecimal():
        device = int(device)

    def take(samples: Any, frames: int, told: Any, _status: object) -> None:
        delay = told.currentTime - told.inputBufferAdcTime
        if not 0 <= delay < 1:  # a driver that tells nonsense
            delay = frames / RATE_HZ
        blocks.put(HEAD.pack(time.monotonic() - delay, frames) + bytes(samples))

    try:
        with sounddevice.RawInputStream(
            device=device,
            samplerate=RATE_HZ,
            channels=1,
            dtype="int16",
            blocksize=BLOCK,
            latency=LATENCY_S,
            callback=take,
        ):
            while True:
                _write(blocks.get(timeout=SILENT_S))
    except BrokenPipeError:
        return 0
    except Empty:
        return _sorry("it gives nothing any more")
    except (sounddevice.PortAudioError, ValueError) as error:
        found = " / ".join(str(sounddevice.query_devices()).splitlines()) or "none"
        return _sorry(f"{error}; there are: {found}")


def _write(block: bytes) -> None:
    left = memoryview(block)
    while left:
        left = left[os.write(1, left) :]


def _sorry(why: str) -> int:
    sys.stderr.write(" ".join(why.split()) + "\n")
    return 1


if __name__ == "__main__":
    sys.exit(main())
