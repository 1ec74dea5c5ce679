"""Comparing what followers wrote and see with what dialogue stored and what the figures say: in = out."""

import asyncio
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import aiohttp

from tests.bench.wechat_followers import Phone
from yizhan.core.runtime.grpc import channel
from yizhan.pb.v1 import message_pb2, receipt_pb2
from yizhan.pb.v1.conversations_pb2 import ListMessagesRequest, StoredMessage
from yizhan.pb.v1.conversations_pb2_grpc import ConversationsServiceStub

if TYPE_CHECKING:
    from yizhan.pb.v1.conversations_pb2_grpc import ConversationsServiceAsyncStub

WORKSPACE = "default"
SETTLE_SECONDS = 60.0
_FIGURE = re.compile(r'^(yizhan_\w+)\{channel="wechat"(?:,disposition="(\w+)")?\} (\S+)$', re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a comparison found. Every count but the first four must be 0.

    ``followers_out_of_order``: the transcript is not in the order of arrival, or the phone not in that of the transcript.
    ``wrong_time``: the platform's time is not on the message. ``not_sent``: replies whose receipt is not ``accepted``.
    """

    followers: int
    written: int
    stored: int
    answered: int
    lost: int = 0
    stored_twice: int = 0
    unanswered: int = 0
    answered_twice: int = 0
    shown_twice_or_never: int = 0
    followers_out_of_order: int = 0
    gaps: int = 0
    wrong_time: int = 0
    not_sent: int = 0

    @property
    def clean(self) -> bool:
        return self.written == self.stored == self.answered and not any(
            getattr(self, name) for name in list(self.__dataclass_fields__)[4:]
        )

    def __str__(self) -> str:
        return "  ".join(f"{name}={getattr(self, name)}" for name in self.__dataclass_fields__)


@dataclass(frozen=True, slots=True)
class Balance:
    """The books of the channel: ``accepted`` by it, and what became of that, duplicates included."""

    accepted: int
    accounted: dict[str, int]
    in_flight: int
    difference: int

    def even(self, answered: int) -> bool:
        """Whether ``answered`` messages were answered, and nothing else came of any that was accepted but being known already."""
        return (
            self.accepted == sum(self.accounted.values())
            and self.accounted.get("answered") == answered
            and self.accounted.keys() <= {"answered", "duplicate"}
            and not self.in_flight
            and not self.difference
        )


async def judge(phones: Sequence[Phone], account: str, grpc_address: str, token: str) -> Verdict:
    """Compare every follower; receipts get a while to arrive."""
    deadline = asyncio.get_running_loop().time() + SETTLE_SECONDS
    async with channel(grpc_address, token) as opened:
        stub = ConversationsServiceStub(opened)
        while True:
            counts: Counter[str] = Counter()
            for phone in phones:
                counts.update(_compare(phone, await _transcript(stub, account, phone.openid)))
            verdict = Verdict(followers=len(phones), **counts)
            if verdict.clean or asyncio.get_running_loop().time() > deadline:
                return verdict
            await asyncio.sleep(1.0)


async def balanced(metrics_address: str, answered: int) -> Balance:
    """The channel's books when they are even with ``answered``, or as they are when that takes too long."""
    deadline = asyncio.get_running_loop().time() + SETTLE_SECONDS
    async with aiohttp.ClientSession() as http:
        while True:
            async with http.get(f"{metrics_address}/metrics") as answer:
                balance = _balance(await answer.text())
            if balance.even(answered) or asyncio.get_running_loop().time() > deadline:
                return balance
            await asyncio.sleep(1.0)


def _compare(phone: Phone, stored: Sequence[StoredMessage]) -> dict[str, int]:
    messages = [item.message for item in stored]
    own = [message for message in messages if message.author.kind == message_pb2.AUTHOR_KIND_CUSTOMER]
    bot = [item for item in stored if item.message.author.kind != message_pb2.AUTHOR_KIND_CUSTOMER]
    arrived = [said.message_id for said in phone.said]
    times = Counter(message.external_id for message in own)
    replies = Counter(item.message.in_reply_to for item in bot)
    written_at = {said.message_id: said.written_at for said in phone.said}
    to_show = [item.message.content.text.text for item in bot]
    missing, more = Counter(to_show) - Counter(phone.shown), Counter(phone.shown) - Counter(to_show)
    return {
        "written": len(phone.said),
        "stored": len(own),
        "answered": sum(replies[message.id] == 1 for message in own),
        "lost": sum(times[message_id] == 0 for message_id in arrived),
        "stored_twice": sum(count > 1 for count in times.values()),
        "unanswered": sum(replies[message.id] == 0 for message in own),
        "answered_twice": sum(count > 1 for count in replies.values()),
        "shown_twice_or_never": missing.total() + more.total(),
        "followers_out_of_order": int(
            [message.external_id for message in own] != arrived or to_show != list(phone.shown)
        ),
        "gaps": int([message.seq for message in messages] != list(range(1, len(messages) + 1))),
        "wrong_time": sum(message.sent_at.seconds != written_at.get(message.external_id) for message in own),
        "not_sent": sum(item.receipt != receipt_pb2.RECEIPT_STATE_ACCEPTED for item in bot),
    }


async def _transcript(stub: "ConversationsServiceAsyncStub", account: str, openid: str) -> list[StoredMessage]:
    address = message_pb2.Address(workspace=WORKSPACE, channel="wechat", account=account, customer=openid)
    found: list[StoredMessage] = []
    while True:
        after = found[-1].message.seq if found else 0
        page = await stub.ListMessages(
            ListMessagesRequest(workspace=WORKSPACE, address=address, after_seq=after, limit=500)
        )
        found += page.messages
        if not page.more:
            return found


def _balance(text: str) -> Balance:
    figures = {(name, disposition): int(float(value)) for name, disposition, value in _FIGURE.findall(text)}
    return Balance(
        accepted=figures.get(("yizhan_channel_messages", ""), 0),
        accounted={
            disposition: count for (name, disposition), count in figures.items() if name == "yizhan_accounted_messages"
        },
        in_flight=figures.get(("yizhan_in_flight_messages", ""), 0),
        difference=figures.get(("yizhan_conservation_difference_messages", ""), 0),
    )
