"""A platform to begin with: pushes proved and read, text sent by one call, the token had for the shop's own key.

Copy the folder to ``channels/ecommerce/<key>``, say what your platform's documentation says, and add its ``KIND`` to
``channels/ecommerce/platforms.py``.
"""

import hashlib
import hmac
from datetime import timedelta

import orjson
from pydantic import BaseModel, ValidationError
from yarl import URL

from examples.platform_template.pushes import Place, address_of, facts_of, read
from examples.platform_template.settings import TemplateSettings
from yizhan.channels.accounts import Account
from yizhan.channels.contract import (
    Abilities,
    Answer,
    Call,
    CallRefused,
    Grant,
    OutcomeUnknown,
    Push,
    Refusal,
    Refused,
    RetryLater,
    SendError,
    Sent,
    TokenExpired,
    Trigger,
    WindowClosed,
)
from yizhan.channels.ecommerce.platform import PlatformKind, Request, Response, Tools
from yizhan.channels.tokens import Fetched, TokenRefused
from yizhan.core.messages.content import Text, plain_text
from yizhan.core.messages.message import Message

Shop = Account[TemplateSettings]

ABILITIES = Abilities(kinds=frozenset({Text}), max_text=2000, window={Trigger.MESSAGE: Grant(20, timedelta(hours=48))})

REFUSALS: dict[str, Refusal] = {"10004": Refusal.BLOCKED, "10005": Refusal.RISKY_CONTENT}
"""Of the platform's table of codes those that people have to do something different about."""

BUSY, BAD_TOKEN, WINDOW_CLOSED = "10001", "10002", "10003"
CODES = frozenset({BUSY, BAD_TOKEN, WINDOW_CLOSED, *REFUSALS})


class _Answer(BaseModel):
    code: str = "0"
    text: str = ""
    message_id: str = ""
    access_token: str = ""
    expires_in: float = 0.0


class Template:
    """All shops on the platform; ``Keyed``."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools

    def abilities(self, settings: TemplateSettings) -> Abilities:  # noqa: ARG002 - the same for all shops
        return ABILITIES

    async def receive(self, shop: Shop, call: Call) -> Push:
        if not _is_signed(shop.settings, call):
            raise CallRefused(401, "bad_signature")
        said = read(call.body)
        place = Place(shop.workspace, shop.id, self._tools.clock(), self._tools.new_id)
        address = address_of(said, place)
        ours = said.from_ == "seller"  # one that also pushes what people write in its console asks tools.ours
        facts = () if ours else facts_of(said, place)
        return Push(facts, Answer(b"ok"), key=said.message_id, lane=address.key())

    async def send(self, shop: Shop, message: Message, part: int) -> Sent:  # noqa: ARG002 - it knows no ids of ours
        token = await self._tools.tokens.get(shop.id)
        body = orjson.dumps({"to": message.address.customer, "text": plain_text(message.content)})
        url = URL(f"{shop.settings.api_url}/messages")
        headers = {"authorization": f"Bearer {token}", "content-type": "application/json"}
        request = Request("send", "POST", url, headers=headers, body=body, sending=True, secrets=(token,))
        answer = _read(await self._tools.calls(request), sending=True)
        if answer.code != "0":
            self._tools.calls.refused("send", answer.code if answer.code in CODES else "other")
            raise refusal(answer.code, answer.text, token)
        return Sent((answer.message_id,) if answer.message_id else ())

    async def token(self, shop: Shop, *, force: bool) -> Fetched:  # noqa: ARG002 - each is a new one
        own = shop.settings
        body = orjson.dumps({"key": own.app_key, "secret": own.app_secret.get_secret_value()})
        answer = _read(await self._tools.calls(Request("token", "POST", URL(f"{own.api_url}/token"), body=body)))
        if answer.code != "0":
            raise TokenRefused(answer.code, answer.text)
        return Fetched(answer.access_token, answer.expires_in)


def refusal(code: str, text: str, token: str) -> SendError:
    """What the platform's codes mean: one table, with its source."""
    if code == BUSY:
        return RetryLater(2.0)
    if code == BAD_TOKEN:
        return TokenExpired(token)
    if code == WINDOW_CLOSED:
        return WindowClosed(code, text)
    return Refused(code, text, REFUSALS.get(code, Refusal.OTHER))


def _is_signed(settings: TemplateSettings, call: Call) -> bool:
    given = call.headers.get("x-signature", "")
    if not given.isascii():
        return False
    expected = (hmac.new(secret.encode(), call.body, hashlib.sha256).hexdigest() for secret in settings.push_secrets)
    return any(hmac.compare_digest(given, one) for one in expected)


def _read(response: Response, *, sending: bool = False) -> _Answer:
    """Words that are no answer leave a message in the dark; anything else can be asked again."""
    try:
        return _Answer.model_validate_json(response.body)
    except ValidationError:
        raise (OutcomeUnknown() if sending else RetryLater()) from None


KIND = PlatformKind("template", ("模板", "Template"), TemplateSettings, Template)
