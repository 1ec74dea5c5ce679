"""One page of ``sync_msg``. Source: reference C.2."""

from dataclasses import dataclass
from typing import Any, Final, Protocol

import structlog

from yizhan.channels.contract import Refusal, Refused, RetryLater, TokenExpired
from yizhan.channels.wechat.calls import Answered, Calls
from yizhan.channels.wechat.kf.items import Item, read_item

log = structlog.get_logger(__name__)

PATH: Final = "/cgi-bin/kf/sync_msg"
PAGE: Final = 200
"""Items at a time; the platform gives up to 1000. What is fetched for one page must not take long."""

MOST_CURSOR_BYTES: Final = 64
REFUSED_SECONDS: Final = 60.0
_NOT_OURS = (Refusal.ACCOUNT, Refusal.NOT_PERMITTED)


class Tokens(Protocol):
    """What is needed of a TokenManager."""

    async def get(self, account: str) -> str: ...

    async def renew(self, account: str, failed_token: str) -> None: ...


@dataclass(frozen=True, slots=True)
class Page:
    """``cursor``: after these items. ``more``: there are more, also when there is none on this page."""

    items: tuple[Item, ...]
    cursor: str
    more: bool


class _Page(Answered):
    next_cursor: str | None = None
    has_more: int = 0
    msg_list: tuple[Any, ...] = ()


class Sync:
    def __init__(self, calls: Calls, tokens: Tokens) -> None:
        self._calls = calls
        self._tokens = tokens

    async def page(self, account: str, open_kfid: str, cursor: str, hint: str) -> Page:
        """What follows ``cursor`` (empty: the last three days). ``hint``: of a callback not older than ten minutes, or empty.

        A hint or a cursor that the platform does not take (any more) is left out, since what it calls that is not documented;
        what comes again then is known downstream. Raises RetryLater.
        """
        refused: Refused | None = None
        for tried_cursor, tried_hint in dict.fromkeys([(cursor, hint), (cursor, ""), ("", "")]):
            try:
                page = await self._asked(account, open_kfid, tried_cursor, tried_hint)
            except Refused as error:
                log.warning("kf_not_pulled", account=account, open_kfid=open_kfid, code=error.code, errmsg=error.text)
                refused = error
                if error.reason in _NOT_OURS:
                    break
                continue
            if cursor and not tried_cursor:
                log.warning("kf_pulled_anew", account=account, open_kfid=open_kfid)
            return page
        raise RetryLater(REFUSED_SECONDS) from refused

    async def _asked(self, account: str, open_kfid: str, cursor: str, hint: str) -> Page:
        token = await self._tokens.get(account)
        try:
            return await self._called(token, open_kfid, cursor, hint)
        except TokenExpired:
            await self._tokens.renew(account, token)
        try:
            return await self._called(await self._tokens.get(account), open_kfid, cursor, hint)
        except TokenExpired:
            raise RetryLater from None

    async def _called(self, token: str, open_kfid: str, cursor: str, hint: str) -> Page:
        body = {"limit": PAGE, "voice_format": 0, "open_kfid": open_kfid}
        if cursor:
            body["cursor"] = cursor
        if hint:
            body["token"] = hint
        told = await self._calls.post(PATH, token, body, _Page, secrets=(hint,) if hint else ())
        return Page(tuple(read_item(item) for item in told.msg_list), told.next_cursor or cursor, bool(told.has_more))
