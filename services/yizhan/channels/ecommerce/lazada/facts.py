"""What the platform calls things. Source: reference channels.md E.4 unless a line says otherwise."""

from collections.abc import Mapping
from enum import IntEnum
from typing import Final

API: Final[Mapping[str, str]] = {
    "sg": "https://api.lazada.sg/rest",
    "th": "https://api.lazada.co.th/rest",
    "my": "https://api.lazada.com.my/rest",
    "vn": "https://api.lazada.vn/rest",
    "ph": "https://api.lazada.com.ph/rest",
    "id": "https://api.lazada.co.id/rest",
}
"""By the country of the shop."""

CURRENCIES: Final[Mapping[str, str]] = {"sg": "SGD", "th": "THB", "my": "MYR", "vn": "VND", "ph": "PHP", "id": "IDR"}

AUTH: Final = "https://auth.lazada.com"
AUTHORISE: Final = "/oauth/authorize"
AUTH_REST: Final = "/rest"
CREATE: Final = "/auth/token/create"
REFRESH: Final = "/auth/token/refresh"

SEND: Final = "/im/message/send"
ORDER: Final = "/order/get"
ORDER_ITEMS: Final = "/order/items/get"

ANSWER_SECONDS: Final = 0.4
"""A push that is not answered with 200 within half a second comes again after half an hour, twelve times. The rest of that
is the network's.
"""

UNANSWERED: Final = 5
"""Messages to a buyer who does not write. Whether they count from the first day on is told in two ways; the stricter one."""

FILE_HOSTS: Final = ("slatic.net", "lazcdn.com", "alicdn.com", "aliyuncs.com")
"""Where pictures in chats lie; memory. An account can name others."""


class Pushed(IntEnum):
    """``message_type`` of a push."""

    ORDER = 0
    MESSAGE = 2
    TOKEN_ENDS = 8
    FULFILMENT = 14
    SESSION = 19


class Who(IntEnum):
    """``from_account_type``."""

    BUYER = 1
    SELLER = 2


class Template(IntEnum):
    """``template_id``: what a message is."""

    TEXT = 1
    SYSTEM = 2
    PICTURE = 3
    EMOJI = 4
    VIDEO = 6
    ITEM = 10006
    ORDER = 10007
    VOUCHER = 10008
    FOLLOW = 10010
    REFUND = 10011
    AUTO_REPLY = 10015


SYSTEM_TYPE: Final = 2
"""``type`` of a message that the platform itself wrote."""

RECALLED: Final = 1
"""``status`` of a message that was taken back."""
