"""What a client sends to begin a session."""

from pydantic import Field

from yizhan.channels.screens.protocol import Strict


class JwtIn(Strict):
    jwt: str = Field(min_length=1, max_length=8192)


class HmacIn(Strict):
    user_id: str = Field(min_length=1, max_length=512)
    hmac: str = Field(min_length=1, max_length=128)
    name: str = Field("", max_length=400)


class PageIn(Strict):
    url: str = Field("", max_length=8192)
    title: str = Field("", max_length=2000)


class SessionBody(Strict):
    token: str = Field("", max_length=4096)
    identity: JwtIn | HmacIn | None = None
    locale: str = Field("", max_length=100)
    page: PageIn = PageIn()
