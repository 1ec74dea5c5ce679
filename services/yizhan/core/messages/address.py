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

    @classmethod
    def of_key(cls, key: str) -> "Address":
        """The address that has this key. Raises ValueError where none has."""
        parts, rest = [], key
        while rest:
            length, _, rest = rest.partition(":")
            parts.append(rest[: int(length)])
            rest = rest[int(length) :]
        if len(parts) != 5 or (found := cls(*parts)).key() != key:
            raise ValueError("not the key of an address")
        return found


def partition(address: Address, partitions: int) -> int:
    """The partition (0 to ``partitions`` - 1) of a conversation.

    The first 8 bytes of the BLAKE2b hash of ``Address.key()`` in UTF-8, big-endian, modulo ``partitions``. Any
    language can compute it; ``tests/unit/core/messages`` holds fixed vectors.
    """
    digest = hashlib.blake2b(address.key().encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") % partitions
