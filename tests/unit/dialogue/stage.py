"""A conversation on a bench: the pure steps of dialogue with a fixed clock, counted ids and a scripted answerer."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from yizhan.core.messages import command as k, content as c
from yizhan.core.messages.address import Address
from yizhan.core.messages.message import Author, AuthorKind, Message
from yizhan.core.messages.receipt import Receipt, ReceiptState
from yizhan.dialogue import commands, customer, receipts
from yizhan.dialogue.answering import (
    Answerer,
    AskBack,
    Considered,
    Decision,
    Greets,
    Meant,
    NoAnswer,
    Say,
    Source,
    Suggestion,
    Thanks,
    WantsHuman,
)
from yizhan.dialogue.conversation import Conversation, State
from yizhan.dialogue.guards.guards import Guards
from yizhan.dialogue.guards.words import Words
from yizhan.dialogue.jobs.finished import JobEnds
from yizhan.dialogue.knowledge.decide import Thresholds
from yizhan.dialogue.knowledge.matcher import Candidate, Meaning
from yizhan.dialogue.models.use import NO_MODELS, ModelUse
from yizhan.dialogue.tasks.book import NO_TASKS, TaskBook
from yizhan.dialogue.texts import Voice
from yizhan.dialogue.turn import Turn

ADDRESS = Address("shop", "website", "demo", "v:1")
NOON = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
ZONE = ZoneInfo("Asia/Shanghai")
IDLE = timedelta(minutes=30)


NO_GUARDS = Guards(Words((), tolerant=frozenset()), (), ())


class ScriptedAnswerer:
    """Knows one answer, one ambiguity, and the plain intents."""

    def decide(
        self, workspace: str, words: str, *, channel: str, at: datetime, meaning: Meaning | None = None
    ) -> Decision:
        match words:
            case "发货":
                return Say("ship", "release-1", "48小时内发货", 0.97)
            case "退":
                return AskBack((Suggestion("return", "怎么退货"), Suggestion("refund", "怎么退款")))
            case "转人工":
                return WantsHuman()
            case "你好":
                return Greets()
            case "谢谢":
                return Thanks()
            case _:
                return NoAnswer()

    def entry(self, workspace: str, entry_id: str, *, channel: str, at: datetime) -> Say | None:
        return Say("return", "release-1", "在订单页申请退货", 1.0) if entry_id == "return" else None

    def considered(self, workspace: str, words: str, *, at: datetime, meaning: Meaning | None = None) -> Considered:
        near = (Candidate("return", 0.31234567, "怎么退货"), Candidate("ship", 0.2, "发货"))
        return Considered("release-1", near, "物流配送")

    def guards(self, workspace: str) -> Guards:
        return NO_GUARDS

    def tasks(self, workspace: str) -> TaskBook:
        return NO_TASKS

    def meant(self, workspace: str) -> Meant | None:
        return None

    def source(self, workspace: str) -> Source:
        return Source("release-1", Thresholds())


@dataclass
class Stage:
    """Plays steps and keeps everything that came of them."""

    now: datetime = NOON
    ids: int = 0
    voice: Voice = field(default_factory=lambda: Voice("助手"))
    job_ends: JobEnds = field(default_factory=lambda: JobEnds({}))
    answerer: Answerer = field(default_factory=ScriptedAnswerer)
    models: ModelUse = NO_MODELS
    address: Address = ADDRESS
    turn: Turn = field(init=False)

    def __post_init__(self) -> None:
        conversation = Conversation(id="conversation", address=self.address, first_seen_at=self.now)
        self.turn = Turn(conversation, self.now, self.new_id, self.voice, IDLE, models=self.models)
        self.turn.open_session(first=True)

    def new_id(self) -> str:
        self.ids += 1
        return f"id-{self.ids}"

    @property
    def conversation(self) -> Conversation:
        return self.turn.conversation

    @property
    def state(self) -> State:
        return self.turn.conversation.state

    def customer(self, content: c.Content | str) -> customer.Handled:
        said = c.Text(content) if isinstance(content, str) else content
        message = Message(self.new_id(), self.address, Author(AuthorKind.CUSTOMER, "v:1"), said, self.now)
        return customer.receive(self.turn, message, self.answerer)

    def visit(self, facts: k.Visit) -> None:
        customer.visit(self.turn, facts)

    def command(self, kind: k.CommandKind, *, epoch: int | None = None) -> str:
        """Why it was refused; empty when it was not. The epoch is the present one unless given."""
        given = self.conversation.epoch if epoch is None else epoch
        command = k.Command(self.new_id(), self.address, self.now, kind, "conversation", given)
        refused = commands.obey(self.turn, command, ZONE, self.job_ends)
        if refused:
            commands.refuse(self.turn, command, refused)
        return refused

    def committed(self) -> None:
        """What was said is stored, and may be seen."""
        self.turn.stored_seq = self.conversation.last_seq

    def receipt(self, state: ReceiptState, up_to: int = 0, message_id: str = "") -> object:
        return receipts.note(self.turn, Receipt(self.new_id(), self.address, state, self.now, message_id, up_to))

    def pass_time(self, by: timedelta) -> None:
        self.now += by
        self.turn.now = self.now

    def assigned(self, agent: str = "agent-1") -> None:
        """Bring the conversation to an agent."""
        self.customer("转人工")
        assert self.command(k.Assign(agent, "小雅", "assignment-1")) == ""

    def said(self) -> list[str]:
        """Who said what, in order: ``bot: …``."""
        return [
            f"{message.author.kind.name.lower()}: {c.plain_text(message.content).splitlines()[0]}"
            for message in self.turn.messages
        ]

    def events(self) -> list[str]:
        return [event.WhichOneof("kind") or "" for event in self.turn.events]
