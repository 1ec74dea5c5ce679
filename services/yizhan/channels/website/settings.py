"""What a business sets for one of its websites."""

from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from joserfc.errors import JoseError
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, model_validator

from yizhan.channels.website.keys import Algorithm, verification_key

MIN_SECRET_CHARS = 32
"""A shorter secret can be guessed from one signed example."""


def _origin(value: str) -> str:
    """``*``, or scheme, host and port as browsers send them; ``*.`` before the host stands for all its subdomains."""
    if value == "*":
        return value
    cleaned = value.strip().lower().rstrip("/")
    parts = urlsplit(cleaned)
    host = (parts.hostname or "").removeprefix("*.")
    if (
        parts.scheme not in {"http", "https"}
        or not host
        or "*" in host
        or f"{parts.scheme}://{parts.netloc}" != cleaned
    ):
        raise ValueError("must be * or like https://shop.example.com, without a path")
    _ = parts.port
    return cleaned


Origin = Annotated[str, AfterValidator(_origin)]
Secret = Annotated[SecretStr, Field(min_length=MIN_SECRET_CHARS)]


class _Settings(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class NoIdentity(_Settings):
    """Visitors are anonymous."""

    kind: Literal["none"] = "none"


class JwtIdentity(_Settings):
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


class HmacIdentity(_Settings):
    """The business's site gives the HMAC-SHA256 of the user id, in hexadecimal, under a shared secret."""

    kind: Literal["hmac"]
    secret: Secret


Identity = Annotated[NoIdentity | JwtIdentity | HmacIdentity, Field(discriminator="kind")]


class WebsiteAccountSettings(_Settings):
    """``allowed_origins``: sites that may embed the widget; the gateway's own origin always may."""

    allowed_origins: tuple[Origin, ...] = ()
    identity: Identity = NoIdentity()
    require_identity: bool = False
    locale: str = Field("zh-CN", pattern=r"^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$", max_length=35)
    color: str = Field("#1769e0", pattern=r"^#[0-9A-Fa-f]{6}$")
    title: str = Field("", max_length=100)

    @model_validator(mode="after")
    def _agree(self) -> Self:
        if self.require_identity and isinstance(self.identity, NoIdentity):
            raise ValueError("require_identity needs an identity of kind jwt or hmac")
        return self
