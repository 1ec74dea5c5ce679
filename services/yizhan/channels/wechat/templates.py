"""Messages of approved forms, for customers to whom nothing else may be sent. Source: reference channels.md A.12.

What became of a template message comes back as an event with the same ``msgid``; of subscription messages there is none.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import field_validator

from yizhan.channels.wechat.calls import Answered, Calls
from yizhan.channels.wechat.setting_values import Notice, SubscribeNotice, TemplateNotice

TEMPLATE = "/cgi-bin/message/template/send"
SUBSCRIBE_OFFICIAL = "/cgi-bin/message/subscribe/bizsend"
SUBSCRIBE_MINI = "/cgi-bin/message/subscribe/send"

NOT_AGREED = "43101"
"""The customer has not agreed to this form, or what they agreed to is used up."""


@dataclass(frozen=True, slots=True)
class Notified:
    """``msgid`` is empty where the platform gives none."""

    msgid: str = ""


class _Answer(Answered):
    msgid: str = ""

    @field_validator("msgid", mode="before")
    @classmethod
    def _as_text(cls, value: Any) -> Any:
        """A 64-bit number on the wire."""
        return str(value) if isinstance(value, int) else value


async def send_template(
    calls: Calls, token: str, openid: str, notice: TemplateNotice, data: Mapping[str, str], message_id: str = ""
) -> Notified:
    """模板消息 of a 公众号. ``message_id`` keeps the platform from showing the same one twice, as far as it knows how to.

    Raises a SendError.
    """
    body = _body(openid, notice, data)
    if notice.url:
        body["url"] = notice.url
    if message_id:
        body["client_msg_id"] = message_id
    return await _sent(calls, TEMPLATE, token, body)


async def send_subscription(
    calls: Calls, token: str, openid: str, notice: SubscribeNotice, data: Mapping[str, str], *, mini: bool
) -> Notified:
    """订阅通知 of a 公众号 or 小程序. Raises a SendError; Refused with ``NOT_AGREED`` where the customer has not agreed."""
    body = _body(openid, notice, data)
    if notice.page:
        body["page"] = notice.page
    return await _sent(calls, SUBSCRIBE_MINI if mini else SUBSCRIBE_OFFICIAL, token, body)


def _body(openid: str, notice: Notice, data: Mapping[str, str]) -> dict[str, Any]:
    fields = {name: {"value": text} for name, text in data.items()}
    return {"touser": openid, "template_id": notice.template_id, "data": fields}


async def _sent(calls: Calls, path: str, token: str, body: Mapping[str, Any]) -> Notified:
    answer = await calls.post(path, token, body, _Answer, sending=True)
    return Notified(answer.msgid)
