"""What the platform calls things. Source: reference channels.md E.2 unless a line says otherwise."""

from collections.abc import Mapping
from typing import Final

API: Final[Mapping[str, str]] = {"production": "https://api.ebay.com", "sandbox": "https://api.sandbox.ebay.com"}
AUTH: Final[Mapping[str, str]] = {"production": "https://auth.ebay.com", "sandbox": "https://auth.sandbox.ebay.com"}

AUTHORISE: Final = "/oauth2/authorize"
TOKENS: Final = "/identity/v1/oauth2/token"
SEND: Final = "/commerce/message/v1/send_message"
CONVERSATIONS: Final = "/commerce/message/v1/conversation"
PUBLIC_KEY: Final = "/commerce/notification/v1/public_key"
ORDER: Final = "/sell/fulfillment/v1/order"

SCOPE_APP: Final = "https://api.ebay.com/oauth/api_scope"
SCOPES: Final = (
    "https://api.ebay.com/oauth/api_scope/commerce.message",
    "https://api.ebay.com/oauth/api_scope/sell.fulfillment.readonly",
)
"""What the seller consents to. One that the app does not hold makes the whole consent fail."""

NEW_MESSAGE: Final = "NEW_MESSAGE"
BUYER_QUESTION: Final = "BUYER_QUESTION"
ACCOUNT_DELETION: Final = "MARKETPLACE_ACCOUNT_DELETION"
CHAT_TOPICS: Final = frozenset({NEW_MESSAGE, BUYER_QUESTION})

FROM_MEMBERS: Final = "FROM_MEMBERS"
"""``conversation_type`` of what people write; ``FROM_EBAY`` are the platform's own letters to the seller."""

SIGNATURE: Final = "x-ebay-signature"
REFUSED: Final = 412
"""What a push is answered whose signature is not the platform's; memory."""

MAX_TEXT: Final = 2000
"""Characters of a message; the Trading API's documented limit, taken for this one; memory."""

MEDIA: Final[Mapping[str, str]] = {
    "image/jpeg": "IMAGE",
    "image/png": "IMAGE",
    "image/gif": "IMAGE",
    "application/pdf": "PDF",
    "application/msword": "DOC",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "DOC",
    "text/plain": "TXT",
}
"""``mediaType`` by kind of file; the vendor's page on the type MessageMedia names the four."""

FILE_HOSTS: Final = ("ebayimg.com", "ebay.com", "ebaystatic.com")
"""Where files in messages lie; memory."""

PAGE: Final = 50
"""The most conversations or messages that one call gives."""
