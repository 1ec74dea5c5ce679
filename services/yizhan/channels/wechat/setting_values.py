"""What the settings of WeChat accounts are made of. No message of a check repeats the value."""

import base64
import re
import string
from collections.abc import Mapping
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr

PLACEHOLDERS = frozenset({"time", "account"})
"""What the texts of a notice may refer to: when the business wrote, and the account's name."""

_TOKEN = re.compile(r"[A-Za-z0-9]{3,32}")
_AES_KEY = re.compile(r"[A-Za-z0-9]{43}")


def _token(value: SecretStr) -> SecretStr:
    if not _TOKEN.fullmatch(value.get_secret_value()):
        raise ValueError("the token has 3 to 32 letters and digits")
    return value


def _aes_key(value: SecretStr) -> SecretStr:
    text = value.get_secret_value()
    if text and not (_AES_KEY.fullmatch(text) and len(base64.b64decode(text + "=")) == 32):
        raise ValueError("an EncodingAESKey has exactly 43 letters and digits")
    return value


def _there(value: SecretStr) -> SecretStr:
    if not value.get_secret_value().strip():
        raise ValueError("must not be empty")
    return value


def _notice_text(value: str) -> str:
    try:
        places = [place[1:] for place in string.Formatter().parse(value) if place[1] is not None]
    except ValueError:
        raise ValueError("a brace that is meant as such is written twice") from None
    if any(name not in PLACEHOLDERS or form or conversion for name, form, conversion in places):
        raise ValueError("only {time} and {account} can be filled in")
    return value


Token = Annotated[SecretStr, AfterValidator(_token)]
AesKey = Annotated[SecretStr, AfterValidator(_aes_key)]
Secret = Annotated[SecretStr, AfterValidator(_there)]
AppId = Annotated[str, Field(pattern=r"^wx[0-9A-Za-z]{4,62}$")]
CorpId = Annotated[str, Field(pattern=r"^w[wx][0-9A-Za-z]{4,62}$")]
NoticeText = Annotated[str, Field(max_length=200), AfterValidator(_notice_text)]


class Strict(BaseModel):
    """Takes what it knows and nothing else."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class GrantSettings(Strict):
    """So many messages within so many seconds of what the customer did."""

    messages: int = Field(ge=0, le=1000)
    seconds: int = Field(ge=1, le=30 * 86_400)


class Notice(Strict):
    """A message of a form that the platform approved, sent when nothing else may be. ``data``: the form's fields and texts."""

    template_id: str = Field(min_length=1, max_length=100)
    data: Mapping[str, NoticeText] = Field(default_factory=dict, max_length=20)

    def filled(self, *, time: str, account: str) -> Mapping[str, str]:
        """The form's fields with their placeholders filled in."""
        return {name: text.format(time=time, account=account) for name, text in self.data.items()}


class TemplateNotice(Notice):
    """模板消息. ``url`` is opened by a touch on it."""

    url: str = Field("", max_length=1000, pattern=r"^(https?://\S+)?$")


class SubscribeNotice(Notice):
    """订阅通知, to those who agreed to it. ``page`` of the mini program is opened by a touch on it."""

    page: str = Field("", max_length=1000)


class CardSettings(Strict):
    """How goods and orders are shown as a card of a mini program; ``{id}`` in ``page_path`` is the goods' or order's id.

    ``app_id``: the mini program, linked to the account; empty for a mini program's own. ``thumb_media_id``: a permanent picture.
    """

    app_id: str = Field("", pattern=r"^(wx[0-9A-Za-z]{4,62})?$")
    page_path: str = Field(min_length=1, max_length=1000)
    thumb_media_id: str = Field(min_length=1, max_length=200)
