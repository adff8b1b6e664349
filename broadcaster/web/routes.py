"""All pages, joined into one router."""

from fastapi import APIRouter

from broadcaster.web import (
    account,
    announcements,
    guides,
    link,
    log,
    login,
    media,
    people,
    recording,
    review,
    schedule,
    today,
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
    announcements,
    schedule,
    villages,
    voices,
    log,
    guides,
    media,
):
    router.include_router(area.router)
