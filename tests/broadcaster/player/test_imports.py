import subprocess
import sys

BLOCKED = (
    "content audio_out schedules sqlalchemy alembic fastapi starlette uvicorn jinja2 apscheduler pydub gtts av soxr "
    "httpx2 typer rich babel dateutil argon2 itsdangerous pydantic_settings "
    "broadcaster.tables broadcaster.app broadcaster.settings"
)
PROGRAMME = f"""
import importlib, pkgutil, sys

class Blocker:
    def find_spec(self, name, path=None, target=None):
        if any(name == blocked or name.startswith(blocked + ".") for blocked in {BLOCKED.split()!r}):
            raise ImportError(name + " is the server's")

sys.meta_path.insert(0, Blocker())
import broadcaster.player
for module in pkgutil.walk_packages(broadcaster.player.__path__, "broadcaster.player."):
    if not module.name.endswith((".output.sound", ".relay.decoder")):
        importlib.import_module(module.name)
print("ok")
"""


def test_the_player_does_without_the_server():
    """Every module of the player is importable where none of the server's libraries or packages is."""
    done = subprocess.run([sys.executable, "-c", PROGRAMME], capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("ok\n", "")
