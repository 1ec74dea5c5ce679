"""The business's own server: it passes the notification on to whatever push service its app uses.

For Huawei, Honor, Xiaomi, OPPO, vivo, Getui, JPush and all others. Signed by the recipe of ``webhook_signing``.
"""

import aiohttp
import orjson

from yizhan.channels.app.push.notice import Gone, Later, Notice, Outcome, Refused, Told
from yizhan.channels.app.push.posting import Answered, post
from yizhan.channels.app.settings import HookSettings
from yizhan.core.runtime.clock import Clock
from yizhan.core.runtime.http.outbound import Reach
from yizhan.core.security.webhook_signing import signed_headers


class Hook:
    """For all accounts."""

    def __init__(self, session: aiohttp.ClientSession, allowed: Reach, clock: Clock) -> None:
        self._session = session
        self._allowed = allowed
        self._clock = clock

    async def tell(self, own: HookSettings, notice: Notice) -> Outcome:
        """One try. ``webhook-id`` is the same however often it is tried."""
        body = payload(notice)
        headers = {
            "Content-Type": "application/json",
            **signed_headers([own.secret.get_secret_value()], notice.id, self._clock(), body),
        }
        answer = await post(self._session, self._allowed, own.url, body, headers)
        return outcome_of(answer) if isinstance(answer, Answered) else answer


def payload(notice: Notice) -> bytes:
    return orjson.dumps(
        {
            "event": "message",
            "account": notice.address.account,
            "user_id": notice.address.customer.removeprefix("u:"),
            "device": {
                "id": notice.device.device,
                "token": notice.device.token,
                "environment": notice.device.environment,
                "app_version": notice.device.app_version,
                "locale": notice.device.locale,
            },
            "title": notice.title,
            "body": notice.body,
            "badge": notice.badge,
            "collapse_key": notice.collapse,
            "message_id": notice.message_id,
            "seq": notice.seq,
        }
    )


def outcome_of(answer: Answered) -> Outcome:
    """2xx: it has it. 404 and 410: it does not know the device any more."""
    if 200 <= answer.status < 300:
        return Told()
    reason = f"http_{answer.status}"
    if answer.status in {404, 410}:
        return Gone(reason)
    if answer.status in {408, 429} or answer.status >= 500:
        return Later(reason, answer.retry_after)
    return Refused(reason)
