"""The document that players fetch."""

import json

from broadcaster.protocol import Playlist
from schedules.planner import plan, playlist_bytes
from tests.schedules.planner.values import item, opening, part, village

PARTS = (part(30, "vi"), part(40, "hmn"))
PROGRAMME = (
    plan(
        village(
            [opening()],
            [item(1, parts=PARTS, expires_at=opening("18:00").starts_at), item(2)],
            languages=("vi", "hmn"),
        )
    )
    .planned[0]
    .programme
)


def test_the_protocol_reads_what_the_planner_writes() -> None:
    """Every field of every cue comes through to the player's model."""
    read = Playlist.model_validate_json(playlist_bytes(PROGRAMME))
    assert len(read.cues) == 3
    for told, planned in zip(read.cues, PROGRAMME, strict=True):
        assert told.relay is None
        assert all(getattr(planned, name) == value for name, value in told if name != "relay")


def test_the_document_has_exactly_the_fields_of_the_protocol() -> None:
    """Nothing is added and nothing left to a default, but that there is no relay."""
    written = json.loads(playlist_bytes(PROGRAMME))
    assert written.keys() == Playlist.model_fields.keys()
    fields = type(Playlist.model_validate(written).cues[0]).model_fields.keys()
    assert written["cues"][0].keys() == fields - {"relay"}


def test_the_document_is_canonical() -> None:
    """Sorted keys, no spaces, instants with Z: writing again what was read gives the same bytes."""
    data = playlist_bytes(PROGRAMME)
    again = json.dumps(json.loads(data), sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    assert data == again
    assert b'"expires_at":"2026-11-22T11:00:00Z"' in data
    assert "Bản tin 1".encode() in data
