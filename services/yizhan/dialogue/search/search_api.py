"""gRPC SearchService: what was said in conversations, by its words."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import grpc
from google.protobuf.timestamp_pb2 import Timestamp

from yizhan.core.messages.codec import timestamp
from yizhan.core.runtime.grpc import RpcProblem
from yizhan.core.store.database import Database
from yizhan.core.words.terms import asked
from yizhan.dialogue.search.excerpt import excerpt_of
from yizhan.dialogue.search.finding import Hit, find
from yizhan.dialogue.search.limits import MOST_QUERY, MOST_RESULTS, RESULTS
from yizhan.dialogue.search.page_token import place_in, token_of
from yizhan.dialogue.search.wanted import Reader, Speaker, Wanted
from yizhan.dialogue.store import search_finds as store
from yizhan.pb.v1 import search_pb2 as pb, search_pb2_grpc

Context = grpc.aio.ServicerContext[Any, Any]

MOST_CHOICES = 50


class SearchApi(search_pb2_grpc.SearchServiceServicer):
    """``complete`` says whether everything is searchable; ``keep``: how long it is."""

    def __init__(self, database: Database, complete: Callable[[], bool], keep: timedelta) -> None:
        self._database = database
        self._complete = complete
        self._keep = keep

    async def SearchMessages(self, request: pb.SearchMessagesRequest, context: Context) -> pb.SearchMessagesResponse:
        wanted = _wanted(request)
        before = place_in(request.page_token, wanted)
        size = min(max(request.page_size, 0) or RESULTS, MOST_RESULTS)
        page = await find(self._database, await self._within(wanted, request), before, size)
        return pb.SearchMessagesResponse(
            found=[_found(hit) for hit in page.hits],
            next_page_token=token_of(page.next_before, wanted) if page.next_before else "",
            complete=self._complete(),
            days=self._keep.days,
        )

    async def _within(self, wanted: Wanted, request: pb.SearchMessagesRequest) -> Wanted:
        """Only in the conversation, and the customer's, that were named."""
        ids: tuple[str, ...] | None = (request.conversation_id,) if request.conversation_id else None
        if request.customer_id:
            async with self._database.read() as tx:
                theirs = await store.conversations_of(tx, wanted.workspace, request.customer_id)
            ids = tuple(one for one in theirs if ids is None or one in ids)
        return replace(wanted, conversation_ids=ids)


def _wanted(request: pb.SearchMessagesRequest) -> Wanted:
    """Raises RpcProblem for what nothing can be looked for with."""
    if not request.workspace:
        raise RpcProblem("workspace_missing", grpc.StatusCode.INVALID_ARGUMENT)
    if len(request.query) > MOST_QUERY:
        raise RpcProblem("query_too_long", grpc.StatusCode.INVALID_ARGUMENT, f"at most {MOST_QUERY} characters")
    if not asked(request.query):
        raise RpcProblem("query_empty", grpc.StatusCode.INVALID_ARGUMENT, "there is no word in it")
    return Wanted(
        workspace=request.workspace,
        query=request.query,
        reader=Reader(request.reader_id, request.reads_whispers),
        named=(request.conversation_id, request.customer_id),
        channels=tuple(sorted(request.channels[:MOST_CHOICES])),
        speakers=tuple(sorted({_speaker(one) for one in request.speakers[:MOST_CHOICES]})),
        agent_id=request.agent_id,
        since=_moment(request.since) if request.HasField("since") else None,
        until=_moment(request.until) if request.HasField("until") else None,
    )


def _speaker(number: int) -> Speaker:
    try:
        return Speaker(number)
    except ValueError as error:
        raise RpcProblem("unknown_speaker", grpc.StatusCode.INVALID_ARGUMENT) from error


def _moment(at: Timestamp) -> datetime:
    try:
        return at.ToDatetime(UTC)
    except (ValueError, OverflowError) as error:
        raise RpcProblem("bad_time", grpc.StatusCode.INVALID_ARGUMENT) from error


def _found(hit: Hit) -> pb.FoundMessage:
    one, excerpt = hit.message, excerpt_of(hit.message.text, hit.places)
    return pb.FoundMessage(
        conversation_id=one.conversation_id,
        seq=one.seq,
        note=one.note,
        session=one.session,
        speaker=pb.Speaker.ValueType(one.speaker),
        author_id=one.author_id,
        author_name=one.author_name,
        at=timestamp(one.at),
        excerpt=excerpt.text,
        hits=[pb.TextSpan(start=place.start, end=place.end) for place in excerpt.hits],
        channel=one.channel,
        customer_name=one.customer_name,
    )
