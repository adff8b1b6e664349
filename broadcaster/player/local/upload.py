"""A form with a file (multipart/form-data) as it comes over the line, piece by piece: a bundle need not fit in memory.

Source: RFC 7578. Reads no more than was announced; knows no HTTP status and no page.
"""

from collections.abc import Iterator
from email.message import Message
from email.parser import BytesParser
from io import BufferedIOBase

PIECE = 65_536
LONGEST_HEAD = 8192
LONGEST_FIELD = 16_384


class Unreadable(Exception):
    """It is no such form, or the line broke off."""


class Form:
    """The parts of a form in their order. The body of each is read before the next."""

    def __init__(self, stream: BufferedIOBase, length: int, content_type: str) -> None:
        """Read nothing yet.

        Raises:
            Unreadable: the content type is another one.
        """
        said = Message()
        said["Content-Type"] = content_type
        boundary = said.get_boundary()
        if said.get_content_type() != "multipart/form-data" or not boundary:
            raise Unreadable("no form with a file")
        self._stream = stream
        self._left = length
        # The first boundary has no line end before it.
        self._held = b"\r\n"
        self._mark = b"\r\n--" + boundary.encode()

    def parts(self) -> Iterator[tuple[str, Iterator[bytes]]]:
        """Go through the parts: the name of each, and its bytes. Raises Unreadable."""
        for _ in self._until_mark():
            pass
        while not self._starts(b"--"):
            name, body = self._name(), self._until_mark()
            yield name, body
            for _ in body:
                pass

    def drain(self, most: int) -> None:
        """Read what is left, up to so many bytes: a browser listens to no answer before it has said all."""
        while self._left and most > 0 and (some := self._some()):
            most -= len(some)

    def _name(self) -> str:
        head = b""
        while b"\r\n\r\n" not in self._held:
            if len(self._held) > LONGEST_HEAD:
                raise Unreadable("a head without end")
            self._held += self._some() or _broken()
        head, _, self._held = self._held.partition(b"\r\n\r\n")
        told = BytesParser().parsebytes(head.removeprefix(b"\r\n") + b"\r\n\r\n")
        return str(told.get_param("name", "", header="Content-Disposition"))

    def _until_mark(self) -> Iterator[bytes]:
        """Give what comes before the next boundary, and take the boundary away."""
        while (place := self._held.find(self._mark)) < 0:
            sure = max(0, len(self._held) - len(self._mark) + 1)
            if sure:
                given, self._held = self._held[:sure], self._held[sure:]
                yield given
            self._held += self._some() or _broken()
        given, self._held = self._held[:place], self._held[place + len(self._mark) :]
        if given:
            yield given

    def _starts(self, sign: bytes) -> bool:
        while len(self._held) < len(sign):
            self._held += self._some() or _broken()
        return self._held.startswith(sign)

    def _some(self) -> bytes:
        some = self._stream.read(min(PIECE, self._left))
        self._left -= len(some)
        return some


def field(body: Iterator[bytes]) -> str:
    """Read a part that was typed. Raises Unreadable."""
    text = b""
    for piece in body:
        text += piece
        if len(text) > LONGEST_FIELD:
            raise Unreadable("a field without end")
    return text.decode(errors="replace")


def _broken() -> bytes:
    raise Unreadable("the line broke off")
