"""Carrying a push to the webhook: the deadline, the tries, copies, and who came first.

Source: reference channels.md A.3.
"""

import asyncio
import io
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from urllib.parse import urlencode

import aiohttp
from yarl import URL

from tests.simulators.wechat.crypto import PushCipher
from tests.simulators.wechat.passive import Verdict
from tests.simulators.wechat.records import Attempt, PushResult
from tests.simulators.wechat.stage import Stage

LARGE = 1 << 16

COME_AGAIN = 503
"""What a webhook may answer that cannot take the push now: the push is repeated, and nothing was wrong with the answer."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """One attempt, ready to post."""

    body: bytes
    query: dict[str, str]
    content_type: str
    cipher: PushCipher | None = None
    """What the body is encrypted with, and so the answer must be."""


@dataclass(frozen=True, slots=True)
class Push:
    """``seal`` wraps and signs anew for every attempt; ``judge`` says what an answer is worth."""

    url: str
    sender: str
    seal: Callable[[], Envelope]
    judge: Callable[[Envelope, int, bytes], Verdict]
    copies: int = 1


def addressed(url: str, query: dict[str, str]) -> URL:
    """``url`` with ``query`` after whatever it has."""
    return URL(url + ("&" if "?" in url else "?") + urlencode(query), encoded=True)


@dataclass
class Courier:
    """Delivers the pushes of one account."""

    stage: Stage
    _later: dict[str, asyncio.Event] = field(default_factory=dict)
    """By customer: set when a later push of that customer is over."""

    async def carry(self, push: Push, result: PushResult) -> list[Verdict]:
        """All tries of all copies; ``result`` gets the attempts. What each accepted answer said."""
        faults = self.stage.faults
        copies = push.copies + (faults.duplicate_share > faults.chance.random())
        if faults.reorder_share > faults.chance.random():
            await self._hold(push.sender)
        if copies == 1:
            verdicts = [await self._tries(push, result)]
        else:
            verdicts = list(await asyncio.gather(*(self._tries(push, result) for _ in range(copies))))
        later = self._later.pop(push.sender, None)
        if later:
            later.set()
        return verdicts

    async def post(self, url: str, envelope: Envelope, limit: float) -> tuple[Attempt, bytes]:
        """One attempt, cut after ``limit`` seconds."""
        target = addressed(url, envelope.query)
        headers = {"Content-Type": envelope.content_type}
        # A stream is written piece by piece; a large body in one piece would hold up the loop.
        data = io.BytesIO(envelope.body) if len(envelope.body) > LARGE else envelope.body
        start = time.perf_counter()
        try:
            async with (
                asyncio.timeout(limit),
                self.stage.http.post(target, data=data, headers=headers, allow_redirects=False) as answer,
            ):
                body = await answer.read()
        except TimeoutError:
            return Attempt(0, "", time.perf_counter() - start, True, "no answer in time"), b""
        except (aiohttp.ClientError, OSError) as error:
            return Attempt(0, "", time.perf_counter() - start, False, f"no answer: {type(error).__name__}"), b""
        return Attempt(answer.status, body.decode("utf-8", "replace"), time.perf_counter() - start, False), body

    async def _tries(self, push: Push, result: PushResult) -> Verdict:
        verdict = Verdict("nothing was tried")
        for number in range(self.stage.push_tries):
            if number and self.stage.retry_pause:
                await asyncio.sleep(self.stage.retry_pause)
            verdict = await self._try(push, result)
            if not verdict.problem:
                break
        return verdict

    async def _try(self, push: Push, result: PushResult) -> Verdict:
        deadline = self.stage.push_deadline
        cut = self.stage.faults.take_cut()
        envelope = push.seal()
        attempt, body = await self.post(push.url, envelope, deadline if cut is None else min(cut, deadline))
        if attempt.status == 0:
            result.attempts.append(attempt)
            return Verdict(attempt.problem)
        verdict = push.judge(envelope, attempt.status, body)
        result.attempts.append(replace(attempt, problem=verdict.problem))
        if verdict.problem and attempt.status != COME_AGAIN:
            self.stage.violations.append(f"answer to a push of {push.sender}: {verdict.problem}")
        return verdict

    async def _hold(self, sender: str) -> None:
        passed = self._later.setdefault(sender, asyncio.Event())
        try:
            async with asyncio.timeout(self.stage.faults.hold_seconds):
                await passed.wait()
        except TimeoutError:
            self._later.pop(sender, None)
