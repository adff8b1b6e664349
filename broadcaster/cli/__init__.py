"""The command `broadcaster`: one module per noun; each command parses, calls one service, prints."""

import sys

from broadcaster.cli.root import app
from content.kernel.errors import BroadcastError

# The commands register themselves by being imported.
from broadcaster.cli import accounts, db, demo, player, plan, read, serve  # noqa: F401  isort: skip


def main() -> None:
    """Run a command; what we raise on purpose is one line on standard error and exit status 1."""
    try:
        app()
    except BroadcastError as error:
        sys.stderr.write(f"broadcaster: {error}\n")
        sys.exit(1)
