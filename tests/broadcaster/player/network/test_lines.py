import socket
import threading
from base64 import b64encode
from contextlib import contextmanager, suppress

import pytest

from broadcaster.player.network.lines import Broken, Lines


def talk(connection, answers, told, hold):
    """Give these answers, one to each question."""
    with suppress(OSError):
        for answer in answers:
            heard = b""
            while b"\r\n\r\n" not in heard:
                if not (more := connection.recv(65_536)):
                    return
                heard += more
            told.append(heard.decode())
            connection.sendall(answer)
        if not hold:
            connection.shutdown(socket.SHUT_RDWR)


@contextmanager
def said(*answers, hold=False):
    """A server on a raw socket: each connection gets these answers in turn. Yields its address and what it was told."""
    listener = socket.create_server(("127.0.0.1", 0))
    told, connections = [], []

    def run():
        while True:
            try:
                connections.append(listener.accept()[0])
            except OSError:
                return
            threading.Thread(target=talk, args=(connections[-1], answers, told, hold), daemon=True).start()

    threading.Thread(target=run, daemon=True).start()
    try:
        yield f"127.0.0.1:{listener.getsockname()[1]}", told, connections
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        for each in (listener, *connections):
            each.close()


def lines_to(url, proxy=None, count=lambda _: None):
    return Lines(url, None, proxy, count)


def whole(lines, path="/there", **more):
    with lines.ask("GET", path, {}, **more) as answer:
        return answer.status, answer.body.whole()


def answer(body, *more, status="200 OK"):
    return "\r\n".join([f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *more, "", body]).encode()


def test_a_connection_is_kept_and_used_again():
    """Two questions after each other cost one handshake; the address of the server may have a path of its own."""
    with said(answer("one"), answer("two"), hold=True) as (address, told, connections):
        lines = lines_to(f"http://{address}/radio/")
        assert [whole(lines)[1], whole(lines)[1]] == [b"one", b"two"]
        assert len(connections) == 1
        assert told[0].startswith("GET /radio/there HTTP/1.1\r\n")
        lines.close()


def test_a_connection_that_the_other_side_closed_is_not_used_again():
    """A server, or a modem, that closed the line meanwhile costs no failed call."""
    with said(answer("one")) as (address, _, connections):
        lines = lines_to(f"http://{address}")
        whole(lines)
        connections[0].shutdown(socket.SHUT_RDWR)
        assert whole(lines) == (200, b"one")
        assert len(connections) == 2
        lines.close()


def test_what_came_before_a_break_is_given_and_the_break_is_told():
    """A body that ends before its length is not taken for a whole one."""
    cut = b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n" + b"x" * 40
    with said(cut) as (address, _, _), pytest.raises(Broken):
        got = b""
        lines = lines_to(f"http://{address}")
        with lines.ask("GET", "/", {}) as given:
            for piece in given.body.pieces():
                got += piece
                assert got == b"x" * 40
    lines.close()


def test_an_answer_in_chunks_is_read_line_by_line_and_counted():
    """Server-sent events have no length: each line is given as it comes; what came is counted."""
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    chunks = head + b"7\r\ndata: a\r\n6\r\n\r\n\nid:\r\n4\r\n 7\n\n\r\n0\r\n\r\n"
    counted = []
    with said(chunks) as (address, _, _):
        lines = lines_to(f"http://{address}", count=counted.append)
        with lines.ask("GET", "/events", {}) as given:
            assert list(given.body.lines()) == ["data: a", "", "id: 7", ""]
        assert sum(counted[2:]) == 7 + 6 + 4
        lines.close()


def test_a_refusal_is_heard_although_the_question_was_not_wanted_whole():
    """A server that says no after the head and hangs up has said no, not nothing."""
    with said(answer("too long", status="413 Too Long")) as (address, _, _):
        lines = lines_to(f"http://{address}")
        assert whole(lines, body=b"x" * 50_000)[0] == 413
        lines.close()


def test_a_proxy_with_a_login_is_told_the_login():
    """Plain HTTP goes to the proxy with the whole address, and the name and password of its own."""
    with said(answer("one")) as (address, told, _):
        lines = lines_to("http://radio.example:81", proxy=f"http://loa:m%40t@{address}")
        assert whole(lines)[1] == b"one"
        lines.close()
    assert told[0].startswith("GET http://radio.example:81/there HTTP/1.1\r\nHost: radio.example:81\r\n")
    assert f"Proxy-Authorization: Basic {b64encode(b'loa:m@t').decode()}\r\n" in told[0]


@pytest.mark.parametrize(
    ("url", "proxy", "is_proxys"),
    [
        ("http://127.0.0.1:1", None, False),
        ("http://radio.example", "http://127.0.0.1:1", True),
        ("http://radio.example", "socks5://127.0.0.1:1080", True),
        ("http://radio.example:port", None, False),
        ("ftp://radio.example", None, False),
        ("http://", None, False),
    ],
)
def test_whom_nobody_reaches_is_told_apart(url, proxy, is_proxys):
    """A proxy that is not there, or that we cannot speak to, is not the server; a bad address is no crash."""
    lines = lines_to(url, proxy)
    with pytest.raises(Broken) as caught:
        whole(lines)
    assert caught.value.proxy == is_proxys
    lines.close()


def test_who_waits_for_an_answer_is_woken_by_the_end():
    """Closing does not wait for a server that says nothing."""
    with said(b"", hold=True) as (address, told, _):
        lines, ended = lines_to(f"http://{address}"), threading.Event()

        def ask():
            with pytest.raises(Broken):
                whole(lines)
            ended.set()

        threading.Thread(target=ask, daemon=True).start()
        while not told:
            ended.wait(0.01)
        lines.close()
        assert ended.wait(10)
