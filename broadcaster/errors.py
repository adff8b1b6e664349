"""The one table from kinds of errors to HTTP statuses, for pages and players alike."""

from http import HTTPStatus

from content.kernel.errors import BroadcastError, Conflict, Invalid, NotAllowed, NotFound, Unavailable

STATUS: dict[type[BroadcastError], HTTPStatus] = {
    NotFound: HTTPStatus.NOT_FOUND,
    Conflict: HTTPStatus.CONFLICT,
    Invalid: HTTPStatus.UNPROCESSABLE_ENTITY,
    NotAllowed: HTTPStatus.FORBIDDEN,
    Unavailable: HTTPStatus.SERVICE_UNAVAILABLE,
}


def status_of(error: BroadcastError) -> HTTPStatus:
    """The status of an error's kind."""
    return next(STATUS[kind] for kind in type(error).__mro__ if kind in STATUS)
