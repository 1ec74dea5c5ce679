"""The token in the address that an answer comes back to: it names a case, and nobody else can make one. Pure.

``name+token@domain``. The token is in base 32 without padding and means the same in capitals: some programs change the case
of addresses. It is bound to the account, the case and the customer; with several keys every one of them is believed.
"""

import base64
import hashlib
import hmac
import re
from collections.abc import Sequence

from yizhan.channels.email.addresses import added, domain_of, plain
from yizhan.core.security.keys import DerivedKey, Keyring

PURPOSE = "email-reply-token"

THREAD_CHARS = 16
"""80 bits in base 32."""

_SEAL_BYTES = 10
_TOKEN = re.compile(r"y([a-z2-7]{16})([a-z2-7]{16})")
MOST_OWN_CHARS = 64 - 1 - 1 - 2 * THREAD_CHARS
"""Of the part before the @, so that with a plus and a token it has at most 64."""


def thread_id(*parts: str) -> str:
    """The id of the case that begins with these: the same whenever it is asked for."""
    return _text(hashlib.blake2b("\x1f".join(parts).encode(), digest_size=10).digest())


class ReplyTokens:
    """Makes and believes tokens."""

    def __init__(self, keyring: Keyring) -> None:
        self._keys: Sequence[DerivedKey] = keyring.derived(PURPOSE)

    def address(self, own: str, account: str, thread: str, customer: str) -> str:
        """Where the customer's answer in this case is to go."""
        local, _, domain = own.partition("@")
        return f"{local}+y{thread}{self._seal(self._keys[0], account, thread, customer)}@{domain}"

    def thread_named(self, address: str, own: frozenset[str]) -> tuple[str, str] | None:
        """The case that an address of ours names and the seal that is to prove it; None: it is none of ours."""
        found = _TOKEN.fullmatch(added(address.lower()))
        if found is None or not any(_same_mailbox(address.lower(), one) for one in own):
            return None
        return found[1], found[2]

    def holds(self, account: str, thread: str, customer: str, seal: str) -> bool:
        """Whether we made the token for this case and customer."""
        made = (self._seal(key, account, thread, customer) for key in self._keys)
        return any(hmac.compare_digest(one, seal) for one in made)

    def _seal(self, key: DerivedKey, account: str, thread: str, customer: str) -> str:
        whole = f"{account}\x1f{thread}\x1f{customer}".encode()
        return _text(hmac.digest(key.key, whole, "sha256")[:_SEAL_BYTES])


def _same_mailbox(address: str, own: str) -> bool:
    return plain(address).partition("@")[0] == plain(own).partition("@")[0] and domain_of(address) == domain_of(own)


def _text(raw: bytes) -> str:
    return base64.b32encode(raw).decode().rstrip("=").lower()
