"""Files that come in pieces: where they stand, whose they are, and when they are thrown away."""

import errno
import io
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadcaster.uploads import (
    LIVES,
    MOST_OPEN,
    NoSuchUpload,
    UploadElsewhere,
    Uploads,
    UploadTooLong,
    UploadUnfinished,
)
from content.kernel.db import StorageFull

MAI, HAI = uuid4(), uuid4()


def now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture
def uploads(tmp_path: Path) -> Uploads:
    return Uploads(tmp_path / "uploads")


def test_pieces_make_the_file(uploads: Uploads) -> None:
    """What comes in pieces is whole in the end, and only then."""
    upload = uploads.begin(MAI, 6, "loi-gay.m4a", now())
    uploads.append(MAI, upload.uuid, 0, b"abc")
    with pytest.raises(UploadUnfinished):
        uploads.whole(MAI, upload.uuid)
    uploads.append(MAI, upload.uuid, 3, b"def")
    whole = uploads.whole(MAI, upload.uuid)
    assert (whole.path.read_bytes(), whole.file_name) == (b"abcdef", "loi-gay.m4a")


@given(cuts=st.lists(st.integers(0, 40), max_size=12), again=st.lists(st.integers(0, 12), max_size=6))
def test_no_order_of_repeats_changes_the_bytes(
    tmp_path_factory: pytest.TempPathFactory, cuts: list[int], again: list[int]
) -> None:
    """However often old pieces are sent again, each byte of the file is the one that was meant for its place."""
    uploads = Uploads(tmp_path_factory.mktemp("uploads"))
    meant = bytes(range(40))
    upload = uploads.begin(MAI, len(meant), "", now())
    ends = sorted({*cuts, len(meant)})
    pieces = list(zip([0, *ends], ends, strict=False))
    for start, end in [*pieces[: len(pieces) // 2], *(pieces[n % len(pieces)] for n in again), *pieces]:
        try:
            uploads.append(MAI, upload.uuid, start, meant[start:end])
        except UploadElsewhere as error:
            assert error.facts["offset"] == uploads.find(MAI, upload.uuid).offset  # noqa: PT017 - most raise
    assert uploads.whole(MAI, upload.uuid).path.read_bytes() == meant


def test_a_file_that_was_cut_goes_on_where_its_bytes_end(uploads: Uploads) -> None:
    """Only the file itself says how far it is: bytes that a killed server had written count."""
    upload = uploads.begin(MAI, 6, "", now())
    upload.path.write_bytes(b"abcd")
    assert uploads.find(MAI, upload.uuid).offset == 4
    assert uploads.append(MAI, upload.uuid, 4, b"ef").path.read_bytes() == b"abcdef"


def test_more_than_was_announced_is_refused_whole(uploads: Uploads) -> None:
    """A piece that would be too long leaves nothing behind."""
    upload = uploads.begin(MAI, 4, "", now())
    with pytest.raises(UploadTooLong):
        uploads.append(MAI, upload.uuid, 0, b"abcde")
    assert uploads.find(MAI, upload.uuid).offset == 0


def test_nobody_reaches_anothers_upload(uploads: Uploads) -> None:
    """For everybody else it does not exist."""
    upload = uploads.begin(MAI, 3, "", now())
    with pytest.raises(NoSuchUpload):
        uploads.append(HAI, upload.uuid, 0, b"abc")
    uploads.remove(HAI, upload.uuid)
    assert uploads.find(MAI, upload.uuid).offset == 0


def test_one_too_many_drops_the_persons_oldest(uploads: Uploads) -> None:
    """Broken attempts never keep anybody out, nor fill the disk, and cost nobody else theirs."""
    other = uploads.begin(HAI, 1, "", now())
    begun = [uploads.begin(MAI, 1, "", now()) for _ in range(MOST_OPEN)]
    for age, upload in enumerate(reversed(begun)):
        os.utime(upload.path, (age_s := upload.touched_at.timestamp() - age * 60, age_s))
    uploads.begin(MAI, 1, "", now())
    with pytest.raises(NoSuchUpload):
        uploads.find(MAI, begun[0].uuid)
    assert [uploads.find(MAI, upload.uuid).offset for upload in begun[1:]] == [0] * (MOST_OPEN - 1)
    assert uploads.find(HAI, other.uuid).offset == 0


def test_what_rests_for_a_day_is_thrown_away_by_the_next(uploads: Uploads) -> None:
    """A new upload clears away everybody's expired ones, and nothing that still grows."""
    resting, growing = (uploads.begin(person, 2, "", now()) for person in (MAI, HAI))
    later = now() + LIVES + timedelta(minutes=1)
    uploads.append(HAI, growing.uuid, 0, b"a")
    os.utime(growing.path, (later.timestamp(), later.timestamp()))
    uploads.begin(uuid4(), 1, "", later)
    assert not list(resting.path.parent.iterdir())
    assert uploads.find(HAI, growing.uuid).offset == 1


def test_a_half_begun_upload_is_no_upload(uploads: Uploads) -> None:
    """A server killed while beginning leaves nothing that could be mistaken, nor kept for ever."""
    upload = uploads.begin(MAI, 2, "", now())
    upload.path.with_name(f"{upload.uuid}.json").write_text('{"len')
    with pytest.raises(NoSuchUpload):
        uploads.find(MAI, upload.uuid)
    assert uploads.sweep(now() + LIVES * 2) == 1
    assert not list(upload.path.parent.iterdir())


def test_a_file_that_comes_at_once_is_whole(uploads: Uploads) -> None:
    """A form's file is kept as an upload that has arrived, from its first byte."""
    file = io.BytesIO(b"RIFF....")
    file.read(3)
    upload = uploads.take_in(MAI, file, "a" * 300, now())
    assert uploads.whole(MAI, upload.uuid).path.read_bytes() == b"RIFF...."
    assert len(upload.file_name) == 200


def test_a_full_disk_is_said(uploads: Uploads, monkeypatch: pytest.MonkeyPatch) -> None:
    """No space left is an answer in words, and what had come stays."""
    upload = uploads.begin(MAI, 6, "", now())
    uploads.append(MAI, upload.uuid, 0, b"abc")

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StorageFull):
        uploads.append(MAI, upload.uuid, 3, b"d")
    assert uploads.find(MAI, upload.uuid).path.read_bytes()[:3] == b"abc"
