"""Firebase Cloud Messaging, HTTP v1 (reference channels.md G.3): a service account's grant, then one call per device."""

import asyncio
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlencode

import aiohttp
import orjson
from joserfc import jwt
from joserfc.jwk import RSAKey
from pydantic import BaseModel, Field, ValidationError

from yizhan.channels.app.push.notice import Gone, Later, Notice, Outcome, Refused, Told
from yizhan.channels.app.push.posting import Answered, post
from yizhan.channels.app.settings import FcmSettings, ServiceAccount
from yizhan.core.runtime.clock import Clock
from yizhan.core.runtime.http.outbound import Reach

SCOPE: Final = "https://www.googleapis.com/auth/firebase.messaging"
GRANT: Final = "urn:ietf:params:oauth:grant-type:jwt-bearer"
GRANT_SECONDS = 3600
EARLY_SECONDS = 300.0

_GONE = frozenset({"UNREGISTERED", "SENDER_ID_MISMATCH"})
_LATER = frozenset({"QUOTA_EXCEEDED", "UNAVAILABLE", "INTERNAL"})
_FCM_ERROR = "type.googleapis.com/google.firebase.fcm.v1.FcmError"


class _Granted(BaseModel):
    access_token: str = Field(repr=False, min_length=1)
    expires_in: int = Field(3600, ge=1)


@dataclass(slots=True)
class _Access:
    token: str = field(default="", repr=False)
    until: float = 0.0
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)


class Fcm:
    """For all accounts. ``base`` is Google's address."""

    def __init__(self, session: aiohttp.ClientSession, allowed: Reach, clock: Clock, *, base: str) -> None:
        self._session = session
        self._allowed = allowed
        self._clock = clock
        self._base = base.rstrip("/")
        self._access: dict[tuple[str, str], _Access] = {}

    async def tell(self, own: FcmSettings, notice: Notice) -> Outcome:
        """One try; a token of ours that Google refuses is replaced and the same is tried once more."""
        account = ServiceAccount.read(own.service_account.get_secret_value())
        token = await self._token(account, "")
        if not isinstance(token, str):
            return token
        answer = await self._send(account, token, notice)
        if isinstance(answer, Answered) and answer.status == 401:
            token = await self._token(account, token)
            if not isinstance(token, str):
                return token
            answer = await self._send(account, token, notice)
        return outcome_of(answer) if isinstance(answer, Answered) else answer

    async def _send(self, account: ServiceAccount, token: str, notice: Notice) -> Answered | Outcome:
        url = f"{self._base}/v1/projects/{account.project_id}/messages:send"
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        return await post(self._session, self._allowed, url, payload(notice), headers)

    async def _token(self, account: ServiceAccount, refused: str) -> str | Outcome:
        """The access token; ``refused`` is one that is not to be given again. An outcome where there is none."""
        access = self._access.setdefault((account.client_email, account.private_key_id), _Access())
        async with access.lock:
            now = self._clock().timestamp()
            if access.token and access.token != refused and now < access.until:
                return access.token
            headers = {"Content-Type": "application/x-www-form-urlencoded"}
            form = urlencode({"grant_type": GRANT, "assertion": _assertion(account, int(now))}).encode()
            answer = await post(self._session, self._allowed, account.token_uri, form, headers)
            match answer:
                case Answered(status=200):
                    try:
                        granted = _Granted.model_validate_json(answer.body)
                    except ValidationError:
                        return Later("grant_unreadable")
                    access.token, access.until = granted.access_token, now + granted.expires_in - EARLY_SECONDS
                    return access.token
                case Answered(status=status):
                    return Later("grant_refused", 60.0) if status >= 500 or status == 429 else Refused("grant_refused")
                case _:
                    return Later("grant_unreachable")  # whatever became of the grant, the device was told nothing


def _assertion(account: ServiceAccount, now: int) -> str:
    header = {"alg": "RS256", "typ": "JWT"} | ({"kid": account.private_key_id} if account.private_key_id else {})
    claims = {
        "iss": account.client_email,
        "scope": SCOPE,
        "aud": account.token_uri,
        "iat": now,
        "exp": now + GRANT_SECONDS,
    }
    return jwt.encode(header, claims, RSAKey.import_key(account.private_key), algorithms=["RS256"])


def payload(notice: Notice) -> bytes:
    """At most 4096 bytes."""
    message = {
        "token": notice.device.token,
        "notification": {"title": notice.title, "body": notice.body},
        "data": {**notice.facts(), "badge": str(notice.badge)},
        "android": {"collapse_key": notice.collapse, "notification": {"tag": notice.collapse}},
    }
    return orjson.dumps({"message": message})


def outcome_of(answer: Answered) -> Outcome:
    """What Google's answer means for the device."""
    if answer.status == 200:
        return Told()
    status, code = _said(answer.body)
    reason = (code or status or f"http_{answer.status}")[:64]
    if code in _GONE or (code == "INVALID_ARGUMENT" and answer.status == 400):
        return Gone(reason)
    if code in _LATER or answer.status == 429 or answer.status >= 500:
        return Later(reason, answer.retry_after)
    return Refused(reason)


def _said(body: bytes) -> tuple[str, str]:
    """The general status, and FCM's own code where the answer is FCM's: without one the mistake is ours."""
    try:
        said: Any = orjson.loads(body)
    except orjson.JSONDecodeError:
        return "", ""
    error = said.get("error") if isinstance(said, dict) else None
    if not isinstance(error, dict):
        return "", ""
    details = error.get("details")
    codes = [
        str(detail.get("errorCode", ""))
        for detail in (details if isinstance(details, list) else [])
        if isinstance(detail, dict) and detail.get("@type") == _FCM_ERROR
    ]
    return str(error.get("status", "")), codes[0] if codes else ""
