"""How an entry of the lexicon sounds, made at the moment somebody presses “listen”."""

import re
from contextlib import closing

from fastapi import Response

from audio_out.codecs import Codec, encode, mime_of
from audio_out.engines.cache import SentenceCache
from audio_out.engines.espeak import Espeak
from audio_out.engines.ladder import Ladder
from audio_out.voices import VOICES, Pace
from broadcaster.station import Station
from content import reading
from content.reading import LexiconEntry

SENTENCE = "Đọc là: {written}."
"""What is spoken to hear an entry: a word by itself sounds unlike the same word in a sentence."""
_EMBEDDED = [voice for voice in VOICES if voice.engine == Espeak.name][:1]
_RANGE = re.compile(r"bytes=(\d{1,12})-(\d{0,12})")


def spoken(station: Station, entry: LexiconEntry) -> bytes:
    """The entry in a sentence as MP3, kept from before or spoken by a process that ends with it, which takes 40 ms."""
    said = reading.read(SENTENCE.format(written=entry.written), [entry]).spoken
    cache = SentenceCache(station.settings.data_dir / "speech-cache", station.settings.speech_cache_mb * 1_000_000)
    with closing(Ladder([Espeak(children=1)], cache)) as ladder:
        (speech,) = ladder.speak([said], _EMBEDDED, Pace.CALM).sentences
    return encode(speech, Codec.MP3)


def answer(sound: bytes, wanted: str) -> Response:
    """The sound, or the part of it that a `Range` header asks for: iPhones play nothing that comes only whole."""
    headers = {"Cache-Control": "private, no-cache", "Accept-Ranges": "bytes"}
    found = _RANGE.fullmatch(wanted)
    if not found or int(found[1]) >= len(sound):
        return Response(sound, media_type=mime_of(Codec.MP3), headers=headers)
    start, end = int(found[1]), min(int(found[2] or len(sound)), len(sound) - 1)
    headers["Content-Range"] = f"bytes {start}-{end}/{len(sound)}"
    return Response(sound[start : end + 1], 206, media_type=mime_of(Codec.MP3), headers=headers)
