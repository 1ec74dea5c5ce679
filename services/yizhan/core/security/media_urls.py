"""Signed addresses of media: whoever has one may download that one file for a while, without signing in."""

import math
from collections.abc import Mapping
from datetime import timedelta
from urllib.parse import quote, urlencode

from yizhan.core.security.compare import same
from yizhan.core.security.keys import Keyring, Now
from yizhan.core.security.tokens import TokenInvalid, seal

VALID_FOR = timedelta(hours=24)
_STEP_SECONDS = 3600
"""Expiry is rounded up to whole hours, so that a page reloaded within the hour finds the file in the browser's cache."""


class MediaUrls:
    """Makes and checks ``/media/<id>?name=…&exp=…&sig=…``."""

    def __init__(self, keyring: Keyring, clock: Now, base: str = "") -> None:
        """``base`` is put before the path, for readers on other sites: ``https://service.example.com``."""
        self._keys = keyring.derived("media-url")
        self._clock = clock
        self._base = base.rstrip("/")

    def url(self, media_id: str, name: str = "", *, valid_for: timedelta = VALID_FOR) -> str:
        """The address of a file; ``name`` is what a browser saves it as."""
        expires = math.ceil((self._clock() + valid_for).timestamp() / _STEP_SECONDS) * _STEP_SECONDS
        query = {"name": name} if name else {}
        signature = seal(self._keys[0], _signed(media_id, name, str(expires)))
        return f"{self._base}/media/{quote(media_id, safe='')}?{urlencode({**query, 'exp': expires, 'sig': signature})}"

    def verify(self, media_id: str, query: Mapping[str, str]) -> str:
        """The name that the address was signed with. Raises TokenInvalid when it was changed or has expired."""
        name, expires, signature = query.get("name", ""), query.get("exp", ""), query.get("sig", "")
        if not (signature and expires.isascii() and expires.isdigit() and len(expires) <= 12):
            raise TokenInvalid("malformed")
        try:
            claim = _signed(media_id, name, expires)
            genuine = [same(signature, seal(key, claim)) for key in self._keys]
        except UnicodeEncodeError as error:
            raise TokenInvalid("malformed") from error
        if not any(genuine):
            raise TokenInvalid("bad_signature")
        if self._clock().timestamp() >= int(expires):
            raise TokenInvalid("expired")
        return name


def _signed(media_id: str, name: str, expires: str) -> str:
    """What is signed: every part with its length, so that nothing can move from one part to another."""
    return "".join(f"{len(part)}:{part}" for part in (media_id, name, expires))
