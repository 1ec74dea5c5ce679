"""Hints from dialogue to the clients connected here."""

from collections.abc import Callable, Sequence

import structlog

from yizhan.channels.screens.catchup import CatchUp
from yizhan.channels.screens.history import STATE_NAMES, ServiceState
from yizhan.channels.screens.sessions import Client, Sessions
from yizhan.channels.screens.tasks import Tasks
from yizhan.channels.screens.view import MediaUrl, author_json, frame, message_frame, receipt_name
from yizhan.core.messages.address import Address
from yizhan.core.messages.codec import Undecodable, message_from_proto
from yizhan.core.messages.message import Author, AuthorKind, Message
from yizhan.core.messages.receipt import ReceiptState
from yizhan.pb.v1.envelope_pb2 import Envelope
from yizhan.pb.v1.live_pb2 import Live, ReceiptSeen, StateChanged, Typing

log = structlog.get_logger(__name__)

RECEIPTS_SHOWN = frozenset({ReceiptState.DELIVERED, ReceiptState.READ})


class LivePush:
    """Turns hints into frames. A hint that cannot be read is dropped: the transcript has the truth."""

    def __init__(
        self,
        sessions: Sessions,
        catch_up: CatchUp,
        media_url: MediaUrl,
        tasks: Tasks,
        seen: Callable[[str], None],
    ) -> None:
        """``seen`` is told the id of each message that dialogue has."""
        self.has_read: Callable[[Address], None] | None = None
        """Called when a customer who is connected here has read something; set by whoever wants to know."""
        self._seen = seen
        self._sessions = sessions
        self._catch_up = catch_up
        self._media_url = media_url
        self._tasks = tasks

    async def handle(self, envelopes: Sequence[Envelope]) -> None:
        for envelope in envelopes:
            if envelope.WhichOneof("payload") != "live":
                continue
            try:
                self._push(envelope.live)
            except (Undecodable, ValueError) as error:
                log.warning("hint_unreadable", kind=envelope.live.WhichOneof("kind"), error=type(error).__name__)

    async def on_gap(self) -> None:
        """Hints were lost: whoever is behind fetches from the transcript."""
        self._tasks.start(self._catch_up.sweep_surely(), "sweep after a gap")

    def message(self, message: Message) -> None:
        """A message of the transcript, for every client of its conversation that lacks it."""
        clients = [client for client in self._sessions.of(message.address) if client.lacks(message.seq)]
        if clients and message.seq:
            outgoing = message_frame(message, self._media_url)
            for client in clients:
                client.deliver(outgoing)

    def _push(self, hint: Live) -> None:
        if hint.HasField("appended"):
            self._seen(hint.appended.message.id)
        pb = hint.address
        address = Address(pb.workspace, pb.channel, pb.account, pb.customer, pb.thread)
        clients = self._sessions.of(address)
        if not clients:
            return
        match hint.WhichOneof("kind"):
            case "appended":
                if any(client.lacks(hint.appended.message.seq) for client in clients):
                    self.message(message_from_proto(hint.appended.message))
            case "state_changed":
                _tell_state(clients, hint.state_changed)
            case "typing":
                _tell_typing(clients, hint.typing)
            case "receipt_seen":
                _tell_receipt(clients, hint.receipt_seen)
                if self.has_read is not None and hint.receipt_seen.state == ReceiptState.READ.value:
                    self.has_read(address)
            case _:
                pass


def _tell_state(clients: Sequence[Client], change: StateChanged) -> None:
    name = STATE_NAMES.get(change.state)
    if name is not None:
        for client in clients:
            client.tell_service(ServiceState(name, change.agent_name))


def _tell_typing(clients: Sequence[Client], typing: Typing) -> None:
    author = Author(AuthorKind(typing.author.kind), typing.author.id, typing.author.name)
    if author.kind is not AuthorKind.CUSTOMER:
        outgoing = frame("typing", author=author_json(author))
        for client in clients:
            client.tell(outgoing)


def _tell_receipt(clients: Sequence[Client], seen: ReceiptSeen) -> None:
    state = ReceiptState(seen.state)
    if state in RECEIPTS_SHOWN and seen.seq:
        outgoing = frame("receipt", seq=seen.seq, state=receipt_name(state))
        for client in clients:
            client.tell(outgoing)
