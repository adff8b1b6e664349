import json
from contextlib import closing
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from zoneinfo import ZoneInfo

import pytest

from broadcaster.player.clock import PlayerClock
from broadcaster.player.errors import ServerAway, Trouble
from broadcaster.player.keeping.identity import Identity
from broadcaster.player.network import transport
from broadcaster.player.network.budget import Brake, Traffic
from broadcaster.player.network.server import Server
from broadcaster.protocol import ClockState, PairRequest
from tests.broadcaster.player.conftest import encoded, noise
from tests.broadcaster.player.fake_server import CODE, TOKEN, FakeServer, cue
from tests.broadcaster.player.test_clock import Hands

CERTIFICATES = Path(__file__).parent / "certificates"
"""Of an authority of this test's own, valid to the end of 2099."""
AUTHORITYS_HASH = "f20e0b1e.0"
"""What `openssl x509 -hash` says of it: the name under which OpenSSL looks for it."""


@pytest.fixture
def behind_tls(monkeypatch):
    """Make servers with one of the certificates, whose authority this machine knows."""
    monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATES / "authority.pem"))
    made = []

    def make(name):
        made.append(FakeServer(CERTIFICATES / f"{name}.pem"))
        made[-1].publish()
        return made[-1]

    yield make
    for server in made:
        server.close()


def trouble_of(server, clock=None):
    ours = Server(server.url, TOKEN, clock=clock)
    try:
        ours.manifest(None)
    except ServerAway as error:
        return error.trouble
    finally:
        ours.close()
    return None


@pytest.mark.parametrize(
    ("fault", "value", "trouble"),
    [
        ("away", True, Trouble.SERVER_DOWN),
        ("status", 503, Trouble.SERVER_DOWN),
        ("status", 511, Trouble.PORTAL),
        ("status", 407, Trouble.PROXY),
        ("portal", "page", Trouble.PORTAL),
        ("portal", "http://login.wifi.example/hello", Trouble.PORTAL),
        ("portal", "/vi/", Trouble.WRONG_SERVER),
    ],
)
def test_what_stands_in_the_way_is_told_apart(server, make_agent, fault, value, trouble):
    """A login page, a proxy, a wrong address and a server that is down are not the same."""
    server.publish()
    setattr(server.faults, fault, value)
    agent = make_agent()
    agent.sync.round()
    assert agent.sync.standing.trouble == trouble
    assert agent.sync.standing.problems["manifest"]


def test_a_name_that_is_not_found_is_no_network():
    """Without a network no name is found: nobody needs to look at the server."""
    ours = Server("http://no-such-host.invalid", TOKEN)
    with pytest.raises(ServerAway) as caught:
        ours.manifest(None)
    assert caught.value.trouble is Trouble.NO_NETWORK
    ours.close()


def test_another_programs_answer_is_not_the_servers(server):
    """An answer that is none to our question names the address as the suspect."""
    with pytest.raises(ServerAway) as caught, closing(Server(server.url, TOKEN)) as ours:
        ours.pair(PairRequest(code=CODE, nonce="n" * 16, name="Loa"))
        server.faults.status = 200
        ours.as_run([])
    assert caught.value.trouble is Trouble.WRONG_SERVER


def test_a_login_page_is_never_taken_for_an_object(server, make_agent):
    """What a captive portal answers in an object's place neither enters the cache nor costs the part that is there."""
    audio = server.add(encoded(noise(2)))
    server.publish([server.occurrence(server.now() + timedelta(hours=1), [cue("one", audio)])])
    server.faults.break_objects_after = 20_000
    agent = make_agent()
    agent.sync.round()
    part = agent.cache.partial_bytes(audio)
    assert part > 0
    server.faults.break_objects_after = None
    server.faults.portal = "page"
    agent.sync.round()
    assert audio not in agent.cache.present
    assert agent.cache.partial_bytes(audio) == part
    server.faults.portal = None
    agent.sync.round()
    assert audio in agent.cache.present
    assert server.ranges[-1] == f"bytes={part}-"


@pytest.mark.parametrize(
    ("name", "trouble"),
    [
        ("good", None),
        ("expired", Trouble.TLS),
        ("future", Trouble.CLOCK),
        ("elsewhere", Trouble.TLS),
        ("stranger", Trouble.TLS),
    ],
)
def test_certificates_are_told_apart(behind_tls, name, trouble):
    """Expired, not yet valid, another host's and nobody's are each refused and named."""
    assert trouble_of(behind_tls(name)) == trouble


def test_authorities_are_looked_up_in_the_systems_folder(behind_tls, monkeypatch, tmp_path):
    """Where the system keeps its authorities by their hash they are known, and looked up as they are needed."""
    server = behind_tls("good")
    authority = CERTIFICATES / "authority.pem"
    monkeypatch.delenv("SSL_CERT_FILE")
    monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path))
    (tmp_path / AUTHORITYS_HASH).write_bytes(authority.read_bytes())
    assert trouble_of(server) is None
    (tmp_path / AUTHORITYS_HASH).write_bytes((CERTIFICATES / "stranger.pem").read_bytes())
    assert trouble_of(server) is Trouble.TLS


def test_a_clock_of_1970_asks_the_time_and_then_trusts_certificates_by_it(behind_tls, tmp_path):
    """The signed time needs no certificate; from then on the player's clock judges, not the machine's."""
    server = behind_tls("good")
    hands = Hands(wall=datetime(1970, 1, 1, tzinfo=UTC))
    clock = PlayerClock(hands)
    ours = Server(server.url, TOKEN, clock=clock)
    clock.compare([ours.time(clock, [server.public_key])])
    assert clock.read().state is ClockState.TRUSTED
    assert ours.manifest(None) is not None
    ours.close()


def test_a_certificate_is_judged_by_the_players_clock(behind_tls):
    """By the player's trusted time of 2100 the certificate of 2099 has expired, whatever the machine says."""
    server = behind_tls("good")
    server.offset = datetime(2100, 6, 1, tzinfo=UTC) - datetime.now(UTC)
    clock = PlayerClock(Hands(wall=datetime.now(UTC)))
    ours = Server(server.url, TOKEN, clock=clock)
    clock.compare([ours.time(clock, [server.public_key])])
    with pytest.raises(ServerAway, match="expired"):
        ours.manifest(None)
    ours.close()


def test_a_player_of_1970_finds_its_way_over_tls(behind_tls, tmp_path, make_agent, data):
    """A whole round over TLS with a machine's clock of 1970: time, manifest, heartbeat."""
    server = behind_tls("good")
    Identity(server=server.url, **server.pair_answer().model_dump()).save(data)
    agent = make_agent(Hands(wall=datetime(1970, 1, 1, tzinfo=UTC)))
    agent.sync.round()
    assert not agent.sync.standing.problems
    assert server.heartbeats[-1]["clock_state"] == "trusted"


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://radio.example", "http://proxy.example:3128"),
        ("https://loa.commune.example", None),
        ("http://127.0.0.1:8000", None),
        ("http://localhost:8000", None),
        ("https://[::1]:8000", None),
        ("http://127.9.9.9", None),
    ],
)
def test_proxies_are_the_environments_but_never_for_this_machine(monkeypatch, url, expected):
    """HTTPS_PROXY and NO_PROXY hold; a server on this machine is asked directly."""
    for name in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy"):
        monkeypatch.setenv(name, "http://proxy.example:3128")
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.setenv(name, "commune.example")
    assert transport.proxy_for(url) == expected


def test_a_proxy_is_really_asked(monkeypatch, server):
    """With HTTP_PROXY the call goes to the proxy, whole."""
    asked = []

    class Proxy(BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            self.send_response(503)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *args):
            pass

    proxy = ThreadingHTTPServer(("127.0.0.1", 0), Proxy)
    Thread(target=proxy.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    for name in ("http_proxy", "HTTP_PROXY"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.server_port}")
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    ours = Server("http://radio.example", TOKEN)
    with pytest.raises(ServerAway):
        ours.manifest(None)
    assert asked == ["http://radio.example/api/v1/manifest"]
    ours.close()
    proxy.shutdown()
    proxy.server_close()


def test_bytes_are_counted_by_month_and_kept(data, make_agent, server):
    """What went up and down is counted, told in the heartbeat and status, and kept over a restart."""
    audio = server.add(encoded(noise(1)))
    server.publish([server.occurrence(server.now() + timedelta(hours=1), [cue("one", audio)])])
    agent = make_agent()
    agent.sync.round()
    counted = agent.traffic.month_bytes()
    assert len(server.objects[audio]) < counted < len(server.objects[audio]) + 20_000
    assert 0 < server.heartbeats[-1]["bytes_month"] <= counted
    agent.traffic.keep()
    assert Traffic(data, agent.clock.now).month_bytes() == counted


def test_a_month_is_the_villages(tmp_path):
    """At 20:00 UTC on the last of a month it is the next month in Vietnam; old months are kept beside."""
    at = [datetime(2026, 11, 30, 12, tzinfo=UTC)]
    traffic = Traffic(tmp_path, lambda: at[0])
    traffic.zone = ZoneInfo("Asia/Ho_Chi_Minh")
    traffic.count(100)
    traffic.keep()
    at[0] = datetime(2026, 12, 1, 20, tzinfo=UTC)
    traffic.count(7)
    assert traffic.month_bytes() == 7
    traffic.keep()
    assert json.loads((tmp_path / "traffic.json").read_text()) == {"2026-11": 100, "2026-12": 7}


def test_a_line_carries_no_more_than_was_asked():
    """At 8 kB/s a minute's worth of pieces takes a minute, however they come; without a limit nothing waits."""
    at = [100.0]

    def wait(seconds):
        at[0] += seconds

    brake = Brake(lambda: at[0], wait)
    for _ in range(60):
        brake.pace(8000, 8000)
    assert 58.9 <= at[0] - 100 <= 60.1
    at[0] += 3600
    before = at[0]
    brake.pace(8000, 8000)
    assert at[0] == before, "an hour of silence is worth one second, not an hour"
    brake.pace(10**9, 0)
    assert at[0] == before


def test_what_is_fetched_first_is_not_held_up(server, make_agent):
    """The village's limit paces routine audio only; what is marked urgent passes at once."""
    first, later = (server.add(encoded(noise(0.3, seed))) for seed in (1, 2))
    occurrence = server.occurrence(server.now() + timedelta(hours=1), [cue("one", first), cue("two", later)])
    server.publish([occurrence], fetch_first={first}, settings={"poll_seconds": 1, "max_kbytes_s": 1})
    agent = make_agent()
    at, paced = [100.0], []

    def wait(seconds):
        at[0] += seconds
        paced.append(seconds)

    agent.sync._brake = Brake(lambda: at[0], wait)
    agent.sync.round()
    assert {first, later} <= agent.cache.present
    size = len(server.objects[later]) + len(server.objects[occurrence.playlist])
    assert size / 1000 - 2 < sum(paced) <= size / 1000
