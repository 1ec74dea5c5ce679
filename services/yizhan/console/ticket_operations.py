"""The calls about tickets, as the API's document tells of them."""

from yizhan.console.ticket_input import (
    QUERY as TICKET_QUERY,
    BulkBody,
    CallbackBody,
    LinkBody,
    MergeBody,
    NewTicketBody,
    NoteBody,
    RatingBody,
    ReplyBody,
    TicketChangeBody,
    ViewBody,
)
from yizhan.core.runtime.http.openapi import Operation

TICKET_OPERATIONS = (
    Operation(
        "get",
        "/tickets",
        "Tickets in four states: open, taken, resolved, cancelled",
        query=("status", "cursor"),
        refusals=(400, 422),
    ),
    Operation("post", "/tickets", "Make a ticket for a conversation", NewTicketBody, success=201, refusals=(404, 422)),
    Operation(
        "get",
        "/tickets/search",
        "Tickets by filter and words, page by page",
        query=(*TICKET_QUERY, "sort", "cursor", "limit"),
        refusals=(400, 422),
    ),
    Operation("get", "/tickets/count", "How many a filter finds", query=TICKET_QUERY, refusals=(400, 422)),
    Operation(
        "get",
        "/tickets/export",
        "What a filter finds, as a CSV or XLSX file",
        query=(*TICKET_QUERY, "format", "lang"),
        refusals=(400, 422),
    ),
    Operation(
        "post", "/tickets/bulk", "The same edit on up to 200 tickets, each with its outcome", BulkBody, refusals=(422,)
    ),
    Operation("get", "/tickets/views", "Shared views and one's own, with how many tickets each shows"),
    Operation("post", "/tickets/views", "Save a view", ViewBody, success=201, refusals=(409, 422)),
    Operation("put", "/tickets/views/{id}", "Change a view", ViewBody, refusals=(404, 409, 422)),
    Operation("delete", "/tickets/views/{id}", "Delete a view", success=204, refusals=(404,)),
    Operation("get", "/tickets/{id}", "One ticket, by id or number, with all that belongs to it", refusals=(404,)),
    Operation("patch", "/tickets/{id}", "Edit a ticket from a revision", TicketChangeBody, refusals=(404, 409, 422)),
    Operation(
        "post", "/tickets/{id}/notes", "Note something for colleagues", NoteBody, success=201, refusals=(404, 409, 422)
    ),
    Operation(
        "get", "/tickets/{id}/replies", "Answers on a ticket, and who has its customer's conversation", refusals=(404,)
    ),
    Operation(
        "post",
        "/tickets/{id}/replies",
        "Answer the customer, whose conversation stays whose it is",
        ReplyBody,
        success=202,
        refusals=(404, 409, 422),
    ),
    Operation(
        "post", "/tickets/{id}/links", "Link it to another ticket", LinkBody, success=204, refusals=(404, 409, 422)
    ),
    Operation(
        "delete",
        "/tickets/{id}/links",
        "Take a link away",
        query=("kind", "other"),
        success=204,
        refusals=(404, 409, 422),
    ),
    Operation("post", "/tickets/{id}/merge", "Close it as part of another ticket", MergeBody, refusals=(404, 409, 422)),
    Operation("post", "/tickets/{id}/unmerge", "Take it out of the other ticket again", refusals=(404, 409)),
    Operation(
        "post", "/tickets/{id}/rating", "Keep how satisfied the customer was", RatingBody, refusals=(404, 409, 422)
    ),
    Operation(
        "post", "/tickets/{id}/callback", "Say what came of a promised call", CallbackBody, refusals=(404, 409, 422)
    ),
    Operation("post", "/tickets/{id}/take", "Take over a ticket's conversation", refusals=(404, 409)),
    Operation("post", "/tickets/{id}/resolve", "Settle a ticket", success=204, refusals=(404, 409)),
)
