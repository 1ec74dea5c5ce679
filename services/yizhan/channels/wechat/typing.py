"""The sign that somebody is typing. It lasts 15 seconds or until a message comes. Source: reference channels.md A.7."""

from yizhan.channels.wechat.calls import Answered, Calls
from yizhan.channels.wechat.errors import WECHAT, Meanings, nothing_wrong

PATH = "/cgi-bin/message/custom/typing"

_MEANINGS: Meanings = {**WECHAT, 45072: nothing_wrong, 45080: nothing_wrong, 45081: nothing_wrong}
"""Bad command; the customer was not active in the last 30 seconds; it is shown already: of no matter here."""


async def show_typing(calls: Calls, token: str, openid: str, *, typing: bool = True) -> None:
    """Show the sign, or take it away. That it cannot be shown now is no error. Raises a SendError."""
    body = {"touser": openid, "command": "Typing" if typing else "CancelTyping"}
    await calls.read_as(_MEANINGS).post(PATH, token, body, Answered)
