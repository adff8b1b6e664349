"""The command `broadcaster`: one module per noun; each command parses, calls one service, prints."""

import sys
from importlib import import_module
from pkgutil import iter_modules

from broadcaster.cli.root import app
from content.kernel.errors import BroadcastError

for module in iter_modules(__path__):  # commands register themselves by being imported
    if module.name != "__main__":
        import_module(f"{__name__}.{module.name}")


def main() -> None:
    """Run a command; what we raise on purpose is one line on standard error and exit status 1."""
    try:
        app()
    except BroadcastError as error:
        sys.stderr.write(f"broadcaster: {error}\n")
        sys.exit(1)
