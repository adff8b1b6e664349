"""Many players, each with an open `GET /events`, as bare sockets (`python -m tests.bench.listeners PORT`).

Tokens come by standard input, one a line. Says `ready` once all are connected, and
then for each alert that all of them have: its uuid, its version, and when each had it (monotonic seconds, which all
processes of a machine share). Like real players each of them reports that it has the alert, and that it sounds.
"""

import asyncio
import json
import sys
import time
from collections import defaultdict
from datetime import UTC, datetime

HEAD = "GET /api/v1/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\nAccept: text/event-stream\r\n\r\n"
POST = (
    "POST /api/v1/alerts/receipts HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\nConnection: close\r\n"
    "Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}"
)
AT_ONCE = 50

arrived: defaultdict[tuple[str, int], list[float]] = defaultdict(list)
reporting: set[asyncio.Task[None]] = set()


async def main(port: int, tokens: list[str]) -> None:
    gate, connected = asyncio.Semaphore(AT_ONCE), asyncio.Event()
    count = 0

    def on_connected() -> None:
        nonlocal count
        count += 1
        if count == len(tokens):
            connected.set()

    listening = [asyncio.create_task(listen(port, token, len(tokens), gate, on_connected)) for token in tokens]
    await connected.wait()
    say("ready")
    await asyncio.gather(*listening)


async def listen(port: int, token: str, players: int, gate: asyncio.Semaphore, on_connected) -> None:  # type: ignore[no-untyped-def]
    async with gate:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(HEAD.format(token=token).encode())
        while not (await reader.readline()).startswith(b": connected"):
            pass
    on_connected()
    while line := await reader.readline():
        if line.startswith(b'data: {"document"'):
            note(port, token, players, line)


def note(port: int, token: str, players: int, line: bytes) -> None:
    at = time.monotonic()
    alert = json.loads(json.loads(line[len(b"data: ") :])["document"])
    times = arrived[alert["alert_uuid"], alert["version"]]
    times.append(at)
    if len(times) == players:
        say(json.dumps([alert["alert_uuid"], alert["version"], alert["cancelled"], times]))
    task = asyncio.create_task(report(port, token, alert))
    reporting.add(task)
    task.add_done_callback(reporting.discard)


async def report(port: int, token: str, alert: dict[str, object]) -> None:
    now = datetime.now(UTC).isoformat()
    facts = {"alert_uuid": alert["alert_uuid"], "version": alert["version"], "at": now, "clock_state": "trusted"}
    body = json.dumps({"receipts": [{**facts, "stage": stage} for stage in ("received", "sounding")]})
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(POST.format(token=token, length=len(body), body=body).encode())
    answer = await reader.readline()
    if b" 204 " not in answer:
        say(f"refused {answer!r}")
    writer.close()


def say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), sys.stdin.read().split()))
