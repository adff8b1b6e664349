"""Sounds in a row as an extended M3U playlist in UTF-8 (`.m3u8`). Values in, bytes out.

One file for all players: VLC, mpv, MPD and Liquidsoap read names and addresses. ffplay knows no plain M3U but HLS, so
the three lines that make it HLS (RFC 8216) are there as well; to the others they are remarks, or they play HLS too. HLS
players feed the sounds to one decoder, so these lines are left out where that cannot do: several formats, or files
with a header that tells their length.
"""

from collections.abc import Sequence
from dataclasses import dataclass

_ONE_AFTER_ANOTHER = {"ogg", "mp3"}


@dataclass(frozen=True, slots=True)
class Track:
    """One sound: how it is called, how long it lasts, where it lies, and the ending of its name."""

    title: str
    duration_ms: int
    address: str
    ending: str


def m3u8(name: str, tracks: Sequence[Track]) -> bytes:
    """The file. Lengths are in whole seconds: MPD takes no others."""
    seconds = [max(1, round(track.duration_ms / 1000)) for track in tracks]
    endings = {track.ending for track in tracks}
    is_stream = len(endings) == 1 and endings <= _ONE_AFTER_ANOTHER
    lines = ["#EXTM3U", f"#PLAYLIST:{_line(name)}"]
    if is_stream:
        lines += ["#EXT-X-VERSION:3", "#EXT-X-PLAYLIST-TYPE:VOD", f"#EXT-X-TARGETDURATION:{max(seconds)}"]
    for track, length in zip(tracks, seconds, strict=True):
        lines += [f"#EXTINF:{length},{_line(track.title)}", track.address]
    if is_stream:
        lines.append("#EXT-X-ENDLIST")
    return ("\n".join(lines) + "\n").encode()


def _line(text: str) -> str:
    """In one line, whatever was typed."""
    return " ".join(text.split())
