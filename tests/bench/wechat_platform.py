"""The simulated platform with its followers in a process of its own, so that what they cost is told apart from what is measured."""

import asyncio
import multiprocessing
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any, TypeVar

from tests.bench.wechat_followers import Crowd, Load, Phone, Traffic
from tests.services.process import free_port
from tests.simulators.wechat import WechatPlatform, open_platform
from tests.simulators.wechat.passive import Mode

T = TypeVar("T")
BEGIN_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Credentials:
    """Of a 公众号 as both sides know them. ``name`` is the account's at the gateway."""

    name: str
    mode: Mode
    app_id: str
    secret: str
    token: str = "TokenOfTheLoad"
    aes_key: str = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"


@dataclass(frozen=True, slots=True)
class Open:
    """A new account with so many followers."""

    account: Credentials
    followers: int


@dataclass(frozen=True, slots=True)
class Verify:
    """Save the address of an account's webhook: answered True when it proves itself."""

    account: str
    webhook: str


@dataclass(frozen=True, slots=True)
class Run:
    account: str
    load: Load


@dataclass(frozen=True, slots=True)
class Show:
    """Answered with the account's phones."""

    account: str


@dataclass(frozen=True, slots=True)
class Books:
    """All accounts together. ``violations``: what no platform would accept; ``notices``: 暂时无法提供服务 on phones."""

    violations: tuple[str, ...]
    notices: int
    calls: int


class PlatformAway(Exception):
    """The platform's process failed; what it printed says why."""


class Platform:
    """The process, seen from outside."""

    def __init__(self, pipe: "Connection[Any, Any]", pid: int, port: int) -> None:
        self.pid = pid
        self.api_url = f"http://127.0.0.1:{port}"
        self._pipe = pipe

    async def open(self, account: Credentials, followers: int) -> None:
        await self._ask(Open(account, followers), bool)

    async def verify(self, account: str, webhook: str) -> None:
        """Returns when the webhook answers as it must. Raises TimeoutError."""
        async with asyncio.timeout(BEGIN_SECONDS):
            while not await self._ask(Verify(account, webhook), bool):
                await asyncio.sleep(0.2)

    async def run(self, account: str, load: Load) -> Traffic:
        return await self._ask(Run(account, load), Traffic)

    async def phones(self, account: str) -> list[Phone]:
        return await self._ask(Show(account), list)

    async def books(self) -> Books:
        return await self._ask(None, Books)

    async def _ask(self, wish: object, kind: type[T]) -> T:
        self._pipe.send(wish)
        try:
            said = await asyncio.to_thread(self._pipe.recv)
        except EOFError as error:
            raise PlatformAway from error
        if not isinstance(said, kind):
            raise TypeError(f"{wish} was answered with {said}")
        return said


@asynccontextmanager
async def platform_apart() -> AsyncIterator[Platform]:
    """A running platform without accounts."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    port = free_port()
    process = context.Process(target=_serve, args=(theirs, port), daemon=True)
    process.start()
    theirs.close()
    try:
        yield Platform(ours, process.pid or 0, port)
    finally:
        ours.close()
        process.terminate()
        await asyncio.to_thread(process.join, 10)


def _serve(pipe: "Connection[Any, Any]", port: int) -> None:
    asyncio.run(_listen(pipe, port))


async def _listen(pipe: "Connection[Any, Any]", port: int) -> None:
    crowds: dict[str, Crowd] = {}
    async with open_platform(port=port) as platform:
        while True:
            try:
                wish = await asyncio.to_thread(pipe.recv)
            except EOFError:
                return
            pipe.send(await _grant(platform, crowds, wish))


async def _grant(platform: WechatPlatform, crowds: dict[str, Crowd], wish: object) -> object:
    match wish:
        case Open(account, followers):
            crowds[account.name] = Crowd(_account(platform, account), followers)
            return True
        case Verify(name, webhook):
            crowds[name].account.webhook = webhook
            return (await crowds[name].account.verify_url()).ok
        case Run(name, load):
            return await crowds[name].run(load)
        case Show(name):
            return crowds[name].phones()
        case _:
            return _books(platform)


def _account(platform: WechatPlatform, account: Credentials) -> Any:
    return platform.official(
        app_id=account.app_id,
        secret=account.secret,
        token=account.token,
        aes_key=account.aes_key,
        mode=account.mode,
    )


def _books(platform: WechatPlatform) -> Books:
    people: Sequence[Any] = [person for account in platform.accounts for person in account.people.values()]
    return Books(tuple(platform.violations), sum(person.notices for person in people), len(platform.called("send")))
