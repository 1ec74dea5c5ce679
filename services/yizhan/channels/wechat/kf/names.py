"""Customers' names, for agents: asked for by the page, remembered, never waited for long. Source: reference C.3 (memory)."""

import asyncio
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from typing import Final

import structlog
from pydantic import BaseModel

from yizhan.channels.contract import SendError
from yizhan.channels.wechat.calls import Answered, Calls
from yizhan.channels.wechat.kf.sync import Tokens

log = structlog.get_logger(__name__)

PATH: Final = "/cgi-bin/kf/customer/batchget"
AT_ONCE: Final = 100
WITHIN_SECONDS: Final = 3.0
MOST_KNOWN: Final = 20_000
REST_SECONDS: Final = 60.0
"""After a call that failed."""


class _Customer(BaseModel):
    external_userid: str
    nickname: str = ""


class _Customers(Answered):
    customer_list: tuple[_Customer, ...] = ()


class CustomerNames:
    def __init__(self, calls: Calls, tokens: Tokens) -> None:
        self._calls = calls
        self._tokens = tokens
        self._known: OrderedDict[tuple[str, str], str] = OrderedDict()
        self._rests: dict[str, float] = {}

    async def names(self, account: str, customers: Sequence[str]) -> Mapping[str, str]:
        """Those that are known or can be had now, by ``external_userid``."""
        missing = [customer for customer in customers if (account, customer) not in self._known]
        now = asyncio.get_running_loop().time()
        if missing and now >= self._rests.get(account, now):
            try:
                async with asyncio.timeout(WITHIN_SECONDS):
                    for start in range(0, len(missing), AT_ONCE):
                        await self._ask(account, missing[start : start + AT_ONCE])
            except (SendError, TimeoutError) as error:
                self._rests[account] = now + REST_SECONDS
                log.info("kf_names_not_known", account=account, error=type(error).__name__)
        return {customer: name for customer in customers if (name := self._known.get((account, customer), ""))}

    async def _ask(self, account: str, customers: Sequence[str]) -> None:
        body = {"external_userid_list": list(customers), "need_enter_session_context": 0}
        told = await self._calls.post(PATH, await self._tokens.get(account), body, _Customers)
        names = {customer.external_userid: customer.nickname for customer in told.customer_list}
        for customer in customers:
            self._known[account, customer] = names.get(customer, "")
        while len(self._known) > MOST_KNOWN:
            self._known.popitem(last=False)
