"""``make simulate-wechat``: a WeChat platform on this machine, with a phone to play a follower on.

Three accounts with fixed demo credentials wait for a gateway; how to connect it is printed at the start.
"""

import argparse
import asyncio
import signal
from collections.abc import Sequence

from aiohttp import web

from tests.simulators.wechat.account import SimAccount
from tests.simulators.wechat.page import Page, Shown
from tests.simulators.wechat.platform import WechatPlatform, open_platform

AES_KEY = "yizhanDemoKeyyizhanDemoKeyyizhanDemoKey0123"
OPEN_KFID = "wkDemoService0001"


def demo_accounts(platform: WechatPlatform, webhook: str, mode: str) -> dict[str, Shown]:
    """One account of each kind; ``webhook`` has ``{account}`` where the account's name belongs."""

    def hook(name: str) -> str:
        return webhook.replace("{account}", name)

    chosen = next(found for found in ("plain", "compatible", "safe") if found == mode)
    official = platform.official(
        app_id="wxd3a0000000000001",
        secret="demo-secret-of-the-official-account",
        token="demoTokenShop",
        aes_key=AES_KEY,
        mode=chosen,
        original_id="gh_demo0000shop",
        webhook=hook("shop"),
    )
    mini = platform.mini(
        app_id="wxd3a0000000000002",
        secret="demo-secret-of-the-mini-program",
        token="demoTokenMini",
        aes_key=AES_KEY,
        mode=chosen,
        original_id="gh_demo0000mini",
        webhook=hook("mini"),
    )
    kf = platform.kf(
        corp_id="wwd3a0000000000003",
        secret="demo-secret-of-the-corp",
        token="demoTokenKf",
        aes_key=AES_KEY,
        webhook=hook("kf"),
        open_kfids=(OPEN_KFID,),
    )
    return {
        "shop": Shown("公众号 · 云杉家居", official),
        "mini": Shown("小程序 · 云杉商城", mini),
        "kf": Shown("微信客服 · 云杉售后", kf),
    }


def commands(accounts: dict[str, Shown]) -> list[str]:
    """The command lines that connect a gateway to the accounts."""
    return [_command(name, shown.account.kind, shown.account) for name, shown in accounts.items()]


def _command(name: str, kind: str, account: SimAccount) -> str:
    settings = {
        "kind": kind,
        "corp_id" if kind == "kf" else "app_id": account.app_id,
        "secret": account.secret,
        "token": account.token,
        "aes_key": account.aes_key,
    }
    return f"yizhan account add wechat {name} " + " ".join(f"--set {key}={value}" for key, value in settings.items())


def _guide(platform: WechatPlatform, accounts: dict[str, Shown]) -> str:
    lines = [
        "",
        f"  手机 Phone:  {platform.api_url}/",
        "",
        "  网关使用以下设置 The gateway is started with these settings:",
        f"    YIZHAN_WECHAT_API_URL={platform.api_url} YIZHAN_WECOM_API_URL={platform.wecom_url}",
        "",
        "  并连接账号 and connects the accounts by:",
        *(f"    {command}" for command in commands(accounts)),
        "",
        "  推送到 Pushes go to:",
        *(f"    {name:5} {shown.account.webhook}" for name, shown in accounts.items()),
        "",
    ]
    return "\n".join(lines)


async def serve(port: int, webhook: str, mode: str) -> None:
    """Until interrupted."""
    accounts: dict[str, Shown] = {}

    def extend(platform: WechatPlatform, app: web.Application) -> None:
        accounts.update(demo_accounts(platform, webhook, mode))
        Page(platform, accounts).add_to(app)

    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with open_platform(port=port, extend=extend) as platform:
        print(_guide(platform, accounts), flush=True)
        await stop.wait()


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.simulators.wechat", description=__doc__)
    parser.add_argument("--webhook", default="http://127.0.0.1:8080/wechat/{account}", help="where pushes go")
    parser.add_argument("--port", type=int, default=8090)
    parser.add_argument("--mode", choices=["plain", "compatible", "safe"], default="safe", help="明文, 兼容 or 安全")
    chosen = parser.parse_args(arguments)
    asyncio.run(serve(chosen.port, chosen.webhook, chosen.mode))


if __name__ == "__main__":
    main()
