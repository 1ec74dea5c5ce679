"""Live hints for whatever tells own agent systems: streams and webhooks."""

from collections.abc import Sequence
from typing import Protocol

from yizhan.pb.v1.envelope_pb2 import Envelope


class Hearer(Protocol):
    """``gap``: hints may have been lost."""

    async def hear(self, envelopes: Sequence[Envelope]) -> None: ...
    async def gap(self) -> None: ...


class Hints:
    """The bus handlers of a process: one subscription for all who hear."""

    def __init__(self, hearers: Sequence[Hearer]) -> None:
        self._hearers = tuple(hearers)

    async def hear(self, envelopes: Sequence[Envelope]) -> None:
        for hearer in self._hearers:
            await hearer.hear(envelopes)

    async def gap(self) -> None:
        for hearer in self._hearers:
            await hearer.gap()
