"""One face of a customer: where they are reached at a channel, whatever the thread."""

from dataclasses import dataclass
from datetime import datetime

from yizhan.core.messages.address import Address
from yizhan.core.messages.identities import identity_id


@dataclass(frozen=True, slots=True)
class Identity:
    """``customer`` is the customer's id at the channel; ``customer_id`` whose identity it is.

    Nothing needs to be stored for an identity to have a customer: its own one carries its id, and it belongs there until
    a link says otherwise.
    """

    id: str
    workspace: str
    channel: str
    account: str
    customer: str
    customer_id: str
    first_seen_at: datetime

    @property
    def place(self) -> tuple[str, str]:
        """The account where it is: nobody is expected to be there twice."""
        return (self.channel, self.account)

    @property
    def linked(self) -> bool:
        """Whether it belongs to another customer than its own."""
        return self.customer_id != self.id


@dataclass(frozen=True, slots=True)
class Editor:
    """Who does something: an agent, or a system of the business; ``name`` as colleagues know them."""

    id: str
    name: str


def identity_of(address: Address, first_seen_at: datetime) -> Identity:
    """The identity that an address belongs to, as it is when nobody has linked it. Any process makes the same."""
    own = identity_id(address)
    return Identity(own, address.workspace, address.channel, address.account, address.customer, own, first_seen_at)
