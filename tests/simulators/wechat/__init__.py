"""A simulator of the WeChat platform: 公众号, 小程序 and 微信客服, judged by the vendor's rules and not by our code.

It pushes as WeChat pushes (signed, 5 s, three tries, every mode), serves the API the gateway calls, holds windows,
quotas, tokens and media to their times, and goes wrong on request. Nothing of the product is imported here.
"""

from tests.simulators.wechat.account import SimMini, SimOfficial
from tests.simulators.wechat.customer import KfCustomer
from tests.simulators.wechat.follower import MiniFollower, OfficialFollower
from tests.simulators.wechat.kf import SimKf
from tests.simulators.wechat.platform import WechatPlatform, open_platform
from tests.simulators.wechat.records import Attempt, Call, Menu, MenuItem, PushResult, Received, VerifyResult

__all__ = [
    "Attempt",
    "Call",
    "KfCustomer",
    "Menu",
    "MenuItem",
    "MiniFollower",
    "OfficialFollower",
    "PushResult",
    "Received",
    "SimKf",
    "SimMini",
    "SimOfficial",
    "VerifyResult",
    "WechatPlatform",
    "open_platform",
]
