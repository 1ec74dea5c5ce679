"""What settings of platforms with orders are made of."""

from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, SecretStr

LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


def _api_url(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment or parts.username:
        raise ValueError("must be https://host/path without user, query or fragment")
    if parts.scheme == "http" and parts.hostname not in LOOPBACK:
        raise ValueError("must be https: it carries secrets and buyers' data")
    return value.rstrip("/")


def _there(value: SecretStr) -> SecretStr:
    if not value.get_secret_value().strip():
        raise ValueError("must not be empty")
    return value


ApiUrl = Annotated[str, AfterValidator(_api_url)]
Secret = Annotated[SecretStr, AfterValidator(_there)]
NoSecret = SecretStr("")
Key = Annotated[str, Field(pattern=r"^[\x21-\x7e]{1,128}$")]
