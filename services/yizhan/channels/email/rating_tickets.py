"""The links of a mail that asks for a rating: each names the case and the question, and nobody else can make one."""

import hashlib
from datetime import timedelta

from pydantic import BaseModel

from yizhan.channels.email.rating_words import LINKS_DAYS, language_of
from yizhan.core.messages.address import Address
from yizhan.core.security.compare import same
from yizhan.core.security.tokens import Signers

PURPOSE = "email-rating"
VALID_FOR = timedelta(days=LINKS_DAYS)

RATING = "rating:"
"""How the ids of menus begin that ask how it was."""

OF_TICKETS = "rating:ticket:"
"""Those of them that are about a ticket's solution."""


class RatingTicket(BaseModel):
    """``menu``: the question. ``who``: a digest of the whole address, which is not in the link: links are forwarded and logged."""

    account: str
    thread: str
    menu: str
    who: str
    language: str

    def is_for(self, address: Address) -> bool:
        """Whether it was made for the customer at this address, in this workspace."""
        return same(self.who, digest_of(address))


class RatingTickets:
    """Makes and checks links. ``public_url`` empty: browsers cannot reach us, and there are none."""

    def __init__(self, signer: Signers, public_url: str) -> None:
        self._signer = signer(PURPOSE)
        self._public_url = public_url.rstrip("/")

    def url(self, address: Address, menu_id: str, locale: str) -> str:
        """The address of the page, without the grade; empty where there is none."""
        if not self._public_url:
            return ""
        ticket = RatingTicket(
            account=address.account,
            thread=address.thread,
            menu=menu_id,
            who=digest_of(address),
            language=language_of(locale),
        )
        token = self._signer.sign(ticket, expires_in=VALID_FOR)
        return f"{self._public_url}/email/{address.account}/rating/{token}"

    def check(self, token: str) -> RatingTicket:
        """Raises TokenInvalid."""
        return self._signer.verify_as(token, RatingTicket)


def digest_of(address: Address) -> str:
    return hashlib.sha256(address.key().encode()).hexdigest()[:24]
