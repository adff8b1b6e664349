"""Checks of alerts: heard at once, ended when told, believed only from the server, reported."""

from datetime import timedelta
from functools import partial

from broadcaster.player.conformance.bench import Bench, cue, expect
from broadcaster.player.conformance.checks import Check, check
from broadcaster.player.conformance.village import Key
from broadcaster.protocol import Alert, AlertStage, AsRunRow, Outcome, Reason

AFTER = timedelta(seconds=4)
ANCHOR = "Write another player, 8"


@check("alert-cuts", ANCHOR)
def alert_cuts(bench: Bench) -> None:
    """An alert cuts what sounds at once; its rows name it, and receipts tell how far it has come."""
    bench.begin()
    village = bench.village
    at = bench.soon()
    village.publish(village.occurrence(at, cue("long", village.tone(30), lasts_s=30)))
    bench.wait_for(at + AFTER / 2)
    alert = village.alert((village.tone(1, 880),), repeats=1)
    village.call(alert)
    bench.until(lambda: _rows(bench, alert), "no row of the alert came")
    row = _rows(bench, alert)[0]
    expect(row.outcome is Outcome.AIRED, f"the alert's row says {row.outcome}")
    expect(row.alert_version == 1, f"the alert's row names version {row.alert_version}")
    expect(not row.exercise, "the alert's row says that it was an exercise")
    bench.ended("long", Outcome.PARTIAL, Reason.INTERRUPTED)
    for stage in (AlertStage.RECEIVED, AlertStage.SOUNDING, AlertStage.FINISHED):
        bench.until(partial(_told, bench, alert, stage), f"no receipt says {stage}")
    expect(not village.malformed, "; ".join(village.malformed)[:300])


@check("alert-cancel", ANCHOR)
def alert_cancel(bench: Bench) -> None:
    """A higher version that is cancelled ends an alert in mid-sound."""
    bench.begin()
    village = bench.village
    alert = village.alert((village.tone(30, 880),))
    village.call(alert)
    bench.until(lambda: _told(bench, alert, AlertStage.SOUNDING), "no receipt says that it sounds")
    bench.wait_for(village.now() + AFTER / 2)
    village.call(alert.model_copy(update={"version": 2, "cancelled": True}))
    bench.until(lambda: _rows(bench, alert), "no row of the alert came")
    row = _rows(bench, alert)[0]
    expect(row.outcome is Outcome.PARTIAL, f"the cancelled alert's row says {row.outcome}")
    expect(row.position_ms < 30_000, f"the cancelled alert sounded for {row.position_ms} ms")
    bench.pass_by(village.now() + AFTER, lambda: len(_rows(bench, alert)) > 1, "it sounded again after its end")


@check("alert-repeats", ANCHOR)
def alert_repeats(bench: Bench) -> None:
    """An alert of two repeats sounds twice, not more."""
    bench.begin()
    village = bench.village
    alert = village.alert((village.tone(1, 880),), repeats=2, pause_ms=500)
    village.call(alert)
    bench.until(lambda: len(_rows(bench, alert)) == 2, "it did not sound twice")
    bench.pass_by(village.now() + AFTER, lambda: len(_rows(bench, alert)) > 2, "it sounded a third time")


@check("alert-signature", ANCHOR)
def alert_signature(bench: Bench) -> None:
    """An alert that a stranger signed does not sound; a good one after it does."""
    bench.begin()
    village = bench.village
    false = village.alert((village.tone(1, 880),), repeats=1)
    village.call(false, Key(village.key.key_id))
    bench.pass_by(village.now() + 2 * AFTER, lambda: _rows(bench, false), "a stranger's alert sounded")
    true = village.alert((village.tone(1, 990),), repeats=1)
    village.call(true)
    bench.until(lambda: _rows(bench, true), "the server's own alert did not sound")


@check("alert-version", ANCHOR)
def alert_version(bench: Bench) -> None:
    """A lower version of an alert (a replay) does not undo a higher one."""
    bench.begin()
    village = bench.village
    alert = village.alert((village.tone(1, 880),), repeats=1)
    village.call(alert.model_copy(update={"version": 2, "cancelled": True}))
    bench.until(lambda: any(one.alert_uuid == alert.alert_uuid for one in village.receipts), "no receipt came")
    village.call(alert)
    bench.pass_by(village.now() + 2 * AFTER, lambda: _rows(bench, alert), "a cancelled alert sounded after a replay")


@check("alert-other-village", ANCHOR)
def alert_other_village(bench: Bench) -> None:
    """An alert for other villages does not sound here."""
    bench.begin()
    village = bench.village
    elsewhere = [{"villages": [village.player], "media": [village.tone(1, 880)]}]
    alert = village.alert(())
    other = Alert.model_validate(alert.model_dump() | {"audiences": elsewhere})
    village.call(other)
    bench.pass_by(village.now() + 2 * AFTER, lambda: _rows(bench, other), "another village's alert sounded")


@check("alert-fallback", ANCHOR)
def alert_fallback(bench: Bench) -> None:
    """Until an alert's own audio is verified its fallback sounds, which every player holds."""
    bench.begin()
    village = bench.village
    siren = village.tone(1, 700)
    manifest = village.publish(also=(siren,))
    bench.until(
        lambda: (
            village.heartbeats[-1].manifest_id == manifest.manifest_id and village.heartbeats[-1].objects_missing == 0
        ),
        "it did not fetch the siren",
    )
    alert = village.alert(("0" * 64,), fallback=(siren,), repeats=1)
    village.call(alert)
    bench.until(lambda: _rows(bench, alert), "nothing sounded while the audio was missing")
    expect(_rows(bench, alert)[0].media == (siren,), "the row names audio that was not there")


@check("alert-exercise", ANCHOR)
def alert_exercise(bench: Bench) -> None:
    """The rows of an exercise say so."""
    bench.begin()
    alert = bench.village.alert((bench.village.tone(1, 880),), repeats=1, scope="exercise")
    bench.village.call(alert)
    bench.until(lambda: _rows(bench, alert), "no row of the exercise came")
    expect(_rows(bench, alert)[0].exercise, "the row of an exercise looks like a real alert's")


def _rows(bench: Bench, alert: Alert) -> list[AsRunRow]:
    return [row for row in list(bench.village.rows.values()) if row.occurrence_uuid == alert.alert_uuid]


def _told(bench: Bench, alert: Alert, stage: AlertStage) -> bool:
    return any((one.alert_uuid, one.stage) == (alert.alert_uuid, stage) for one in list(bench.village.receipts))


CHECKS: tuple[Check, ...] = (
    alert_cuts,
    alert_cancel,
    alert_repeats,
    alert_signature,
    alert_version,
    alert_other_village,
    alert_fallback,
    alert_exercise,
)
