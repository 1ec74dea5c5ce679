"""公众号 and 小程序, whose pushes carry the messages themselves, and what 微信客服 has in common with them."""

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, ClassVar

from tests.channels.conformance.harness import ACCOUNT, Process, Shown, Told
from tests.channels.conformance.stand import SECRET, Stand
from tests.simulators.dialogue import FakeDialogue
from tests.simulators.wechat import MiniFollower, OfficialFollower, SimMini, SimOfficial, WechatPlatform, open_platform
from tests.simulators.wechat.account import SimAccount
from tests.simulators.wechat.records import Attempt, Received
from yizhan.channels.wechat import service
from yizhan.core.messages.address import Address
from yizhan.core.messages.content import Content, Location
from yizhan.core.runtime.core import Core
from yizhan.core.runtime.lifespan import Lifespan
from yizhan.core.runtime.parts import Parts
from yizhan.core.runtime.settings import CommonSettings, WechatSettings

APP_SECRET = "5f2ac1d98b7e4630a1b2c3d4e5f60718"
TOKEN = "shopPushToken"
AES_KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
NEW_AES_KEY = "GFEDCBA9876543210zyxwvutsrqponmlkjihgfedcba"
TEXT_BYTES = 2048
"""Of one message, in all three."""

TWO_DAYS = 49 * 3600.0
QUOTA = 5
REPLY_SECONDS = 0.05
"""How long a push waits for a reply to go in its answer: here nothing is replied, so this is what each push costs.

Less than may be set, so it is put in past the check.
"""

PUSH_DEADLINE = 20.0


class WechatHarness(ABC):
    """The platform, with one account on it."""

    name: ClassVar[str]
    channel: ClassVar[str] = "wechat"
    send_api: ClassVar[str] = "send"
    spent_code: ClassVar[int] = 45047
    idempotent: ClassVar[bool] = False

    platform: WechatPlatform
    sim: SimAccount

    def __init__(self) -> None:
        self.told: list[Told] = []
        self.url = ""

    @abstractmethod
    def open_account(self, platform: WechatPlatform) -> SimAccount:
        """The account at the platform."""

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[None]:
        async with open_platform(push_tries=1, push_deadline=PUSH_DEADLINE) as self.platform:
            self.sim = self.open_account(self.platform)
            yield

    def settings(self, process: Process) -> CommonSettings:
        settings = WechatSettings(
            home=process.home,
            secret=process.secret,
            partitions=process.partitions,
            wechat_api_url=self.platform.api_url,
            wecom_api_url=self.platform.wecom_url,
        )
        return settings.model_copy(update={"wechat_reply_seconds": REPLY_SECONDS})

    async def start(self, life: Lifespan, settings: CommonSettings, core: Core, dialogue: FakeDialogue) -> Parts:
        assert isinstance(settings, WechatSettings)
        return await service.start(life, settings, core)

    def reached_at(self, url: str) -> None:
        self.url = f"{url}/wechat"
        self.sim.webhook = f"{self.url}/{ACCOUNT}"

    def secrets(self) -> Sequence[str]:
        tokens = tuple(self.sim.tokens._given)
        return (SECRET, APP_SECRET, TOKEN, AES_KEY, NEW_AES_KEY, *tokens)

    def is_turned_away(self, told: Told) -> bool:
        return told.refused

    def fits(self, shown: Shown) -> bool:
        return len(shown.text.encode()) <= TEXT_BYTES

    def breaches(self) -> Sequence[str]:
        """An answer that turns a push away is none: the cases that want one say so."""
        return [breach for breach in self.platform.violations if "HTTP status" not in breach]

    async def rotation(self, stand: Stand) -> AsyncIterator[str]:
        """As the set-up guide says: enter the new key here, then at the platform, then forget the old one."""
        await stand.change_account(aes_key=NEW_AES_KEY, previous_aes_key=AES_KEY)
        yield "the new key is known"
        self.sim.rotate_key(NEW_AES_KEY)
        yield "the platform uses it"
        await stand.change_account(previous_aes_key="")
        yield "the old key is forgotten"

    def is_busy(self) -> None:
        self.platform.faults.next(api=self.send_api, errcode=-1, errmsg="system error")

    def is_busy_for_long(self) -> None:
        self.platform.faults.next(api=self.send_api, errcode=45011, errmsg="api minute-quota reach limit")

    def expires_tokens(self) -> None:
        self.sim.tokens.expire()

    def replaces_tokens(self) -> None:
        self.sim.tokens.replace()

    def closes_window(self) -> None:
        self.platform.advance(TWO_DAYS)

    def quota(self) -> int:
        return QUOTA

    def spends_quota(self) -> None:
        self.platform.faults.next(api=self.send_api, errcode=self.spent_code, errmsg="out of response count limit")

    def refuses(self) -> str:
        self.platform.faults.next(api=self.send_api, errcode=87014, errmsg="risky content")
        return "87014"

    def loses_answer(self, *, taken: bool) -> None:
        self.platform.faults.next(api=self.send_api, outcome="commit_then_http_502" if taken else "http_502")

    def goes_silent(self) -> None:
        self.platform.faults.next(api=self.send_api, outcome="commit_then_hang")

    async def raw(self, body: bytes, query: dict[str, str], account: str = ACCOUNT) -> Told:
        """A push of these bytes, judged by nobody."""
        webhook, self.sim.webhook = self.sim.webhook, f"{self.url}/{account}"
        try:
            return self.heard(await self.sim.post(body, query))
        finally:
            self.sim.webhook = webhook

    def heard(self, attempt: Attempt) -> Told:
        told = Told(attempt.status, attempt.body, attempt.status == 200)
        self.told.append(told)
        return told

    async def garbage_of(self, encrypted: Mapping[str, str]) -> Sequence[Told]:
        """What no kind of account can read; ``encrypted`` is what the query of an encrypted push has besides."""
        bodies = (b"", b"\xff\xfe\x00", b"{", b"<xml>", b"<xml></xml>", b"[]")
        told = [await self.raw(body, self.sim.sign("") | dict(encrypted)) for body in bodies]
        for sealed in ("AAAA", "not base64", ""):
            body = f"<xml><Encrypt><![CDATA[{sealed}]]></Encrypt></xml>".encode()
            told.append(await self.raw(body, self.sim.sign(sealed) | dict(encrypted)))
        for clear in ("", "no markup", "<xml><MsgType>text</MsgType></xml>", "<xml"):
            sealed = self.sim.encrypt(clear)
            body = f"<xml><Encrypt><![CDATA[{sealed}]]></Encrypt></xml>".encode()
            told.append(await self.raw(body, self.sim.sign(sealed) | dict(encrypted)))
        return told


def forged(query: Mapping[str, str]) -> dict[str, str]:
    """The same query, signed by somebody without the token."""
    return {name: value[::-1] if "signature" in name else value for name, value in query.items()}


def shown(received: Received) -> Shown:
    options = tuple(item.label for item in received.menu.items) if received.menu else ()
    return Shown(received.text, options, picture=received.kind == "image")


class PublicHarness(WechatHarness):
    """Pushes hold the messages."""

    sim: SimOfficial | SimMini

    def acknowledges(self, told: Told) -> bool:
        return told.taken

    def unshowable(self) -> tuple[Content, tuple[str, ...]]:
        return Location(31.230416, 121.473701, "南京东路门店"), ("南京东路门店", "31.230416", "121.473701")

    def address_in(self, shown: Shown) -> str:
        return next(word for word in shown.text.split() if word.startswith("http"))

    async def garbage(self) -> Sequence[Told]:
        return await self.garbage_of({"encrypt_type": "aes"})

    async def person(self) -> "FollowerPerson":
        return FollowerPerson(self, self.sim.follower(f"oFollower-{len(self.sim.people)}"))


class OfficialHarness(PublicHarness):
    """A 公众号 in safe mode, with msgmenu."""

    name = "official"
    inapplicable: ClassVar[Mapping[type, str]] = {}

    def open_account(self, platform: WechatPlatform) -> SimOfficial:
        return platform.official(
            app_id="wx0123456789abcdef", secret=APP_SECRET, token=TOKEN, aes_key=AES_KEY, mode="safe"
        )

    def account(self) -> Mapping[str, Any]:
        return {
            "kind": "official",
            "app_id": "wx0123456789abcdef",
            "secret": APP_SECRET,
            "token": TOKEN,
            "aes_key": AES_KEY,
            "require_encryption": True,
        }


class MiniHarness(PublicHarness):
    """A 小程序 with JSON pushes in safe mode; its menus are numbered text."""

    name = "mini"
    inapplicable: ClassVar[Mapping[type, str]] = {}

    def open_account(self, platform: WechatPlatform) -> SimMini:
        return platform.mini(app_id="wxfedcba9876543210", secret=APP_SECRET, token=TOKEN, aes_key=AES_KEY, mode="safe")

    def account(self) -> Mapping[str, Any]:
        return {
            "kind": "mini",
            "app_id": "wxfedcba9876543210",
            "secret": APP_SECRET,
            "token": TOKEN,
            "aes_key": AES_KEY,
            "require_encryption": True,
        }


@dataclass
class FollowerPerson:
    harness: PublicHarness
    follower: OfficialFollower | MiniFollower

    @property
    def address(self) -> Address:
        return Address("default", "wechat", ACCOUNT, self.follower.openid)

    def letter(self, text: str) -> "PushedLetter":
        return PushedLetter(self, text)

    async def says(self, text: str) -> None:
        assert (await self.follower.says(text)).accepted

    async def shows(self, picture: bytes) -> None:
        assert (await self.follower.image(picture)).accepted

    async def chooses(self, label: str, number: int) -> None:
        if isinstance(self.follower, OfficialFollower):
            assert (await self.follower.press(label)).accepted
        else:
            await self.says(str(number))

    def screen(self) -> list[Shown]:
        return [shown(received) for received in self.follower.received]

    async def picture(self, number: int) -> bytes:
        data = self.follower.received[number].media
        assert data is not None
        return data


@dataclass
class PushedLetter:
    person: FollowerPerson
    text: str
    msg_id: int = field(init=False)
    created: int = field(init=False)

    def __post_init__(self) -> None:
        stage = self.person.follower.stage
        self.msg_id, self.created = stage.new_message_id(), stage.date()

    async def write(self) -> None:
        """The platform keeps no log that could be asked: there is the push alone."""

    async def push(self, within: float = PUSH_DEADLINE) -> Told:
        if within < PUSH_DEADLINE:
            self.person.harness.platform.faults.push(cut_after=within)
        result = await self.person.follower.says(self.text, msg_id=self.msg_id, create_time=self.created)
        return self.person.harness.heard(result.attempts[-1])

    async def forged(self) -> Told:
        body, query = self._sealed()
        return await self.person.harness.raw(body, forged(query))

    async def misdirected(self) -> Told:
        body, query = self._sealed()
        return await self.person.harness.raw(body, query, account="nobody")

    def _sealed(self) -> tuple[bytes, dict[str, str]]:
        sim, follower = self.person.harness.sim, self.person.follower
        fields = {
            "ToUserName": sim.original_id,
            "FromUserName": follower.openid,
            "CreateTime": self.created,
            "MsgType": "text",
            "Content": self.text,
            "MsgId": self.msg_id,
        }
        envelope = sim.seal(sim.clear_body(fields), follower.openid)
        return envelope.body, envelope.query
