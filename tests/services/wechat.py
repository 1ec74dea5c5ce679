"""Accounts of the simulated WeChat platform, connected to a running product as an operator connects them."""

import asyncio
import base64
from itertools import count
from typing import Literal

from tests.services.deployment import Deployment
from tests.simulators.console_client import ConsoleClient
from tests.simulators.wechat import (
    KfCustomer,
    MiniFollower,
    OfficialFollower,
    PushResult,
    SimKf,
    SimMini,
    SimOfficial,
    WechatPlatform,
)

AES_KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
TOKEN = "Token123"
PICTURE = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
Kind = Literal["official", "mini", "kf"]
SimAccount = SimOfficial | SimMini | SimKf
Person = OfficialFollower | MiniFollower | KfCustomer

_numbers = count(1)


def new_openid() -> str:
    """A customer that nobody had before."""
    return f"o{next(_numbers):027d}"


async def connect(deployment: Deployment, account: SimAccount, name: str, *settings: str) -> None:
    """``yizhan account add wechat``, with the platform checked; then the platform checks our address."""
    kind = {SimOfficial: "official", SimMini: "mini", SimKf: "kf"}[type(account)]
    own = "corp_id" if kind == "kf" else "app_id"
    given = [f"kind={kind}", f"{own}={account.app_id}", f"token={TOKEN}", f"aes_key={AES_KEY}", *settings]
    secret = deployment.folder / f"{name}.secret"
    await asyncio.to_thread(secret.write_text, account.secret)
    arguments = [part for item in given for part in ("--set", item)]
    await asyncio.to_thread(
        deployment.yizhan,
        *("account", "add", "wechat", name, "--name", "山居生活", *arguments, "--set-file", f"secret={secret}"),
    )
    account.webhook = f"{deployment.wechat}/wechat/{name}"
    async with asyncio.timeout(30):
        while not (await account.verify_url()).ok:
            await asyncio.sleep(0.2)  # the running channel looks for new accounts every few seconds


def new_official(platform: WechatPlatform, *, customer_service: bool = True) -> SimOfficial:
    number = next(_numbers)
    return platform.official(
        app_id=f"wx{number:016d}",
        secret=f"{number:032d}",
        token=TOKEN,
        aes_key=AES_KEY,
        mode="safe",
        customer_service=customer_service,
    )


def new_mini(platform: WechatPlatform) -> SimMini:
    number = next(_numbers)
    return platform.mini(app_id=f"wx{number:016d}", secret=f"{number:032d}", token=TOKEN, aes_key=AES_KEY, mode="safe")


def new_kf(platform: WechatPlatform) -> SimKf:
    number = next(_numbers)
    return platform.kf(corp_id=f"ww{number:016d}", secret=f"{number:032d}", token=TOKEN, aes_key=AES_KEY)


def new_name(kind: Kind) -> str:
    """A name for an account."""
    return f"{kind}{next(_numbers)}"


async def answered_at_once(account: SimOfficial, text: str) -> tuple[OfficialFollower, PushResult]:
    """A new follower who was answered in the answer to the push; where the machine stood still for seconds, not the first."""
    for _ in range(5):
        follower = account.follower(new_openid())
        push = await follower.says(text)
        if push.reply is not None:
            return follower, push
    raise AssertionError("nobody was answered in the answer to the push")


async def in_hand(agent: ConsoleClient, customer: Person) -> str:
    """The customer asks for a human, the agent takes it; gives the conversation's id."""
    await agent.appear("online")
    await customer.says("转人工")
    conversation_id = await agent.accept(await agent.offered())
    await agent.in_state(conversation_id, "assigned")
    return conversation_id
