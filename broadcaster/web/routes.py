"""All pages, joined into one router."""

from fastapi import APIRouter

from broadcaster.web import (
    audit,
    fleet,
    guides,
    media,
    metrics,
    notices,
    player_page,
    province,
    restored,
    retention,
    today,
)
from broadcaster.web.accounts import account, link, login, people
from broadcaster.web.alerts import calls as alerts
from broadcaster.web.alerts import cap_feed, incoming, warning_sources
from broadcaster.web.alerts import live as alert_live
from broadcaster.web.alerts import now as alert_now
from broadcaster.web.alerts import rules as alert_rules
from broadcaster.web.log import comments as log_comments
from broadcaster.web.log import day as log
from broadcaster.web.log import heard, quarantine, reports
from broadcaster.web.log import life as log_life
from broadcaster.web.log import week as log_week
from broadcaster.web.schedule import bookings, evening, feeds, printing, rules, slots
from broadcaster.web.schedule import overview as schedule
from broadcaster.web.villages import bundles
from broadcaster.web.villages import pages as villages
from broadcaster.web.voices import pages as voices
from broadcaster.web.voices import trials
from broadcaster.web.writing import announcements, lexicon, recording, recurring, review, uploading, writing

router = APIRouter(include_in_schema=False)
for area in (
    login,
    link,
    account,
    people,
    today,
    incoming,  # before the addresses of single alerts
    warning_sources,
    province,
    notices,
    cap_feed,
    alerts,
    alert_now,
    alert_rules,
    alert_live,
    review,
    writing,
    recording,
    uploading,
    lexicon,
    recurring,
    announcements,
    schedule,
    slots,
    rules,
    bookings,
    evening,
    printing,
    feeds,
    bundles,
    villages,
    fleet,
    metrics,
    trials,
    voices,
    log,
    log_week,
    log_life,
    log_comments,
    quarantine,
    heard,
    reports,
    retention,
    audit,
    restored,
    guides,
    media,
    player_page,
):
    router.include_router(area.router)
