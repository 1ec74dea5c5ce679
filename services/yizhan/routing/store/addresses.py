"""An address as text in a column."""

import json

from yizhan.core.messages.address import Address


def address_text(address: Address) -> str:
    return json.dumps([address.workspace, address.channel, address.account, address.customer, address.thread])


def address_of(text: str) -> Address:
    return Address(*json.loads(text))
