"""All streams of own agent systems that are open on this process."""

import asyncio
from collections.abc import Sequence

from yizhan.core.runtime.metrics import Metrics
from yizhan.pb.v1.envelope_pb2 import Envelope
from yizhan.routing.attending.stream import Stream, displaced, restarting


class Streams:
    """``hear`` and ``gap`` are the bus handlers for live hints."""

    def __init__(self) -> None:
        self._open: set[Stream] = set()
        self._none_open = asyncio.Event()
        self._none_open.set()

    def measure(self, metrics: Metrics) -> None:
        """Show how many are open."""
        gauge = metrics.gauge("yizhan_attending_streams", "Streams of businesses' own agent systems that are open.")
        gauge.set_function(lambda: len(self._open))

    def join(self, stream: Stream) -> None:
        """From now on it is told what happens. An older stream of the same system is over."""
        for other in self._open:
            if (other.system.workspace, other.system.name) == (stream.system.workspace, stream.system.name):
                other.end(displaced())
        self._open.add(stream)
        self._none_open.clear()

    def leave(self, stream: Stream) -> None:
        """Nothing of it is under way any more."""
        self._open.discard(stream)
        if not self._open:
            self._none_open.set()

    async def hear(self, envelopes: Sequence[Envelope]) -> None:
        """Without an open stream there is nothing to do: whoever opens one is told what was kept."""
        if not self._open:
            return
        for envelope in envelopes:
            for stream in self._open:
                if stream.system.workspace == envelope.live.address.workspace:
                    stream.hear(envelope.live)

    async def gap(self) -> None:
        for stream in self._open:
            stream.behind()

    def end_all(self) -> None:
        """The process stops: clients resume elsewhere."""
        for stream in self._open:
            stream.end(restarting())

    async def close_all(self) -> None:
        """``end_all``, and wait until nothing of the streams is under way any more."""
        self.end_all()
        await self._none_open.wait()
