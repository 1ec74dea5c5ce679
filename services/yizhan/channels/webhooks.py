"""What platforms call: each call verified by its channel, its facts durable before it is answered, a reply in the answer if any.

The platform learns nothing but a status, and the log nothing of the body. Pushes of one customer are made durable in the
order of coming and repetitions join what is in hand (``receiving``); replies find their answers in ``slots``.
"""

import asyncio
import math
import re
from dataclasses import dataclass

import structlog
from aiohttp import web

from yizhan.channels.contract import Accept, Answer, Call, CallRefused, NotAccepted, Push, Webhooked
from yizhan.channels.receiving import FINISH_SECONDS, Receiving
from yizhan.channels.slot import Attempt, Given
from yizhan.channels.slots import Slots
from yizhan.core.runtime.clock import Monotonic, monotonic
from yizhan.core.runtime.metrics import Metrics

log = structlog.get_logger(__name__)

MAX_BODY = 1024 * 1024
DEADLINE_SECONDS = 4.5
"""How long a call without a slot may take until the platform is told to come again."""

READ_SECONDS = 4.0
WRITE_SECONDS = 5.0
CLIENT_GONE = 499
"""What the access log says of a request that nobody waited for; it is not sent."""

GIVE_UP_SECONDS = 1.0
"""How much later than we the platform surely gives up waiting for an answer."""

_CODE = re.compile(r"[a-z][a-z_]{0,39}")
_ACCOUNT_CHARACTERS = 64


class Gone(ConnectionResetError):
    """Nobody is there any more to be answered."""


@dataclass(frozen=True, slots=True)
class Limits:
    """``max_body`` in bytes, the others in seconds."""

    max_body: int = MAX_BODY
    deadline: float = DEADLINE_SECONDS
    finish_within: float = FINISH_SECONDS
    give_up: float = GIVE_UP_SECONDS


DEFAULT_LIMITS = Limits()


class WebhookFigures:
    """Calls of one channel's platforms."""

    def __init__(self, metrics: Metrics, channel: str) -> None:
        self._calls = metrics.counter(
            "yizhan_webhook_calls_total", "Calls of platforms by how they were answered.", ("channel", "outcome")
        )
        self._seconds = metrics.histogram(
            "yizhan_webhook_seconds", "From a platform's call to the end of its answer.", ("channel",)
        ).labels(channel)
        self._channel = channel

    def told(self, outcome: str, seconds: float) -> None:
        """``outcome``: answered, replied, refused_<code>, not_accepted, failed or cut (nobody was there to be answered)."""
        self._calls.labels(self._channel, outcome).inc()
        self._seconds.observe(seconds)


class Webhooks:
    """Serves the addresses of one channel. ``slots`` None: the channel puts nothing into its answers."""

    def __init__(
        self,
        channel: Webhooked,
        name: str,
        accept: Accept,
        metrics: Metrics,
        *,
        slots: Slots | None = None,
        limits: Limits = DEFAULT_LIMITS,
        monotonic: Monotonic = monotonic,
    ) -> None:
        self._channel = channel
        self._name = name
        self._slots = slots
        self._limits = limits
        self._monotonic = monotonic
        self._figures = WebhookFigures(metrics, name)
        self._receiving = Receiving(accept, finish_within=limits.finish_within)

    @property
    def busy(self) -> int:
        """Pushes, turns of customers and slots in hand."""
        return self._receiving.busy + (self._slots.open if self._slots is not None else 0)

    def routes(self) -> list[web.RouteDef]:
        """Every address of the channel's platforms."""
        return [web.route(method, path, self.handle) for method, path in self._channel.webhooks()]

    async def stop(self) -> None:
        """Finish what is in hand; call it when no request comes any more."""
        await self._receiving.stop()
        if self._slots is not None:
            await self._slots.stop()

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Answer one call."""
        began, arrived = self._monotonic(), asyncio.get_running_loop().time()
        outcome = "cut"
        try:
            response, outcome = await self._answered(request, arrived)
            return response
        finally:
            self._figures.told(outcome, self._monotonic() - began)

    async def _answered(self, request: web.Request, arrived: float) -> tuple[web.StreamResponse, str]:
        account = request.match_info["account"]
        try:
            body = await _read(request, self._limits.max_body)
            call = _call(request, account, body)
            push = await self._channel.receive(call)
            return await self._brought(request, call, push, arrived)
        except CallRefused as refused:
            code = refused.code if _CODE.fullmatch(refused.code) else "other"
            log.warning("webhook_refused", channel=self._name, account=account[:_ACCOUNT_CHARACTERS], code=code)
            return web.Response(status=refused.status), f"refused_{code}"
        except NotAccepted as error:
            log.warning("webhook_not_accepted", channel=self._name, account=account[:_ACCOUNT_CHARACTERS])
            return _come_again(error.after), "not_accepted"
        except Gone:
            # No exception: nothing failed, and the server would report one. What is left of the connection goes.
            if request.transport is not None:
                request.transport.abort()
            return web.Response(status=CLIENT_GONE), "cut"
        except Exception:
            # The edge of the process: the platform learns a status and comes again, the log has the traceback.
            log.exception("webhook_failed", channel=self._name, account=account[:_ACCOUNT_CHARACTERS])
            return web.Response(status=500), "failed"

    async def _brought(
        self, request: web.Request, call: Call, push: Push, arrived: float
    ) -> tuple[web.StreamResponse, str]:
        within = push.slow_within if push.finish is not None else min(self._limits.deadline, push.slow_within)
        if self._slots is None or push.slot is None:
            await self._receiving.bring(call.account, push, arrived + within, _nothing_expected)
            return await _write(request, push.answer), "answered"
        slots, slot = self._slots, push.slot
        attempt = slots.enter(slot, call, arrived + slot.within, lambda: _connected(request))
        try:
            await self._receiving.bring(
                call.account,
                push,
                arrived + within,
                lambda message_ids: slots.expect(slot, message_ids),
                lambda facts: slots.stamped(slot, facts),
            )
            given = await slots.wait(attempt, push.answer)
            return await self._given(request, slots, attempt, given)
        finally:
            slots.leave(attempt)

    async def _given(
        self, request: web.Request, slots: Slots, attempt: Attempt, given: Given
    ) -> tuple[web.StreamResponse, str]:
        if given.answer is None:
            # To say anything would end the push; a repetition may carry what is not there yet.
            left = attempt.deadline + self._limits.give_up - asyncio.get_running_loop().time()
            await asyncio.sleep(max(0.0, left) if _connected(request) else 0.0)
            return _come_again(1.0), "cut"
        if not given.replied:
            return await _write(request, given.answer), "answered"
        if not slots.writing(attempt):
            raise Gone
        response = await _write(request, given.answer)
        slots.wrote(attempt)
        return response, "replied"


def _call(request: web.Request, account: str, body: bytes) -> Call:
    return Call(
        account,
        request.method,
        dict(request.query),
        body,
        headers={name.lower(): value for name, value in request.headers.items()},
        path=request.path,
        platform=request.match_info.get("platform", ""),
    )


async def _read(request: web.Request, limit: int) -> bytes:
    """The raw body, which signatures are made of. Raises CallRefused and Gone."""
    if request.content_length is not None and request.content_length > limit:
        raise CallRefused(413, "too_large")
    chunks = bytearray()
    try:
        async with asyncio.timeout(READ_SECONDS):
            while chunk := await request.content.readany():
                chunks += chunk
                if len(chunks) > limit:
                    raise CallRefused(413, "too_large")
    except TimeoutError as error:
        raise CallRefused(408, "body_timeout") from error
    except ConnectionError as error:
        raise Gone from error
    return bytes(chunks)


async def _write(request: web.Request, answer: Answer) -> web.Response:
    """Write the whole answer here, not after the handler: whether it was written decides what is done next.

    Raises Gone.
    """
    if not _connected(request):
        raise Gone
    response = web.Response(status=answer.status, body=answer.body, content_type=answer.content_type)
    try:
        async with asyncio.timeout(WRITE_SECONDS):
            await response.prepare(request)
            await response.write_eof()
    except (ConnectionError, TimeoutError) as error:
        raise Gone from error
    return response


def _connected(request: web.Request) -> bool:
    transport = request.transport
    return transport is not None and not transport.is_closing()


def _come_again(after: float) -> web.Response:
    return web.Response(status=503, headers={"Retry-After": str(max(1, math.ceil(after)))})


def _nothing_expected(_: frozenset[str]) -> None:
    """No reply goes with the answer."""
