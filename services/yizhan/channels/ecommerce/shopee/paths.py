"""Calls of Shopee, each with its version. Source: reference E.5; what it marks as agreed on by public clients is so here."""

from typing import Final

CONSENT: Final = "/api/v2/shop/auth_partner"
TOKEN: Final = "/api/v2/auth/token/get"  # noqa: S105 - a path, not a token
RENEWAL: Final = "/api/v2/auth/access_token/get"

SEND: Final = "/api/v2/sellerchat/send_message"
MESSAGES: Final = "/api/v2/sellerchat/get_message"
IMAGES: Final = "/api/v2/sellerchat/upload_image"

ORDER: Final = "/api/v2/order/get_order_detail"
TRACKING_NUMBER: Final = "/api/v2/logistics/get_tracking_number"
TRACKING: Final = "/api/v2/logistics/get_tracking_info"

LOST_PUSHES: Final = "/api/v2/push/get_lost_push_message"
LOST_PUSHES_TAKEN: Final = "/api/v2/push/confirm_consumed_lost_push_message"
