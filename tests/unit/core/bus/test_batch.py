"""The wire form of a batch is protobuf's own, and one bad piece does not cost the others."""

import pytest
from hypothesis import given, strategies as st

from yizhan.core.bus.batch import pack, unpack
from yizhan.pb.v1.envelope_pb2 import Batch, Envelope


def envelope(name: str, text: str = "x") -> Envelope:
    made = Envelope(id=name)
    made.message.content.text.text = text
    return made


def test_packing_gives_the_bytes_that_protobuf_gives() -> None:
    envelopes = [envelope("a"), envelope("b", "y" * 200), envelope("c", "驿" * 70_000), envelope("d", "")]
    assert pack([item.SerializeToString() for item in envelopes]) == Batch(envelopes=envelopes).SerializeToString()
    assert unpack(Batch(envelopes=envelopes).SerializeToString()) == envelopes


@given(st.lists(st.binary(max_size=300), min_size=1, max_size=20))
def test_packing_any_pieces_gives_them_back_in_order(pieces: list[bytes]) -> None:
    parts = unpack(pack(pieces))
    assert len(parts) == len(pieces)
    for part, piece in zip(parts, pieces, strict=True):
        if isinstance(part, bytes):
            # Unreadable: a batch of one that can be parked and published again. Unknown fields may be reordered.
            assert unpack(part) == [part]
        else:
            assert part == Envelope.FromString(piece)


@given(st.binary(max_size=400))
def test_no_bytes_break_unpacking_and_none_get_lost(body: bytes) -> None:
    parts = unpack(body)
    assert parts, "something came, so something must be parked or handled"


UNREADABLE = {
    "nothing": b"",
    "another message type": Envelope(id="x").SerializeToString()[:-1],
    "cut off in the middle": pack([envelope("a").SerializeToString()])[:-3],
    "a length that never ends": b"\x0a" + b"\xff" * 20,
    "a length beyond the end": b"\x0a\x7fabc",
    "text": b"<xml/>",
}


@pytest.mark.parametrize("body", UNREADABLE.values(), ids=UNREADABLE)
def test_bytes_that_are_no_batch_come_back_whole(body: bytes) -> None:
    assert unpack(body) == [body]


def test_an_unreadable_piece_keeps_its_place_among_readable_ones() -> None:
    good = [envelope(name).SerializeToString() for name in "ab"]
    parts = unpack(pack([good[0], b"\x0a\xff\xff\xff", good[1]]))
    assert [part.id if isinstance(part, Envelope) else part for part in parts] == [
        "a",
        pack([b"\x0a\xff\xff\xff"]),
        "b",
    ]


def test_an_envelope_from_a_later_version_is_kept_with_what_this_one_does_not_know() -> None:
    unknown = b"\x0a\x01z" + b"\xaa\x06\x03new"  # id "z", field 101
    (part,) = unpack(pack([unknown]))
    assert isinstance(part, bytes)
    assert b"new" in part
