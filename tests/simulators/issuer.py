"""The business's own sign-in: signs tokens for its users, and shows the public keys that check them.

Its key document can be slow, huge, moved elsewhere or away, as real ones are now and then.
"""

import asyncio
import warnings
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from aiohttp import web
from joserfc import jwt
from joserfc.errors import SecurityWarning
from joserfc.jwk import ECKey, OctKey, OKPKey, RSAKey

from yizhan.core.runtime.clock import Clock, now
from yizhan.core.runtime.http import serve

ISSUER = "https://id.example.com"
AUDIENCE = "yizhan"

SigningKey = ECKey | RSAKey | OKPKey | OctKey


def new_key(kid: str) -> ECKey:
    return ECKey.generate_key("P-256", {"kid": kid})


@dataclass
class Issuer:
    """``keys`` are shown; ``current`` signs. ``fault``: away, slow, huge, redirects, nonsense; empty: it works."""

    clock: Clock = now
    keys: list[ECKey | RSAKey | OKPKey] = field(default_factory=lambda: [new_key("k1")])
    url: str = ""
    fault: str = ""
    asked: int = 0

    @property
    def current(self) -> ECKey | RSAKey | OKPKey:
        return self.keys[-1]

    def token(self, user: str = "user-1", *, lasts: timedelta = timedelta(hours=1), **claims: Any) -> str:
        """A token for a user; a claim that is None is left out."""
        return signed(self.current, "ES256", self.claims(user, lasts, **claims), kid=str(self.current.kid))

    def claims(self, user: str, lasts: timedelta = timedelta(hours=1), **others: Any) -> dict[str, Any]:
        at: datetime = self.clock()
        given = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": user,
            "iat": int(at.timestamp()),
            "exp": int((at + lasts).timestamp()),
            **others,
        }
        return {name: value for name, value in given.items() if value is not None}

    def account(self, **others: Any) -> dict[str, Any]:
        """Settings of an account whose users sign in here."""
        known = {"issuer": ISSUER, "audience": AUDIENCE, "algorithms": ["ES256"], "jwks_url": self.url}
        return {**known, **others}

    async def show(self, request: web.Request) -> web.StreamResponse:
        self.asked += 1
        match self.fault:
            case "away":
                return web.Response(status=503)
            case "slow":
                await asyncio.sleep(60)
            case "huge":
                return web.Response(body=b" " * (300 * 1024) + b"{}")
            case "redirects":
                return web.Response(status=302, headers={"Location": f"{request.url}?again"})
            case "nonsense":
                return web.Response(body=b'{"keys": "none"}')
            case _:
                pass
        return web.json_response({"keys": [key.as_dict(private=False) for key in self.keys]})


def signed(key: SigningKey, algorithm: str, claims: dict[str, Any], **header: Any) -> str:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SecurityWarning)  # of "EdDSA", as many libraries still write it
        return jwt.encode({"alg": algorithm, **header}, claims, key, algorithms=[algorithm])


@asynccontextmanager
async def open_issuer(clock: Clock = now) -> AsyncIterator[Issuer]:
    issuer = Issuer(clock)
    app = web.Application()
    app.router.add_get("/jwks.json", issuer.show)
    async with serve(app, "127.0.0.1", 0, drain=0.1) as port:
        issuer.url = f"http://127.0.0.1:{port}/jwks.json"
        yield issuer
