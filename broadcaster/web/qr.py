"""Addresses for other devices, as QR codes drawn here: nothing is asked of another site, no script is needed."""

from ipaddress import ip_address

import segno
from markupsafe import Markup
from starlette.requests import Request

_QUIET_ZONE = 4
"""Modules. Source: ISO/IEC 18004."""


def drawn(text: str) -> Markup:
    """An `<svg>` that says the text to a camera: dark on light in every colour scheme."""
    code = segno.make(text, error="m", micro=False)
    return Markup(  # noqa: S704  (segno draws paths; the text is not in the markup)
        code.svg_inline(border=_QUIET_ZONE, dark="#000", light="#fff", omitsize=True, svgclass=None, lineclass=None)
    )


def works_elsewhere(request: Request) -> bool:
    """Whether another device reaches us by the address by which the page was asked for."""
    host = request.url.hostname or ""
    try:
        return not ip_address(host).is_loopback
    except ValueError:
        return host != "localhost"
