"""Messages to followers of 公众号 and users of 小程序, by the customer-service API."""

from zoneinfo import ZoneInfo

import structlog

from yizhan.channels.accounts import Account
from yizhan.channels.contract import Refused, RetryLater, SendError, Sent, TokenExpired
from yizhan.channels.menus import option_code
from yizhan.channels.tokens import TokenManager
from yizhan.channels.wechat.calls import Answered, Calls
from yizhan.channels.wechat.errors import MenuNotAllowed
from yizhan.channels.wechat.media import Uploads
from yizhan.channels.wechat.outgoing import PublicSettings, body_of, numbered
from yizhan.channels.wechat.settings import OfficialSettings, WechatAccountSettings
from yizhan.channels.wechat.templates import NOT_AGREED, send_subscription, send_template
from yizhan.channels.wechat.typing import show_typing
from yizhan.core.messages.content import media_of
from yizhan.core.messages.message import Message
from yizhan.core.runtime.clock import Clock

log = structlog.get_logger(__name__)

SEND = "/cgi-bin/message/custom/send"

_CHINA = ZoneInfo("Asia/Shanghai")
"""The time that WeChat itself shows to people."""

QUEUE, TEMPLATE, TICKET = "", "template", "ticket"


class PublicSending:
    """Sends for the accounts that are no 微信客服."""

    def __init__(self, calls: Calls, tokens: TokenManager, uploads: Uploads, clock: Clock) -> None:
        self._calls = calls
        self._tokens = tokens
        self._uploads = uploads
        self._clock = clock

    async def send(self, account: str, settings: PublicSettings, message: Message) -> Sent:
        """One part. The platform gives no ids. Raises a SendError."""
        token = await self._tokens.get(account)
        if media_of(message.content) is not None:
            await self._uploads.sent(
                account, token, message.content, lambda media_id: self._post(token, settings, message, media_id)
            )
            return Sent()
        try:
            await self._post(token, settings, message)
        except MenuNotAllowed:
            log.info("menu_sent_as_text", account=account, message_id=message.id)
            for part in numbered(message):
                await self._post(token, settings, part)
        return Sent()

    async def typing(self, account: str, openid: str) -> None:
        """Show that somebody is typing. Raises a SendError."""
        await show_typing(self._calls, await self._tokens.get(account), openid)

    async def fall_back(
        self, account: Account[WechatAccountSettings], settings: PublicSettings, message: Message
    ) -> str:
        """What is done for a customer whose message has to wait: a notice, a ticket, or nothing. Raises nothing."""
        if settings.on_window_closed == TICKET:
            return TICKET
        if settings.on_window_closed != TEMPLATE:
            return QUEUE
        try:
            try:
                await self._notify(account, settings, message)
            except TokenExpired as expired:
                await self._tokens.renew(account.id, expired.token)
                await self._notify(account, settings, message)
        except RetryLater:
            log.warning("notice_not_sent", account=account.id, message_id=message.id, code="unreachable")
            return QUEUE
        except SendError as error:
            code = error.code if isinstance(error, Refused) else type(error).__name__
            not_agreed = code == NOT_AGREED
            log.warning("notice_not_sent", account=account.id, message_id=message.id, code=code, not_agreed=not_agreed)
            return QUEUE
        return TEMPLATE

    async def _notify(
        self, account: Account[WechatAccountSettings], settings: PublicSettings, message: Message
    ) -> None:
        token, openid = await self._tokens.get(account.id), message.address.customer
        time = self._clock().astimezone(_CHINA).strftime("%Y-%m-%d %H:%M")
        template = settings.template if isinstance(settings, OfficialSettings) else None
        if template is not None:
            data = template.filled(time=time, account=account.name)
            await send_template(self._calls, token, openid, template, data, message.id)
        elif settings.subscribe is not None:
            data = settings.subscribe.filled(time=time, account=account.name)
            mini = not isinstance(settings, OfficialSettings)
            await send_subscription(self._calls, token, openid, settings.subscribe, data, mini=mini)

    async def _post(self, token: str, settings: PublicSettings, message: Message, media_id: str = "") -> None:
        body = body_of(message, settings, media_id=media_id, option_id=lambda number: option_code(message.id, number))
        await self._calls.post(SEND, token, body.to(message.address.customer), Answered, sending=True)
