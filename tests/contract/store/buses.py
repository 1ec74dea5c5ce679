"""A bus that only remembers, and the publications that tests send over it."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from yizhan.core.bus.interface import BusUnavailable, Publication, Unroutable
from yizhan.core.bus.topology import Exchange
from yizhan.core.store.outbox import OutboxRow
from yizhan.pb.v1.envelope_pb2 import Envelope


@dataclass
class RememberingBus:
    """``away``: how many calls fail first. ``unroutable``: keys that no queue takes."""

    away: int = 0
    unroutable: frozenset[str] = frozenset()
    published: list[Publication] = field(default_factory=list)
    calls: int = 0

    async def publish(self, publications: Sequence[Publication]) -> None:
        self.calls += 1
        if self.away:
            self.away -= 1
            raise BusUnavailable("away")
        for publication in publications:
            if publication.key in self.unroutable:
                raise Unroutable(publication.key)
            self.published.append(publication)

    @property
    def ids(self) -> list[str]:
        return [publication.envelope.id for publication in self.published]


def row(name: str, partition: int | None = 0, key: str | None = None) -> OutboxRow:
    """A publication whose envelope is called ``name``."""
    publication = Publication(Exchange.INBOUND, key or str(partition), Envelope(id=name, producer="test"))
    return OutboxRow(publication, partition)


def rows(names: Sequence[str], partition: int | None = 0) -> list[OutboxRow]:
    return [row(name, partition) for name in names]
