"""`broadcaster serve`, and its parts `web`, `worker`, `herald`, which start alone where one machine is not enough."""

import os
import threading
from pathlib import Path
from typing import Annotated

import typer
import uvicorn

from broadcaster import logs
from broadcaster import serve as serving
from broadcaster.app import create_app
from broadcaster.cli.root import app, is_a_terminal, settings, station
from broadcaster.jobs.heralding import herald as announce
from broadcaster.jobs.worker import work
from broadcaster.serve import Choice
from broadcaster.supervisor import leave_when_asked, watch_parent


@app.command()
def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="Port of pages and players.")] = None,
    data_dir: Annotated[Path | None, typer.Option(help="Where everything is kept.")] = None,
    commune: Annotated[str | None, typer.Option(help="First start: an empty commune of this name.")] = None,
    sample: Annotated[bool, typer.Option("--sample", help="First start: the sample commune, without asking.")] = False,
) -> None:
    """Run the whole server on this machine: web, worker, herald, sample players."""
    for name, value in (("HOST", host), ("PORT", port), ("DATA_DIR", data_dir)):
        if value is not None:
            os.environ[f"BROADCASTER_{name}"] = str(value)  # the child processes read the same settings
    chosen = settings()
    logs.set_up(chosen.log_level, "serve")
    first = not (chosen.data_dir / "keys").exists()
    if first and not commune and not sample and is_a_terminal():
        commune = _ask()
    opened, credentials = serving.prepare(chosen, Choice(commune))
    serving.run(opened, credentials)


@app.command()
def web() -> None:
    """Run only the web process: pages and the players' API."""
    opened = station("web")
    application = create_app(opened)
    config = uvicorn.Config(
        application,
        host=opened.settings.host,
        port=opened.settings.port,
        log_config=None,
        access_log=False,
        timeout_graceful_shutdown=5,
    )
    server = uvicorn.Server(config)
    application.state.hub.is_leaving = lambda: server.should_exit

    def leave() -> None:
        server.should_exit = True

    watch_parent(leave)
    server.run()


@app.command()
def worker() -> None:
    """Run only a worker process: the clock and the rendering."""
    stop = threading.Event()
    leave_when_asked(stop.set)
    watch_parent(stop.set)
    work(station("worker"), stop)


@app.command()
def herald() -> None:
    """Run only the alerts' process: it makes their sounds at once, whatever else is being rendered."""
    stop = threading.Event()
    leave_when_asked(stop.set)
    watch_parent(stop.set)
    announce(station("herald"), stop)


def _ask() -> str | None:
    if typer.confirm("Start with the sample commune (Cốc San, nine villages, to try everything)?", default=True):
        return None
    return str(typer.prompt("The name of your commune"))
