"""Google's side of Firebase Cloud Messaging: the grant of access tokens, and the sending of messages (HTTP v1)."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import orjson
from aiohttp import web
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import RSAKey

from yizhan.core.runtime.clock import Clock, now
from yizhan.core.runtime.http import serve

PROJECT, EMAIL = "shop-1", "push@shop-1.iam.gserviceaccount.com"
SCOPE = "https://www.googleapis.com/auth/firebase.messaging"
FCM_ERROR = "type.googleapis.com/google.firebase.fcm.v1.FcmError"


@cache
def account_key() -> RSAKey:
    return RSAKey.generate_key(2048)


@dataclass(frozen=True)
class Refusal:
    """One answer: the HTTP status, the general status, and FCM's own code where it is FCM that refuses."""

    http: int
    status: str
    code: str = ""
    retry_after: str = ""


@dataclass
class FcmServer:
    """``refusals`` are used up one per message; ``silent``: messages are taken and never answered."""

    clock: Clock = now
    url: str = ""
    shown: list[dict[str, Any]] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)
    cut: bool = False
    grants: int = 0
    problems: list[str] = field(default_factory=list)

    def settings(self) -> dict[str, str]:
        """As an account has them."""
        document = {
            "type": "service_account",
            "project_id": PROJECT,
            "client_email": EMAIL,
            "private_key": account_key().as_pem(private=True).decode(),
            "private_key_id": "key-1",
            "token_uri": f"{self.url}/token",
        }
        return {"service_account": orjson.dumps(document).decode()}

    def expires_tokens(self) -> None:
        """It is over with every access token that was given out."""
        self.grants += 1000

    async def token(self, request: web.Request) -> web.StreamResponse:
        form = await request.post()
        try:
            claims = jwt.decode(str(form["assertion"]), account_key(), algorithms=["RS256"]).claims
        except (JoseError, ValueError, KeyError):
            return web.json_response({"error": "invalid_grant"}, status=400)
        at = self.clock().timestamp()
        right = (claims["iss"], claims["scope"], claims["aud"]) == (EMAIL, SCOPE, f"{self.url}/token")
        if not right or not claims["iat"] - 60 <= at < claims["exp"] <= claims["iat"] + 3600:
            self.problems.append("the grant is not as Google wants it")
        self.grants += 1
        return web.json_response({"access_token": f"access-{self.grants}", "expires_in": 3599, "token_type": "Bearer"})

    async def send(self, request: web.Request) -> web.StreamResponse:
        body = await request.read()
        if request.headers.get("Authorization") != f"Bearer access-{self.grants}":
            return _refused(Refusal(401, "UNAUTHENTICATED"))
        if len(body) > 4096:
            self.problems.append("the message is too large")
        if self.refusals:
            return _refused(self.refusals.pop(0))
        message = orjson.loads(body)["message"]
        if not all(isinstance(value, str) for value in message["data"].values()):
            self.problems.append("data must be strings")
        self.shown.append(message)
        if self.cut and request.transport is not None:
            self.cut = False
            request.transport.abort()
        return web.json_response({"name": f"projects/{PROJECT}/messages/{len(self.shown)}"})


def _refused(refusal: Refusal) -> web.StreamResponse:
    details = [{"@type": FCM_ERROR, "errorCode": refusal.code}] if refusal.code else []
    body = {"error": {"code": refusal.http, "status": refusal.status, "message": "no", "details": details}}
    headers = {"Retry-After": refusal.retry_after} if refusal.retry_after else {}
    return web.json_response(body, status=refusal.http, headers=headers)


@asynccontextmanager
async def open_fcm(clock: Clock = now) -> AsyncIterator[FcmServer]:
    server = FcmServer(clock)
    app = web.Application()
    app.router.add_post("/token", server.token)
    app.router.add_post(f"/v1/projects/{PROJECT}/messages:send", server.send)
    async with serve(app, "127.0.0.1", 0, drain=0.1) as port:
        server.url = f"http://127.0.0.1:{port}"
        yield server
