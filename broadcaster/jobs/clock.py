"""APScheduler as the alarm clock of the worker.

Its default drops a job that is a second late; here every job has `misfire_grace_time=None` and `coalesce`, and what
was missed all the same (a clock set back or forward, a busy pool) is logged and repaired from the tables, which are
the only truth: a tick does what is due now, not what was due when it should have run.

Source: `docs/adr/0005`.
"""

import logging
from collections.abc import Callable
from datetime import UTC, timedelta

from apscheduler.events import EVENT_JOB_ERROR, EVENT_JOB_MAX_INSTANCES, EVENT_JOB_MISSED, JobExecutionEvent
from apscheduler.schedulers.background import BackgroundScheduler

from broadcaster.jobs import alarms, drilling, planning, polling, province, reckoning, reporting, retention, telling
from broadcaster.station import Station

log = logging.getLogger(__name__)
PLAN_EVERY_S = 1
ROLL_EVERY_MIN = 15
SWEEP_EVERY_H = 6
TELL_EVERY_S = 2
POLL_EVERY_S = 10
"""How often it is asked which feeds and links are due; each has its own pace."""
LOG_EVERY_MIN = 1
REPORTS_EVERY_MIN = 10
DRILL_EVERY_S = 30
FLEET_EVERY_S = 30
REST_S = 15
"""After a tick that failed: often enough to recover by itself, rare enough for the log."""


def start_clock(station: Station) -> BackgroundScheduler:
    """Start ticking: changes are planned within a second, the horizon rolls on every quarter of an hour."""
    clock = BackgroundScheduler(
        timezone=UTC, job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1}
    )

    def repair(event: JobExecutionEvent) -> None:
        log.warning("clock.tick_lost", extra={"job": event.job_id})
        planning.want_everywhere(station)

    def rest(event: JobExecutionEvent) -> None:
        log.error("clock.tick_failed", extra={"job": event.job_id, "again_in_s": REST_S})
        clock.modify_job(event.job_id, next_run_time=station.clock.now() + timedelta(seconds=REST_S))

    clock.add_listener(repair, EVENT_JOB_MISSED)
    clock.add_listener(rest, EVENT_JOB_ERROR)
    clock.add_listener(_note_busy, EVENT_JOB_MAX_INSTANCES)
    _every(clock, planning.plan_if_wanted, station, seconds=PLAN_EVERY_S)
    _every(clock, planning.want_everywhere, station, minutes=ROLL_EVERY_MIN)
    _every(clock, telling.tell_of_alerts, station, seconds=TELL_EVERY_S)
    _every(clock, polling.poll_sources, station, seconds=POLL_EVERY_S)
    _every(clock, province.ask_province, station, seconds=POLL_EVERY_S)
    _every(clock, reckoning.settle_log, station, minutes=LOG_EVERY_MIN)
    _every(clock, reporting.send_due, station, minutes=REPORTS_EVERY_MIN)
    _every(clock, drilling.drill_if_due, station, seconds=DRILL_EVERY_S)
    _every(clock, alarms.FleetWatch().watch_fleet, station, seconds=FLEET_EVERY_S)
    _every(clock, sweep, station, hours=SWEEP_EVERY_H)
    _every(clock, retention.retire_old_rows, station, hours=SWEEP_EVERY_H)
    planning.want_everywhere(station)
    clock.start()
    return clock


def sweep(station: Station) -> None:
    """Remove what killed writers left half-written in the store, once it is surely nobody's any more."""
    left = station.store.sweep(station.clock.now() - timedelta(days=1))
    if left:
        log.info("store.swept", extra={"files": left})


def _every(clock: BackgroundScheduler, job: Callable[[Station], None], station: Station, **interval: int) -> None:
    clock.add_job(job, "interval", args=[station], id=job.__name__, **interval)


def _note_busy(event: JobExecutionEvent) -> None:
    """A tick came while the one before still ran: it has nothing to add, the next one looks again."""
    log.debug("clock.still_busy", extra={"job": event.job_id})
