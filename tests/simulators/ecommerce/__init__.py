"""What simulators of shops' platforms are made of: an API that can go wrong, pushes, tokens, and what buyers saw.

``Site`` is a platform with one shop on it; a simulator subclasses it and adds the vendor's own forms and signatures, from
the vendor's documentation and without a line of the adapter's code.
"""

from tests.simulators.ecommerce.courier import Attempt, Courier
from tests.simulators.ecommerce.faults import Fault, Faults, Outcome
from tests.simulators.ecommerce.site import ApiCall, Seen, Site
from tests.simulators.ecommerce.tokens import Granted, GrantRefused, TokenDesk

__all__ = [
    "ApiCall",
    "Attempt",
    "Courier",
    "Fault",
    "Faults",
    "GrantRefused",
    "Granted",
    "Outcome",
    "Seen",
    "Site",
    "TokenDesk",
]
