"""What people send about tickets: bodies, and filters in query strings."""

from typing import Annotated, Literal

from aiohttp import web
from pydantic import Field

from yizhan.console.access import SignedIn
from yizhan.console.api.models import Body
from yizhan.core.runtime.http import bad_request
from yizhan.pb.v1 import tickets_pb2 as pb

Id = Annotated[str, Field(max_length=36)]
Tag = Annotated[str, Field(min_length=1, max_length=40)]
Title = Annotated[str, Field(max_length=200)]
StatusWord = Literal["open", "pending", "on_hold", "solved", "closed", "reopened"]
TypeWord = Literal["question", "complaint", "after_sales", "request", "fault", "other"]
PriorityWord = Literal["urgent", "high", "normal", "low"]
SourceWord = Literal["handoff", "off_hours", "window_closed", "agent", "email", "left_message", "callback"]
CallsWord = Literal["", "any", "owed", "late"]
OutcomeWord = Literal["reached", "not_reached", "cancelled"]
SortWord = Literal["created", "updated", "due", "priority", "customer_waiting"]
LinkWord = Literal["relates", "duplicates", "causes"]

FILTERS = ("status", "assignee", "group", "priority", "type", "source", "tag")
FLAGS = ("overdue", "mine", "watching", "customer_waiting")
QUERY = (*FILTERS, *FLAGS, "callbacks", "conversation", "text")
"""Every query parameter that narrows a list of tickets."""


class NewTicketBody(Body):
    """A ticket for a conversation. Repeating a client id makes one ticket."""

    client_id: Annotated[str, Field(min_length=1, max_length=64)]
    conversation_id: Annotated[str, Field(min_length=1, max_length=36)]
    title: Title = ""
    type: TypeWord = "other"
    priority: PriorityWord = "normal"
    assignee: Id = ""
    group: Id = ""
    tags: Annotated[list[Tag], Field(default_factory=list, max_length=30)]
    watchers: Annotated[list[Id], Field(default_factory=list, max_length=50)]


class TicketEditBody(Body):
    """What is to be different; what is left out stays. An empty assignee or group: nobody, none."""

    status: StatusWord | None = None
    assignee: Id | None = None
    group: Id | None = None
    priority: PriorityWord | None = None
    type: TypeWord | None = None
    title: Title | None = None
    add_tags: Annotated[list[Tag], Field(default_factory=list, max_length=30)]
    remove_tags: Annotated[list[Tag], Field(default_factory=list, max_length=30)]
    add_watchers: Annotated[list[Id], Field(default_factory=list, max_length=50)]
    remove_watchers: Annotated[list[Id], Field(default_factory=list, max_length=50)]

    def edit(self) -> pb.TicketEdit:
        return pb.TicketEdit(
            status=self.status,
            agent_id=self.assignee,
            group_id=self.group,
            priority=self.priority,
            type=self.type,
            title=self.title,
            add_tags=self.add_tags,
            remove_tags=self.remove_tags,
            add_watchers=self.add_watchers,
            remove_watchers=self.remove_watchers,
        )


class TicketChangeBody(TicketEditBody):
    """An edit made from a revision: 409 ``ticket_changed`` when it is not the current one."""

    revision: Annotated[int, Field(ge=0)]


class BulkBody(Body):
    """The same edit on many tickets."""

    ids: Annotated[list[Annotated[str, Field(min_length=1, max_length=36)]], Field(min_length=1, max_length=200)]
    change: TicketEditBody


class NoteBody(Body):
    """Repeating a client id notes it once."""

    text: Annotated[str, Field(min_length=1, max_length=4000)]
    client_id: Annotated[str, Field(max_length=64)] = ""


class ReplyBody(Body):
    """Words for the customer. Repeating a client id says them once."""

    text: Annotated[str, Field(min_length=1, max_length=4000)]
    client_id: Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9._:-]+$")]


class LinkBody(Body):
    kind: LinkWord
    other: Annotated[str, Field(min_length=1, max_length=36)]


class MergeBody(Body):
    """``into``: the id of the ticket that goes on."""

    into: Annotated[str, Field(min_length=1, max_length=36)]
    revision: Annotated[int, Field(ge=0)]


class RatingBody(Body):
    score: Annotated[int, Field(ge=1, le=5)]


class CallbackBody(Body):
    """What came of a call. ``tries`` as it was shown: 409 ``callback_moved`` when another call was recorded since."""

    outcome: OutcomeWord
    tries: Annotated[int, Field(ge=0, le=100)]


class FilterBody(Body):
    """As the query parameters of a search, with lists where several values are possible."""

    status: Annotated[list[StatusWord], Field(default_factory=list, max_length=10)]
    assignee: Annotated[list[Id], Field(default_factory=list, max_length=50)]
    group: Annotated[list[Id], Field(default_factory=list, max_length=50)]
    priority: Annotated[list[PriorityWord], Field(default_factory=list, max_length=10)]
    type: Annotated[list[TypeWord], Field(default_factory=list, max_length=10)]
    source: Annotated[list[SourceWord], Field(default_factory=list, max_length=10)]
    tag: Annotated[list[Tag], Field(default_factory=list, max_length=30)]
    overdue: bool = False
    mine: bool = False
    watching: bool = False
    customer_waiting: bool = False
    callbacks: CallsWord = ""
    conversation: Id = ""
    text: Title = ""

    def spec(self) -> pb.TicketFilterSpec:
        return pb.TicketFilterSpec(
            statuses=self.status,
            assignees=self.assignee,
            groups=self.group,
            priorities=self.priority,
            types=self.type,
            sources=self.source,
            tags=self.tag,
            overdue=self.overdue,
            mine=self.mine,
            watching=self.watching,
            customer_waiting=self.customer_waiting,
            callbacks=self.callbacks,
            conversation_id=self.conversation,
            text=self.text,
        )


class ViewBody(Body):
    """A saved view; ``revision`` is the one that a change was made from."""

    name: Annotated[str, Field(min_length=1, max_length=100)]
    filter: FilterBody
    sort: SortWord = "created"
    shared: bool = False
    revision: Annotated[int, Field(ge=0)] = 0


def filter_in(request: web.Request) -> pb.TicketFilterSpec:
    """The filter of a query string: a parameter may be given several times. Raises Problem 400 for a flag that is none.

    Words that mean nothing are refused where they are used.
    """
    given = {name: [value for value in request.query.getall(name, []) if value] for name in FILTERS}
    return pb.TicketFilterSpec(
        statuses=given["status"],
        assignees=given["assignee"],
        groups=given["group"],
        priorities=given["priority"],
        types=given["type"],
        sources=given["source"],
        tags=given["tag"],
        overdue=_flag(request, "overdue"),
        mine=_flag(request, "mine"),
        watching=_flag(request, "watching"),
        customer_waiting=_flag(request, "customer_waiting"),
        callbacks=request.query.get("callbacks", ""),
        conversation_id=request.query.get("conversation", ""),
        text=request.query.get("text", "").strip(),
    )


def actor(person: SignedIn) -> pb.TicketActor:
    """Who acts, in the highest of their roles."""
    role = "supervisor" if person.user.may("supervisor") else "agent"
    return pb.TicketActor(id=person.user.id, name=person.user.name, role=role)


def _flag(request: web.Request, name: str) -> bool:
    value = request.query.get(name, "")
    if value not in ("", "0", "1"):
        raise bad_request("bad_flag", f"{name} is 0 or 1")
    return value == "1"
