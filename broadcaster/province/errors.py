"""What can be wrong with the link to the province.

Invalid
└── BadLink
Unavailable
└── ProvinceUnreachable
"""

from typing import ClassVar

from content.kernel.errors import Invalid, Unavailable


class BadLink(Invalid):
    """Nothing that can be asked."""

    sentence = "This is no web address. It begins with https:// (or http:// inside your own network)."
    field: ClassVar[str | None] = "url"


class ProvinceUnreachable(Unavailable):
    """No answer, or none that can be understood."""

    sentence = "The province's system cannot be asked: {problem}."
