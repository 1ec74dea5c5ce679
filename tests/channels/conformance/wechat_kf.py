"""微信客服, whose pushes only say that there is something to be asked for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, ClassVar

from tests.channels.conformance.harness import ACCOUNT, Acknowledges, LinksFiles, Shown, Told
from tests.channels.conformance.wechat import (
    AES_KEY,
    APP_SECRET,
    PUSH_DEADLINE,
    TOKEN,
    WechatHarness,
    forged,
    shown,
)
from tests.simulators.wechat import KfCustomer, SimKf, WechatPlatform
from yizhan.core.messages.address import Address
from yizhan.core.messages.content import Content, LogisticsCard, LogisticsStep


class KfHarness(WechatHarness):
    name = "kf"
    inapplicable: ClassVar[Mapping[type, str]] = {
        Acknowledges: "the answer to a callback acknowledges a hint; messages stay in the platform's log, and the cursor, "
        "which is moved when they are durable, acknowledges them",
        LinksFiles: "the platform takes files as they are",
    }
    send_api = "kf_send"
    spent_code = 95001
    idempotent = True

    sim: SimKf

    def open_account(self, platform: WechatPlatform) -> SimKf:
        return platform.kf(corp_id="ww0123456789abcdef", secret=APP_SECRET, token=TOKEN, aes_key=AES_KEY)

    def account(self) -> Mapping[str, Any]:
        return {
            "kind": "kf",
            "corp_id": "ww0123456789abcdef",
            "secret": APP_SECRET,
            "token": TOKEN,
            "aes_key": AES_KEY,
        }

    def unshowable(self) -> tuple[Content, tuple[str, ...]]:
        step = LogisticsStep(datetime(2026, 11, 20, 8, 0, tzinfo=UTC), "已到达南京东路驿站")
        card = LogisticsCard("D20261120", "顺丰", "SF1020304050", (step,))
        return card, ("D20261120", "顺丰", "SF1020304050", "已到达南京东路驿站")

    async def garbage(self) -> Sequence[Told]:
        return await self.garbage_of({})

    async def person(self) -> "KfPerson":
        return KfPerson(self, self.sim.customer(f"wmCustomer-{len(self.sim.customers)}"))


@dataclass
class KfPerson:
    harness: KfHarness
    customer: KfCustomer

    @property
    def address(self) -> Address:
        return Address("default", "wechat", ACCOUNT, self.customer.openid, self.customer.open_kfid)

    def letter(self, text: str) -> "LoggedLetter":
        return LoggedLetter(self, text)

    async def says(self, text: str) -> None:
        assert (await self.customer.says(text)).accepted

    async def shows(self, picture: bytes) -> None:
        assert (await self.customer.image(picture)).accepted

    async def chooses(self, label: str, number: int) -> None:
        assert (await self.customer.press(label)).accepted

    def screen(self) -> list[Shown]:
        return [shown(received) for received in self.customer.received]

    async def picture(self, number: int) -> bytes:
        data = self.customer.received[number].media
        assert data is not None
        return data


@dataclass
class LoggedLetter:
    """A message in the log, and callbacks about it."""

    person: KfPerson
    text: str
    written: bool = False

    async def write(self) -> None:
        if not self.written:
            self.written = True
            await self.person.customer.says(self.text, hint=False)

    async def push(self, within: float = PUSH_DEADLINE) -> Told:
        await self.write()
        harness = self.person.harness
        if within < PUSH_DEADLINE:
            harness.platform.faults.push(cut_after=within)
        result = await harness.sim.hint(self.person.customer.open_kfid)
        return harness.heard(result.attempts[-1])

    async def forged(self) -> Told:
        body, query = self._sealed()
        return await self.person.harness.raw(body, forged(query))

    async def misdirected(self) -> Told:
        body, query = self._sealed()
        return await self.person.harness.raw(body, query, account="nobody")

    def _sealed(self) -> tuple[bytes, dict[str, str]]:
        sim = self.person.harness.sim
        clear = (
            f"<xml><ToUserName><![CDATA[{sim.app_id}]]></ToUserName><CreateTime>{sim.stage.date()}</CreateTime>"
            "<MsgType><![CDATA[event]]></MsgType><Event><![CDATA[kf_msg_or_event]]></Event>"
            f"<Token><![CDATA[{sim.log.new_token()}]]></Token>"
            f"<OpenKfId><![CDATA[{self.person.customer.open_kfid}]]></OpenKfId></xml>"
        )
        envelope = sim.seal(clear)
        return envelope.body, envelope.query
