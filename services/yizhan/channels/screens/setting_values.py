"""What the settings of accounts of customers' own screens have in common."""

from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

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
Locale = Annotated[str, Field(pattern=r"^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$", max_length=35)]


class SettingsPart(BaseModel):
    """Settings, or a part of them: what is not known is a mistake, and no problem shows what was given."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class ScreenAccountSettings(SettingsPart):
    """``allowed_origins``: sites whose pages may use the account."""

    allowed_origins: tuple[Origin, ...] = ()
    locale: Locale = "zh-CN"
    title: str = Field("", max_length=100)
