"""Who a client speaks for."""

from dataclasses import dataclass
from datetime import datetime

from yizhan.core.messages.address import Address


@dataclass(frozen=True, slots=True)
class Visitor:
    """A customer of one account. ``verified``: the business vouched for who it is."""

    address: Address
    name: str = ""
    locale: str = ""
    verified: bool = False

    @property
    def id(self) -> str:
        """The customer's id at the channel."""
        return self.address.customer


@dataclass(frozen=True, slots=True)
class Holder:
    """Somebody who proved who they are. ``until``: when a connection needs a new proof; None: it may stay."""

    visitor: Visitor
    until: datetime | None = None
