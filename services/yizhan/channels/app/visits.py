"""Telling dialogue that a customer opened the app: it greets them once a session, and keeps who they are."""

from yizhan.channels.contract import InboundVisit, Note
from yizhan.channels.screens.visitor import Visitor
from yizhan.core.messages.command import Command, Visit
from yizhan.core.messages.ids import NewId
from yizhan.core.runtime.clock import Clock
from yizhan.core.security.ratelimit import Rate, RateLimit, RateLimited

APART_SECONDS = 600.0
"""An app that loses its connection every minute is not opened every minute."""


class Visits:
    """``note`` brings them to dialogue."""

    def __init__(self, note: Note, clock: Clock, new_id: NewId) -> None:
        self._note = note
        self._clock = clock
        self._new_id = new_id
        self._told = RateLimit(Rate(1, APART_SECONDS), max_keys=100_000)

    def came(self, visitor: Visitor) -> None:
        """The customer is here, or again."""
        try:
            self._told.spend(visitor.address.key())
        except RateLimited:
            return
        kind = Visit(locale=visitor.locale, customer_name=visitor.name, verified=visitor.verified)
        self._note(InboundVisit(Command(id=self._new_id(), address=visitor.address, at=self._clock(), kind=kind)))
