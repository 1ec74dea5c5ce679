"""What a shop's platform is opened with, for tests of the platform alone: a clock that stands, and answers laid out before."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import orjson

from yizhan.channels.accounts import Account
from yizhan.channels.contract import Call, Fact, InboundMessage, Push, RetryLater, SendError
from yizhan.channels.ecommerce.platform import Request, Response, ShopSettings, Tools
from yizhan.core.messages.address import Address
from yizhan.core.messages.content import Content, Media
from yizhan.core.messages.message import Author, AuthorKind, Message

NOW = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)
TOKEN = "access-token-of-the-shop"
PNG = b"\x89PNG\r\n\x1a\n" + b"picture" * 3


class Calls:
    """Answers by the path of the call, in the order in which they were laid out; the last of a path stays."""

    def __init__(self) -> None:
        self.made: list[Request] = []
        self.counted: list[tuple[str, str]] = []
        self._answers: dict[str, list[object]] = {}

    def answers(self, path: str, *answers: object) -> None:
        """Each is JSON, a Response, or what is raised."""
        self._answers[path] = list(answers)

    async def __call__(self, request: Request) -> Response:
        self.made.append(request)
        waiting = self._answers.get(request.url.path)
        assert waiting, f"nothing was laid out for {request.method} {request.url.path}"
        answer = waiting.pop(0) if len(waiting) > 1 else waiting[0]
        if isinstance(answer, SendError):
            raise answer
        return answer if isinstance(answer, Response) else Response(200, orjson.dumps(answer))

    def refused(self, what: str, code: str) -> None:
        self.counted.append((what, code))

    def paths(self) -> list[str]:
        return [request.url.path for request in self.made]

    def to(self, path: str) -> list[Request]:
        return [request for request in self.made if request.url.path == path]


class Tokens:
    """``known``: the facts of the seller's consent."""

    def __init__(self) -> None:
        self.known: dict[str, str] = {}

    async def get(self, account: str) -> str:
        return TOKEN if account == "shop" else ""

    async def facts(self, account: str) -> Mapping[str, str]:
        return self.known if account == "shop" else {}


class Files:
    """``kept``: what a file at an address is stored as."""

    def __init__(self) -> None:
        self.kept: dict[str, Media] = {}
        self.asked: list[tuple[str, tuple[str, ...]]] = []
        self.bytes = PNG

    async def fetch(self, url: str, name: str, hosts: Collection[str], headers: Mapping[str, str]) -> Media | None:
        self.asked.append((url, tuple(hosts)))
        return self.kept.get(url)

    async def keep(self, data: bytes, name: str) -> Media | None:
        raise AssertionError("no push of these platforms brings a file along")

    async def read(self, media: Media, most: int) -> bytes | None:
        return self.bytes if len(self.bytes) <= most else None

    def link(self, media: Media) -> str:
        return f"https://gw.example.com/m/{media.media_id}"


class Notes:
    def __init__(self) -> None:
        self.kept: dict[str, dict[str, str]] = {}

    async def known(self, address: Address) -> Mapping[str, str]:
        return self.kept.get(address.key(), {})

    async def note(self, address: Address, facts: Mapping[str, str], until: datetime) -> None:
        assert until > NOW
        self.kept.setdefault(address.key(), {}).update(facts)


class Ours:
    """``ids``: those of our own sends. ``away``: nobody can be asked."""

    def __init__(self) -> None:
        self.ids: set[str] = set()
        self.away = False

    async def __call__(self, address: Address, external_id: str) -> str:
        if self.away:
            raise RetryLater
        return f"message of {external_id}" if external_id in self.ids else ""


class NobodyLeft:
    async def ask(self, people: Collection[Address], reference: str) -> None:
        raise AssertionError("nobody left")


def _ids() -> Callable[[], str]:
    numbers = iter(range(1, 1_000_000))
    return lambda: f"id-{next(numbers)}"


@dataclass(slots=True)
class Bench:
    calls: Calls = field(default_factory=Calls)
    tokens: Tokens = field(default_factory=Tokens)
    files: Files = field(default_factory=Files)
    notes: Notes = field(default_factory=Notes)
    ours: Ours = field(default_factory=Ours)
    now: datetime = NOW

    def tools(self) -> Tools:
        return Tools(
            calls=self.calls,
            tokens=self.tokens,
            files=self.files,
            notes=self.notes,
            ours=self.ours,
            clock=lambda: self.now,
            new_id=_ids(),
            public_url="https://gw.example.com/",
            erasures=NobodyLeft(),
        )


def shop(settings: ShopSettings) -> Account[Any]:
    return Account("default", "ecommerce", "shop", "旗舰店", settings, True, NOW)


def pushed(body: bytes, authorization: str, *, method: str = "POST") -> Call:
    return Call("shop", method, {}, body, {"authorization": authorization})


def message(customer: str, content: Content) -> Message:
    return Message("m1", Address("default", "ecommerce", "shop", customer), Author(AuthorKind.BOT), content, NOW)


async def facts_of(push: Push) -> tuple[Fact, ...]:
    """All that a push comes to."""
    return (*push.facts, *(await push.finish() if push.finish is not None else ()))


async def written(push: Push) -> Message:
    """The one message of a push."""
    (fact,) = await facts_of(push)
    assert isinstance(fact, InboundMessage)
    return fact.message
