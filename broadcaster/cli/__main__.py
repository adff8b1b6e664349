"""`python -m broadcaster.cli` is `broadcaster`."""

from broadcaster.cli import main

main()
