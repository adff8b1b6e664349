"""The process in which eSpeak NG lives: the library is not thread-safe, keeps state, and may hang or crash.

Run as a module; `orders` has the way it is spoken with.
"""

import _ctypes
import ctypes

import espeakng_loader

from audio_out.engines.orders import answer_orders

_SYNCHRONOUS, _BUFFER_MS, _UTF8 = 2, 200, 1
_PARAMETERS = {"rate": 1, "pitch": 3, "range": 4, "gap": 7}
_ON_SAMPLES = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_int, ctypes.c_void_p)


def speak(order: dict[str, str | int]) -> tuple[int, bytes]:
    """Rate in Hz and s16 samples of one sentence.

    The library is loaded anew for each: it carries noise and flutter over from one sentence to the next, and the
    same sentence would sound, and be named, differently every time. A load takes 3 ms.
    """
    library = ctypes.CDLL(espeakng_loader.get_library_path())
    try:
        return _spoken(library, order)
    finally:
        library.espeak_Terminate()
        unload = getattr(_ctypes, "dlclose", None) or _ctypes.FreeLibrary  # type: ignore[attr-defined]
        unload(library._handle)  # noqa: SLF001 - ctypes has no public way


def _spoken(library: ctypes.CDLL, order: dict[str, str | int]) -> tuple[int, bytes]:
    heard: list[bytes] = []

    def on_samples(samples: int | None, count: int, _events: int | None) -> int:
        if samples and count > 0:
            heard.append(ctypes.string_at(samples, 2 * count))
        return 0

    rate: int = library.espeak_Initialize(_SYNCHRONOUS, _BUFFER_MS, espeakng_loader.get_data_path().encode(), 0)
    if rate <= 0:
        raise RuntimeError("espeak_Initialize")
    library.espeak_ng_SetRandSeed(ctypes.c_long(1))
    callback = _ON_SAMPLES(on_samples)  # held here while it may be called
    library.espeak_SetSynthCallback(callback)
    if library.espeak_SetVoiceByName(str(order["voice"]).encode()):
        raise RuntimeError("espeak_SetVoiceByName")
    for name, number in _PARAMETERS.items():
        library.espeak_SetParameter(number, int(order[name]), 0)
    text = str(order["text"]).encode() + b"\0"
    if library.espeak_Synth(text, ctypes.c_size_t(len(text)), 0, 1, 0, _UTF8, None, None):
        raise RuntimeError("espeak_Synth")
    library.espeak_Synchronize()
    return rate, b"".join(heard)


if __name__ == "__main__":
    answer_orders(speak)
