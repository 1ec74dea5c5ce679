"""What tells one channel's protocol from another's, where they are not the same."""

from collections.abc import Callable
from dataclasses import dataclass

from yizhan.channels.screens.history import Page
from yizhan.channels.screens.protocol import PING_SECONDS, Frame, parse_frame
from yizhan.channels.screens.view import Json, Outgoing, frame


def _nothing(_page: Page) -> Json:
    return {}


@dataclass(frozen=True, slots=True)
class Dialect:
    """``parse`` reads a client's frame and raises BadFrame. ``besides``: what a page and the first frame say of the
    conversation besides what all channels say; ``greeting``: what the first frame says in any case.
    """

    parse: Callable[[str | bytes], Frame] = parse_frame
    besides: Callable[[Page], Json] = _nothing
    greeting: tuple[tuple[str, str | int], ...] = ()

    def standing(self, page: Page) -> Outgoing | None:
        """Where the conversation stands besides its messages, for a client that knows it otherwise; None: there is nothing."""
        besides = self.besides(page)
        return frame("unread", head=page.head, **besides) if besides else None

    def ready(self, page: Page | None, after: int) -> Outgoing:
        """The first frame. Without a page neither the head nor the state is known; they follow."""
        always = dict(self.greeting)
        if page is None:
            return frame("ready", head=after, ping_seconds=PING_SECONDS, **always)
        agent = {"name": page.service.agent} if page.service.agent else None
        return frame(
            "ready",
            head=page.head,
            state=page.service.state,
            agent=agent,
            ping_seconds=PING_SECONDS,
            **always,
            **self.besides(page),
        )


PLAIN = Dialect()
