"""The sign that somebody is typing. It lasts 15 seconds or until a message comes. Source: reference channels.md A.7."""

from yizhan.channels.contract import Refused
from yizhan.channels.wechat.calls import Answered, Calls

PATH = "/cgi-bin/message/custom/typing"

_OF_NO_MATTER = frozenset({"45072", "45080", "45081"})
"""Bad command; the customer was not active in the last 30 seconds; it is shown already."""


async def show_typing(calls: Calls, token: str, openid: str, *, typing: bool = True) -> None:
    """Show the sign, or take it away. That it cannot be shown now is no error. Raises a SendError."""
    command = "Typing" if typing else "CancelTyping"
    try:
        await calls.post(PATH, token, {"touser": openid, "command": command}, Answered)
    except Refused as error:
        if error.code not in _OF_NO_MATTER:
            raise
