"""What on the bus is about a customer, and which queues it may be in."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from yizhan.core.bus.interface import DeadLetter
from yizhan.core.bus.topology import queues
from yizhan.core.messages.address import Address
from yizhan.core.messages.codec import address_to_proto
from yizhan.core.store.personal import Subject
from yizhan.pb.v1.envelope_pb2 import Envelope
from yizhan.privacy.in_flight import Patience, about, parked_about, queues_of

NOON = datetime(2026, 11, 23, 4, tzinfo=UTC)
ANNA = Address("shop", "website", "demo", "u:anna-4711")
SUBJECT = Subject("shop", "c-1", NOON, addresses=(ANNA,), conversations=("conversation-1",))


def envelope(kind: str, address: Address | None, conversation_id: str = "", *, minutes: int = -1) -> Envelope:
    made = Envelope(id="e")
    made.published_at.FromDatetime(NOON + timedelta(minutes=minutes))
    part = getattr(made, kind)
    part.SetInParent()
    if address is not None:
        part.address.CopyFrom(address_to_proto(address))
    if conversation_id:
        part.conversation_id = conversation_id
    return made


BO = replace(ANNA, customer="u:bo")


@pytest.mark.parametrize(
    ("given", "theirs"),
    [
        pytest.param(envelope("message", ANNA), True, id="what they wrote before"),
        pytest.param(envelope("message", replace(ANNA, thread="t")), True, id="in another thread"),
        pytest.param(envelope("message", ANNA, minutes=1), False, id="what they write later begins anew"),
        pytest.param(
            envelope("message", ANNA, "conversation-1", minutes=1), True, id="a reply of the old conversation"
        ),
        pytest.param(envelope("message", ANNA, "conversation-2"), False, id="a reply of the new one"),
        pytest.param(envelope("message", BO), False, id="somebody else's"),
        pytest.param(envelope("message", replace(ANNA, account="other")), False, id="the same id at another account"),
        pytest.param(envelope("message", replace(ANNA, workspace="other")), False, id="of another business"),
        pytest.param(envelope("receipt", ANNA), True, id="a receipt"),
        pytest.param(envelope("command", ANNA), True, id="a command by address"),
        pytest.param(envelope("command", BO, "conversation-1"), True, id="a command by conversation"),
        pytest.param(envelope("event", None, "conversation-1"), True, id="an event"),
        pytest.param(envelope("event", None), False, id="an event about no conversation"),
        pytest.param(Envelope(id="e"), False, id="nothing at all"),
    ],
)
def test_what_is_about_a_customer(given: Envelope, theirs: bool) -> None:
    assert about(given, SUBJECT) is theirs


@pytest.mark.parametrize(
    ("body", "customer", "theirs"),
    [
        pytest.param(b"\xff..u:anna-4711..", "u:anna-4711", True, id="their id is in it"),
        pytest.param(b"\xff..u:bo..", "u:anna-4711", False, id="it is not"),
        pytest.param(b"\xff..17..", "17", False, id="an id too short to tell"),
    ],
)
def test_a_parked_letter_that_nobody_can_read(body: bytes, customer: str, theirs: bool) -> None:
    subject = replace(SUBJECT, addresses=(replace(ANNA, customer=customer),))
    assert parked_about(DeadLetter("inbound.0/raw", "inbound.0", "undecodable", NOON, body, None), subject) is theirs


def test_every_queue_that_is_watched_exists() -> None:
    known = {queue.name for queue in queues(16)}
    wechat = Address("shop", "wechat", "mp", "openid")
    watched = queues_of(replace(SUBJECT, addresses=(ANNA, wechat)), 16)
    assert set(watched) <= known
    assert {name.partition(".")[0] for name in watched} == {"inbound", "outbound", "metrics", "routing"}


@pytest.mark.parametrize(
    ("seconds_ago", "at_a_platform", "waited", "seconds"),
    [
        pytest.param(1, False, False, 2.0, id="the website hands over at once"),
        pytest.param(5, True, False, 40.0, id="a platform may be busy, and the last message be tried again and again"),
        pytest.param(3600, True, False, 2.0, id="what was sent long ago is not tried any more"),
        pytest.param(3600, True, True, 45.0, id="what waited may be in the hands of who tries it again"),
        pytest.param(None, True, False, 2.0, id="nothing was ever said"),
    ],
)
def test_how_long_what_is_in_hand_is_waited_for(
    seconds_ago: int | None, at_a_platform: bool, waited: bool, seconds: float
) -> None:
    last_at = None if seconds_ago is None else NOON - timedelta(seconds=seconds_ago)
    subject = replace(SUBJECT, last_at=last_at)
    assert Patience().after_a_pass(subject, NOON, at_a_platform=at_a_platform, waited=waited) == seconds
