"""The API as an OpenAPI 3.1 document, from the same models that check the requests."""

from typing import Any

from aiohttp import web

from yizhan.console.api import customers, handing_on, hours, models, orders, replies, team
from yizhan.console.api.learning import Dismissal, MissDraft
from yizhan.console.api.search import QUERY as SEARCH_QUERY
from yizhan.console.contents import Saying
from yizhan.console.entry_input import DocumentChange, EntryChange
from yizhan.console.ticket_operations import TICKET_OPERATIONS
from yizhan.core.runtime.http import openapi
from yizhan.core.runtime.http.openapi import Operation

OPERATIONS = (
    Operation("post", "/session", "Sign in", models.SignIn, refusals=(422, 423, 429)),
    Operation("get", "/session", "Who is signed in, and the CSRF token"),
    Operation("delete", "/session", "Sign out", success=204),
    Operation(
        "post", "/password", "Change one's own password", models.PasswordChange, success=204, refusals=(422, 429)
    ),
    Operation(
        "get",
        "/conversations",
        "A box of conversations; in those that an agent has, when their answer is due",
        query=("box", "search", "cursor"),
        refusals=(400, 422),
    ),
    Operation(
        "get",
        "/conversations/{id}",
        "One conversation, when its agent's answer is due, and what one may do in it",
        refusals=(404,),
    ),
    Operation(
        "get",
        "/conversations/{id}/messages",
        "A part of the transcript, oldest first",
        query=("after", "before", "limit"),
        refusals=(400, 404),
    ),
    Operation(
        "post",
        "/conversations/{id}/messages",
        "Say something; repeating a client id says it once",
        Saying,
        success=202,
        refusals=(409, 422),
    ),
    Operation(
        "get",
        "/conversations/{id}/notes",
        "What colleagues wrote among themselves, oldest first",
        query=("after", "limit"),
        refusals=(400, 404),
    ),
    Operation(
        "post",
        "/conversations/{id}/notes",
        "Write a word among colleagues; repeating a client id writes it once",
        handing_on.InternalNote,
        success=202,
        refusals=(404, 422),
    ),
    Operation(
        "post",
        "/conversations/{id}/transfer",
        "Hand the conversation on to an agent or a group",
        handing_on.TransferOrder,
        success=204,
        refusals=(404, 409, 422),
    ),
    Operation(
        "post",
        "/conversations/{id}/take-over",
        "Take a conversation from whoever has it",
        handing_on.TakeOverOrder,
        success=204,
        refusals=(404, 409, 422),
    ),
    Operation("get", "/conversations/{id}/decisions", "Why it was offered to these agents, and to others not"),
    Operation("post", "/conversations/{id}/close", "End the session", models.Action, success=204, refusals=(409, 422)),
    Operation(
        "post", "/conversations/{id}/return", "Back to the assistant", models.Action, success=204, refusals=(409, 422)
    ),
    Operation("post", "/conversations/{id}/typing", "Show that one is typing", success=204, refusals=(404,)),
    Operation(
        "get",
        "/search/messages",
        "Messages and notes with all words of the query, newest first",
        query=SEARCH_QUERY,
        refusals=(400, 422),
    ),
    Operation(
        "get", "/messages/{id}/decision", "Why the assistant said this: its decision, made again", refusals=(404, 409)
    ),
    Operation(
        "get", "/conversations/{id}/customer", "Whose conversation it is, and what is known of them", refusals=(404,)
    ),
    Operation(
        "get",
        "/conversations/{id}/summary",
        "What the last session is about, in at most five lines of its transcript",
        refusals=(404,),
    ),
    Operation(
        "get",
        "/conversations/{id}/summary/worded",
        "The same in a model's words, where `wording_offered` says so; no lines where nothing came of it",
        refusals=(404, 409),
    ),
    Operation(
        "get",
        "/conversations/{id}/orders",
        "The customer's orders, by what is known of them, as the business's order system tells them now",
        query=("locale",),
        refusals=(404,),
    ),
    Operation(
        "post",
        "/conversations/{id}/orders/search",
        "Orders of a telephone number, or the order with a number",
        orders.OrderWords,
        refusals=(404, 422),
    ),
    Operation(
        "get",
        "/customers",
        "Customers, who was heard from last first",
        query=("search", "tag", "cursor"),
        refusals=(422,),
    ),
    Operation("get", "/customers/{id}", "One customer, and what is known of them", refusals=(404,)),
    Operation("get", "/customers/{id}/links", "What was linked to them and taken away", refusals=(404,)),
    Operation("get", "/customers/{id}/suggestions", "Others who may be the same person", refusals=(404,)),
    Operation(
        "post",
        "/customers/{id}/link",
        "One identity, or all of another customer's, belongs to this customer from now on",
        customers.LinkOrder,
        refusals=(404, 409, 422),
    ),
    Operation(
        "post",
        "/customers/{id}/unlink",
        "Take an identity's last link back",
        customers.UnlinkOrder,
        refusals=(404, 409, 422),
    ),
    Operation("post", "/customers/{id}/tags", "Add and remove tags", customers.TagChange, refusals=(404, 409, 422)),
    Operation(
        "post",
        "/customers/{id}/attributes",
        "Set and remove attributes",
        customers.AttributeChange,
        refusals=(404, 409, 422),
    ),
    Operation("post", "/customers/{id}/notes", "Add a note", customers.NewNote, refusals=(404, 409, 422)),
    Operation("get", "/offers", "Conversations offered to oneself"),
    Operation("post", "/offers/{id}/accept", "Take an offered conversation", refusals=(409,)),
    Operation("post", "/offers/{id}/decline", "Pass an offer on", success=204, refusals=(409,)),
    Operation("get", "/presence", "One's own presence"),
    Operation("post", "/presence", "Be online, away or offline", models.PresenceChoice, refusals=(404, 422)),
    *TICKET_OPERATIONS,
    Operation("get", "/numbers", "The live board", query=("window",), refusals=(400,)),
    Operation("get", "/knowledge/release", "The published release"),
    Operation(
        "get", "/knowledge/entries", "Entries of the release", query=("search", "category", "cursor"), refusals=(422,)
    ),
    Operation(
        "post",
        "/knowledge/import",
        "Publish a CSV, XLSX or JSONL file as a release, all rows or none; with check=1 only check it",
        query=("check", "force"),
        file=True,
        refusals=(400, 409, 413, 415, 422),
    ),
    Operation("post", "/knowledge/ask", "What the assistant would say", models.Question, refusals=(404, 422)),
    Operation("get", "/knowledge/draft", "The draft: its revision, and its documents without their texts"),
    Operation(
        "get",
        "/knowledge/draft/entries",
        "Entries of the draft, each with the revision that a change of it must name",
        query=("search", "category", "validity", "cursor"),
        refusals=(422,),
    ),
    Operation(
        "post", "/knowledge/draft/entries", "Add or change an entry of the draft", EntryChange, refusals=(409, 422)
    ),
    Operation(
        "delete",
        "/knowledge/draft/entries",
        "Take an entry out of the draft",
        query=("id", "seen_revision"),
        success=204,
        refusals=(400, 404, 409),
    ),
    Operation("get", "/knowledge/draft/entry", "One entry of the draft", query=("id",), refusals=(400, 404)),
    Operation("get", "/knowledge/draft/document", "One document of the draft", query=("name",), refusals=(400,)),
    Operation(
        "post",
        "/knowledge/draft/document",
        "Write or delete a document of the draft",
        DocumentChange,
        refusals=(409, 422),
    ),
    Operation(
        "post",
        "/knowledge/draft/import",
        "Take a file into the draft, all rows or none; with merge=1 add to it, with check=1 only check",
        query=("merge", "check"),
        file=True,
        refusals=(400, 409, 413, 415, 422),
    ),
    Operation(
        "get",
        "/knowledge/export",
        "Entries of the draft or a release as a file; its name's ending tells the format",
        query=("file", "release"),
        refusals=(400, 404, 422),
    ),
    Operation("get", "/knowledge/changes", "Who changed what in the draft", query=("name", "cursor")),
    Operation("get", "/knowledge/builds", "The last builds"),
    Operation(
        "post", "/knowledge/builds", "Build a release of the draft", models.BuildOrder, success=202, refusals=(409, 422)
    ),
    Operation("get", "/knowledge/builds/{id}", "How a build is going", refusals=(404,)),
    Operation("get", "/knowledge/releases", "Releases, newest first", query=("cursor",), refusals=(422,)),
    Operation("get", "/knowledge/releases/{id}", "A release and its report", refusals=(404, 409)),
    Operation(
        "get",
        "/knowledge/releases/{id}/comparison",
        "Whether a release is worse than the published one",
        refusals=(404, 409),
    ),
    Operation(
        "post",
        "/knowledge/releases/{id}/publish",
        "Answer customers from a release; a worse one needs a reason",
        models.PublishOrder,
        refusals=(404, 409, 422),
    ),
    Operation(
        "post",
        "/knowledge/releases/{id}/rollback",
        "Answer customers from an earlier release again",
        models.RollBackOrder,
        refusals=(404, 409, 422),
    ),
    Operation("get", "/knowledge/publications", "What was published when, by whom and why"),
    Operation(
        "get",
        "/knowledge/diff",
        "What differs between two releases, or what is published and the draft",
        query=("before", "after"),
        refusals=(404, 409),
    ),
    Operation(
        "get",
        "/knowledge/search",
        "The published knowledge by free words, worded for a channel",
        query=("words", "channel"),
        refusals=(400,),
    ),
    Operation("get", "/conversations/{id}/suggestions", "Answers to the customer's last words", refusals=(404,)),
    Operation(
        "get",
        "/learning/groups",
        "Groups of like questions that were not answered well, the most urgent first",
        query=("state", "cursor"),
        refusals=(400,),
    ),
    Operation("get", "/learning/groups/{id}", "A group's wordings, and an entry proposed for it", refusals=(404,)),
    Operation(
        "post",
        "/learning/groups/{id}/draft",
        "Write a group into the draft: a new entry, or more wordings of one",
        MissDraft,
        refusals=(404, 409, 422),
    ),
    Operation(
        "post",
        "/learning/groups/{id}/dismiss",
        "Take a group off the list, and say why",
        Dismissal,
        refusals=(404, 422),
    ),
    Operation("post", "/learning/groups/{id}/reopen", "Put a group back on the list", refusals=(404,)),
    Operation(
        "get", "/learning/suggestions", "What agents made of suggestions, by entry", query=("days",), refusals=(400,)
    ),
    Operation("get", "/users", "All users"),
    Operation("post", "/users", "Create a user", models.NewUser, success=201, refusals=(409, 422)),
    Operation("patch", "/users/{id}", "Change a user", models.UserChange, refusals=(404, 409, 422)),
    Operation("post", "/users/{id}/password-reset", "A new password, shown once", refusals=(404,)),
    Operation("get", "/replies", "Canned replies: the shared ones and one's own", query=("cursor",), refusals=(422,)),
    Operation("post", "/replies", "Keep a canned reply", replies.ReplyDraft, success=201, refusals=(403, 409, 422)),
    Operation(
        "get",
        "/replies/search",
        "Canned replies that fit what was typed, filled in for a conversation",
        query=("q", "conversation", "limit"),
        refusals=(400, 404),
    ),
    Operation(
        "put",
        "/replies/workspace-name",
        "How canned replies call the business",
        replies.WorkspaceName,
        success=204,
        refusals=(422,),
    ),
    Operation("put", "/replies/{id}", "Change a canned reply", replies.ReplyChange, refusals=(403, 404, 409, 422)),
    Operation(
        "delete",
        "/replies/{id}",
        "Delete a canned reply",
        query=("revision",),
        success=204,
        refusals=(400, 403, 404, 409),
    ),
    Operation("post", "/replies/{id}/use", "Count that a canned reply was taken", success=204, refusals=(404,)),
    Operation("get", "/agents", "Agents with presence and load"),
    Operation("get", "/groups", "Groups of agents"),
    Operation("get", "/board", "The supervisor's board: queue, promises as they come due, agents, overdue tickets"),
    Operation("get", "/team/agents", "Agents with what they can do"),
    Operation("put", "/team/agents/{id}", "Set what an agent can do", team.AbilitiesBody, refusals=(404, 422)),
    Operation("post", "/team/groups", "Make a group", team.GroupBody, success=201, refusals=(404, 409, 422, 429)),
    Operation("put", "/team/groups/{id}", "Change a group", team.GroupBody, refusals=(404, 409, 422)),
    Operation("delete", "/team/groups/{id}", "Remove a group; its cases are everyone's", success=204, refusals=(404,)),
    Operation("get", "/team/routes", "Which case asks for whom; the first rule that fits counts"),
    Operation("put", "/team/routes", "Replace these rules", team.RoutesBody, refusals=(404, 409, 422)),
    Operation("get", "/hours/contract", "The contract in force, and days soon that are not sure", refusals=(409,)),
    Operation("put", "/hours/contract", "Publish a contract", hours.ContractDraft, refusals=(409, 422)),
    Operation("get", "/hours/days", "A month of the calendars, day by day", query=("month",), refusals=(400, 409)),
    Operation("get", "/hours/special-days", "Days that were decided otherwise"),
    Operation(
        "put",
        "/hours/special-days",
        "Decide the hours of one day",
        hours.SpecialDay,
        success=204,
        refusals=(404, 422, 429),
    ),
    Operation(
        "delete",
        "/hours/special-days",
        "Let a day be as its week and holidays say",
        query=("calendar", "day"),
        success=204,
        refusals=(404,),
    ),
    Operation(
        "post",
        "/hours/special-days/import",
        "Decide many days by a file",
        hours.SpecialDays,
        refusals=(404, 422, 429),
    ),
    Operation("post", "/media", "Upload a file to send", file=True, success=201, refusals=(400, 413, 415)),
)


API = openapi.Api(
    title="Yizhan console API",
    base="/api/v1",
    operations=OPERATIONS,
    security={"session": {"type": "apiKey", "in": "cookie", "name": "yizhan_session"}},
)


def document() -> dict[str, Any]:
    """The OpenAPI document."""
    return openapi.document(API)


def openapi_routes() -> list[web.RouteDef]:
    """``/api/v1/openapi.json``."""
    shown = document()

    async def show(_: web.Request) -> web.StreamResponse:
        return web.json_response(shown)

    return [web.get("/api/v1/openapi.json", show)]
