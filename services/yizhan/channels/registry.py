"""Every channel there is: what the settings of its accounts are, and how an account is set up where that takes anything."""

from collections.abc import Mapping

from pydantic import BaseModel

from yizhan.channels.account_setup import AccountSetup
from yizhan.channels.app.settings import AppAccountSettings
from yizhan.channels.ecommerce.settings import EcommerceAccountSettings
from yizhan.channels.ecommerce.setup import ShopSetup
from yizhan.channels.email.settings import EmailAccountSettings
from yizhan.channels.email.setup import EmailSetup
from yizhan.channels.website.settings import WebsiteAccountSettings
from yizhan.channels.wechat.settings import WechatAccountSettings
from yizhan.channels.wechat.setup import WechatSetup

ACCOUNT_SETTINGS: dict[str, type[BaseModel]] = {
    "website": WebsiteAccountSettings,
    "app": AppAccountSettings,
    "wechat": WechatAccountSettings,
    "ecommerce": EcommerceAccountSettings,
    "email": EmailAccountSettings,
}

ACCOUNT_SETUPS: Mapping[str, AccountSetup] = {
    "wechat": WechatSetup(),
    "ecommerce": ShopSetup(),
    "email": EmailSetup(),
}
"""Channels whose platforms can be asked whether an account works."""
