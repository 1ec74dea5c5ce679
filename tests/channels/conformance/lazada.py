"""Lazada: buyers' chat by pushes, five messages until the buyer writes."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from tests.channels.conformance import harness as hooks
from tests.channels.conformance.consents import Consenting
from tests.channels.conformance.ecommerce import EcommerceHarness, WithTokens, shown
from tests.channels.conformance.harness import Shown, Told
from tests.channels.conformance.stand import Stand
from tests.simulators.ecommerce.courier import Envelope, Seal
from tests.simulators.ecommerce.lazada import APP_KEY, ENOUGH, MOST_UNANSWERED, SimLazada
from yizhan.core.messages.address import Address
from yizhan.core.messages.content import Content, Location

OLD = "lazada-app-secret-3412gyo124goi3124"
NEW = "lazada-new-secret-0123456789abcdefg"
WRONG = "somebody-elses-secret"


CALM_SECONDS = 15.0
"""For a push, instead of half a second: what is tried here is not how quick the machine is."""


class LazadaHarness(WithTokens, Consenting, EcommerceHarness[SimLazada]):
    name = "lazada"
    key = "lazada"
    send_api = "send"
    text_limit = 1000
    inapplicable: ClassVar[Mapping[type, str]] = {
        hooks.ClosesWindow: "what may be written ends with a number of messages, never with time; a code for it is not "
        "published",
    }

    site: SimLazada

    def make_site(self) -> SimLazada:
        return SimLazada(app_secret=OLD)

    def account(self) -> Mapping[str, Any]:
        return {
            "platform": "lazada",
            "country": "sg",
            "app_key": APP_KEY,
            "app_secret": OLD,
            "seller_id": self.site.seller_id,
            "spent_codes": [ENOUGH],
            "answer_seconds": CALM_SECONDS,
            "api_url": f"{self.site.root}/rest",
            "auth_url": self.site.root,
        }

    def own_secrets(self) -> Sequence[str]:
        return (OLD, NEW)

    async def person(self) -> "LazadaPerson":
        return LazadaPerson(self, str(1_011_822_749 + int(self.new_buyer().rpartition("-")[2])))

    async def garbage(self) -> Sequence[Told]:
        deep = b'{"seller_id":"1","message_type":2,"data":' + b"[" * 5000 + b"]" * 5000 + b"}"
        bodies = (b"", b"\xff\xfe\x00", b"{", b"[]", b"null", b'{"seller_id":"1"}', deep)
        return [await self.pushed(lambda body=body: self._signed(body)) for body in bodies]  # type: ignore[misc]

    async def pushed(self, seal: Seal, within: float = 20.0, url: str = "") -> Told:
        return self.heard(await self.site.courier.once(url or self.site.webhook, seal, within=within))

    def _signed(self, body: bytes) -> Envelope:
        return Envelope(body, {"Authorization": self.site.sign(body)})

    def unshowable(self) -> tuple[Content, tuple[str, ...]]:
        return Location(31.230416, 121.473701, "南京东路门店"), ("南京东路门店", "31.230416", "121.473701")

    def address_in(self, shown: Shown) -> str:
        return next(word for word in shown.text.split() if word.startswith("http"))

    def is_busy(self) -> None:
        self.site.faults.next(self.send_api, "refuse", code="ServiceUnavailable")

    def is_busy_for_long(self) -> None:
        self.site.faults.next(self.send_api, "refuse", code="ApiCallLimit")

    def quota(self) -> int:
        return MOST_UNANSWERED

    def spends_quota(self) -> None:
        self.site.faults.next(self.send_api, "refuse", code=ENOUGH)

    def refuses(self) -> str:
        self.site.faults.next(self.send_api, "refuse", code="MissingParameter")
        return "MissingParameter"

    async def rotation(self, stand: Stand) -> AsyncIterator[str]:
        """As the set-up guide says: enter the new secret here, then reset it at the platform, then forget the old one."""
        await stand.change_account(app_secret=NEW, previous_app_secret=OLD)
        yield "the new secret is known"
        self.site.app_secret = NEW
        yield "the platform uses it"
        await stand.change_account(previous_app_secret="")
        yield "the old secret is forgotten"


@dataclass
class LazadaPerson:
    harness: LazadaHarness
    buyer: str

    @property
    def address(self) -> Address:
        return self.harness.address(self.buyer, self.harness.site.session(self.buyer).session_id)

    def letter(self, text: str) -> "LazadaLetter":
        return LazadaLetter(self, text)

    async def says(self, text: str) -> None:
        assert self.harness.heard(await self.harness.site.says(self.buyer, text)).taken

    async def shows(self, picture: bytes) -> None:
        assert self.harness.heard(await self.harness.site.shows(self.buyer, picture)).taken

    async def chooses(self, label: str, number: int) -> None:
        await self.says(str(number))

    def screen(self) -> list[Shown]:
        return [shown(seen) for seen in self.harness.site.screen(self.buyer)]

    async def picture(self, number: int) -> bytes:
        return self.harness.site.screen(self.buyer)[number].picture


@dataclass
class LazadaLetter:
    """One message; what is pushed of it has the same ids each time."""

    person: LazadaPerson
    text: str
    data: dict[str, Any] = field(init=False)

    def __post_init__(self) -> None:
        self.data = self.person.harness.site.written(self.person.buyer, {"txt": self.text})

    async def write(self) -> None:
        """The platform keeps a log, but forbids to poll it: there is the push alone."""

    async def push(self, within: float = 20.0) -> Told:
        harness = self.person.harness
        return await harness.pushed(harness.site.seal(self.data), within)

    async def forged(self) -> Told:
        harness = self.person.harness
        return await harness.pushed(harness.site.seal(self.data, secret=WRONG))

    async def misdirected(self) -> Told:
        harness = self.person.harness
        return await harness.pushed(harness.site.seal(self.data), url=harness.elsewhere())


HARNESS = LazadaHarness
"""Found by the platform's key."""
