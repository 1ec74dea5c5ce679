"""What a platform is opened with, in memory: answers given beforehand, files, tokens, and what was sent."""

import itertools
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

import orjson

from yizhan.channels.accounts import Account
from yizhan.channels.contract import SendError
from yizhan.channels.ecommerce.platform import CHANNEL, Request, Response, SettingsT, Tools
from yizhan.core.messages.address import Address
from yizhan.core.messages.content import Media

AT = datetime(2026, 11, 22, 1, 0, tzinfo=UTC)
TOKEN = "seller-token"

Answer = Response | SendError | Callable[[Request], Response]


def json_answer(body: object, status: int = 200) -> Response:
    return Response(status, orjson.dumps(body))


@dataclass
class Remembered:
    """Tools that remember. ``answers`` by the call's name, the last one again and again."""

    answers: dict[str, list[Answer]] = field(default_factory=dict)
    requests: list[Request] = field(default_factory=list)
    codes: list[str] = field(default_factory=list)
    files: dict[str, Media | SendError | None] = field(default_factory=dict)
    fetched: list[tuple[str, tuple[str, ...]]] = field(default_factory=list)
    stored: dict[str, bytes] = field(default_factory=dict)
    sent: dict[str, str] = field(default_factory=dict)
    notes: dict[Address, dict[str, str]] = field(default_factory=dict)
    left: list[tuple[list[str], str]] = field(default_factory=list)
    now: datetime = AT
    _ids: "itertools.count[int]" = field(default_factory=itertools.count)

    def tools(self) -> Tools:
        return Tools(
            calls=_Calls(self),
            tokens=_Tokens(),
            files=_Files(self),
            notes=_Notes(self),
            ours=self._ours,
            clock=lambda: self.now,
            new_id=lambda: f"id-{next(self._ids)}",
            public_url="https://gw.example.com",
            erasures=_Erasures(self),
        )

    def asked(self, what: str) -> list[Request]:
        return [request for request in self.requests if request.what == what]

    async def _ours(self, address: Address, external_id: str) -> str:
        return self.sent.get(external_id, "")


@dataclass
class _Calls:
    all: Remembered

    async def __call__(self, request: Request) -> Response:
        self.all.requests.append(request)
        answers = self.all.answers[request.what]
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        if isinstance(answer, SendError):
            raise answer
        return answer if isinstance(answer, Response) else answer(request)

    def refused(self, what: str, code: str) -> None:
        self.all.codes.append(f"{what} {code}")


class _Tokens:
    async def get(self, account: str) -> str:
        return TOKEN

    async def facts(self, account: str) -> Mapping[str, str]:
        return {}


@dataclass
class _Files:
    all: Remembered

    async def fetch(self, url: str, name: str, hosts: Collection[str], headers: Mapping[str, str]) -> Media | None:
        self.all.fetched.append((url, tuple(hosts)))
        found = self.all.files.get(url)
        if isinstance(found, SendError):
            raise found
        return found

    async def keep(self, data: bytes, name: str) -> Media | None:
        raise AssertionError("nothing comes inside a push")

    async def read(self, media: Media, most: int) -> bytes | None:
        data = self.all.stored.get(media.media_id)
        return data if data is not None and len(data) <= most else None

    def link(self, media: Media) -> str:
        return f"https://gw.example.com/media/{media.media_id}"


@dataclass
class _Notes:
    all: Remembered

    async def known(self, address: Address) -> Mapping[str, str]:
        return dict(self.all.notes.get(address, {}))

    async def note(self, address: Address, facts: Mapping[str, str], until: datetime) -> None:
        assert until > self.all.now
        self.all.notes.setdefault(address, {}).update(facts)


@dataclass
class _Erasures:
    all: Remembered

    async def ask(self, people: Collection[Address], reference: str) -> None:
        assert not any(address.thread for address in people)
        self.all.left.append(([address.customer for address in people], reference))


def account_of(settings: SettingsT) -> Account[SettingsT]:
    return Account("default", CHANNEL, "shop", "Shop", settings, True, AT)
