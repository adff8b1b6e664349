"""Our player with one rule broken: `python -m ...broken FAULT <a command of broadcaster-player>`."""

import sys
from datetime import timedelta
from uuid import uuid4

from broadcaster.player import sync
from broadcaster.player.__main__ import main
from broadcaster.player.keeping import cache, journal, manifests
from broadcaster.player.keeping.journal import Journal
from broadcaster.player.keeping.signatures import verify
from broadcaster.player.network import pairing, server
from broadcaster.player.network.server import Server
from broadcaster.player.plan import timeline


def believe(body, headers, keys):
    return next(iter(keys))


def new_nonce_each_time(data, url, code):
    return uuid4().hex


def believe_any_time(self, clock, keys):
    said = self._ask("GET", f"/time?nonce={'0' * 32}")
    verify(said.body, said.headers, keys)
    answer = server.TimeAnswer.model_validate_json(said.body)
    return server.RoundTrip(clock.monotonic(), clock.monotonic(), answer.now)


class AnyBytes:
    """A digest that always fits."""

    def __init__(self, promised):
        self.promised = promised

    def update(self, chunk):
        pass

    def hexdigest(self):
        return self.promised


def take_any_bytes(self, sha256, size_bytes, chunks, *, resume, store=cache.Cache.store):
    fits, cache.hashlib = cache.hashlib, type("fits", (), {"sha256": lambda: AnyBytes(sha256)})
    try:
        store(self, sha256, size_bytes, chunks, resume=resume)
    finally:
        cache.hashlib = fits


def send_under_new_names(self, limit, waiting=Journal.waiting):
    return [row.model_copy(update={"row_uuid": uuid4()}) for row in waiting(self, limit)]


def forget_what_was_begun(path, connect=journal._open):
    db = connect(path)
    with db:
        db.execute("DELETE FROM as_run WHERE open = 1")
    return db


def take_any_number(manifest, ages=iter(range(10**6))):  # noqa: B008
    return -next(ages)


def ask_without_etag(self, etag, ask=Server.manifest):
    return ask(self, None)


def nothing_left(self, sha256):
    return 0


def never_quiet(programme, start, end):
    return False


def a_second(self, *, away):
    return 1.0


FAULTS = {
    "nonce": (pairing, "_nonce", new_nonce_each_time),
    "time": (server, "verify", believe),
    "replayed-time": (Server, "time", believe_any_time),
    "signature": (manifests, "verify", believe),
    "replay": (manifests, "_age", take_any_number),
    "etag": (Server, "manifest", ask_without_etag),
    "hash": (cache.Cache, "store", take_any_bytes),
    "range": (cache.Cache, "partial_bytes", nothing_left),
    "quiet": (timeline, "_disturbs", never_quiet),
    "late": (timeline, "TOLERANCE", timedelta(hours=1)),
    "once": (journal, "_open", forget_what_was_begun),
    "names": (Journal, "waiting", send_under_new_names),
    "backoff": (sync.Sync, "_pause", a_second),
}

if __name__ == "__main__":
    setattr(*FAULTS[sys.argv[1]])
    sys.exit(main(sys.argv[2:]))
