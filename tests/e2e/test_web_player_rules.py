"""The web player's rules are the native player's: the same is asked of both, answer by answer."""

import json
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from broadcaster.player.alerts import rules
from broadcaster.player.alerts.rules import Call, Heard, Standing, Voice
from broadcaster.player.plan.programme import Programme, lay_out
from broadcaster.player.plan.timeline import Facts, OnAir, agenda
from broadcaster.player.sound.volume import volume_of
from broadcaster.protocol import AlertScope, ClockState, Manifest, Playlist, Priority
from tests.e2e.web_player_command import page_app

pytestmark = pytest.mark.browser

BEGIN = datetime(2026, 11, 23, 12, 0, 0, 123456, UTC)
HERE = {sha * 64 for sha in "ab"}
VOICES = [("a" * 64,), ("b" * 64, "c" * 64)]
ASK = """async ([modules, cases]) => {
  const { agenda, layOut, volumeOf } = await import(`${modules}/timeline.js`);
  const { instant, iso } = await import(`${modules}/instants.js`);
  return cases.map(({ manifest, playlists, facts, now }) => {
    const programme = layOut(manifest, new Map(Object.entries(playlists)));
    const cue = (id) => programme.cues.find((each) => each.id === id);
    const plan = agenda(programme, {
      clockState: facts.clock_state,
      done: new Set(facts.done),
      present: new Set(facts.present),
      bornAt: instant(facts.born_at),
      onAir: facts.on_air.map(([id, ends]) => ({ cue: cue(id), endsAt: instant(ends) })),
      outputReady: facts.output_ready,
      clockless: facts.clockless && facts.clockless.map(instant),
      held: facts.held,
    }, instant(now));
    return {
      skips: plan.skips.map(({ cue, outcome, reason }) => [cue.id, outcome, reason]).sort(),
      play: plan.play && [plan.play.cue.id, iso(plan.play.at)],
      volume: volumeOf(manifest, instant(now), "routine"),
    };
  });
}"""

ASK_OF_ALERTS = """async ([modules, cases]) => {
  const rules = await import(`${modules}/alert_rules.js`);
  return cases.map(({ standings, media }) => {
    const next = rules.nextUp(standings);
    const [first, second] = standings;
    return {
      ends: standings.map(rules.endOf),
      holds: standings.map(rules.holdsIt),
      lasts: standings.map((each) => (each.voice ? rules.mayLast(each) : null)),
      next: next && [next.call.uuid, rules.dueIn(next)],
      cuts: rules.cutsAlert(first, second),
      goesOn: rules.goesOn(first.call, second, media),
      outspoken: rules.outspoken(first, media),
    };
  });
}"""


@pytest.fixture(scope="module")
def page(chromium: Any) -> Iterator[Any]:
    """An empty page at an address that has the modules."""
    from starlette.testclient import TestClient  # noqa: PLC0415  (only where a browser is wanted)

    pages = TestClient(page_app())
    context = chromium.new_context()

    def answer(route: Any) -> None:
        found = pages.get(route.request.url.removeprefix("http://player.test"), headers={"accept-encoding": "identity"})
        route.fulfill(status=found.status_code, body=found.content, content_type=found.headers.get("content-type", ""))

    context.route(
        "**/*", lambda route: route.fulfill(body="") if route.request.url.endswith("/empty") else answer(route)
    )
    opened = context.new_page()
    opened.goto("http://player.test/empty")
    yield opened
    context.close()


def test_both_players_decide_the_same(page: Any) -> None:
    """Three hundred programmes: lateness, quiet hours over midnight, expiry, media, priorities, what sounds."""
    from broadcaster.web.player_page import modules  # noqa: PLC0415  (the server's side; only this test needs it)

    chance = random.Random(7)
    cases = [_case(chance) for _ in range(300)]
    answers = page.evaluate(ASK, [f"/player/{modules().version}", [wire for wire, _ in cases]])
    expected = [answer for _, answer in cases]
    different = [(wire, mine, theirs) for (wire, mine), theirs in zip(cases, answers, strict=True) if mine != theirs]
    assert answers == expected, json.dumps(different[:1], indent=1)
    assert len({reason for answer in expected for *_, reason in answer["skips"]}) >= 6
    assert sum(answer["play"] is not None for answer in expected) > 50


def test_both_players_hear_the_same_of_alerts(page: Any) -> None:
    """A thousand sets of alerts: whose repeat is next, how long it lasts, what it cuts, when each is over."""
    from broadcaster.web.player_page import modules  # noqa: PLC0415

    chance = random.Random(7)
    cases = [([_standing(chance, number) for number in range(3)], chance.choice(VOICES)) for _ in range(1000)]
    wire = [{"standings": [_told(each) for each in standings], "media": media} for standings, media in cases]
    answers = page.evaluate(ASK_OF_ALERTS, [f"/player/{modules().version}", wire])
    expected = [_heard(standings, media) for standings, media in cases]
    different = [(each, mine) for each, mine, theirs in zip(wire, expected, answers, strict=True) if mine != theirs]
    assert answers == expected, json.dumps(different[:1], indent=1)
    assert {end for answer in expected for end in answer["ends"]} >= set(rules.End)
    for question in ("cuts", "goesOn", "outspoken"):
        assert len({answer[question] for answer in expected}) == 2, question


def _standing(chance: random.Random, number: int) -> Standing:
    whole = chance.choice([20, 20, 60])
    call = Call(
        alert_uuid=UUID(int=number),
        version=chance.choice([0, 1, 2]),
        scope=chance.choice(list(AlertScope)),
        title="Lũ quét",
        issued_at=BEGIN + timedelta(seconds=number + chance.choice([0, 10, 20])),
        starts_at=BEGIN + timedelta(seconds=chance.choice([0, 30])),
        expires_at=BEGIN + timedelta(seconds=chance.choice([45, 600])),
        max_sounding=timedelta(seconds=whole),
        media=chance.choice(VOICES),
        fallback=chance.choice(VOICES),
        repeats=chance.choice([0, 2]),
        pause=timedelta(seconds=3),
        audible=chance.random() < 0.9,
        cancelled=chance.random() < 0.1,
    )
    heard = Heard(timedelta(seconds=chance.choice([0, 5, 25])), chance.choice([0, 1, 2]))
    media = chance.choice([None, call.media, call.media, call.fallback])
    return Standing(
        call=call,
        now=BEGIN + timedelta(seconds=chance.choice([0, 29, 31, 50])),
        allowed=chance.random() < 0.9,
        heard=heard,
        voice=Voice(media, timedelta(seconds=10)) if media else None,
        silent_for=chance.choice([None, timedelta(seconds=1), timedelta(seconds=5)]),
        sounding=chance.random() < 0.3,
    )


def _told(standing: Standing) -> dict[str, Any]:
    """Write a standing as the web player has it: milliseconds, `Heard` flat."""
    call, voice, silent = standing.call, standing.voice, standing.silent_for
    return {
        "call": {
            "uuid": str(call.alert_uuid),
            "version": call.version,
            "exercise": call.scope is AlertScope.EXERCISE,
            "issuedAt": _ms(call.issued_at - BEGIN),
            "startsAt": _ms(call.starts_at - BEGIN),
            "expiresAt": _ms(call.expires_at - BEGIN),
            "maxSounding": _ms(call.max_sounding),
            "media": call.media,
            "fallback": call.fallback,
            "repeats": call.repeats,
            "pause": _ms(call.pause),
            "audible": call.audible,
            "cancelled": call.cancelled,
        },
        "now": _ms(standing.now - BEGIN),
        "allowed": standing.allowed,
        "sounded": _ms(standing.heard.sounded),
        "repeats": standing.heard.repeats,
        "voice": voice and {"media": voice.media, "length": _ms(voice.length)},
        "silentFor": None if silent is None else _ms(silent),
        "sounding": standing.sounding,
    }


def _heard(standings: list[Standing], media: tuple[str, ...]) -> dict[str, Any]:
    """Return what the native player decides."""
    following = rules.next_up(standings)
    first, second, _ = standings
    return {
        "ends": [rules.end_of(each) for each in standings],
        "holds": [rules.holds(each) for each in standings],
        "lasts": [_ms(rules.may_last(each)) if each.voice else None for each in standings],
        "next": following and [str(following.call.alert_uuid), _ms(rules.due_in(following))],
        "cuts": rules.cuts(first, second),
        "goesOn": rules.goes_on(first.call, second, media),
        "outspoken": rules.outspoken(first, media),
    }


def _ms(span: timedelta) -> float:
    return span / timedelta(milliseconds=1)


def _case(chance: random.Random) -> tuple[dict[str, Any], dict[str, Any]]:
    """A programme and facts as JSON, and what the native player decides."""
    lists = {f"{n:064x}": _playlist(chance) for n in range(1, 4)}
    manifest = _manifest(chance, sorted(lists))
    programme = lay_out(manifest, lists)
    now = BEGIN + timedelta(seconds=chance.uniform(-60, 900))
    facts = _facts(chance, programme, now)
    plan = agenda(programme, facts, now)
    wire = {
        "manifest": manifest.model_dump(mode="json"),
        "playlists": {sha: each.model_dump(mode="json") for sha, each in lists.items()},
        "now": now.isoformat(),
        "facts": {
            "clock_state": facts.clock_state,
            "done": [_id(each) for each in facts.done],
            "present": sorted(facts.present),
            "born_at": facts.born_at.isoformat(),
            "on_air": [(_id(each.cue.id), each.ends_at.isoformat()) for each in facts.on_air],
            "output_ready": facts.output_ready,
            "clockless": facts.clockless and [each.isoformat() for each in facts.clockless],
            "held": facts.held,
        },
    }
    answer = {
        "skips": sorted([_id(skip.cue.id), skip.outcome, skip.reason] for skip in plan.skips),
        "play": plan.play and [_id(plan.play.cue.id), f"{plan.play.at:%Y-%m-%dT%H:%M:%S.%fZ}"],
        "volume": volume_of(manifest, now),
    }
    return wire, answer


def _playlist(chance: random.Random) -> Playlist:
    cues, offset = [], 0
    ends = [None, None, *((BEGIN + timedelta(seconds=s)).isoformat() for s in (0, 60, 300, 600))]
    for n in range(chance.randint(1, 5)):
        lasts = chance.randint(500, 60_000)
        cues.append(
            {
                "key": f"cue-{n}",
                "offset_ms": offset,
                "duration_ms": lasts,
                "latest_start_ms": offset + chance.choice([0, 5_000, 120_000]),
                "media": [chance.choice("aabc") * 64],
                "priority": chance.choice(["routine", "routine", "important", "emergency"]),
                "not_before": chance.choice([None, None, (BEGIN + timedelta(seconds=60)).isoformat()]),
                "expires_at": chance.choice(ends),
            }
        )
        offset += lasts + chance.choice([0, 2_000])
    return Playlist.model_validate({"cues": cues})


def _manifest(chance: random.Random, lists: list[str]) -> Manifest:
    opens = [BEGIN + timedelta(seconds=chance.randint(-300, 600)) for _ in range(4)]
    wall = datetime(2026, 1, 1, 18, 50, tzinfo=UTC) + timedelta(minutes=chance.randint(0, 20))
    return Manifest.model_validate(
        {
            "server_epoch": 1,
            "manifest_id": 1,
            "player": UUID(int=1),
            "village": "un-ta",
            "village_name": "Ún Tà",
            "issued_at": BEGIN - timedelta(days=1),
            "valid_until": BEGIN + chance.choice([timedelta(days=1), timedelta(seconds=300)]),
            "time_zone": chance.choice(["Asia/Ho_Chi_Minh", "America/New_York", "Asia/Kathmandu"]),
            "quiet_hours": chance.choice([None, {"from_local": wall.time(), "until_local": "05:30"}]),
            "settings": {"volumes": [{"from_local": "19:05", "until_local": "06:00", "percent": 30}]},
            "keys": [],
            "objects": [],
            "occurrences": [
                {
                    "occurrence_uuid": UUID(int=n + 10),
                    "starts_at": at,
                    "ends_at": at + timedelta(minutes=10),
                    "priority": chance.choice(list(Priority)),
                    "playlist": chance.choice([*lists, "f" * 64]),
                }
                for n, at in enumerate(opens)
            ],
        }
    )


def _facts(chance: random.Random, programme: Programme, now: datetime) -> Facts:
    cues = list(programme.cues)
    sounding = chance.sample(cues, min(len(cues), chance.randint(0, 1)))
    done = {cue.id for cue in cues if chance.random() < 0.3} | {cue.id for cue in sounding}
    return Facts(
        clock_state=chance.choice([ClockState.TRUSTED] * 8 + [ClockState.UNTRUSTED]),
        done=done,
        present=HERE,
        born_at=BEGIN - timedelta(seconds=chance.choice([10_000, 100])),
        on_air=[OnAir(cue, now + timedelta(seconds=chance.uniform(0, 20))) for cue in sounding],
        output_ready=chance.random() < 0.9,
        clockless=chance.choice([None, (BEGIN - timedelta(seconds=200), BEGIN + timedelta(seconds=30))]),
        held=chance.random() < 0.1,
    )


def _id(cue: tuple[UUID, str]) -> str:
    return f"{cue[0]}/{cue[1]}"
