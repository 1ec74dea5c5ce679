"""The running product for tests of the whole: one deployment for many tests, with its staff signed in once."""

import json
import urllib.request
from dataclasses import dataclass, field
from http.cookies import SimpleCookie

from tests.services.deployment import Deployment
from tests.services.process import free_port
from tests.simulators.console_client import COOKIE, Session

WECHAT_PORT = free_port()
"""Where the product looks for WeChat's API: a test that needs it opens the simulator there."""

SETTINGS = {
    "YIZHAN_WECHAT_API_URL": f"http://127.0.0.1:{WECHAT_PORT}",
    "YIZHAN_WECOM_API_URL": f"http://127.0.0.1:{WECHAT_PORT}/qy",
    "YIZHAN_HANDOFF_SECONDS": "120",
    "YIZHAN_OFFER_SECONDS": "60",  # a browser on a busy machine needs a moment to accept
    "YIZHAN_NOBODY_SECONDS": "1",
    "YIZHAN_WEBSITE_SENDS_PER_MINUTE": "6000",
    "YIZHAN_WEBSITE_SESSIONS_PER_MINUTE": "60000",
}
AGENT = "agent"
ADMIN = "admin"


@dataclass(slots=True)
class Product:
    """A running deployment, by name of how it runs: ``embedded`` or ``apart``."""

    kind: str
    deployment: Deployment
    _sessions: dict[str, Session] = field(default_factory=dict)

    @property
    def website(self) -> str:
        return self.deployment.website

    @property
    def console(self) -> str:
        return self.deployment.console

    def session(self, username: str) -> Session:
        """A signed-in person. Signing in is limited per address, so everybody does it once."""
        if username not in self._sessions:
            self._sessions[username] = signed_in(self.console, username, self.deployment.logins[username].password)
        return self._sessions[username]


def signed_in(console: str, username: str, password: str) -> Session:
    request = urllib.request.Request(
        f"{console}/api/v1/session",
        data=json.dumps({"username": username, "password": password}).encode(),
        headers={"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=30) as answer:
        said = json.load(answer)
        cookie = SimpleCookie(answer.headers["Set-Cookie"])[COOKIE].value
    return Session(cookie, said["csrf"], said["user"])
