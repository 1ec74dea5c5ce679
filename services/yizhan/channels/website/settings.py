"""What a business sets for one of its websites."""

from typing import Annotated, Literal, Self

from joserfc.errors import JoseError
from pydantic import Field, SecretStr, model_validator

from yizhan.channels.screens.keys import Algorithm, verification_key
from yizhan.channels.screens.setting_values import MIN_SECRET_CHARS, ScreenAccountSettings, SettingsPart

Secret = Annotated[SecretStr, Field(min_length=MIN_SECRET_CHARS)]


class NoIdentity(SettingsPart):
    """Visitors are anonymous."""

    kind: Literal["none"] = "none"


class JwtIdentity(SettingsPart):
    """The business's site signs a JWT for a visitor who is signed in there. ``key`` is a secret (HS…) or a PEM public key."""

    kind: Literal["jwt"]
    algorithm: Algorithm
    key: SecretStr
    audience: str = ""
    issuer: str = ""

    @model_validator(mode="after")
    def _usable(self) -> Self:
        text = self.key.get_secret_value()
        if self.algorithm.startswith("HS") and len(text) < MIN_SECRET_CHARS:
            raise ValueError(f"the secret needs at least {MIN_SECRET_CHARS} characters")
        try:
            verification_key(self.algorithm, text)
        except (JoseError, ValueError):
            raise ValueError(f"the key is not usable with {self.algorithm}") from None
        return self


class HmacIdentity(SettingsPart):
    """The business's site gives the HMAC-SHA256 of the user id, in hexadecimal, under a shared secret."""

    kind: Literal["hmac"]
    secret: Secret


Identity = Annotated[NoIdentity | JwtIdentity | HmacIdentity, Field(discriminator="kind")]


class WebsiteAccountSettings(ScreenAccountSettings):
    """``allowed_origins``: sites that may embed the widget; the gateway's own origin always may."""

    identity: Identity = NoIdentity()
    require_identity: bool = False
    color: str = Field("#1769e0", pattern=r"^#[0-9A-Fa-f]{6}$")

    @model_validator(mode="after")
    def _agree(self) -> Self:
        if self.require_identity and isinstance(self.identity, NoIdentity):
            raise ValueError("require_identity needs an identity of kind jwt or hmac")
        return self
