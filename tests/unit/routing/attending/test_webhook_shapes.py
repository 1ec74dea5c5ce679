"""What a system is posted can be told from what was kept, whatever was done to it since."""

import json
from datetime import UTC, datetime

import pytest

from yizhan.core.messages.codec import timestamp
from yizhan.pb.v1 import routing_pb2 as pb
from yizhan.routing.attending.webhooks.parcel import Event, To, of_event
from yizhan.routing.attending.webhooks.shapes import EventUnknown

TO = To("shop", "own")
AT = pb.AttendEvent(at=timestamp(datetime(2025, 11, 22, 4, 0, tzinfo=UTC)))


def kept(**kind: object) -> bytes:
    event = pb.AttendEvent(**kind)  # type: ignore[arg-type]
    event.MergeFrom(AT)
    return event.SerializeToString()


def test_the_same_event_is_the_same_post() -> None:
    body = kept(ended=pb.AttendEnded(conversation_id="c1", agent_id="ann", change="closed"))
    first, again = (of_event(TO, "s1", 7, body) for _ in range(2))
    assert first == again
    assert first.id == "s1.7"
    assert first.what == Event(7, ended=frozenset({"c1"}))
    told = json.loads(first.body)
    assert (told["type"], told["cursor"], told["timestamp"]) == ("ended", 7, "2025-11-22T04:00:00.000Z")


def test_what_was_erased_keeps_its_place() -> None:
    told = json.loads(of_event(TO, "s1", 7, kept()).body)
    assert (told["type"], told["cursor"], told["data"]) == ("erased", 7, {})


def test_what_only_a_newer_version_knows_is_left_to_it() -> None:
    field_of_the_future = b"\xfa\x01\x02hi"  # number 31, which no version uses yet
    with pytest.raises(EventUnknown):
        of_event(TO, "s1", 7, kept() + field_of_the_future)


def test_a_snapshot_says_which_conversations_there_are() -> None:
    given = pb.AttendAssigned(assignment=pb.Assignment(conversation_id="c1"), requested_at=timestamp(None))
    what = of_event(TO, "s1", 1, kept(snapshot=pb.AttendSnapshot(assigned=[given]))).what
    assert what == Event(1, began=frozenset({"c1"}), whole=True)
