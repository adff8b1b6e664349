"""The players' JSON, version 1 (`docs/player.md`). A route parses, calls one service, answers."""
