"""Whose an address is: one identity, whatever the thread. Its id follows from the address, so any process makes the same."""

from dataclasses import replace

from yizhan.core.messages.address import Address
from yizhan.core.messages.ids import derived_id


def identity_id(address: Address) -> str:
    return derived_id("identity", replace(address, thread="").key())
