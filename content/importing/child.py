"""The child process that parses one file: bytes on standard input, JSON on standard output.

    python -m content.importing.child [--keep-official]

It answers `{"imported": {...}}`, or `{"error": "FileLocked"}` by the error's name.
"""

import json
import logging
import sys
from dataclasses import asdict

from content.importing import errors
from content.importing.extract import extract
from content.importing.limits import LIMITS
from content.kernel.children import limit_this_process
from content.kernel.errors import Invalid

log = logging.getLogger(__name__)


def main() -> None:
    """Parse what comes in within limits; a parser that breaks on a file makes it a damaged file."""
    limit_this_process(LIMITS)
    try:
        imported = extract(sys.stdin.buffer.read(), keep_official="--keep-official" in sys.argv[1:])
        answer: dict[str, object] = {"imported": asdict(imported)}
    except Invalid as error:
        answer = {"error": type(error).__name__}
    except (MemoryError, RecursionError):
        answer = {"error": errors.FileTooHard.__name__}
    except Exception:
        # The edge of a process: foreign files find the places in libraries that nobody thought of.
        log.exception("import_failed")
        answer = {"error": errors.FileDamaged.__name__}
    sys.stdout.write(json.dumps(answer))


if __name__ == "__main__":
    main()
