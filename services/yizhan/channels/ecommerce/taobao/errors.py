"""TOP's ``error_response``: the main code, and where that says "business" (15) or "session" the sub code.

Source: reference E.6 (7, 15, 25, 27, 29); the others and all sub codes are memory.
"""

from yizhan.channels.contract import Refusal
from yizhan.channels.ecommerce.order_errors import (
    ACCOUNT,
    BUSY_SECONDS,
    MINUTE_SECONDS,
    NOT_PERMITTED,
    Meanings,
    no_order,
    refused,
    retry,
    token,
)

TAOBAO: Meanings = {
    "7": retry(MINUTE_SECONDS),
    "10": retry(BUSY_SECONDS),  # service away; memory
    "11": NOT_PERMITTED,  # this app may not; memory
    "15": refused(Refusal.OTHER),
    "21": ACCOUNT,  # no method; memory
    "22": ACCOUNT,  # no such method; memory
    "25": ACCOUNT,
    "26": ACCOUNT,  # no session; memory
    "27": token,
    "29": ACCOUNT,
    "40": refused(Refusal.OTHER),  # an argument is missing; memory
    "41": refused(Refusal.OTHER),  # an argument is wrong; memory
}
"""By the main code."""

TAOBAO_SUB: Meanings = {
    "isv.trade-not-exist": no_order,
    "isv.invalid-parameter": no_order,
    "isv.invalid-permission": no_order,  # the trade is another shop's
    "isp.top-remote-connection-timeout": retry(BUSY_SECONDS),
    "isp.remote-service-timeout": retry(BUSY_SECONDS),
    "isp.remote-service-error": retry(BUSY_SECONDS),
    "isp.service-unavailable": retry(BUSY_SECONDS),
    "accesscontrol.limited-by-api-access-count": retry(MINUTE_SECONDS),
    "accesscontrol.limited-by-app-access-count": retry(MINUTE_SECONDS),
}
"""By the sub code, which says more."""
