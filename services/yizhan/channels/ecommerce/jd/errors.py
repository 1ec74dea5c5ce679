"""JOS's ``error_response``. The numbers are memory (the reference names none)."""

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

JD: Meanings = {
    "10": ACCOUNT,  # app key
    "11": ACCOUNT,  # signature
    "12": ACCOUNT,  # signature
    "18": token,
    "19": token,
    "21": NOT_PERMITTED,
    "43": retry(BUSY_SECONDS),
    "50": retry(MINUTE_SECONDS),
    "65": refused(Refusal.OTHER),
    "66": retry(BUSY_SECONDS),
    "67": retry(BUSY_SECONDS),
    "10100056": no_order,
    "10400001": no_order,
}
