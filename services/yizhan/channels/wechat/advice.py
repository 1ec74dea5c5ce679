"""What to do about a code that the platform answers while an account is set up, for people of either language.

Source: reference channels.md A.11, A.13, C.3; 40002, 40091, 40243, 41002, 41004, 50004, 50007, 89503 from memory.
"""

import re
from typing import Literal

Kind = Literal["official", "mini", "kf"]

_ADDRESS = re.compile(r"(?:invalid ip|from ip:)\s*([0-9a-fA-F.:]+[0-9a-fA-F])")

_SECRET = (
    "the secret is not this account's, or was reset: copy it anew (--ask secret)",
    "密钥不对或已被重置：请重新复制（--ask secret）",
)
_ID = (
    "there is no such {id}: compare it letter by letter with the console",
    "{id} 不存在：请与后台逐字核对",
)
_LIST = (
    "put {ip} on the {list} in the console, wait a minute, then try again",
    "请在后台把 {ip} 加入{list}，一分钟后重试",
)
_FROZEN = (
    "the account is frozen, cancelled or its AppSecret is: look at the console's notices",
    "账号或 AppSecret 已冻结、注销：请查看后台通知",
)
_LATER = ("the platform is busy or its quota is spent: try again later", "平台繁忙或调用额度用完：请稍后再试")

_ADVICE: dict[str, tuple[str, str]] = {
    "-1": _LATER,
    "40001": _SECRET,
    "40125": _SECRET,
    "40091": _SECRET,
    "40002": _ID,
    "40013": _ID,
    "41002": _ID,
    "41004": _SECRET,
    "40164": _LIST,
    "60020": _LIST,
    "61004": _LIST,
    "40243": (
        "the AppSecret is frozen: unfreeze it in the console",
        "AppSecret 已冻结：请在后台解冻",
    ),
    "50004": _FROZEN,
    "50007": _FROZEN,
    "89503": (
        "the call needs an administrator's consent: it is asked for on the administrator's phone",
        "需要管理员在手机上确认本次调用",
    ),
    "45009": _LATER,
    "45011": _LATER,
    "48001": (
        "the account has no permission for this call: look at 接口权限 in the console",
        "账号没有该接口的权限：请查看后台的“接口权限”",
    ),
    "48002": (
        "the app may not call 微信客服: choose it under 可调用接口的应用",
        "该应用无权调用微信客服接口：请在“可调用接口的应用”中勾选",
    ),
    "60011": (
        "the app may not call 微信客服: choose it under 可调用接口的应用",
        "该应用无权调用微信客服接口：请在“可调用接口的应用”中勾选",
    ),
}
_OTHER = ("ask the platform's support with its rid", "请凭 rid 联系平台客服")

_IDS: dict[Kind, str] = {"official": "AppID", "mini": "AppID", "kf": "CorpID"}
_LISTS: dict[Kind, tuple[str, str]] = {
    "official": ("IP whitelist (IP白名单)", " IP 白名单"),
    "mini": ("IP whitelist (IP白名单)", " IP 白名单"),
    "kf": ("app's trusted IPs (企业可信IP)", "应用的“企业可信IP”"),
}


def advice(kind: Kind, code: str, text: str) -> tuple[str, ...]:
    """The platform's own words, then what to do, in English and in Chinese: a line each."""
    english, chinese = _ADVICE.get(code, _OTHER)
    address = _ADDRESS.search(text)
    here = address.group(1) if address else "this machine's address"
    names = {"id": _IDS[kind], "ip": here}
    return (
        f"{code} {text}".rstrip(),
        english.format(**names, list=_LISTS[kind][0]),
        chinese.format(**names, list=_LISTS[kind][1]),
    )
