"""Where a customer is reached, and the partition that follows from it."""

import hashlib
from dataclasses import dataclass

DEFAULT_PARTITIONS = 16
"""Partitions of a deployment. A constant of the deployment: changing it needs an empty bus."""


@dataclass(frozen=True, slots=True, order=True)
class Address:
    """A customer at one account of one channel; ``thread`` is empty where the channel has none."""

    workspace: str
    channel: str
    account: str
    customer: str
    thread: str = ""

    def key(self) -> str:
        """One string per address: every part with its length before it, so that no two addresses share a key."""
        parts = (self.workspace, self.channel, self.account, self.customer, self.thread)
        return "".join(f"{len(part)}:{part}" for part in parts)


def partition(address: Address, partitions: int) -> int:
    """The partition (0 to ``partitions`` - 1) of a conversation.

    The first 8 bytes of the BLAKE2b hash of ``Address.key()`` in UTF-8, big-endian, modulo ``partitions``. Any
    language can compute it; ``tests/unit/core/messages`` holds fixed vectors.
    """
    digest = hashlib.blake2b(address.key().encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") % partitions
