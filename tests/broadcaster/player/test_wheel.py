"""The wheel as a Pi gets it: only what the player needs beside it."""

import re
import subprocess
import sys
import tomllib
import venv
import zipfile
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

import pytest

pytest.importorskip("hatchling")
ROOT = Path(__file__).parents[3]
WRITTEN_FOR = re.compile(r"^[A-Za-z0-9._-]+")


def needed(names):
    """The named distributions of this environment with all that they need."""
    found = {}
    while names:
        name = names.pop()
        try:
            it = distribution(name)
        except PackageNotFoundError:
            continue
        if it.metadata["Name"] not in found:
            found[it.metadata["Name"]] = it
            names |= {WRITTEN_FOR.match(line)[0] for line in it.requires or () if "extra ==" not in line}
    return found


@pytest.mark.slow
def test_the_wheel_runs_with_the_players_libraries_alone(tmp_path):
    """Built, unpacked and started where nothing but its base dependencies is importable."""
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    venv.create(tmp_path / "venv", with_pip=False)
    (site,) = (tmp_path / "venv").glob("lib/python*/site-packages")
    with zipfile.ZipFile(wheel) as packed:
        packed.extractall(site)
    base = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]
    for it in needed({WRITTEN_FOR.match(line)[0] for line in base}).values():
        for file in {path.parts[0] for path in it.files or () if path.parts[0] not in ("..", "__pycache__")}:
            if not (site / file).exists():
                (site / file).symlink_to(Path(it.locate_file(file)))
    run = [str(tmp_path / "venv/bin/python"), "-I", "-m", "broadcaster.player"]
    for command in (["--help"], ["conformance", "--only", "too-late", "--patience", "60"]):
        done = subprocess.run([*run, *command], capture_output=True, text=True, check=False, timeout=200)
        assert (done.returncode, done.stderr) == (0, "")
    missing = subprocess.run([*run[:2], "-c", "import sqlalchemy"], capture_output=True, check=False)
    assert missing.returncode != 0
