"""All pages, joined into one router."""

from fastapi import APIRouter

from broadcaster.web import (
    account,
    announcements,
    audit,
    guides,
    lexicon,
    link,
    log,
    login,
    media,
    people,
    recording,
    recurring,
    review,
    schedule,
    today,
    trials,
    uploading,
    villages,
    voices,
    writing,
)

router = APIRouter(include_in_schema=False)
for area in (
    login,
    link,
    account,
    people,
    today,
    review,
    writing,
    recording,
    uploading,
    lexicon,
    recurring,
    announcements,
    schedule,
    villages,
    trials,
    voices,
    log,
    audit,
    guides,
    media,
):
    router.include_router(area.router)
