"""The unchanged poll: CPU of the server process per request, against a bare Starlette route that answers 304.

Both run in a uvicorn of their own on loopback; the kernel's account of each process is read before and after.
"""

import os
import subprocess
import sys
import tempfile
import textwrap
import threading
import time
from pathlib import Path
from statistics import median

import httpx2

from broadcaster import serve as serving
from broadcaster.demo.stage import Stage
from broadcaster.fleet import service as fleet
from broadcaster.protocol import PairRequest
from broadcaster.publishing import service as publishing
from content.kernel.db import unit_of_work
from content.kernel.nodes import the_commune, villages_of
from tests.bench.result import Result

REQUESTS = 2000
ROUNDS = 5
TICK_S = 1 / os.sysconf("SC_CLK_TCK")
BARE = textwrap.dedent("""
    import sys, uvicorn
    from starlette.applications import Starlette
    from starlette.responses import Response
    from starlette.routing import Route

    async def unchanged(request):
        return Response(status_code=304, headers={"ETag": '"x"'})

    async def health(request):
        return Response()

    routes = [Route("/api/v1/manifest", unchanged), Route("/health", health)]
    uvicorn.run(Starlette(routes=routes), port=int(sys.argv[1]), access_log=False, log_level="warning")
""")


def measure() -> list[Result]:
    """CPU microseconds per unchanged poll, ours against the bare route, in turns."""
    with tempfile.TemporaryDirectory() as folder, Stage(Path(folder) / "data", worker=False) as stage:
        token, etag = _paired(stage)
        port = stage.settings.port + 1
        bare = subprocess.Popen([sys.executable, "-c", BARE, str(port)])
        try:
            serving.wait_for_web(f"http://127.0.0.1:{port}", threading.Event())
            headers = {"Authorization": f"Bearer {token}", "If-None-Match": etag}
            ours, floor = [], []
            for _ in range(ROUNDS):
                floor.append(_cost_us(bare.pid, f"http://127.0.0.1:{port}", headers))
                ours.append(_cost_us(stage.pid("web"), stage.url, headers))
        finally:
            bare.terminate()
            bare.wait()
    return [Result("unchanged manifest poll", median(ours), "CPU us/request", median(floor), goal=1.5)]


def _paired(stage: Stage) -> tuple[str, str]:
    """A player's token and the ETag of its manifest."""
    station, now = stage.station, stage.station.clock.now()
    with unit_of_work(station.sessions) as session:
        commune = the_commune(session)
        assert commune is not None
        code = fleet.make_code(session, villages_of(session, commune)[0], None, now)
        request = PairRequest(code=code, nonce="n" * 16, name="bench")
        token = fleet.pair(session, station.signer, request, now).token
        publishing.plan_and_publish(session, commune, station.press(), now)
    answer = httpx2.get(f"{stage.url}/api/v1/manifest", headers={"Authorization": f"Bearer {token}"})
    return token, answer.headers["etag"]


def _cost_us(pid: int, url: str, headers: dict[str, str]) -> float:
    with httpx2.Client(base_url=url, headers=headers) as client:
        for _ in range(50):
            assert client.get("/api/v1/manifest").status_code == 304
        before = _cpu_s(pid)
        for _ in range(REQUESTS):
            client.get("/api/v1/manifest")
        time.sleep(0.05)
        return (_cpu_s(pid) - before) / REQUESTS * 1e6


def _cpu_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) * TICK_S
