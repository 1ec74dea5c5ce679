"""What proves, in a seller's consent, that it was we who asked for it: a ticket to begin with, a state to come back with."""

from datetime import timedelta

from pydantic import BaseModel

from yizhan.core.security.tokens import Signers

TICKET_FOR = timedelta(hours=1)
"""From the command line to the browser."""
STATE_FOR = timedelta(minutes=15)
"""At the platform's pages."""


class Ticket(BaseModel):
    """May begin a consent."""

    platform: str
    account: str


class State(BaseModel):
    """Goes to the platform and comes back. ``nonce`` is in a cookie of the same browser, so that nobody else can end it."""

    platform: str
    account: str
    nonce: str


class ConsentTickets:
    """Makes and checks both. What is checked raises TokenInvalid."""

    def __init__(self, signer: Signers) -> None:
        self._tickets = signer("ecommerce-consent-ticket")
        self._states = signer("ecommerce-consent-state")

    def ticket(self, platform: str, account: str) -> str:
        return self._tickets.sign(Ticket(platform=platform, account=account), expires_in=TICKET_FOR)

    def check_ticket(self, text: str) -> Ticket:
        return self._tickets.verify_as(text, Ticket)

    def state(self, platform: str, account: str, nonce: str) -> str:
        state = State(platform=platform, account=account, nonce=nonce)
        return self._states.sign(state, expires_in=STATE_FOR)

    def check_state(self, text: str) -> State:
        return self._states.verify_as(text, State)


def connect_url(public_url: str, platform: str, account: str, ticket: str) -> str:
    """What to open in a browser."""
    return f"{public_url.rstrip('/')}/ecommerce/{platform}/{account}/connect?ticket={ticket}"


def connected_url(public_url: str, platform: str, account: str) -> str:
    """Where the platform sends the seller back; it is entered in the platform's developer console."""
    return f"{public_url.rstrip('/')}/ecommerce/{platform}/{account}/connected"
