"""What is known of a customer whom the business vouches for, from the id that it gave: pure."""

import re

_KIND = "u:"
_MOBILE = re.compile(r"(?:\w{1,10}:)?(1[3-9][0-9]{9})")


def own_id(customer: str) -> str:
    """The business's own id of a vouched customer, from the customer's id at the channel (``u:42``)."""
    return customer.removeprefix(_KIND)


def own_phone(customer: str) -> str:
    """The mobile number of a vouched customer whose id at the business it is; else empty."""
    mobile = _MOBILE.fullmatch(customer)
    return mobile[1] if mobile else ""
