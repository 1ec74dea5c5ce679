"""The page that a seller sees after consenting, in Chinese and English. Nothing of the request is on it."""

import base64
import hashlib
from enum import Enum

from aiohttp import web

_STYLE = "body{font:16px/1.6 system-ui,sans-serif;max-width:34em;margin:4em auto;padding:0 1em;color:#222}h1{font-size:1.3em}"
_STYLE_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
CSP = (
    f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


class Shown(Enum):
    """What came of it: status, and the words in both languages."""

    DONE = (
        200,
        "授权成功",
        "店铺已连接，可以关闭此页。",
        "Connected",
        "The shop is connected. You may close this page.",
    )
    TICKET = (
        403,
        "链接无效或已过期",
        "请在命令行重新运行 yizhan account connect，并打开新的链接。",
        "This link is not valid any more",
        "Run yizhan account connect again and open the new link.",
    )
    STATE = (
        403,
        "授权无法完成",
        "请在同一个浏览器中重新打开授权链接。",
        "The consent could not be completed",
        "Open the link again, and stay in the same browser until the end.",
    )
    REFUSED = (
        502,
        "平台没有授权",
        "平台拒绝了这次授权。请检查应用的密钥与回调地址，然后重试。",
        "The platform did not grant it",
        "The platform refused. Check the app's key, secret and redirect address, then try again.",
    )
    LATER = (
        503,
        "暂时无法完成",
        "平台或本系统暂时没有响应，请稍后重新打开授权链接。",
        "Not possible right now",
        "The platform or this system did not answer. Open the link again in a while.",
    )
    NO_PUBLIC_URL = (
        503,
        "缺少 YIZHAN_PUBLIC_URL",
        "请先设置 YIZHAN_PUBLIC_URL（平台回跳的 https 地址），然后重启。",
        "YIZHAN_PUBLIC_URL is missing",
        "Set YIZHAN_PUBLIC_URL to the https address under which this system is reached, then restart.",
    )
    NOTHING = (
        404,
        "没有这个店铺",
        "没有这个账号，或该平台不需要授权。",
        "There is no such shop",
        "There is no such account, or its platform asks for no consent.",
    )


def page(shown: Shown) -> web.Response:
    """The page; nobody keeps it."""
    status, title, text, title_en, text_en = shown.value
    body = (
        f'<!doctype html><html lang="zh-CN"><meta charset="utf-8"><title>{title} · {title_en}</title>'
        f"<style>{_STYLE}</style><h1>{title}</h1><p>{text}</p>"
        f'<div lang="en"><h1>{title_en}</h1><p>{text_en}</p></div></html>'
    )
    headers = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
    return web.Response(status=status, text=body, content_type="text/html", headers=headers)
