"""抖店's errors: the sub code where there is one, else the code (newer gateways) or ``err_no`` (older ones). All memory."""

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

FINE = frozenset({"0", "10000"})
"""``err_no`` 0 and ``code`` 10000."""

DOUDIAN: Meanings = {
    "20000": retry(BUSY_SECONDS),
    "30001": ACCOUNT,  # app key
    "30002": token,
    "30005": token,
    "30007": ACCOUNT,  # signature
    "40001": ACCOUNT,
    "40003": NOT_PERMITTED,
    "50002": refused(Refusal.OTHER),
    "70000": retry(BUSY_SECONDS),
    "80000": retry(MINUTE_SECONDS),
}
DOUDIAN_SUB: Meanings = {
    "isv.access-token-expired": token,
    "isv.access-token-no-existed": token,
    "isv.app-permissions-insufficient": NOT_PERMITTED,
    "isv.signature-invalid": ACCOUNT,
    "isv.parameter-invalid:2001": no_order,
    "isv.business-failed:2001001": no_order,
    "isp.service-error": retry(BUSY_SECONDS),
    "isp.service-unavailable": retry(BUSY_SECONDS),
}
