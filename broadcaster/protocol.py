"""What server and player say to each other (API v1): wire models shared by both, pydantic only.

The rules behind the shapes are in `docs/player.md`. Instants are aware UTC (`...Z`), wall clocks are `HH:MM` of the
village's zone, durations are whole milliseconds. Unknown fields are ignored, so that either side may be newer.
"""

from datetime import datetime, time
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

API = "/api/v1"
SIGNATURE_HEADER = "X-Signature"
"""Base64 of the Ed25519 signature over the exact bytes of the body."""
KEY_ID_HEADER = "X-Key-Id"
EVENT_MANIFEST = "manifest"
EVENT_ALERT = "alert"
"""Names of server-sent events at `GET /events`: "look at the manifest now", and a `SignedAlert` whole."""
BUNDLE_MANIFEST = "manifests/{player}.json"
BUNDLE_SIGNATURE = "manifests/{player}.signature.json"
BUNDLE_OBJECT = "objects/{sha256}"
BUNDLES = "bundle-*"
"""What lies in a bundle (a ZIP file whose entries are stored), and how one is called on a stick."""
JOURNAL_FILE = "journal-{player}.json"
PAIRING_CODE_ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
"""Without I, O, 0 and 1, which are mistaken for each other when read aloud."""

Sha256Hex = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Ms = Annotated[int, Field(ge=0, le=7 * 24 * 3_600_000)]


class Wire(BaseModel):
    """Base of all messages: immutable values."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Priority(StrEnum):
    """The three levels of Circular 39/2020/TT-BTTTT, lowest first."""

    ROUTINE = "routine"
    IMPORTANT = "important"
    EMERGENCY = "emergency"


class CueKind(StrEnum):
    """What a cue is."""

    SPEECH = "speech"
    CHIME = "chime"
    RELAY = "relay"


class Outcome(StrEnum):
    """What became of a cue, as the player saw it. The server adds `missing` and `lost`."""

    AIRED = "aired"
    PARTIAL = "partial"
    SKIPPED = "skipped"
    FAILED = "failed"


class Reason(StrEnum):
    """Why a cue was not aired whole."""

    MEDIA_INCOMPLETE = "media_incomplete"
    TOO_LATE = "too_late"
    QUIET_HOURS = "quiet_hours"
    CLOCK_UNTRUSTED = "clock_untrusted"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"
    INTERRUPTED = "interrupted"
    POWER_CUT = "power_cut"
    OUTPUT_FAILED = "output_failed"
    OUTPUT_SILENT = "output_silent"
    SHUT_DOWN = "shut_down"
    STREAM_SILENT = "stream_silent"
    STREAM_GONE = "stream_gone"
    RELAY_UNSUPPORTED = "relay_unsupported"


class ClockState(StrEnum):
    """How far the player believes its own clock."""

    TRUSTED = "trusted"
    DRIFTING = "drifting"
    UNTRUSTED = "untrusted"


class AlertScope(StrEnum):
    """Whether an alert is meant, or practised (CAP 1.2 `status`); an exercise says so before anything else."""

    ACTUAL = "actual"
    EXERCISE = "exercise"


class AlertStage(StrEnum):
    """How far one version of an alert has come in one player, in this order; `refused` says why in `detail`."""

    RECEIVED = "received"
    SOUNDING = "sounding"
    FINISHED = "finished"
    REFUSED = "refused"


class PublicKey(Wire):
    """A signing key of the server. `key` is base64 of the 32 raw Ed25519 bytes."""

    key_id: str
    key: str


class PairRequest(Wire):
    """`POST /pair`. The same nonce gets the same answer again, so that a lost answer does not burn the code."""

    code: str = Field(min_length=8, max_length=12)
    nonce: str = Field(min_length=16, max_length=64)
    name: str = Field(max_length=120)
    hardware: str = Field(default="", max_length=200)


class PairAnswer(Wire):
    """The player's identity: kept by the player, shown to nobody."""

    token: str
    player: UUID
    village: str
    village_name: str
    village_uuid: UUID | None = None
    keys: tuple[PublicKey, ...]


class TimeAnswer(Wire):
    """`GET /time?nonce=`: the nonce and the server's time, signed in the headers; needs neither token nor TLS."""

    nonce: str
    now: AwareDatetime


class QuietHours(Wire):
    """Local wall clock; may cross midnight. Equal ends mean none."""

    from_local: time
    until_local: time


class VolumeSpan(Wire):
    """Another volume between two local wall clocks; may cross midnight. Of two that overlap the first counts."""

    from_local: time
    until_local: time
    percent: int = Field(ge=0, le=100)


class PlayerSettings(Wire):
    """What the commune sets for a village's player.

    `max_kbytes_s` holds for downloads that are not urgent, `cache_mb` for the objects' folder; 0: no limit.
    `test_chime_local` is when a chime sounds each day once the manifest has run out; None: silence.
    """

    volume_percent: int = Field(default=100, ge=0, le=100)
    volumes: tuple[VolumeSpan, ...] = ()
    emergency_volume_percent: int = Field(default=100, ge=0, le=100)
    warm_up_ms: Ms = 0
    poll_seconds: int = Field(default=60, ge=1)
    output_offset_ms: int = Field(default=0, ge=-10_000, le=10_000)
    max_kbytes_s: int = Field(default=0, ge=0)
    cache_mb: int = Field(default=0, ge=0)
    test_chime_local: time | None = time(7, 0)


class ObjectRef(Wire):
    """An immutable object that the manifest needs."""

    sha256: Sha256Hex
    size_bytes: int = Field(ge=0)
    mime: str
    fetch_first: bool = False


class OccurrenceRef(Wire):
    """One dated opening of a slot and the playlist that fills it."""

    occurrence_uuid: UUID
    starts_at: AwareDatetime
    ends_at: AwareDatetime
    priority: Priority = Priority.ROUTINE
    playlist: Sha256Hex


class Relay(Wire):
    """A live stream (`http` or `https`) that a cue of the kind `relay` passes on from its second to its end.

    A stream in which nothing is heard for `silent_after_ms` counts as silent.
    """

    url: str = Field(max_length=2000)
    silent_after_ms: int = Field(default=10_000, ge=2000, le=600_000)


class Cue(Wire):
    """One line of a playlist. Offsets count from the occurrence's start.

    `key` names it for ever (announcement, language, repeat). `latest_start_ms` is the last offset at which it may
    still begin. `media` are the sha256 of its audio in the order in which they sound; with a `relay`, of what sounds
    instead while the stream is silent or gone, so that a player that knows no relays plays that.
    """

    key: str = Field(max_length=200)
    offset_ms: Ms
    duration_ms: Ms
    latest_start_ms: Ms
    kind: CueKind = CueKind.SPEECH
    media: tuple[Sha256Hex, ...]
    title: str = ""
    language: str = "vi"
    priority: Priority = Priority.ROUTINE
    not_before: AwareDatetime | None = None
    expires_at: AwareDatetime | None = None
    relay: Relay | None = None


class Playlist(Wire):
    """The ordered plan of an occurrence. Says nothing of a village, so that villages share it."""

    cues: tuple[Cue, ...]


class AlertAudience(Wire):
    """Villages that hear the same. `media` sound in this order as one repeat.

    `fallback` is what every player of theirs has cached (siren and a prepared phrase): it sounds while any of `media`
    is not verified yet.
    """

    villages: tuple[UUID, ...]
    media: tuple[Sha256Hex, ...]
    fallback: tuple[Sha256Hex, ...] = ()


class Alert(Wire):
    """An emergency call, one document for all its villages. The highest version of an `alert_uuid` rules.

    It begins at `starts_at` or when it arrives, and ends by a version that is `cancelled`, at `expires_at`, after
    `repeats` (0: no such limit), or when it has sounded for `max_sounding_ms` in all, restarts included. `audible`
    is False for a silent drill: it is received and reported, nothing sounds.
    """

    alert_uuid: UUID
    version: int = Field(ge=1)
    server_epoch: int
    scope: AlertScope
    cancelled: bool = False
    audible: bool = True
    title: str = Field(max_length=300)
    issued_at: AwareDatetime
    starts_at: AwareDatetime
    expires_at: AwareDatetime
    max_sounding_ms: Ms
    repeats: int = Field(default=0, ge=0)
    pause_ms: Ms = 0
    audiences: tuple[AlertAudience, ...]
    objects: tuple[ObjectRef, ...] = ()


class SignedAlert(Wire):
    """An `Alert` as it travels: `document` is the exact JSON text that `signature` (base64, Ed25519) is over."""

    document: str
    signature: str
    key_id: str


class AlertsAnswer(Wire):
    """`GET /alerts`: the newest version of each alert that has not expired, cancelled ones too. Has an ETag."""

    alerts: tuple[SignedAlert, ...]


class AlertReceipt(Wire):
    """What became of one version of an alert in the player that says it. `at` by the player's clock."""

    alert_uuid: UUID
    version: int
    stage: AlertStage
    at: AwareDatetime
    clock_state: ClockState
    detail: str = Field(default="", max_length=300)


class AlertReceipts(Wire):
    """`POST /alerts/receipts`, answered by 204; saying the same again changes nothing."""

    receipts: tuple[AlertReceipt, ...] = Field(max_length=100)


class Phrase(Wire):
    """A prepared phrase that a player keeps whole, so that it can sound at once, or be started here without a server.

    `media` begins with the siren and is in the village's languages.
    """

    key: str = Field(max_length=100)
    title: str = Field(max_length=300)
    media: tuple[Sha256Hex, ...]


class Manifest(Wire):
    """A village's small signed list, the only thing that changes. Newer = higher (epoch, id)."""

    server_epoch: int
    manifest_id: int
    player: UUID
    village: str
    village_name: str
    village_uuid: UUID | None = None
    issued_at: AwareDatetime
    valid_until: AwareDatetime
    time_zone: str
    quiet_hours: QuietHours | None = None
    settings: PlayerSettings = PlayerSettings()
    keys: tuple[PublicKey, ...]
    occurrences: tuple[OccurrenceRef, ...]
    alerts: tuple[SignedAlert, ...] = ()
    phrases: tuple[Phrase, ...] = ()
    objects: tuple[ObjectRef, ...]


class AsRunRow(Wire):
    """One line of what really aired, named by `row_uuid` for ever.

    A repeat of an alert has the alert's uuid as its `occurrence_uuid` and an `alert_version`; 0 is that of a phrase
    that somebody started at the loudspeaker itself.
    """

    row_uuid: UUID
    occurrence_uuid: UUID
    cue_key: str = Field(max_length=200)
    attempt: int = Field(default=1, ge=1)
    media: tuple[Sha256Hex, ...] = ()
    title: str = Field(default="", max_length=300)
    planned_at: AwareDatetime
    started_at: AwareDatetime | None = None
    ended_at: AwareDatetime | None = None
    outcome: Outcome
    reason: Reason | None = None
    position_ms: Ms = 0
    late_ms: int | None = None
    clock_state: ClockState
    clock_offset_ms: float = 0.0
    boot_id: str = Field(default="", max_length=64)
    monotonic_ms: int = Field(default=0, ge=0)
    manifest_id: int = 0
    volume_percent: int = Field(default=100, ge=0, le=100)
    heard: bool | None = None
    heard_score: float | None = None
    alert_version: int | None = Field(default=None, ge=0)
    exercise: bool = False


class RowVerdict(StrEnum):
    """What the server did with a row; each of them acknowledges it."""

    ACCEPTED = "accepted"
    DUPLICATE = "duplicate"
    QUARANTINED = "quarantined"


class RowAnswer(Wire):
    """The verdict on the row at the same place in the request; `reason` in English when quarantined."""

    row_uuid: str
    verdict: RowVerdict
    reason: str = ""


class AsRunAnswer(Wire):
    """`POST /as-run` takes `{"rows": [...]}` and answers row by row, in order."""

    rows: tuple[RowAnswer, ...]


class Heartbeat(Wire):
    """`POST /heartbeat`: how the player is. What it cannot know it leaves None.

    `bytes_month` went up and down this calendar month of the village, `problems` are sentences in English.
    """

    sent_at: AwareDatetime
    clock_state: ClockState
    clock_offset_ms: float = 0.0
    playing: str | None = Field(default=None, max_length=300)
    playing_until: datetime | None = None
    manifest_id: int = 0
    server_epoch: int = 0
    objects_missing: int = Field(default=0, ge=0)
    rows_waiting: int = Field(default=0, ge=0)
    disk_free_bytes: int | None = Field(default=None, ge=0)
    temperature_c: float | None = None
    under_voltage: bool | None = None
    output_level_dbfs: float | None = None
    volume_percent: int = Field(default=100, ge=0, le=100)
    version: str = Field(default="", max_length=40)
    can_relay: bool | None = None
    clock_error_ms: float | None = None
    clock_source: str = Field(default="", max_length=20)
    problems: tuple[str, ...] = Field(default=(), max_length=20)
    bytes_month: int | None = Field(default=None, ge=0)
    cache_bytes: int | None = Field(default=None, ge=0)
    valid_until: AwareDatetime | None = None
    uptime_s: float = Field(default=0.0, ge=0)


class BundleSignature(Wire):
    """What the headers of `GET /manifest` say, beside a manifest that travels in a bundle."""

    signature: str
    key_id: str
    etag: str


class JournalDocument(Wire):
    """The rows that a player has not been able to hand over, as `POST /as-run` takes them."""

    player: UUID
    village: str
    rows: tuple[dict[str, Any], ...]


class JournalFile(Wire):
    """A journal on a stick. `mac`: HMAC-SHA256 (hex) over the text of `document`, keyed by the token's sha256."""

    player: UUID
    document: str
    mac: str
