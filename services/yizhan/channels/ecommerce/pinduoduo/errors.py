"""Pinduoduo's ``error_response``: 10019 is of the reference (E.6), the others are memory."""

from yizhan.channels.contract import Refusal
from yizhan.channels.ecommerce.order_errors import (
    ACCOUNT,
    BUSY_SECONDS,
    MINUTE_SECONDS,
    NOT_PERMITTED,
    Meanings,
    refused,
    retry,
    token,
)

PINDUODUO: Meanings = {
    "10000": refused(Refusal.OTHER),  # an argument
    "10001": refused(Refusal.OTHER),  # a common argument
    "10018": token,
    "10019": token,
    "20004": ACCOUNT,  # signature
    "20005": ACCOUNT,  # this machine's address is not on the list
    "20031": NOT_PERMITTED,
    "30000": NOT_PERMITTED,
    "50000": retry(BUSY_SECONDS),
    "50001": refused(Refusal.OTHER),
    "52001": retry(BUSY_SECONDS),
    "52002": retry(BUSY_SECONDS),
    "52101": retry(MINUTE_SECONDS),
    "52102": retry(BUSY_SECONDS),
    "52103": retry(BUSY_SECONDS),
    "70031": retry(MINUTE_SECONDS),
}
BUSINESS = "50001"
MISSING = "不存在"
"""What 50001 says of an order that is not there, or is another shop's: only its words tell; memory."""
