"""Setting up an account: asking the platform whether the credentials work, and what is left to do on its pages."""

import re
from collections.abc import Hashable
from typing import Literal

import aiohttp
from pydantic import BaseModel, Field

from yizhan.channels.account_setup import Checked, Entry, Steps
from yizhan.channels.contract import Refused, SendError
from yizhan.channels.provider_errors import ProviderErrors
from yizhan.channels.wechat.advice import advice
from yizhan.channels.wechat.calls import Answered, Calls
from yizhan.channels.wechat.settings import KfSettings, MiniSettings, OfficialSettings, WechatAccountSettings
from yizhan.core.runtime.clock import now
from yizhan.core.runtime.metrics import Metrics
from yizhan.core.runtime.settings import CommonSettings, WechatSettings

CHANNEL = "wechat"
MOST_SHOWN = 20
"""Of the accounts of 微信客服 in one company."""

_ACCOUNTS_AT_ONCE = 100
_NOBODY = "yizhan-setup-check"
_NOT_AUTHORISED = "48001"
_Public = OfficialSettings | MiniSettings


class _Token(Answered):
    access_token: str = Field(min_length=1)


class _Addresses(Answered):
    ip_list: tuple[str, ...] = ()


class _Desk(BaseModel):
    open_kfid: str
    name: str = ""


class _Desks(Answered):
    account_list: tuple[_Desk, ...] = ()


class WechatSetup:
    """公众号, 小程序 and 微信客服."""

    def credentials(self, settings: BaseModel) -> Hashable:
        own = _own(settings)
        name = own.corp_id if isinstance(own, KfSettings) else own.app_id
        desks = own.open_kfids if isinstance(own, KfSettings) else ()
        return (own.kind, name, own.secret.get_secret_value(), desks)

    async def check(self, settings: BaseModel, process: CommonSettings) -> Checked:
        own = _own(settings)
        if not isinstance(process, WechatSettings):
            raise TypeError("the WeChat channel's settings are needed")
        base = process.wecom_api_url if isinstance(own, KfSettings) else process.wechat_api_url
        async with aiohttp.ClientSession() as session:
            # With an empty table every code comes back as it was told: here people read it, no message depends on it.
            calls = Calls(session, base, now, ProviderErrors(Metrics(CHANNEL), CHANNEL), meanings={})
            try:
                return await (_check_kf(calls, own) if isinstance(own, KfSettings) else _check_public(calls, own))
            except Refused as error:
                return Checked(problems=advice(own.kind, error.code, error.text), answered=not _is_http(error.code))
            except SendError:
                return Checked(problems=(f"{base} gives no usable answer: {_LOOK}",), answered=False)

    def steps(self, account: str, settings: BaseModel, public_url: str) -> Steps:
        own = _own(settings)
        aes_key = own.aes_key.get_secret_value()
        address = f"{public_url or 'https://<YIZHAN_PUBLIC_URL>'}/{CHANNEL}/{account}"
        entries = [
            Entry("URL", address),
            Entry("Token", own.token.get_secret_value(), secret=True),
            Entry(
                "EncodingAESKey",
                aes_key or "(随机生成即可，明文模式不使用 / any, it is not used)",
                secret=bool(aes_key),
            ),
        ]
        if not isinstance(own, KfSettings):
            mode = "安全模式 (safe mode)" if aes_key else "明文模式 (plain mode)"
            entries += [
                Entry("消息加解密方式 (mode)", mode),
                Entry("数据格式 (format)", "XML" if own.kind == "official" else "JSON / XML"),
            ]
        return Steps(_WHERE[own.kind], tuple(entries), (*_reachable(public_url), *_THEN[own.kind]))


async def _check_public(calls: Calls, own: _Public) -> Checked:
    """The token is the proof; then two calls that change nothing show what the account may do."""
    secret = own.secret.get_secret_value()
    body = {"grant_type": "client_credential", "appid": own.app_id, "secret": secret, "force_refresh": False}
    token = (await calls.post("/cgi-bin/stable_token", "", body, _Token, secrets=(secret,))).access_token
    found = [f"{own.app_id}: the platform gives a token / AppID 与 AppSecret 有效"]
    try:
        addresses = (await calls.get("/cgi-bin/getcallbackip", token, {}, _Addresses)).ip_list
    except Refused as error:
        found.append(f"getcallbackip: {error.code} {error.text}")
    else:
        found.append(f"its pushes come from {len(addresses)} addresses / 推送来源 IP {len(addresses)} 个")
    replies_only = isinstance(own, OfficialSettings) and not own.customer_service
    if not replies_only and not await _may_write(calls, token):
        found += _REPLIES_ONLY[own.kind]
    return Checked(found=tuple(found))


async def _may_write(calls: Calls, token: str) -> bool:
    """Whether the customer-service API is open to the account: shown by how it refuses "typing" to nobody.

    Without permission the answer is 48001; with it, that there is no such customer.
    """
    body = {"touser": _NOBODY, "command": "Typing"}
    try:
        await calls.post("/cgi-bin/message/custom/typing", token, body, Answered)
    except Refused as error:
        return error.code != _NOT_AUTHORISED
    return True


async def _check_kf(calls: Calls, own: KfSettings) -> Checked:
    secret = own.secret.get_secret_value()
    query = {"corpid": own.corp_id, "corpsecret": secret}
    token = (await calls.get("/cgi-bin/gettoken", "", query, _Token, secrets=(secret,))).access_token
    found = f"{own.corp_id}: WeCom gives a token / CorpID 与 Secret 有效"
    desks = await _desks(calls, token)
    names = {desk.open_kfid for desk in desks}
    missing = [open_kfid for open_kfid in own.open_kfids if open_kfid not in names]
    if missing:
        return Checked(
            problems=tuple(
                f"open_kfids: {open_kfid} is not among the company's, or this app may not serve it / "
                "不在企业的客服账号里，或未授权给该应用"
                for open_kfid in missing
            )
        )
    lines = (f"  {desk.open_kfid}  {desk.name}" for desk in desks[:MOST_SHOWN])
    return Checked(found=(found, f"accounts that can be served / 可接待的客服账号: {len(desks)}", *lines))


async def _desks(calls: Calls, token: str) -> tuple[_Desk, ...]:
    """All accounts of 微信客服 that the app may serve. Source: WeCom's page 94661. Raises a SendError."""
    found: tuple[_Desk, ...] = ()
    while True:
        body = {"offset": len(found), "limit": _ACCOUNTS_AT_ONCE}
        page = (await calls.post("/cgi-bin/kf/account/list", token, body, _Desks)).account_list
        found += page
        if len(page) < _ACCOUNTS_AT_ONCE:
            return found


def _own(settings: BaseModel) -> OfficialSettings | MiniSettings | KfSettings:
    if not isinstance(settings, WechatAccountSettings):
        raise TypeError("not the settings of a WeChat account")
    return settings.root


def _is_http(code: str) -> bool:
    """Whether something between us and the platform answered, and not the platform."""
    return code.startswith("http_")


def _reachable(public_url: str) -> tuple[str, ...]:
    """The platform takes an address on port 80 or 443 only, with a name."""
    if re.fullmatch(r"(http://[^:/]+(:80)?|https://[^:/]+(:443)?)(/.*)?", public_url) and "localhost" not in public_url:
        return ()
    return (
        "  !! YIZHAN_PUBLIC_URL must be an address that the platform can reach: https, port 443 (or http, port 80).",
        "  !! YIZHAN_PUBLIC_URL 必须是微信能访问的地址：https 443 端口，或 http 80 端口。",
    )


_LOOK = (
    "look at the network, a proxy and YIZHAN_WECHAT_API_URL or YIZHAN_WECOM_API_URL / 请检查网络、代理和 API 地址设置"
)

_Kind = Literal["official", "mini", "kf"]

_REPLIES_ONLY: dict[_Kind, tuple[str, ...]] = {
    "official": (
        "!! it may not use the customer-service API (48001): add --set customer_service=false, answers then go into pushes only",
        "!! 没有客服消息接口权限（48001）：请加 --set customer_service=false，只用被动回复",
    ),
    "mini": (
        "!! it may not use the customer-service API (48001): nothing can be sent to its customers",
        "!! 没有客服消息接口权限（48001）：无法向客户发送消息",
    ),
}

_WHERE: dict[_Kind, str] = {
    "official": "Enter at 微信开发者平台 > 我的业务 > 公众号/服务号 > 基础信息 > 域名与消息推送配置 (formerly 基本配置 > 服务器配置):",
    "mini": "Enter in the 小程序 console, 开发管理 > 消息推送 (formerly 开发 > 开发设置 > 消息推送):",
    "kf": "Enter in WeCom's console, 应用管理 > 微信客服, the callback (接收事件服务器) of the app that may call its API:",
}
"""Source: the vendor's page on where 开发接口管理 went (guide/dev/migration), reference channels.md B and C.3."""

_NEXT = (
    "Start `yizhan up` (or `yizhan serve wechat`) before saving: the page asks the URL at once.",
    "先启动网关再点“提交”：保存时微信会立即验证 URL。",
)

_THEN: dict[_Kind, tuple[str, ...]] = {
    "official": (*_NEXT, "Then press 启用 there, follow the account with a phone and write to it."),
    "mini": (*_NEXT, "Then open a customer-service button (open-type=contact) in the mini program and write."),
    "kf": (*_NEXT, "Then choose the 微信客服 accounts that the app serves, open one's link in WeChat and write."),
}
