"""Files from strangers: each bad one has its own clear refusal, and none of them harms the server."""

import logging
import subprocess
import sys

import pytest

from content.importing import errors, files, limits, read_file
from content.kernel.errors import Invalid
from tests.content.importing.makers import odt, paragraphs, pdf, zipped

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504)
BODY = "<w:document xmlns:w='http://schemas.openxmlformats.org/wordprocessingml/2006/main'><w:body>{}</w:body></w:document>"
BOMB = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]>' + BODY.format("<w:p><w:r><w:t>&b;</w:t></w:r></w:p>")
FOREIGN = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>' + BODY.format("<w:p><w:r><w:t>&a;</w:t></w:r></w:p>")
LOCK = "/Encrypt << /Filter /Standard /V 1 /R 2 /P -4 /O <{0}> /U <{0}> >> /ID [<00> <00>]".format("5a" * 32)


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (b"", errors.FileEmpty),
        (b"  \n ", errors.FileHasNoText),
        (OLE, errors.FileOfOldWord),
        (OLE + "EncryptedPackage".encode("utf-16-le"), errors.FileLocked),
        (b"PK\x03\x04 cut off", errors.FileDamaged),
        (zipped({"xl/workbook.xml": "<x/>"}), errors.FileKindUnknown),
        (zipped({"word/document.xml": "<w:document"}), errors.FileDamaged),
        (zipped({"word/document.xml": BODY.format("")}), errors.FileHasNoText),
        (zipped({"word/document.xml": BOMB}), errors.FileDamaged),
        (zipped({"word/document.xml": FOREIGN}), errors.FileDamaged),
        (zipped({"word/document.xml": bytes(49 << 20)}), errors.FileTooHard),
        (b"a word " * 150_000, errors.FileTooHard),
        (odt(paragraphs(["x"]), manifest="<encryption-data/>"), errors.FileLocked),
        (b"%PDF-1.7 cut off", errors.FileDamaged),
        (pdf([[]]), errors.FileHasNoText),
        (pdf([[(70, 500, "x")]], trailer=LOCK), errors.FileLocked),
        (pdf([[]] * 101), errors.FileTooHard),
    ],
)
def test_a_bad_file_is_refused_with_what_to_do(data: bytes, error: type[Invalid]) -> None:
    """Each kind of bad file has its own error, from the child process as from the parser itself."""
    with pytest.raises(error):
        read_file(data)


def test_a_good_file_comes_through_the_child() -> None:
    """What the child reads is what the caller gets, with the wish to keep the official parts passed on."""
    text = "Cộng hòa xã hội chủ nghĩa Việt Nam\nTHÔNG BÁO\nHọp thôn."
    assert read_file(text.encode()).left_out == ("national motto",)
    assert read_file(text.encode(), keep_official=True).text == text


def test_a_file_that_is_too_big_is_not_even_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """The size is refused before a child is started."""
    monkeypatch.setattr(files, "LARGEST_FILE", 3)
    monkeypatch.setattr(sys, "executable", "/nowhere")
    with pytest.raises(errors.FileTooBig):
        read_file(b"four")


def test_a_parser_that_takes_too_long_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    """Time up is an answer, not a hanging request."""
    monkeypatch.setattr(limits, "SECONDS", 0.000_001)
    with pytest.raises(errors.FileTooHard):
        read_file(b"abc")


def test_a_parser_that_dies_is_an_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    """A child that ends without a word, as its limits or a crash end it, makes the file too hard."""
    monkeypatch.setattr(sys, "executable", "/bin/false")
    with pytest.raises(errors.FileTooHard):
        read_file(b"abc")


def test_where_nothing_can_be_limited_the_log_says_so(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """On Windows an import works and tells that memory is not bounded."""
    monkeypatch.setattr(files, "HAS_LIMITS", False)
    with caplog.at_level(logging.WARNING):
        assert read_file(b"abc", "a.txt").text == "abc"
    assert [record.message for record in caplog.records] == ["import_without_limits"]


def test_the_server_loads_no_parser() -> None:
    """The libraries that read foreign files live in the child process only."""
    script = "import sys, content.importing; print({'lxml', 'pypdfium2'} & set(sys.modules))"
    said = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert said.stdout == "set()\n"
