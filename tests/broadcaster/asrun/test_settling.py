"""The log against plan and rows: whatever comes in whatever order, each planned cue has one outcome and sums agree."""

from collections import Counter
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from broadcaster.asrun import service
from broadcaster.asrun.models import Airing, AsRunEntry, LogState
from broadcaster.asrun.queries import day_log, of_players
from broadcaster.asrun.reckoning import GONE_AFTER, REPORT_WITHIN, Shown
from broadcaster.asrun.settling import settle
from broadcaster.fleet.models import Player
from content.kernel.nodes import Node
from tests.broadcaster.asrun.test_queries import ON, START, add_occurrence, add_player

BEST = ["aired", "partial", "skipped", "failed"]
HOUR = timedelta(hours=1)
LATER = START + 3 * HOUR


def raw(occurrence: UUID, key: str, outcome: str, attempt: int = 1, **changes: object) -> dict[str, object]:
    """A row as a player sends it."""
    return {
        "row_uuid": str(uuid4()),
        "occurrence_uuid": str(occurrence),
        "cue_key": key,
        "attempt": attempt,
        "title": key,
        "planned_at": START.isoformat(),
        "started_at": START.isoformat() if outcome in BEST[:2] else None,
        "late_ms": 3 if outcome in BEST[:2] else None,
        "position_ms": 9000 if outcome == "partial" else 0,
        "outcome": outcome,
        "clock_state": "trusted",
        **changes,
    }


def settled(session: Session, commune: Node, now: datetime) -> None:
    while settle(session, commune, now):
        pass


def logged(session: Session) -> dict[tuple[int, UUID, str], tuple[str, bool]]:
    session.flush()
    session.expire_all()
    lines = session.scalars(select(Airing))
    return {(one.village_id, one.occurrence_uuid, one.cue_key): (one.outcome, one.is_planned) for one in lines}


reports = st.lists(
    st.tuples(
        st.integers(0, 2),  # which player: two of the first village, one of the second
        st.integers(0, 3),  # which occurrence: two of the first village, one of the second, one unknown to the plan
        st.sampled_from(["a", "b", "gone"]),
        st.sampled_from(BEST),
    ),
    max_size=12,
)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(said=reports, order=st.randoms(use_true_random=False), when=st.sampled_from(["before", "between", "after"]))
def test_every_planned_cue_ends_with_one_outcome(
    session: Session, commune: Node, villages: list[Node], said: list[tuple[int, int, str, str]], order, when: str
) -> None:
    """The best of its village's rows, or missing; in any order, sent twice, before or after the minute's job."""
    savepoint = session.begin_nested()
    try:
        _each_planned_cue_has_one(session, commune, villages, said, order, when)
    finally:
        savepoint.rollback()
        session.expire_all()


def _each_planned_cue_has_one(session: Session, commune: Node, villages: list[Node], said, order, when: str) -> None:
    players = [add_player(session, villages[place]) for place in (0, 0, 1)]
    plans = [add_occurrence(session, commune, villages[place], START, ON, ("a", "b")) for place in (0, 0, 1)]
    uuids = [*(plan.uuid for plan in plans), uuid4()]
    rows = [(who, raw(uuids[what], key, outcome, count)) for count, (who, what, key, outcome) in enumerate(said, 1)]
    shuffled = order.sample(rows + rows, 2 * len(rows))
    half = len(shuffled) // 2
    if when == "before":
        settled(session, commune, START)
    send(session, players, shuffled[:half])
    if when == "between":
        settled(session, commune, START + HOUR)
    send(session, players, shuffled[half:])
    settled(session, commune, LATER)

    expected: dict[tuple[int, UUID, str], tuple[str, bool]] = {
        (plan.village_id, plan.uuid, key): (Shown.MISSING, True) for plan in plans for key in ("a", "b")
    }
    for who, what, key, outcome in said:
        village_id = plans[what].village_id if what < len(plans) else players[who].village_id
        name = village_id, uuids[what], key
        known = expected.get(name, ("", False))
        expected[name] = (min(outcome, known[0] if known[0] in BEST else outcome, key=BEST.index), known[1])
    found = logged(session)
    assert found == expected
    assert sum(planned for _, planned in found.values()) == 6
    lines = [line for log in day_log(session, commune, ON, LATER) for line in log.lines]
    assert Counter(line.outcome for line in lines) == Counter(outcome for outcome, _ in expected.values())


def send(session: Session, players: list[Player], rows: list[tuple[int, dict[str, object]]]) -> None:
    """Each player in one batch, in the order of the rows."""
    for who, player in enumerate(players):
        service.ingest(session, player, [row for sender, row in rows if sender == who], LATER)


def test_the_log_can_be_made_anew(session: Session, commune: Node, villages: list[Node]) -> None:
    """Worked out again from plan and rows it says the same."""
    player = add_player(session, villages[0])
    plan = add_occurrence(session, commune, villages[0], START, ON, ("a", "b", "c"))
    service.ingest(session, player, [raw(plan.uuid, "a", "aired"), raw(uuid4(), "x", "partial")], LATER)
    settled(session, commune, LATER)
    before = logged(session)
    planned = {name: said for name, said in before.items() if said[1]}
    session.execute(delete(Airing).where(Airing.is_planned.is_(True)))
    session.execute(delete(LogState))
    settled(session, commune, LATER)
    assert {name: said for name, said in logged(session).items() if said[1]} == planned


def test_a_player_that_is_gone_loses_its_cues(session: Session, commune: Node, villages: list[Node]) -> None:
    """Missing while it may still report, lost after 30 days of silence, and found again when it comes back."""
    player = add_player(session, villages[0])
    plan = add_occurrence(session, commune, villages[0], START, ON, ("a",))
    name = villages[0].id, plan.uuid, "a"
    settled(session, commune, LATER)
    assert logged(session)[name][0] == Shown.MISSING
    late = START + GONE_AFTER + HOUR
    settled(session, commune, late)
    assert logged(session)[name][0] == Shown.LOST
    player.last_seen_at = late
    settled(session, commune, late)
    assert logged(session)[name][0] == Shown.MISSING
    service.ingest(session, player, [raw(plan.uuid, "a", "aired")], late)
    assert logged(session)[name][0] == Shown.AIRED
    player.revoked_at = late
    settled(session, commune, late + HOUR)
    assert logged(session)[name][0] == Shown.AIRED


def test_what_a_village_without_a_player_should_have_heard_is_lost(
    session: Session, commune: Node, villages: list[Node]
) -> None:
    """Nobody can report it: neither nobody, nor a player that was paired only afterwards."""
    plan = add_occurrence(session, commune, villages[0], START, ON, ("a",))
    settled(session, commune, LATER)
    assert logged(session)[villages[0].id, plan.uuid, "a"][0] == Shown.LOST
    add_player(session, villages[0]).paired_at = LATER
    settled(session, commune, LATER + HOUR)
    assert logged(session)[villages[0].id, plan.uuid, "a"][0] == Shown.LOST


def test_what_leaves_the_plan_leaves_the_log(session: Session, commune: Node, villages: list[Node]) -> None:
    """A cue withdrawn from a running programme is planned no more; what sounded all the same stands without a plan."""
    player = add_player(session, villages[0])
    plan = add_occurrence(session, commune, villages[0], START, ON, ("a", "b", "c"))
    settled(session, commune, START)
    service.ingest(session, player, [raw(plan.uuid, "c", "aired")], START + HOUR)
    assert plan.playlist
    shorter = add_occurrence(session, commune, villages[1], START, ON, ("a",))
    plan.playlist = shorter.playlist
    settled(session, commune, START + timedelta(minutes=1))
    assert {key: said for (place, _, key), said in logged(session).items() if place == villages[0].id} == {
        "a": ("waiting", True),
        "c": ("aired", False),
    }


def test_an_occurrence_that_moved_away_leaves_no_trace(session: Session, commune: Node, villages: list[Node]) -> None:
    """What was reported of something that had not begun, and then left the plan, is shown; the rest never was due."""
    player = add_player(session, villages[0])
    plan = add_occurrence(session, commune, villages[0], START, ON, ("a", "b"))
    service.ingest(session, player, [raw(plan.uuid, "a", "skipped")], START - HOUR)
    session.delete(plan)
    settled(session, commune, LATER)
    assert {key for _, _, key in logged(session)} == {"a"}


def test_rows_go_to_the_village_of_their_occurrence(session: Session, commune: Node, villages: list[Node]) -> None:
    """A player that was carried to another village, and paired there, still tells of the first; its rows count once."""
    plan = add_occurrence(session, commune, villages[0], START, ON, ("a",))
    row = raw(plan.uuid, "a", "aired")
    first, second = add_player(session, villages[0]), add_player(session, villages[1])
    service.ingest(session, second, [row], LATER)
    service.ingest(session, first, [row], LATER)
    assert logged(session) == {(villages[0].id, plan.uuid, "a"): ("aired", True)}
    assert session.scalar(select(func.count(AsRunEntry.id))) == 1


def test_a_clock_that_ran_ahead_is_shown_corrected(session: Session, commune: Node, villages: list[Node]) -> None:
    """A row of an unsure clock is taken as it is, and corrected once the same start of the machine knows the time."""
    player = add_player(session, villages[0])
    plan = add_occurrence(session, commune, villages[0], START, ON, ("a", "b"))
    ahead = timedelta(hours=2)
    unsure = raw(
        plan.uuid,
        "a",
        "aired",
        started_at=(START + ahead).isoformat(),
        late_ms=7_200_000,
        clock_state="drifting",
        boot_id="x",
        monotonic_ms=1_000_000,
    )
    answers = service.ingest(session, player, [unsure], START + timedelta(minutes=1))
    assert [answer.verdict for answer in answers] == ["accepted"]
    line = session.scalars(select(Airing).where(Airing.cue_key == "a")).one()
    assert (line.clock_ahead_ms, line.started_at) == (None, START + ahead)
    sure = raw(plan.uuid, "b", "aired", started_at=(START + HOUR).isoformat(), boot_id="x", monotonic_ms=4_600_000)
    service.ingest(session, player, [sure], LATER)
    assert (line.clock_ahead_ms, line.started_at, line.late_ms) == (7_200_000, START, 0)


def test_each_player_of_a_village_has_its_own_outcome(session: Session, commune: Node, villages: list[Node]) -> None:
    """Where a village has several, each is told beside the best of them; one without a row is missing by itself."""
    one, two = add_player(session, villages[0]), add_player(session, villages[0])
    one.name, two.name = "Một", "Hai"
    plan = add_occurrence(session, commune, villages[0], START, ON, ("a",))
    service.ingest(session, one, [raw(plan.uuid, "a", "failed")], LATER)
    log = day_log(session, commune, ON, LATER)[0]
    told = of_players(session, log, LATER)[plan.uuid, "a"]
    assert [(each.name, each.outcome) for each in told] == [("Một", "failed"), ("Hai", "missing")]


def test_exercises_and_calls_stand_apart(session: Session, commune: Node, villages: list[Node]) -> None:
    """A repeat of an alert is a line of its own, never planned; an exercise says so."""
    player = add_player(session, villages[0])
    alert = uuid4()
    service.ingest(
        session,
        player,
        [
            raw(alert, "1/1", "aired", alert_version=1, exercise=True),
            raw(alert, "1/2", "aired", alert_version=1, exercise=True),
        ],
        LATER,
    )
    lines = session.scalars(select(Airing).order_by(Airing.cue_key)).all()
    assert [(line.kind, line.is_planned, line.is_exercise, line.priority) for line in lines] == [
        ("alert", False, True, "emergency")
    ] * 2


def test_a_call_that_people_stopped_is_no_broken_one(session: Session, commune: Node, villages: list[Node]) -> None:
    """Only what an order ended: a power cut breaks a call, and withdrawing breaks what is planned in mid-air."""
    player, alert = add_player(session, villages[0]), uuid4()
    plan = add_occurrence(session, commune, villages[0], START, ON, ("a",))
    rows = [
        raw(alert, "alert/1/1", "partial", alert_version=1, reason="withdrawn"),
        raw(alert, "alert/1/2", "partial", alert_version=1, reason="power_cut"),
        raw(plan.uuid, "a", "partial", reason="withdrawn"),
    ]
    service.ingest(session, player, rows, LATER)
    lines = {line.cue_key: line for line in session.scalars(select(Airing))}
    assert {key: line.outcome for key, line in lines.items()} == {
        "alert/1/1": "stopped",
        "alert/1/2": "partial",
        "a": "partial",
    }
    assert lines["alert/1/1"].silent_at == START + timedelta(seconds=9)


def test_what_gave_way_to_a_calls_own_words_is_no_broken_one(
    session: Session, commune: Node, villages: list[Node]
) -> None:
    """What stood in for them is stopped on purpose; what something else interrupted stays partial."""
    player, alert = add_player(session, villages[0]), uuid4()
    cut = {"alert_version": 1, "reason": "interrupted"}
    rows = [
        raw(alert, "alert/1/1", "partial", **cut),
        raw(alert, "alert/2/1", "aired", alert_version=2, started_at=(START + timedelta(seconds=10)).isoformat()),
        raw(alert, "alert/2/2", "partial", **cut, started_at=(START + timedelta(minutes=1)).isoformat()),
        raw(alert, "alert/2/3", "aired", alert_version=2, started_at=(START + timedelta(minutes=3)).isoformat()),
    ]
    for row in rows:
        service.ingest(session, player, [row], LATER)
    lines = {line.cue_key: line.outcome for line in session.scalars(select(Airing))}
    assert lines == {"alert/1/1": "stopped", "alert/2/1": "aired", "alert/2/2": "partial", "alert/2/3": "aired"}


def test_what_gave_way_at_one_of_several_players_is_no_broken_one(
    session: Session, commune: Node, villages: list[Node]
) -> None:
    """Each player's own outcome is told by its own rows: another's next repeat is no reason to fall silent."""
    one, two, alert = add_player(session, villages[0]), add_player(session, villages[0]), uuid4()
    cut = raw(alert, "alert/1/1", "partial", alert_version=1, reason="interrupted")
    own_words = raw(
        alert, "alert/2/1", "aired", alert_version=2, started_at=(START + timedelta(seconds=10)).isoformat()
    )
    service.ingest(session, one, [cut, own_words], LATER)
    service.ingest(session, two, [cut | {"row_uuid": str(uuid4())}], LATER)
    told = of_players(session, day_log(session, commune, ON, LATER)[0], LATER)
    assert [each.outcome for each in told[alert, "alert/1/1"]] == ["stopped", "partial"]


def test_a_backlog_is_settled_in_windows(session: Session, commune: Node, villages: list[Node]) -> None:
    """What was there before the log was kept gets its outcomes, however long ago, a window at a time."""
    add_player(session, villages[0]).paired_at = START - timedelta(days=99)
    for ago in (90, 3, 0):
        start = START - timedelta(days=ago)
        add_occurrence(session, commune, villages[0], start, start.date(), ("a",))
    windows = 1
    while settle(session, commune, START + 2 * HOUR):
        windows += 1
    assert 3 <= windows < 20
    assert len(logged(session)) == 3


def test_a_clock_set_back_settles_all_the_same(session: Session, commune: Node, villages: list[Node]) -> None:
    """After the server's clock was a year ahead, what ends from now on still gets its outcomes."""
    add_player(session, villages[0])
    settled(session, commune, START + timedelta(days=365))
    plan = add_occurrence(session, commune, villages[0], START, ON, ("a",))
    settled(session, commune, START + REPORT_WITHIN + timedelta(minutes=1))
    assert logged(session)[villages[0].id, plan.uuid, "a"][0] == Shown.MISSING


def test_nothing_is_written_where_nothing_changed(session: Session, commune: Node, villages: list[Node]) -> None:
    """The minute's job leaves rows alone that are right already."""
    add_player(session, villages[0])
    add_occurrence(session, commune, villages[0], START, ON, ("a",))
    settled(session, commune, LATER)
    line = session.scalars(select(Airing)).one()
    settled(session, commune, LATER)
    assert not session.is_modified(line)
    assert session.scalars(select(Airing.id)).one() == line.id
