from email.message import Message

import pytest

from broadcaster.player.local.door import FREE_TRIES, MOST_SESSIONS, is_here, is_our_name, is_own_press, read_pin


def headers(**facts):
    message = Message()
    for name, value in facts.items():
        message[name.replace("_", "-")] = value
    return message


def test_the_right_pin_lets_in_under_a_new_name(door):
    """Who enters gets a session that nobody could have prepared."""
    key, session = door.open(here=False)
    assert not session.inside
    new_key, inside = door.enter(" 123456 ", session)
    assert inside.inside
    assert new_key != key
    assert inside.token != session.token
    assert not door.find(key).inside


def test_wrong_pins_close_the_door_longer_and_longer(door):
    """After five wrong tries, by whoever, not even the right PIN is taken for a minute, then two."""
    for _ in range(FREE_TRIES):
        assert door.enter("000000", door.open(here=False)[1]) is None
    assert door.enter("123456", door.open(here=False)[1]) is None
    assert door.closed_s() == 60
    door.turn(61)
    assert door.enter("000000", door.open(here=False)[1]) is None
    assert door.closed_s() == 120
    door.turn(121)
    assert door.enter("123456", door.open(here=False)[1])
    assert door.closed_s() == 0


def test_a_closed_door_stays_closed_for_an_hour_at_most(door):
    """Whoever tries all night shuts nobody out for days."""
    for _ in range(40):
        door.enter("000000", door.open(here=False)[1])
        door.turn(door.closed_s())
    door.enter("000000", door.open(here=False)[1])
    assert door.closed_s() == 3600


def test_sessions_are_not_kept_without_end(door):
    """A stranger who opens the page again and again fills no memory."""
    first, _ = door.open(here=False)
    for _ in range(MOST_SESSIONS):
        door.open(here=False)
    assert door.find(first) is None


def test_the_pin_is_made_once_and_is_the_owners(tmp_path):
    """The PIN stays the same, has six digits, and nobody else may read it."""
    pin = read_pin(tmp_path)
    assert len(pin) == 6
    assert pin.isdecimal()
    assert read_pin(tmp_path) == pin
    assert (tmp_path / "pin").stat().st_mode & 0o077 == 0
    (tmp_path / "pin").write_text("4711\n")
    assert read_pin(tmp_path) == "4711"


@pytest.mark.parametrize(
    ("host", "ours"),
    [
        ("127.0.0.1:8020", True),
        ("localhost:8020", True),
        ("[::1]:8020", True),
        ("192.168.1.20", True),
        ("evil.example", False),
        ("127.0.0.1.evil.example:8020", False),
        ("", False),
        ("[", False),
    ],
)
def test_only_addresses_and_own_names_are_answered(host, ours):
    """A stranger's name that points at us is not ours (DNS rebinding)."""
    assert is_our_name(host) is ours


@pytest.mark.parametrize(
    ("facts", "own"),
    [
        ({"Host": "127.0.0.1:1"}, True),
        ({"Host": "127.0.0.1:1", "Origin": "http://127.0.0.1:1", "Sec_Fetch_Site": "same-origin"}, True),
        ({"Host": "127.0.0.1:1", "Origin": "http://127.0.0.1:2"}, False),
        ({"Host": "127.0.0.1:1", "Origin": "null"}, False),
        ({"Host": "127.0.0.1:1", "Sec_Fetch_Site": "cross-site"}, False),
        ({"Host": "127.0.0.1:1", "Sec_Fetch_Site": "same-site"}, False),
    ],
)
def test_a_press_comes_from_our_own_page(facts, own):
    """Another page's form, or another port's, presses nothing."""
    assert is_own_press(headers(**facts)) is own


def test_what_a_proxy_passes_on_is_not_here():
    """The PIN is asked of everybody but of a browser on this machine."""
    assert is_here("127.0.0.1", headers())
    assert is_here("::1", headers())
    assert not is_here("192.168.1.9", headers())
    assert not is_here("127.0.0.1", headers(X_Forwarded_For="192.0.2.7"))
