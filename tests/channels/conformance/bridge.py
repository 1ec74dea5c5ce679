"""The bridge: a connector of the business's own, with menus and a window."""

import base64
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from tests.channels.conformance import harness as hooks
from tests.channels.conformance.ecommerce import EcommerceHarness, shown
from tests.channels.conformance.harness import Shown, Told
from tests.channels.conformance.stand import Stand
from tests.simulators.bridge import Connector, Note
from yizhan.core.messages.address import Address
from yizhan.core.messages.content import Content, Location

OLD = "whsec_" + base64.b64encode(b"bridge-old-secret-0123456789abcd").decode()
NEW = "whsec_" + base64.b64encode(b"bridge-new-secret-0123456789abcd").decode()
WRONG = "whsec_" + base64.b64encode(b"somebody-elses-secret-0123456789").decode()
QUOTA = 5
TWO_DAYS = 48 * 3600


class BridgeHarness(EcommerceHarness[Connector]):
    name = "bridge"
    key = "bridge"
    send_api = "message"
    idempotent = True
    text_limit = 1000
    inapplicable: ClassVar[Mapping[type, str]] = {
        hooks.ExpiresTokens: "messages are signed with a secret of the account; there are no tokens",
    }

    def make_site(self) -> Connector:
        return Connector(secret=OLD, quota=QUOTA)

    def account(self) -> Mapping[str, Any]:
        return {
            "platform": "bridge",
            "secret": OLD,
            "callback_url": self.site.callback_url,
            "kinds": ["image"],
            "menus": True,
            "windows": {"message": {"messages": QUOTA, "seconds": TWO_DAYS}},
        }

    def own_secrets(self) -> Sequence[str]:
        return (OLD, NEW)

    async def person(self) -> "BridgePerson":
        return BridgePerson(self, self.new_buyer())

    async def garbage(self) -> Sequence[Told]:
        deep = b'{"type":' + b"[" * 5000 + b"]" * 5000 + b"}"
        bodies = (b"", b"\xff\xfe\x00", b"{", b"[]", b"null", b'{"type":"nonsense"}', b'{"type":"message"}', deep)
        note = self.site.text("buyer-0", "x")
        return [
            self.heard(await self.site.courier.once(self.site.webhook, lambda body=body: note.seal(body=body)))  # type: ignore[misc]
            for body in bodies
        ]

    def unshowable(self) -> tuple[Content, tuple[str, ...]]:
        return Location(31.230416, 121.473701, "南京东路门店"), ("南京东路门店", "31.230416", "121.473701")

    def address_in(self, shown: Shown) -> str:
        return next(word for word in shown.text.split() if word.startswith("http"))

    def is_busy(self) -> None:
        self.site.faults.next(self.send_api, "http", status=503, headers={"Retry-After": "1"})

    def is_busy_for_long(self) -> None:
        self.site.faults.next(self.send_api, "http", status=429, headers={"Retry-After": "600"})

    def closes_window(self) -> None:
        self.site.faults.next(self.send_api, "refuse", code="window_closed")

    def quota(self) -> int:
        return QUOTA

    def spends_quota(self) -> None:
        self.site.faults.next(self.send_api, "refuse", code="quota_spent")

    def refuses(self) -> str:
        self.site.faults.next(self.send_api, "refuse", code="risky_content")
        return "risky_content"

    async def rotation(self, stand: Stand) -> AsyncIterator[str]:
        await stand.change_account(secret=NEW, previous_secret=OLD)
        yield "both are known here"
        self.site.secret = NEW
        yield "the connector signs with the new one"
        await stand.change_account(previous_secret="")
        yield "the old one is forgotten"


@dataclass
class BridgePerson:
    harness: BridgeHarness
    buyer: str

    @property
    def address(self) -> Address:
        return self.harness.address(self.buyer)

    def letter(self, text: str) -> "BridgeLetter":
        return BridgeLetter(self.harness, text, self.harness.site.text(self.buyer, text))

    async def says(self, text: str) -> None:
        await self._push(self.harness.site.text(self.buyer, text))

    async def shows(self, picture: bytes) -> None:
        url = self.harness.site.serve_file(picture)
        await self._push(self.harness.site.said(self.buyer, {"type": "image", "url": url, "name": "图.png"}))

    async def chooses(self, label: str, number: int) -> None:
        menu = next(seen for seen in reversed(self.harness.site.screen(self.buyer)) if seen.options)
        pressed = next(code for code, text in menu.options if text == label)
        content = {"type": "choice", "option_id": pressed, "label": label}
        await self._push(self.harness.site.said(self.buyer, content))

    def screen(self) -> list[Shown]:
        return [shown(seen) for seen in self.harness.site.screen(self.buyer)]

    async def picture(self, number: int) -> bytes:
        return self.harness.site.screen(self.buyer)[number].picture

    async def _push(self, note: Note) -> None:
        assert self.harness.heard(await note.push()).taken


@dataclass
class BridgeLetter:
    harness: BridgeHarness
    text: str
    note: Note

    async def write(self) -> None:
        """A connector keeps no log that could be asked."""

    async def push(self, within: float = 20.0) -> Told:
        return self.harness.heard(await self.note.push(within=within))

    async def forged(self) -> Told:
        site = self.harness.site
        return self.harness.heard(await site.courier.once(site.webhook, lambda: self.note.seal(secret=WRONG)))

    async def misdirected(self) -> Told:
        return self.harness.heard(await self.note.push(url=self.harness.elsewhere()))


HARNESS = BridgeHarness
