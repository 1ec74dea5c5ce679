"""Messages to customers of 微信客服: by the code of an event where there is one, else by ``send_msg`` with our own id.

The platform knows a message by that id, so that a call without an answer is made again (reference C.3).
"""

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final, Protocol

import structlog

from yizhan.channels.contract import (
    OutcomeUnknown,
    Refusal,
    Refused,
    RetryLater,
    SendError,
    Sent,
    TokenExpired,
    WindowClosed,
)
from yizhan.channels.menus import option_code
from yizhan.channels.wechat.calls import Answered, Calls
from yizhan.channels.wechat.errors import MediaExpired
from yizhan.channels.wechat.kf.customers import Code, Customers
from yizhan.channels.wechat.kf.ids import platform_id
from yizhan.channels.wechat.kf.outgoing import KfBody, body_of, is_linked
from yizhan.channels.wechat.kf.states import State, state_of, take_over
from yizhan.channels.wechat.kf.sync import Tokens
from yizhan.channels.wechat.kf.thumbnail import Thumbnails
from yizhan.core.messages.address import Address
from yizhan.core.messages.content import Content, media_of
from yizhan.core.messages.message import Message
from yizhan.core.messages.receipt import ReceiptState
from yizhan.core.runtime.clock import Clock
from yizhan.core.store.errors import StoreError

log = structlog.get_logger(__name__)

SEND: Final = "/cgi-bin/kf/send_msg"
SEND_ON_EVENT: Final = "/cgi-bin/kf/send_msg_on_event"

DUPLICATE_CODES: Final = frozenset({"45065"})
DUPLICATE_WORDS: Final = re.compile(r"(dup|repeat|already).*msg_?id|msg_?id.*(dup|repeat|already)", re.IGNORECASE)
"""That a ``msgid`` was used before. What the platform calls it is not in the reference: code and words are from memory."""

SESSION_CODES: Final = frozenset({"95013", "95016", "95018"})
"""The session does not allow it: what it is has to be looked at. Memory."""

AGAIN_SECONDS: Final = 1.0


class Files(Protocol):
    """What is needed of ``Uploads``."""

    async def sent(
        self, account: str, token: str, content: Content, send: Callable[[str], Awaitable[Answered]]
    ) -> Answered:
        """What ``send`` does with the platform's id of the content's file. Raises a SendError."""


@dataclass(frozen=True, slots=True)
class _Job:
    account: str
    message: Message
    msgid: str
    token: str
    take_over: bool

    @property
    def address(self) -> Address:
        return self.message.address


class KfSend:
    """Sends for every account."""

    def __init__(
        self,
        calls: Calls,
        tokens: Tokens,
        files: Files,
        customers: Customers,
        clock: Clock,
    ) -> None:
        self._calls = calls
        self._tokens = tokens
        self._files = files
        self._customers = customers
        self._clock = clock
        self._thumbnails = Thumbnails(calls, clock)

    async def send(self, account: str, message: Message, part: int, *, take_over: bool) -> Sent:
        """One rendered part. ``take_over``: tell the platform at a customer's first message that we serve them.

        Raises a SendError.
        """
        token = await self._tokens.get(account)
        job = _Job(account, message, platform_id(message.id, part), token, take_over)
        try:
            return await self._sent(job)
        except StoreError as error:
            log.warning("kf_send_waits_for_store", message_id=message.id, error=type(error).__name__)
            raise RetryLater from error

    async def _sent(self, job: _Job) -> Sent:
        known = await self._customers.known(job.address)
        code = known.for_message(job.message, job.msgid, self._clock())
        if code is not None and (sent := await self._by_code(job, code)) is not None:
            return sent
        if job.take_over and not known.session:
            await self._look(job)
        try:
            await self._by_id(job)
        except (Refused, WindowClosed) as error:
            if _is_duplicate(error):
                log.info("kf_message_was_sent_before", message_id=job.message.id)
            elif error.code in SESSION_CODES:
                raise await self._session_says(job, error) from error
            else:
                raise
        return Sent((job.msgid,))

    async def _by_code(self, job: _Job, code: Code) -> Sent | None:
        """None: certainly not sent this way, and never will be."""
        again = code.by == job.msgid
        if again and self._clock() >= code.until:
            return Sent((job.msgid,), ReceiptState.UNKNOWN)
        if not await self._customers.begin(job.address, code, job.msgid):
            return None
        body = self._body(job).by(code.value, job.msgid)
        try:
            await self._calls.post(SEND_ON_EVENT, job.token, body, Answered, sending=True, secrets=(code.value,))
        except OutcomeUnknown:
            raise
        except (RetryLater, TokenExpired):
            if not again:
                await self._customers.give_back(job.address, code, good=True)
            raise
        except SendError as error:
            if again:
                # It was this message that used the code up, or the code was refused then as well: nobody can tell.
                return Sent((job.msgid,), ReceiptState.UNKNOWN)
            log.info("kf_code_not_taken", message_id=job.message.id, code=code.name, error=type(error).__name__)
            await self._customers.give_back(job.address, code, good=False)
            return None
        return Sent((job.msgid,))

    async def _by_id(self, job: _Job) -> None:
        content = job.message.content
        if media_of(content) is not None:

            async def with_file(media_id: str) -> Answered:
                return await self._post(job, self._body(job, media_id))

            await self._files.sent(job.account, job.token, content, with_file)
        elif is_linked(content):
            await self._with_picture(job)
        else:
            await self._post(job, self._body(job))

    async def _with_picture(self, job: _Job) -> None:
        try:
            await self._post(job, self._body(job, await self._thumbnails.media_id(job.account, job.token)))
        except MediaExpired:
            self._thumbnails.forget(job.account)
            await self._post(job, self._body(job, await self._thumbnails.media_id(job.account, job.token)))

    async def _post(self, job: _Job, body: KfBody) -> Answered:
        whole = body.to(job.address.customer, job.address.thread, job.msgid)
        return await self._calls.post(SEND, job.token, whole, Answered, sending=True)

    def _body(self, job: _Job, media_id: str = "") -> KfBody:
        return body_of(job.message, media_id=media_id, option_id=lambda number: option_code(job.message.id, number))

    async def _look(self, job: _Job) -> None:
        """Who serves the customer; nobody yet: we do. That it cannot be known now keeps no message back."""
        try:
            await self._settled(job)
        except TokenExpired:
            raise
        except SendError as error:
            log.info("kf_state_not_known", message_id=job.message.id, error=type(error).__name__)

    async def _settled(self, job: _Job) -> int:
        """Who serves the customer, after we took over where nobody did."""
        where = (job.address.thread, job.address.customer)
        state = await state_of(self._calls, job.token, *where)
        if state == State.NEW and job.take_over:
            await take_over(self._calls, job.token, *where)
            state = State.ASSISTANT
        await self._customers.serves(job.address, None if state == State.ENDED else state)
        return state

    async def _session_says(self, job: _Job, refused: Refused | WindowClosed) -> SendError:
        """What it means that the session did not allow a message."""
        state = await self._settled(job)
        if state in {State.NEW, State.ASSISTANT}:
            return RetryLater(AGAIN_SECONDS)
        if state == State.ENDED:
            return WindowClosed(refused.code, refused.text)
        return Refused(refused.code, refused.text, Refusal.ELSEWHERE)


def _is_duplicate(error: Refused | WindowClosed) -> bool:
    return error.code in DUPLICATE_CODES or DUPLICATE_WORDS.search(error.text) is not None
