"""What a business sets for one of its apps."""

import json
from functools import lru_cache
from typing import Annotated, Any, Literal, Self

from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, model_validator

from yizhan.channels.screens.keys import verification_key
from yizhan.channels.screens.setting_values import MIN_SECRET_CHARS, ScreenAccountSettings, SettingsPart
from yizhan.core.security.webhook_signing import is_webhook_secret

Algorithm = Literal[
    "HS256", "HS384", "HS512", "RS256", "RS384", "RS512", "PS256", "ES256", "ES384", "ES512", "Ed25519", "EdDSA"
]
"""What a business's tokens may be signed with; ``none`` is not among them."""

MOST_KEYS = 10


def _https(value: str) -> str:
    if value and not value.startswith(("https://", "http://127.0.0.1", "http://localhost", "http://[::1]")):
        raise ValueError("must begin with https://")
    return value


HttpsUrl = Annotated[str, Field(max_length=2000), AfterValidator(_https)]


class StaticKey(SettingsPart):
    """A key that tokens are checked with: a secret of 32 characters or more (HS…), or a public key in PEM."""

    algorithm: Algorithm
    key: SecretStr
    kid: str = Field("", max_length=200)

    @model_validator(mode="after")
    def _usable(self) -> Self:
        text = self.key.get_secret_value()
        if self.algorithm.startswith("HS") and (len(text) < MIN_SECRET_CHARS or "-----BEGIN" in text):
            raise ValueError(f"a secret of at least {MIN_SECRET_CHARS} characters is needed, and no public key")
        try:
            verification_key(self.algorithm, text)
        except (JoseError, ValueError):
            raise ValueError(f"the key is not usable with {self.algorithm}") from None
        return self


class ApnsSettings(SettingsPart):
    """Apple's push service. ``private_key`` is the ``.p8`` file, ``topic`` the app's bundle id."""

    team_id: str = Field(pattern=r"^[A-Z0-9]{10}$")
    key_id: str = Field(pattern=r"^[A-Z0-9]{10}$")
    private_key: SecretStr
    topic: str = Field(min_length=1, max_length=200, pattern=r"^[A-Za-z0-9.-]+$")

    @model_validator(mode="after")
    def _usable(self) -> Self:
        try:
            key = ECKey.import_key(self.private_key.get_secret_value())
        except (JoseError, ValueError):
            raise ValueError("private_key: not the contents of a .p8 file") from None
        if not key.is_private:
            raise ValueError("private_key: a public key cannot sign")
        return self


class FcmSettings(SettingsPart):
    """Firebase Cloud Messaging. ``service_account`` is the JSON file of the service account that may send."""

    service_account: SecretStr

    @model_validator(mode="after")
    def _usable(self) -> Self:
        ServiceAccount.read(self.service_account.get_secret_value())
        return self


class ServiceAccount(BaseModel):
    """What is needed of a service account's file."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    project_id: str = Field(min_length=1, pattern=r"^[a-z0-9-]+$")
    client_email: str = Field(min_length=3)
    private_key: str = Field(repr=False)
    private_key_id: str = ""
    token_uri: HttpsUrl = "https://oauth2.googleapis.com/token"  # noqa: S105 - an address

    @classmethod
    @lru_cache(maxsize=32)
    def read(cls, text: str) -> "ServiceAccount":
        """Raises ValueError. Kept: checking an RSA key takes a while."""
        try:
            given: Any = json.loads(text)
            account = cls.model_validate(given)
            private = RSAKey.import_key(account.private_key).is_private
        except (JoseError, ValueError, RecursionError):
            raise ValueError("service_account: not the JSON file of a service account") from None
        if not private:
            raise ValueError("service_account: it has no private key")
        return account


class HookSettings(SettingsPart):
    """The business's own server, which passes notifications on to any other push service. ``secret`` as of webhooks."""

    url: HttpsUrl = Field(min_length=1)
    secret: SecretStr

    @model_validator(mode="after")
    def _usable(self) -> Self:
        if not is_webhook_secret(self.secret.get_secret_value()):
            raise ValueError("secret: must be whsec_ and base64 of 24 to 64 bytes")
        return self


class PushSettings(SettingsPart):
    """``preview``: whether what was written is part of a notification, which shows on locked screens."""

    apns: ApnsSettings | None = None
    fcm: FcmSettings | None = None
    hook: HookSettings | None = None
    preview: Literal["none", "text"] = "none"


class AppAccountSettings(ScreenAccountSettings):
    """``algorithms``: those that tokens may be signed with; every other one is refused, whatever a token says of itself.

    ``allowed_origins``: sites whose pages may use the account (a mini site); apps send no origin.
    """

    issuer: str = Field(min_length=1, max_length=500)
    audience: str = Field(min_length=1, max_length=500)
    algorithms: tuple[Algorithm, ...] = Field(min_length=1)
    jwks_url: HttpsUrl = ""
    keys: tuple[StaticKey, ...] = Field((), max_length=MOST_KEYS)
    push: PushSettings = PushSettings()

    @model_validator(mode="after")
    def _agree(self) -> Self:
        if not self.jwks_url and not self.keys:
            raise ValueError("jwks_url or keys is needed: nothing could be checked without")
        for key in self.keys:
            if key.algorithm not in self.algorithms:
                raise ValueError(f"keys: {key.algorithm} is not among the algorithms")
        for algorithm in self.algorithms:
            own = any(key.algorithm == algorithm for key in self.keys)
            if algorithm.startswith("HS") and not own:
                raise ValueError(f"algorithms: {algorithm} needs a secret among the keys")
            if not own and not self.jwks_url:
                raise ValueError(f"algorithms: there is no key for {algorithm}")
        return self
