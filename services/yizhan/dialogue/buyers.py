"""Conversations with buyers of shops' platforms, whose channel looks their orders up by itself."""

from yizhan.core.messages.address import Address

CHANNELS = frozenset({"ecommerce"})
"""Channels that serve ``OrdersService`` for their own conversations."""


def finds_by_buyer(address: Address) -> bool:
    """Whether a conversation there has a buyer by whom its channel may find orders."""
    return address.channel in CHANNELS
