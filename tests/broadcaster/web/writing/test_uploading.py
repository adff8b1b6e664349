"""The tus 1.0 protocol, as its specification says and as a cut line needs it."""

import base64
import socket
import threading
from collections.abc import Iterator

import pytest
import uvicorn
from starlette.testclient import TestClient

from audio_out.recordings import LARGEST_FILE
from broadcaster.accounts.models import Role
from broadcaster.app import create_app
from broadcaster.deps import LOGIN_COOKIE
from broadcaster.web.writing.uploading import PIECE_BYTES
from tests.broadcaster.web.conftest import Browser, Town

TUS = {"Tus-Resumable": "1.0.0"}
PATCH = TUS | {"Content-Type": "application/offset+octet-stream"}

READ_AHEAD = 65_536
"""What uvicorn reads before the application asks for it; it forgets that much of a cut line, at most."""


def begin(client: TestClient, length: int, name: str = "lời.m4a") -> str:
    metadata = f"filename {base64.b64encode(name.encode()).decode()},is_confidential"
    answer = client.post("/uploads", headers=TUS | {"Upload-Length": str(length), "Upload-Metadata": metadata})
    assert answer.status_code == 201
    return answer.headers["location"]


def stored(town: Town) -> bytes:
    """The bytes of the one upload there is."""
    (path,) = (p for p in town.station.settings.data_dir.glob("uploads/*/*") if p.suffix != ".json")
    return path.read_bytes()


def test_a_server_says_what_it_can(secretary: TestClient) -> None:
    """OPTIONS names version, extensions and the largest file."""
    said = secretary.options("/uploads").headers
    assert said["tus-version"] == said["tus-resumable"] == "1.0.0"
    assert set(said["tus-extension"].split(",")) == {"creation", "expiration", "termination"}
    assert said["tus-max-size"] == str(LARGEST_FILE)


def test_an_upload_goes_on_from_where_it_stands(secretary: TestClient, town: Town) -> None:
    """Each answer says where the next byte belongs, and HEAD says it after a pause; nothing of it is cached."""
    address = begin(secretary, 6)
    first = secretary.patch(address, headers=PATCH | {"Upload-Offset": "0"}, content=b"abc")
    assert (first.status_code, first.headers["upload-offset"]) == (204, "3")
    asked = secretary.head(address, headers=TUS)
    assert (asked.status_code, asked.headers["upload-offset"], asked.headers["upload-length"]) == (200, "3", "6")
    assert asked.headers["cache-control"] == "no-store"
    assert asked.headers["upload-expires"].endswith("GMT")
    secretary.patch(address, headers=PATCH | {"Upload-Offset": "3"}, content=b"def")
    assert stored(town) == b"abcdef"


@pytest.mark.parametrize(
    ("changed", "status"),
    [
        ({"Upload-Offset": "2"}, 409),
        ({"Upload-Offset": "-1"}, 400),
        ({"Upload-Offset": "9" * 5000}, 400),
        ({"Content-Type": "audio/mpeg"}, 415),
        ({"Tus-Resumable": "0.2.2"}, 412),
        ({"Upload-Offset": "3", "content": "defg"}, 413),
    ],
)
def test_a_piece_that_breaks_the_protocol_changes_nothing(
    secretary: TestClient, town: Town, changed: dict[str, str], status: int
) -> None:
    """The wrong place, form, version or length has its own status, and no byte is kept."""
    address = begin(secretary, 6)
    secretary.patch(address, headers=PATCH | {"Upload-Offset": "0"}, content=b"abc")
    content = changed.pop("content", "d").encode()
    answer = secretary.patch(address, headers=PATCH | {"Upload-Offset": "3"} | changed, content=content)
    assert answer.status_code == status
    assert answer.headers["tus-resumable"] == "1.0.0"
    assert stored(town) == b"abc"


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Upload-Length": str(LARGEST_FILE + 1)}, 413),
        ({}, 400),
        ({"Upload-Length": "ten"}, 400),
        ({"Upload-Length": "1", "Tus-Resumable": "2.0.0"}, 412),
    ],
)
def test_what_cannot_become_a_file_is_not_begun(
    secretary: TestClient, town: Town, headers: dict[str, str], status: int
) -> None:
    """Too large, of no known length, or of another protocol: refused before a byte is sent."""
    assert secretary.post("/uploads", headers=TUS | headers).status_code == status
    assert not (town.station.settings.data_dir / "uploads").exists()


@pytest.mark.parametrize("metadata", ["filename !!", "filename /w==", "filename", "", "a b,c"])
def test_a_name_that_cannot_be_read_is_no_name(secretary: TestClient, metadata: str) -> None:
    """Strange metadata never keeps a recording out."""
    headers = TUS | {"Upload-Length": "1", "Upload-Metadata": metadata}
    assert secretary.post("/uploads", headers=headers).status_code == 201


def test_what_is_thrown_away_is_gone(secretary: TestClient) -> None:
    """DELETE ends an upload; asking for it then says that it is not here."""
    address = begin(secretary, 6)
    assert secretary.delete(address, headers=TUS).status_code == 204
    assert secretary.head(address, headers=TUS).status_code == 404
    assert secretary.patch(address, headers=PATCH | {"Upload-Offset": "0"}, content=b"a").status_code == 404


def test_only_who_may_write_sends_and_only_to_their_own(
    browser: Browser, town: Town, secretary: TestClient, cadre: TestClient
) -> None:
    """Viewers and strangers send nothing; for a colleague somebody's upload does not exist."""
    address = begin(secretary, 6)
    piece = {"headers": PATCH | {"Upload-Offset": "0"}, "content": b"abc"}
    assert cadre.patch(address, **piece).status_code == 404
    assert browser(Role.VIEWER).patch(address, **piece).status_code == 403
    stranger = TestClient(create_app(town.station), follow_redirects=False, headers={"Sec-Fetch-Site": "same-origin"})
    assert stranger.patch(address, **piece).headers["location"].startswith("/login")
    assert stored(town) == b""


@pytest.fixture
def port(town: Town) -> Iterator[int]:
    """The application behind a real socket."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(create_app(town.station), log_config=None, lifespan="off"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        yield listening.getsockname()[1]
        server.should_exit = True
        thread.join()


def test_a_cut_line_keeps_what_came(secretary: TestClient, town: Town, port: int) -> None:
    """What the server had read before the line broke is kept, so that even a line that never lasts gets on."""
    length, sent = PIECE_BYTES * 3, PIECE_BYTES + 12_345
    meant = bytes(place * 7 % 251 for place in range(length))
    address = begin(secretary, length)
    head = [f"PATCH {address} HTTP/1.1", f"Host: 127.0.0.1:{port}", "Sec-Fetch-Site: same-origin"]
    head += [f"Cookie: {LOGIN_COOKIE}={town.login(Role.SECRETARY)}"]
    head += [f"{name}: {value}" for name, value in PATCH.items()]
    head += ["Upload-Offset: 0", f"Content-Length: {length}", "", ""]
    with socket.create_connection(("127.0.0.1", port)) as line:
        line.sendall("\r\n".join(head).encode() + meant[:sent])
        line.shutdown(socket.SHUT_WR)
        assert line.recv(1) == b"", "the server lets go of a line that is cut, and answers nobody"
    arrived = int(secretary.head(address, headers=TUS).headers["upload-offset"])
    assert READ_AHEAD <= arrived <= sent
    rest = secretary.patch(address, headers=PATCH | {"Upload-Offset": str(arrived)}, content=meant[arrived:])
    assert rest.status_code == 204
    assert stored(town) == meant
