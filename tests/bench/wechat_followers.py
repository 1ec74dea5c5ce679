"""Followers of a simulated 公众号 who all write at once, some of whose pushes come twice or in the wrong order.

Nothing of the product is known here: what was pushed and what the phones show is kept for whoever compares it.
"""

import asyncio
import random
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum

from tests.simulators.wechat import OfficialFollower, PushResult, SimOfficial

QUESTIONS = (
    "怎么下单购买",
    "在哪里查看我的订单",
    "怎么取消订单",
    "什么时候自动确认收货",
    "预售商品什么时候发货",
    "支持哪些付款方式",
    "支持货到付款吗",
    "什么时候发货",
    "发什么快递",
    "运费是多少",
    "支持七天无理由退货吗",
    "怎么申请换货",
)
"""As the demo knowledge words them, so that each has one answer of its own."""


@dataclass(frozen=True, slots=True)
class Load:
    """``messages``: different ones, all followers together. ``per_second`` of them; 0: as fast as ``in_flight`` pushes go.

    ``duplicates`` of the messages are pushed twice, ``swapped`` of them arrive after the one written after them.
    """

    messages: int
    in_flight: int = 100
    per_second: float = 0.0
    duplicates: float = 0.1
    swapped: float = 0.05
    seed: int = 7


@dataclass(frozen=True, slots=True)
class Said:
    """One message. ``written_at`` is the platform's time on it, in unix seconds."""

    message_id: str
    text: str
    written_at: int


@dataclass(frozen=True, slots=True)
class Phone:
    """What one follower wrote, in the order in which it arrived, and what the phone shows of the account."""

    openid: str
    said: tuple[Said, ...]
    shown: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Traffic:
    """How pushes were answered. Latencies are from the platform's request to the end of the answer, every attempt counted.

    ``per_second``: pushes answered, duplicates included. ``retried``: attempts after which the platform had to try again.
    """

    messages: int
    pushes: int
    duplicates: int
    swapped: int
    retried: int
    unanswered: int
    seconds: float
    per_second: float
    p50_ms: float
    p99_ms: float
    max_ms: float


class Step(Enum):
    """What a follower does next."""

    ONCE = 1
    TWICE_AT_ONCE = 2
    TWICE = 3
    AGAIN_AFTER_THE_NEXT = 4
    SWAPPED = 5


_DUPLICATES = (Step.TWICE_AT_ONCE, Step.TWICE, Step.AGAIN_AFTER_THE_NEXT)
_OF_TWO_MESSAGES = (Step.AGAIN_AFTER_THE_NEXT, Step.SWAPPED)


def messages_in(step: Step) -> int:
    return 1 + (step in _OF_TWO_MESSAGES)


def steps_of(load: Load) -> list[Step]:
    """The load as steps in a random order that is the same for the same seed."""
    steps = [Step.SWAPPED] * round(load.messages * load.swapped)
    steps += [_DUPLICATES[number % len(_DUPLICATES)] for number in range(round(load.messages * load.duplicates))]
    steps += [Step.ONCE] * (load.messages - sum(map(messages_in, steps)))
    random.Random(load.seed).shuffle(steps)
    return steps


@dataclass
class Crowd:
    """The followers of one account. They write on from load to load."""

    account: SimOfficial
    count: int
    said: dict[str, list[Said]] = field(default_factory=dict)
    _results: list[PushResult] = field(default_factory=list)
    _written: int = 0

    def __post_init__(self) -> None:
        for number in range(self.count):
            self.said[f"oLoad{number:023d}"] = []

    async def run(self, load: Load) -> Traffic:
        """Every step of ``load``, each by a follower who is not in the middle of another one."""
        self._results = []
        steps = steps_of(load)
        free = deque(self.account.follower(openid) for openid in self.said)
        began = time.perf_counter()
        if load.per_second:
            await self._at_rate(steps, free, load.per_second)
        else:
            await self._saturate(steps, free, load.in_flight)
        return self._traffic(steps, time.perf_counter() - began)

    def phones(self) -> list[Phone]:
        return [
            Phone(openid, tuple(said), tuple(self.account.follower(openid).texts)) for openid, said in self.said.items()
        ]

    async def _saturate(self, steps: Sequence[Step], free: deque[OfficialFollower], in_flight: int) -> None:
        todo = iter(steps)

        async def work() -> None:
            for step in todo:
                await self._do(step, free)

        await asyncio.gather(*(work() for _ in range(min(in_flight, self.count))))

    async def _at_rate(self, steps: Sequence[Step], free: deque[OfficialFollower], per_second: float) -> None:
        """Whether or not the other side keeps up, as long as there are followers left."""
        loop = asyncio.get_running_loop()
        begin = loop.time()
        async with asyncio.TaskGroup() as group:
            for step in steps:
                await asyncio.sleep(max(0.0, begin - loop.time()))
                while not free:
                    await asyncio.sleep(0.01)
                group.create_task(self._do(step, free))
                begin += messages_in(step) / per_second

    async def _do(self, step: Step, free: deque[OfficialFollower]) -> None:
        follower = free.popleft()
        await self._take(step, follower)
        free.append(follower)

    async def _take(self, step: Step, follower: OfficialFollower) -> None:
        first = self._write(follower)
        match step:
            case Step.ONCE:
                await self._push(follower, first)
            case Step.TWICE_AT_ONCE:
                await self._push(follower, first, copies=2)
            case Step.TWICE:
                await self._push(follower, first)
                await self._repeat(follower, first)
            case Step.AGAIN_AFTER_THE_NEXT:
                await self._push(follower, first)
                await self._push(follower, self._write(follower))
                await self._repeat(follower, first)
            case Step.SWAPPED:
                # Written a second apart, so that a transcript in the order of arrival differs from one in that of writing.
                await self._push(follower, self._write(follower, after=first))
                await self._push(follower, first)

    def _write(self, follower: OfficialFollower, after: Said | None = None) -> Said:
        stage = self.account.stage
        self._written += 1
        at = after.written_at + 1 if after else stage.date() - 1
        return Said(str(stage.new_message_id()), QUESTIONS[self._written % len(QUESTIONS)], at)

    async def _push(self, follower: OfficialFollower, said: Said, copies: int = 1) -> None:
        self.said[follower.openid].append(said)
        await self._repeat(follower, said, copies)

    async def _repeat(self, follower: OfficialFollower, said: Said, copies: int = 1) -> None:
        self._results.append(
            await follower.says(said.text, msg_id=int(said.message_id), create_time=said.written_at, copies=copies)
        )

    def _traffic(self, steps: Sequence[Step], seconds: float) -> Traffic:
        attempts = [attempt for result in self._results for attempt in result.attempts]
        answered = sorted(attempt.seconds * 1000 for attempt in attempts if not attempt.problem)
        return Traffic(
            messages=sum(map(messages_in, steps)),
            pushes=len(attempts),
            duplicates=sum(step in _DUPLICATES for step in steps),
            swapped=steps.count(Step.SWAPPED),
            retried=sum(bool(attempt.problem) for attempt in attempts),
            unanswered=sum(not result.accepted for result in self._results),
            seconds=round(seconds, 2),
            per_second=round(len(answered) / seconds, 1),
            p50_ms=rank(answered, 0.5),
            p99_ms=rank(answered, 0.99),
            max_ms=rank(answered, 1.0),
        )


def rank(ordered: Sequence[float], share: float) -> float:
    """0 of nothing."""
    return round(ordered[min(len(ordered) - 1, int(share * len(ordered)))], 2) if ordered else 0.0
