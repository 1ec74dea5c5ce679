"""WooCommerce's errors: ``code`` of the answer, else the HTTP status. From the vendor's documentation, "memory" where not."""

from yizhan.channels.contract import Refusal
from yizhan.channels.ecommerce.order_errors import ACCOUNT, BUSY_SECONDS, Meanings, no_order, refused, retry

WOOCOMMERCE: Meanings = {
    "woocommerce_rest_shop_order_invalid_id": no_order,
    "woocommerce_rest_invalid_shop_order_id": no_order,
    "woocommerce_rest_cannot_view": ACCOUNT,
    "woocommerce_rest_authentication_error": ACCOUNT,
    "rest_no_route": ACCOUNT,
    "rest_invalid_param": refused(Refusal.OTHER),
    "400": refused(Refusal.OTHER),
    "401": ACCOUNT,
    "403": ACCOUNT,
    "404": ACCOUNT,  # no such address: there is no WooCommerce
    "408": retry(BUSY_SECONDS),  # memory
}
