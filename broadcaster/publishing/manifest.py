"""The manifest's bytes: values in, canonical JSON out. The shape is `broadcaster.protocol.Manifest`."""

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

Content = Mapping[str, Any]


def iso(at: datetime) -> str:
    """`2026-11-22T10:30:00Z`, with fractions only where there are any."""
    return at.isoformat().replace("+00:00", "Z")


def canonical(document: Content) -> bytes:
    """The one way of writing a document: sorted keys, no spaces, UTF-8."""
    return json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def name_of(body: bytes) -> str:
    """The sha256 of the bytes, in hexadecimal."""
    return hashlib.sha256(body).hexdigest()


def issue(content: Content, *, epoch: int, manifest_id: int, issued_at: datetime, valid_until: datetime) -> bytes:
    """The whole manifest: its content with its own number and times."""
    head = {
        "server_epoch": epoch,
        "manifest_id": manifest_id,
        "issued_at": iso(issued_at),
        "valid_until": iso(valid_until),
    }
    return canonical({**content, **head})
