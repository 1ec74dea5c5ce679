"""Whole dialogues as plain text, played against the shipped tasks.

A script is lines of ``who: what``. ``customer`` says it, ``press`` presses the button with that label in the last menu that
has it, ``picture`` sends one, ``order card`` sends that of this order; ``wait`` lets time pass. ``channel``, at the beginning, is where it takes place. ``assistant`` is the next thing said to the customer and must contain
the words; nothing may be said that the script does not have. ``call`` is the job that must have been started, with its
arguments; ``result`` ends the newest one, ``stale result`` the oldest. ``agent`` is what a human does, ``state`` where the
conversation must stand, ``again`` the last message once more. ``system`` is how the order system is, where there is one.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path

from tests.unit.dialogue.stage import Stage
from yizhan.core.messages import command as k, content as c
from yizhan.core.messages.message import AuthorKind
from yizhan.dialogue import tasking
from yizhan.dialogue.answering import AskBack, Considered, Decision, Meant, NoAnswer, Say, Source, Suggestion
from yizhan.dialogue.guards.guards import Guards
from yizhan.dialogue.guards.parse import default_guards
from yizhan.dialogue.jobs.finished import JobEnds
from yizhan.dialogue.knowledge.decide import Thresholds
from yizhan.dialogue.knowledge.matcher import Meaning
from yizhan.dialogue.served import plain_intent
from yizhan.dialogue.tasks.book import TaskBook, book_of
from yizhan.dialogue.tasks.calls import CONNECTOR, Call, Result, decode_call, encode_result
from yizhan.dialogue.tasks.parse import parse_task
from yizhan.dialogue.tasks.shipped import shipped_documents
from yizhan.dialogue.tasks.state import dump, load
from yizhan.dialogue.turn import JobStart


@cache
def shipped_book() -> TaskBook:
    """The tasks that come with the product."""
    return book_of(parse_task(text) for _, text in shipped_documents())


FOLDER = Path(__file__).parent / "scripts"

KNOWLEDGE = {
    "退货运费谁出": "质量问题由我们承担来回运费。",
    "你们几点下班": "人工客服每天 9:00-22:00 在线。",
    "可以开发票吗": "可以，在订单详情页申请电子发票。",
    "do you ship abroad": "We ship to mainland China only.",
}


@dataclass
class ShopAnswerer:
    """Knows the answers above, literally, and the tasks that it is given."""

    book: TaskBook

    def decide(
        self, workspace: str, words: str, *, channel: str, at: datetime, meaning: Meaning | None = None
    ) -> Decision:
        plain = plain_intent(words)
        if plain is not None:
            return plain
        if words.startswith("能帮我查查"):
            return AskBack((Suggestion("task:order_query", "查订单"), Suggestion("entry", "怎么查订单")))
        key = words.strip(" ?？。,，、").lower()
        return Say("entry", "release-1", KNOWLEDGE[key], 0.97) if key in KNOWLEDGE else NoAnswer()

    def entry(self, workspace: str, entry_id: str, *, channel: str, at: datetime) -> Say | None:
        return None

    def considered(self, workspace: str, words: str, *, at: datetime, meaning: Meaning | None = None) -> Considered:
        return Considered()

    def guards(self, workspace: str) -> Guards:
        return default_guards()

    def tasks(self, workspace: str) -> TaskBook:
        return self.book

    def meant(self, workspace: str) -> Meant | None:
        return None

    def source(self, workspace: str) -> Source:
        return Source("release-1", Thresholds())


@dataclass
class Bench:
    """A conversation with tasks, and the calls that were started in it."""

    answerer: ShopAnswerer
    stage: Stage = field(init=False)
    heard: int = 0
    ended: set[str] = field(default_factory=set)
    last: c.Content = field(default_factory=lambda: c.Text(""))

    def __post_init__(self) -> None:
        takers = JobEnds({CONNECTOR: tasking.taker(self.answerer)})
        self.stage = Stage(answerer=self.answerer, job_ends=takers)

    @property
    def pending(self) -> list[JobStart]:
        return [job for job in self.stage.turn.jobs if job.id not in self.ended]

    def calls(self) -> list[Call]:
        return [decode_call(job.body) for job in self.stage.turn.jobs]

    def customer(self, content: c.Content) -> None:
        self.last = content
        self.stage.customer(content)
        self._store()

    def end(self, outcome: k.JobOutcome, body: bytes = b"", *, newest: bool = True) -> None:
        job = self.pending[-1 if newest else 0]
        self.ended.add(job.id)
        self.stage.command(k.JobFinished(job.id, CONNECTOR, outcome, body), epoch=0)
        self._store()

    def moves_to(self, channel: str) -> None:
        """The conversation takes place on this channel."""
        conversation = self.stage.turn.conversation
        self.stage.turn.conversation = replace(conversation, address=replace(conversation.address, channel=channel))

    def system(self, how: str) -> None:
        raise AssertionError(f"there is no order system that could be {how}")

    def said(self) -> Iterator[str]:
        """What the customer was told since last asked."""
        spoken = [item for item in self.stage.turn.messages if item.author.kind is not AuthorKind.CUSTOMER]
        fresh, self.heard = spoken[self.heard :], len(spoken)
        return (_shown(item.content) for item in fresh)

    def menu(self, label: str) -> c.Choice:
        for item in reversed(self.stage.turn.messages):
            if isinstance(item.content, c.Menu):
                for option in item.content.options:
                    if option.label == label:
                        return c.Choice(item.content.menu_id, option.id, option.label)
        raise AssertionError(f"no menu has the button {label}")

    def _store(self) -> None:
        """What the table would give back is what the next step gets."""
        conversation = self.stage.turn.conversation
        if conversation.task is not None:
            self.stage.turn.conversation = replace(conversation, task=load(dump(conversation.task)))


def _shown(content: c.Content) -> str:
    if isinstance(content, c.Menu):
        return f"{content.prompt} [{' | '.join(option.label for option in content.options)}]"
    if isinstance(content, c.OrderCard | c.LogisticsCard | c.RefundCard):
        return f"<{type(content).__name__}> {c.plain_text(content)}"
    return c.plain_text(content)


def scripts(path: Path) -> dict[str, list[str]]:
    """The dialogues of a file, by the headings ``# name``."""
    found: dict[str, list[str]] = {}
    lines: list[str] = []
    for line in path.read_text("utf-8").splitlines():
        if line.startswith("# "):
            lines = found.setdefault(line[2:].strip(), [])
        elif line.strip():
            lines.append(line.strip())
    return found


def play(bench: Bench, lines: list[str]) -> None:
    """Raises AssertionError at the line where the assistant says or does something else."""
    said: list[str] = []
    for line in lines:
        who, _, what = line.partition(":")
        what = what.strip()
        if who not in ("assistant", "call", "state"):
            assert not said, f"before '{line}' the assistant also said {said}"
        match who:
            case "customer":
                bench.customer(c.Text(what))
            case "again":
                bench.customer(bench.last)
            case "press":
                bench.customer(bench.menu(what))
            case "channel":
                bench.moves_to(what)
            case "order card":
                bench.customer(c.OrderCard(what, ""))
            case "picture":
                bench.customer(c.Image(c.Media("ab" * 32, "image/jpeg")))
            case "wait":
                bench.stage.pass_time(timedelta(minutes=int(what.split()[0])))
            case "system":
                bench.system(what)
            case "agent":
                _agent(bench, what)
            case "call":
                _call(bench, what)
            case "result":
                bench.end(*_result(what))
            case "stale result":
                bench.end(*_result(what), newest=False)
            case "state":
                task = bench.stage.conversation.task
                standing = f"{bench.stage.state.name.lower()} {task.phase if task else 'none'}"
                assert standing == what, line
            case "assistant":
                said += bench.said()
                assert said, f"nothing more was said, but '{what}' was expected"
                spoken = said.pop(0)
                assert what in spoken.replace("\n", " / "), f"expected '{what}', heard '{spoken}'"
            case _:
                raise AssertionError(f"a script has no '{who}'")
        said += bench.said()
    assert not said, f"at the end the assistant also said {said}"


def _agent(bench: Bench, what: str) -> None:
    if what == "takes over":
        assert bench.stage.command(k.Assign("agent-1", "小雅", "assignment-1")) == ""
    elif what == "returns":
        assert bench.stage.command(k.ReturnToBot("agent-1")) == ""
    elif what == "closes":
        assert bench.stage.command(k.Close("agent-1", ask_rating=False)) == ""
    bench._store()


def _call(bench: Bench, what: str) -> None:
    if what == "none":
        assert not bench.pending, "a call was started"
        return
    name, *arguments = what.split(" ", 1)
    assert bench.pending, "no call was started"
    call = decode_call(bench.pending[-1].body)
    assert f"{call.connector}.{call.operation}" == name
    wanted = dict(re.findall(r"(\w+)=(\S+)", arguments[0])) if arguments else {}
    assert {key: value.replace(" ", "_") for key, value in call.arguments.items()} == wanted


def _result(what: str) -> tuple[k.JobOutcome, bytes]:
    branch, _, rest = what.partition(" ")
    if branch in ("failed", "timeout"):
        return (k.JobOutcome.FAILED if branch == "failed" else k.JobOutcome.TIMED_OUT), b""
    facts = dict(re.findall(r"(\w+)=(\S+)", rest.partition("options:")[0]))
    options = tuple(
        c.MenuOption(*option.strip().split("=", 1))
        for option in rest.partition("options:")[2].split("|")
        if option.strip()
    )
    orders = (c.OrderCard(facts["order_number"], facts["status"]),) if "status" in facts else ()
    return k.JobOutcome.DONE, encode_result(Result(branch, facts, options, orders=orders))
