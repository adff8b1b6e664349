import io

import pytest

from broadcaster.player.local.upload import LONGEST_FIELD, PIECE, Form, Unreadable, field

KIND = "multipart/form-data; boundary=----of-a-phone"


def written(*parts):
    """A form as a browser writes it."""
    body = b"".join(
        b'------of-a-phone\r\nContent-Disposition: form-data; name="' + name.encode() + b'"\r\n\r\n' + value + b"\r\n"
        for name, value in parts
    )
    return body + b"------of-a-phone--\r\n"


def read(body, length=None):
    form = Form(io.BytesIO(body), len(body) if length is None else length, KIND)
    return [(name, b"".join(value)) for name, value in form.parts()]


@pytest.mark.parametrize("size", [0, 1, 100, PIECE - 200, PIECE - 30, PIECE, PIECE + 1, 3 * PIECE + 7])
def test_a_file_comes_as_it_was(size):
    """Whatever its length, and wherever a piece ends: also where the end looks almost like a boundary."""
    file = (b"\r\n------of-a-phon" * (size // 17 + 1))[:size]
    assert read(written(("token", b"abc"), ("bundle", file))) == [("token", b"abc"), ("bundle", file)]


def test_no_more_is_read_than_was_announced():
    """What follows on the line is not this form's."""
    body = written(("token", b"abc"))
    assert read(body + b"GET / HTTP/1.1\r\n", len(body)) == [("token", b"abc")]


@pytest.mark.parametrize("cut", [10, 40, 68, 75, 88])
def test_a_form_that_breaks_off_is_told(cut):
    """Half a file is not taken for a whole one."""
    with pytest.raises(Unreadable):
        read(written(("token", b"abc"))[:cut])


def test_what_is_no_form_and_a_field_without_end_are_refused():
    """Neither another content type nor a field that fills the memory gets through."""
    with pytest.raises(Unreadable):
        Form(io.BytesIO(), 0, "text/plain")
    with pytest.raises(Unreadable):
        field(iter([b"x"] * (LONGEST_FIELD + 1)))


def test_a_part_that_nobody_reads_is_passed_over():
    """The parts come in order whether or not the one before was read."""
    body = written(("big", b"x" * 3 * PIECE), ("token", b"abc"))
    names = [name for name, _ in Form(io.BytesIO(body), len(body), KIND).parts()]
    assert names == ["big", "token"]
