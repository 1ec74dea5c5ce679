"""One AMQP message is one ``Batch``: packed from envelopes that are already bytes, unpacked so that one bad envelope
does not cost its neighbours.

A ``Batch`` has a single repeated field, so its wire form is, per envelope, the field's tag, the length and the
bytes. Joining these costs a fraction of building the message object (``tests/unit/core/bus`` compares the two).
"""

from collections.abc import Iterable, Iterator
from typing import Final

from google.protobuf.message import DecodeError

from yizhan.pb.v1.envelope_pb2 import Batch, Envelope

MOST_BYTES: Final = 256 * 1024
"""How large one batch may grow; a single larger envelope still travels, alone."""

MOST_ENVELOPES: Final = 500
"""How many envelopes travel in one batch at most."""

CONTENT_TYPE: Final = "application/x-protobuf; type=yizhan.v1.Batch"

_TAG: Final = b"\x0a"  # field 1, length-delimited
_CONTINUES: Final = 0x80


def pack(envelopes: Iterable[bytes]) -> bytes:
    """The wire form of a batch of serialised envelopes."""
    parts: list[bytes] = []
    for envelope in envelopes:
        parts += (_TAG, _varint(len(envelope)), envelope)
    return b"".join(parts)


def unpack(body: bytes) -> list[Envelope | bytes]:
    """The envelopes of a batch, in order. What cannot be read comes as bytes: a body that can be parked by itself.

    Bytes that are no batch at all come back as they are. An envelope without an id or with a payload that this
    version does not know counts as unreadable, since nobody could handle it; it comes back as a batch of one, so
    that a later version can be given it again.
    """
    try:
        batch = Batch.FromString(body)
    except DecodeError:
        return _salvage(body)
    if not batch.envelopes:
        return [body]
    return [_readable(envelope) for envelope in batch.envelopes]


def _readable(envelope: Envelope) -> Envelope | bytes:
    if envelope.id and envelope.WhichOneof("payload") is not None:
        return envelope
    return pack((envelope.SerializeToString(),))


def _salvage(body: bytes) -> list[Envelope | bytes]:
    try:
        pieces = list(_split(body))
    except (IndexError, ValueError):
        return [body]
    return [_decoded(piece) for piece in pieces] or [body]


def _decoded(piece: bytes) -> Envelope | bytes:
    try:
        envelope = Envelope.FromString(piece)
    except DecodeError:
        return pack((piece,))
    return _readable(envelope)


def _split(body: bytes) -> Iterator[bytes]:
    """The pieces of a batch. Raises ValueError or IndexError where the bytes are not a row of envelopes."""
    at = 0
    while at < len(body):
        if body[at : at + 1] != _TAG:
            raise ValueError("not an envelope")
        length, at = _read_varint(body, at + 1)
        if at + length > len(body):
            raise ValueError("cut off")
        yield body[at : at + length]
        at += length


def _varint(value: int) -> bytes:
    if value < _CONTINUES:
        return bytes((value,))
    out = bytearray()
    while value >= _CONTINUES:
        out.append(value & 0x7F | _CONTINUES)
        value >>= 7
    out.append(value)
    return bytes(out)


def _read_varint(body: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = body[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < _CONTINUES:
            return value, at
        shift += 7
        if shift > 63:
            raise ValueError("no length")
