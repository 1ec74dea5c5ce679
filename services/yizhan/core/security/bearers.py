"""Random tokens that open something as long as a table knows their digest: they can be taken back at once.

Signed tokens (``tokens``) need no table, and cannot be taken back. A digest tells nothing about its token: 32 random
bytes cannot be guessed, so it needs no salt and no slow hash, and looking it up gives nothing away.
"""

import hashlib
import re
import secrets

_BYTES = 32
_TOKEN = re.compile(r"[a-z]{2,8}_[A-Za-z0-9_-]{43}")


def new_bearer(prefix: str) -> str:
    """``<prefix>_`` and 43 random characters."""
    return f"{prefix}_{secrets.token_urlsafe(_BYTES)}"


def bearer_digest(token: str) -> bytes | None:
    """The SHA-256 under which a token is kept; None: it does not look like one, and need not be looked up."""
    return hashlib.sha256(token.encode()).digest() if _TOKEN.fullmatch(token) else None
