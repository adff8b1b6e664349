import re
import threading
from http.client import HTTPConnection
from http.cookies import SimpleCookie
from urllib.parse import urlencode, urlsplit

import pytest

from broadcaster.player.agent import Agent
from broadcaster.player.life import Life
from broadcaster.player.local.door import Door
from broadcaster.player.local.page import Page
from broadcaster.player.output.paced import PacedOutput
from broadcaster.player.settings import Address


class Browser:
    """A phone: keeps its cookie and presses what is in the forms."""

    def __init__(self, url):
        self.address = urlsplit(url).netloc
        self.cookies = SimpleCookie()
        self.headers = {}
        self.status = 0
        self.text = ""

    def ask(self, method, path, body=None, **headers):
        line = HTTPConnection(self.address, timeout=20)
        sent = {"Cookie": "; ".join(f"{name}={kept.value}" for name, kept in self.cookies.items())}
        try:
            line.request(method, path, body, sent | self.headers | headers)
            answer = line.getresponse()
            self.status, self.text, self.told = answer.status, answer.read().decode(), answer.headers
        finally:
            line.close()
        self.cookies.load(self.told.get("Set-Cookie", ""))
        return self.text

    def look(self, path="/"):
        return self.ask("GET", path)

    @property
    def token(self):
        if found := re.search(r'name="token" value="([^"]+)"', self.text):
            self._token = found[1]
        return self._token

    def press(self, action, headers=None, **fields):
        """Press on a page that is shown and follow to where it leads."""
        form = urlencode({"token": self.token} | fields)
        more = {"Content-Type": "application/x-www-form-urlencoded", "Origin": f"http://{self.address}"}
        self.ask("POST", f"/{action}", form, **(more | (headers or {})))
        return self.look(self.told["Location"]) if self.status == 303 else self.text

    def hand_in(self, file, token=None):
        """Choose a file and press."""
        fields = (("token", (token or self.token).encode()), ("bundle", file))
        form = b"".join(
            b'--of-a-phone\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n' % (name.encode(), value)
            for name, value in fields
        )
        kind = "multipart/form-data; boundary=of-a-phone"
        more = {"Content-Type": kind, "Origin": f"http://{self.address}"}
        self.ask("POST", "/bundle", form + b"--of-a-phone--\r\n", **more)
        return self.look(self.told["Location"]) if self.status == 303 else self.text


@pytest.fixture
def house(tmp_path):
    """A machine that belongs to nobody yet, with its page; `house.alive` is the thread."""
    folder = tmp_path / "player"
    folder.mkdir(exist_ok=True)
    life = Life(folder, lambda: Agent(folder, PacedOutput))
    with Page(life, Address("127.0.0.1", 0)) as page:
        life.page = page
        thread = threading.Thread(target=life.run)
        thread.start()
        yield life
        life.stop()
        thread.join()


@pytest.fixture
def browser(house):
    return Browser(house.page.url)


@pytest.fixture
def phone(house):
    """A browser that comes from elsewhere, by way of a proxy."""
    far = Browser(house.page.url)
    far.headers = {"X-Forwarded-For": "192.0.2.7"}
    return far


@pytest.fixture
def door():
    """A door whose clock the test turns."""
    now = [0.0]
    made = Door("123456", lambda: now[0])
    made.turn = lambda seconds: now.__setitem__(0, now[0] + seconds)
    return made
