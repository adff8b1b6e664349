"""APScheduler as the alarm clock of the worker.

Its default drops a job that is a second late; here every job has `misfire_grace_time=None` and `coalesce`, and what
was missed all the same (a clock set back or forward, a busy pool) is logged and repaired from the tables, which are
the only truth: a tick does what is due now, not what was due when it should have run.

Source: `docs/adr/0005`.
"""

import logging
from collections.abc import Callable
from datetime import UTC, timedelta
from functools import partial

from apscheduler.events import EVENT_JOB_ERROR, EVENT_JOB_MAX_INSTANCES, EVENT_JOB_MISSED, JobExecutionEvent
from apscheduler.schedulers.background import BackgroundScheduler

from broadcaster.jobs import alarms, drilling, planning, polling, province, reckoning, reporting, retention, telling
from broadcaster.jobs.leading import Lead
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
PUT_BACK_EVERY_S = 20
REST_S = 15
"""After a tick that failed: often enough to recover by itself, rare enough for the log."""


def start_clock(station: Station, lead: Lead) -> BackgroundScheduler:
    """Start ticking: changes are planned within a second, the horizon rolls on every quarter of an hour.

    Of several workers only the one that leads does what a tick is for.
    """
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
    every = partial(_every, clock, station, lead)
    every(planning.plan_if_wanted, seconds=PLAN_EVERY_S)
    every(planning.want_everywhere, minutes=ROLL_EVERY_MIN)
    every(telling.tell_of_alerts, seconds=TELL_EVERY_S)
    every(polling.poll_sources, seconds=POLL_EVERY_S)
    every(province.ask_province, seconds=POLL_EVERY_S)
    every(reckoning.settle_log, minutes=LOG_EVERY_MIN)
    every(reporting.send_due, minutes=REPORTS_EVERY_MIN)
    every(drilling.drill_if_due, seconds=DRILL_EVERY_S)
    every(alarms.FleetWatch().watch_fleet, seconds=FLEET_EVERY_S)
    every(sweep, hours=SWEEP_EVERY_H)
    every(retention.retire_old_rows, hours=SWEEP_EVERY_H)
    every(retention.put_back, seconds=PUT_BACK_EVERY_S)
    planning.want_everywhere(station)
    clock.start()
    return clock


def sweep(station: Station) -> None:
    """Remove what killed writers left half-written in the store, once it is surely nobody's any more."""
    left = station.store.sweep(station.clock.now() - timedelta(days=1))
    if left:
        log.info("store.swept", extra={"files": left})


def _every(
    clock: BackgroundScheduler, station: Station, lead: Lead, job: Callable[[Station], None], **interval: int
) -> None:
    def tick() -> None:
        if lead.is_ours():
            job(station)

    clock.add_job(tick, "interval", id=job.__name__, **interval)


def _note_busy(event: JobExecutionEvent) -> None:
    """A tick came while the one before still ran: it has nothing to add, the next one looks again."""
    log.debug("clock.still_busy", extra={"job": event.job_id})
