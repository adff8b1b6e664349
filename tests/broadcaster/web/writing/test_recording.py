"""The page of a recording: sent at once or in pieces, judged in words, taken out and back."""

import io
import re
import wave
from pathlib import Path
from typing import Any
from uuid import UUID

import numpy as np
import pytest
from numpy.typing import NDArray
from sqlalchemy import select
from starlette.testclient import TestClient

from audio_out.errors import StoreFull
from audio_out.models import Recording
from audio_out.recordings import LARGEST_FILE, FindingKind
from broadcaster.accounts.models import Role
from broadcaster.web.writing import recording
from broadcaster.web.writing.takes import FINDINGS, told, waveform_path
from content import queries
from content import service as content
from content.kernel.db import unit_of_work
from content.kernel.nodes import NodeKind, add_node
from content.models import Part, Revision
from tests.broadcaster.web.conftest import Browser, Town, words
from tests.broadcaster.web.writing.test_uploading import PATCH, begin

RATE = 16_000


def voice(seconds: float) -> NDArray[np.float64]:
    """Something like syllables: four a second, with a pause after each."""
    t = np.arange(int(seconds * RATE)) / RATE
    sound = sum(np.sin(2 * np.pi * 143 * n * t) / n for n in range(1, 20))
    return sound * (np.sin(2 * np.pi * 4 * t) > 0) / 3


def wav(sound: NDArray[np.float64]) -> bytes:
    file = io.BytesIO()
    with wave.open(file, "wb") as writer:
        writer.setnchannels(1)
        writer.setsampwidth(2)
        writer.setframerate(RATE)
        writer.writeframes((np.clip(sound, -1, 1) * 32767).astype("<i2").tobytes())
    return file.getvalue()


GOOD = wav(voice(3) * 0.5)


def address_of(draft: Revision, language: str = "pcc") -> str:
    return f"/announcements/{draft.announcement.uuid}/parts/{language}"


def send(client: TestClient, draft: Revision, file: bytes | None = GOOD, language: str = "pcc", **form: str) -> Any:
    files = {"file": ("bản ghi.m4a", file, "audio/mp4")} if file is not None else {"file": ("", b"")}
    return client.post(address_of(draft, language), data=form, files=files)


def part(town: Town, draft: Revision, language: str = "pcc") -> Part | None:
    return next((each for each in town.latest(draft).parts if each.language == language), None)


def test_a_file_sent_by_a_plain_form_is_in_the_draft(secretary: TestClient, town: Town) -> None:
    """Without a script: the file is decoded, put into the draft with what is said in it, and can be listened to."""
    draft = town.draft()
    answer = send(secretary, draft, text="  Mời họp thôn tối thứ tư. ")
    assert answer.status_code == 303
    page = words(secretary.get(answer.headers["location"]).text)
    assert "bản ghi.m4a" in page
    assert "Mời họp thôn tối thứ tư." in page
    assert not re.search(r'class="warnings"', page)
    sound = secretary.get(re.search(r'src="(/media/[0-9a-f]{64})"', page)[1], headers={"range": "bytes=0-3"})
    assert (sound.status_code, sound.content, sound.headers["content-type"]) == (206, b"fLaC", "audio/flac")
    assert part(town, draft).text == "Mời họp thôn tối thứ tư."
    assert not [path for path in town.station.settings.data_dir.glob("uploads/*/*") if path.is_file()]


def test_a_file_that_came_in_pieces_is_in_the_draft(secretary: TestClient, town: Town) -> None:
    """The script names a finished upload and is told where to go."""
    draft = town.draft()
    upload = begin(secretary, len(GOOD), "giáy.wav")
    for start in range(0, len(GOOD), 40_000):
        secretary.patch(upload, headers=PATCH | {"Upload-Offset": str(start)}, content=GOOD[start : start + 40_000])
    form = {"upload": upload.rsplit("/", 1)[1], "text": "Họp thôn"}
    answer = secretary.post(address_of(draft), data=form, headers={"accept": "application/json"})
    assert answer.json()["address"].startswith(f"{address_of(draft)}?did=recorded")
    assert "giáy.wav" in words(secretary.get(answer.json()["address"]).text)


@pytest.mark.parametrize("said", ["unfinished", "unknown", "another's"])
def test_an_upload_that_cannot_be_taken_is_said(browser: Browser, town: Town, said: str) -> None:
    """One that is not whole, not there, or somebody else's puts nothing into the draft."""
    draft, mine = town.draft(), browser(Role.SECRETARY)
    sender = browser(Role.CADRE) if said == "another's" else mine
    upload = begin(sender, len(GOOD))
    if said != "unfinished":
        sender.patch(upload, headers=PATCH | {"Upload-Offset": "0"}, content=GOOD)
    if said == "unknown":
        upload = f"/uploads/{UUID(int=7)}"
    answer = mine.post(address_of(draft), data={"upload": upload.rsplit("/", 1)[1]})
    assert answer.status_code == 422
    assert 'id="recording-error"' in answer.text
    assert part(town, draft) is None


@pytest.mark.parametrize(
    ("file", "said"),
    [
        (b"%PDF-1.7 not a sound", "no sound that can be read|không có âm thanh"),
        (wav(np.zeros(RATE * 3)), FINDINGS["silent"]),
        (wav(np.concatenate([np.zeros(RATE), voice(0.3) * 0.5, np.zeros(RATE)])), FINDINGS["too_short"]),
    ],
)
def test_what_cannot_be_aired_is_refused_and_the_former_stays(
    browser: Browser, town: Town, file: bytes, said: str
) -> None:
    """Said at the field and on top; what was typed is kept, and so is the recording that was there before."""
    draft, secretary = town.draft(), browser(Role.SECRETARY)
    secretary.cookies.set("language", "en")
    send(secretary, draft)
    before = part(town, draft).recording
    answer = send(secretary, draft, file, text="Nội dung vừa gõ")
    assert answer.status_code == 422
    page = words(answer.text)
    assert len(re.findall(said if "|" in said else re.escape(said), page)) == 2
    assert 'id="recording-error"' in page
    assert "Nội dung vừa gõ" in page
    assert before is not None
    assert part(town, draft).recording == before
    refused = secretary.post(address_of(draft), files={"file": ("a", file)}, headers={"accept": "application/json"})
    assert refused.status_code == 422
    assert re.search(said if "|" in said else re.escape(said), refused.json()["problem"])


def test_what_a_listener_would_stumble_over_is_told_and_taken(browser: Browser, town: Town) -> None:
    """A quiet take with a long silence is in the draft, with a sentence for each, its places as minutes and seconds."""
    draft, secretary = town.draft(), browser(Role.SECRETARY)
    secretary.cookies.set("language", "en")
    quiet = np.concatenate([voice(2), np.zeros(RATE * 6), voice(2)]) * 0.004
    page = words(secretary.get(send(secretary, draft, wav(quiet)).headers["location"]).text)
    assert FINDINGS["too_quiet"] in page
    assert "For 6 s nothing is heard, from 0:02 on." in page


def test_every_finding_has_words(town: Town) -> None:
    """Nothing can be found that the page could not say with the facts that come with it."""
    assert set(FINDINGS) == set(FindingKind)
    facts = {"seconds": 61.7, "at_s": 3661.2, "times": 2, "lufs": -44.0, "snr_db": 3.0, "hz": 100}
    for sentence, said in told([(kind, facts) for kind in FindingKind]):
        assert "{" not in sentence.format(**said)
    assert told([("clipped", {"seconds": 0.2, "at_s": 65.0})])[0][1] == {"seconds": 1, "at": "1:05"}


def test_removing_is_undone(secretary: TestClient, town: Town) -> None:
    """A recording that was taken out is put back by one press, with what is said in it."""
    draft = town.draft()
    send(secretary, draft, text="Họp thôn")
    before = part(town, draft).recording
    removed = secretary.get(secretary.post(f"{address_of(draft)}/remove").headers["location"]).text
    assert part(town, draft).recording is None
    assert "/media/" not in removed
    former = re.search(r'name="former" value="([^"]+)"', removed)[1]
    answer = secretary.post(f"{address_of(draft)}/restore", data={"former": former})
    assert "/media/" in secretary.get(answer.headers["location"]).text
    assert (part(town, draft).recording, part(town, draft).text) == (before, "Họp thôn")


def test_a_new_recording_gives_way_to_the_former_one(secretary: TestClient, town: Town) -> None:
    """Replacing a recording is undone like taking it out."""
    draft = town.draft()
    send(secretary, draft)
    before = part(town, draft).recording
    page = secretary.get(send(secretary, draft).headers["location"]).text
    assert part(town, draft).recording != before
    assert f'name="former" value="{before}"' in page


def test_only_a_recording_of_this_commune_is_put_back(secretary: TestClient, town: Town) -> None:
    """Nobody hears, nor airs, what another commune has recorded."""
    draft = town.draft()
    send(secretary, draft)
    with unit_of_work(town.station.sessions) as session:
        elsewhere = add_node(session, NodeKind.COMMUNE, "elsewhere", "Nơi khác")
        row = session.scalars(select(Recording)).one()
        row.node_id = elsewhere.id
        uuid, sha256 = row.uuid, row.take_sha256
    secretary.post(f"{address_of(draft)}/remove")
    assert secretary.post(f"{address_of(draft)}/restore", data={"former": str(uuid)}).status_code == 404
    assert part(town, draft).recording is None
    assert secretary.get(f"/media/{sha256}").status_code == 404


def test_words_alone_are_kept_where_there_is_a_recording(secretary: TestClient, town: Town) -> None:
    """What is said may be written down later; the recording stays."""
    draft = town.draft()
    send(secretary, draft)
    before = part(town, draft).recording
    assert send(secretary, draft, None, text="Viết sau").status_code == 303
    assert (part(town, draft).recording, part(town, draft).text) == (before, "Viết sau")


def test_words_alone_are_no_part_in_a_language_without_voice(secretary: TestClient, town: Town) -> None:
    """In Giáy only a recording can be heard, so words alone are refused and kept in the form."""
    draft = town.draft()
    answer = send(secretary, draft, None, text="Chỉ có chữ")
    assert answer.status_code == 422
    assert "Chỉ có chữ" in words(answer.text)
    assert part(town, draft) is None


def test_vietnamese_may_be_recorded_too(secretary: TestClient, town: Town) -> None:
    """A human voice takes the place of the synthetic one; the text stays, and speaks again when it is taken out."""
    draft = town.draft()
    text = part(town, draft, "vi").text
    assert text in words(secretary.get(address_of(draft, "vi")).text)
    send(secretary, draft, language="vi", text=text)
    assert part(town, draft, "vi").recording is not None
    secretary.post(f"{address_of(draft, 'vi')}/remove")
    assert (part(town, draft, "vi").recording, part(town, draft, "vi").text) == (None, text)


@pytest.mark.parametrize(("length", "status"), [(str(LARGEST_FILE * 2), 422), ("9" * 5000, 411), ("", 411)])
def test_a_form_that_is_too_large_is_refused_unread(
    secretary: TestClient, town: Town, length: str, status: int
) -> None:
    """By its length, before any of it is read or kept; a form that does not tell its length likewise."""
    draft = town.draft()
    headers = {"content-type": "multipart/form-data; boundary=x"}
    request = secretary.build_request("POST", address_of(draft), headers=headers, content=b"--x--")
    request.headers["content-length"] = length
    answer = secretary.send(request)
    assert answer.status_code == status
    assert ('id="recording-error"' in answer.text) == (status == 422)


def test_a_full_disk_costs_nobody_what_they_sent(
    secretary: TestClient, town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While the server cannot keep a take its upload stays, to be taken later."""
    draft, upload = town.draft(), begin(secretary, len(GOOD))
    secretary.patch(upload, headers=PATCH | {"Upload-Offset": "0"}, content=GOOD)
    form = {"upload": upload.rsplit("/", 1)[1]}

    def full(*_: object) -> None:
        raise StoreFull(folder="objects")

    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(recording, "receive", full)
        assert secretary.post(address_of(draft), data=form).status_code == 503
    assert secretary.post(address_of(draft), data=form).status_code == 303


def test_decoding_holds_up_nobody(secretary: TestClient, town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    """While a file is decoded no unit of work is open: somebody else writes meanwhile."""
    draft, real = town.draft(), recording.receive

    def slow(path: Path, store: Any) -> Any:
        other = town.draft(title="Viết trong lúc chờ")
        assert town.latest(other).title == "Viết trong lúc chờ"
        return real(path, store)

    monkeypatch.setattr(recording, "receive", slow)
    assert send(secretary, draft).status_code == 303


def test_what_is_no_draft_is_not_recorded(secretary: TestClient, town: Town) -> None:
    """After the sending nothing is changed: the page leads to the announcement, and a press is refused."""
    waiting = town.rendered()
    shown = secretary.get(address_of(waiting))
    assert shown.headers["location"] == f"/announcements/{waiting.announcement.uuid}"
    assert send(secretary, waiting).status_code == 409
    assert secretary.post(f"{address_of(waiting)}/remove").status_code == 409


def test_an_unknown_language_is_no_page(secretary: TestClient, town: Town) -> None:
    """Only the languages that are offered can be recorded."""
    draft = town.draft()
    assert send(secretary, draft, language="xx").status_code == 422
    assert secretary.get(address_of(draft, "xx")).status_code == 422


def test_recording_needs_a_secretary(browser: Browser, town: Town) -> None:
    """Who only looks records nothing, and nothing that they send is read."""
    draft, viewer = town.draft(), browser(Role.VIEWER)
    assert viewer.get(address_of(draft)).status_code == 403
    assert send(viewer, draft).status_code == 403
    for press in ("remove", "restore"):
        assert viewer.post(f"{address_of(draft)}/{press}", data={"former": str(UUID(int=1))}).status_code == 403


def test_the_text_to_be_said_stands_beside_the_recorder(secretary: TestClient, town: Town) -> None:
    """Who speaks Giáy has the Vietnamese text before their eyes."""
    draft = town.draft()
    assert part(town, draft, "vi").text in words(secretary.get(address_of(draft)).text)


def test_a_waveform_is_as_wide_as_its_peaks() -> None:
    """Each peak is one line around the middle, silence a thin one."""
    assert waveform_path([0, 100]) == "M0.5 49.5v1M1.5 0.0v100"


def test_a_discarded_draft_takes_nothing(secretary: TestClient, town: Town) -> None:
    """A draft that was put out of sight is not changed behind its writer's back."""
    draft = town.draft()
    with unit_of_work(town.station.sessions) as session:
        content.discard(session, queries.revision(session, draft.id), draft.edited_by, town.clock.now())
    assert send(secretary, draft).status_code == 409
