"""What is the app protocol's own: the first frame, renewing a token, and what is told of the conversation besides."""

from typing import Annotated

from pydantic import Field, TypeAdapter

from yizhan.channels.app.facts import VERSION
from yizhan.channels.screens.dialect import Dialect
from yizhan.channels.screens.history import Page
from yizhan.channels.screens.protocol import Auth, Frame, Hello, Talk, parse_frame
from yizhan.channels.screens.view import Json


class AppHello(Hello):
    """``token`` may be left out where the handshake had it in its header. ``version``: as in the header of requests."""

    token: str = Field("", max_length=8192)
    version: int = Field(VERSION, ge=0, le=1_000_000)


_FRAME: TypeAdapter[Frame] = TypeAdapter(Annotated[AppHello | Auth | Talk, Field(discriminator="type")])


def _parse(raw: str | bytes) -> Frame:
    return parse_frame(raw, _FRAME)


def cursors(page: Page) -> Json:
    """How far the customer's screens got, and how many messages to them were not seen on any."""
    return {"delivered": page.delivered, "read": page.read, "unread": page.unread}


DIALECT = Dialect(parse=_parse, besides=cursors, greeting=(("version", VERSION),))
