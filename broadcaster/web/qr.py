"""QR codes, drawn here as SVG: nothing is asked of another site, and the page stays without script."""

import segno
from markupsafe import Markup

_QUIET_ZONE = 4
"""Modules. Source: ISO/IEC 18004."""


def drawn(text: str) -> Markup:
    """An `<svg>` that says the text to a camera: dark on light in every colour scheme."""
    code = segno.make(text, error="m", micro=False)
    return Markup(  # noqa: S704  (segno draws paths; the text is not in the markup)
        code.svg_inline(border=_QUIET_ZONE, dark="#000", light="#fff", omitsize=True, svgclass=None, lineclass=None)
    )
