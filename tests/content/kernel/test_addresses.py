"""What is an address of the web."""

import pytest

from content.kernel.addresses import LONGEST, is_web_address


@pytest.mark.parametrize(
    ("url", "is_one"),
    [
        ("https://tinh.example/feed.atom", True),
        ("http://10.0.0.5:8000/x", True),
        ("ftp://tinh.example/x", False),
        ("https:///x", False),
        ("tinh.example", False),
        ("http://[1", False),
        ("https://tinh.example/".ljust(LONGEST + 1, "x"), False),
    ],
)
def test_an_address_names_a_host_by_http(url: str, is_one: bool) -> None:  # noqa: FBT001
    """Anything else is refused, what cannot be read at all too."""
    assert is_web_address(url) is is_one
