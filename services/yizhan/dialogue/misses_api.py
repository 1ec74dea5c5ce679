"""gRPC LearningService: groups of misses for editors, suggested answers for agents."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import grpc

from yizhan.core.messages.codec import content_to_proto, message_from_proto, timestamp
from yizhan.core.runtime.clock import Clock
from yizhan.core.runtime.grpc import RpcProblem
from yizhan.core.store.database import Database
from yizhan.dialogue import store
from yizhan.dialogue.conversation import Conversation, State
from yizhan.dialogue.knowledge_codec import entry_from_proto, entry_to_proto, problem_to_proto
from yizhan.dialogue.knowledge_problems import refusals
from yizhan.dialogue.library import Library
from yizhan.dialogue.mail_draft import drafted
from yizhan.dialogue.misses.desk import Details, MissDesk, UnknownGroup
from yizhan.dialogue.misses.miss import MissState
from yizhan.dialogue.misses.standing import Near, Standing, masked
from yizhan.dialogue.misses.suggesting import Suggested, last_words, search, suggest
from yizhan.dialogue.paging import offset_of
from yizhan.dialogue.store.misses import Worded
from yizhan.dialogue.store.suggestions import UseCounts, count_uses, total_uses
from yizhan.dialogue.texts import texts_for
from yizhan.pb.v1 import knowledge_pb2, learning_pb2 as pb, learning_pb2_grpc, message_pb2

MOST_GROUPS = 100
MOST_USES = 200
MOST_DAYS = 366
LOOKED_BACK = 30
"""So many messages of a conversation are looked at for the customer's last words."""

Context = grpc.aio.ServicerContext[Any, Any]


class LearningApi(learning_pb2_grpc.LearningServiceServicer):
    def __init__(self, desk: MissDesk, library: Library, database: Database, clock: Clock) -> None:
        self._desk = desk
        self._library = library
        self._database = database
        self._clock = clock

    async def ListMissGroups(self, request: pb.ListMissGroupsRequest, context: Context) -> pb.ListMissGroupsResponse:
        size = min(request.page_size or 30, MOST_GROUPS)
        offset = offset_of(request.page_token)
        state = _state(request.state)
        found, behind = await self._desk.list(_workspace(request.workspace), state, offset=offset, limit=size + 1)
        following = str(offset + size) if len(found) > size else ""
        return pb.ListMissGroupsResponse(
            groups=list(map(_group, found[:size])), next_page_token=following, behind=behind
        )

    async def GetMissGroup(self, request: pb.GetMissGroupRequest, context: Context) -> pb.GetMissGroupResponse:
        with _refusals():
            details = await self._desk.details(_workspace(request.workspace), request.group_id)
        return _details(details)

    async def DraftMissGroup(self, request: pb.DraftMissGroupRequest, context: Context) -> pb.DraftMissGroupResponse:
        workspace, group_id, by = _workspace(request.workspace), request.group_id, request.drafted_by
        with _refusals():
            if request.entry_id:
                wordings = list(request.paraphrases)
                done = await self._desk.draft_into(workspace, group_id, request.entry_id, wordings, by=by)
            else:
                entry = entry_from_proto(request.entry) if request.HasField("entry") else None
                done = await self._desk.draft_new(workspace, group_id, entry, by=by)
            if done.row is None:
                return pb.DraftMissGroupResponse(problems=list(map(problem_to_proto, done.problems)))
            group = await self._desk.group(workspace, group_id)
        row = knowledge_pb2.DraftEntry(
            entry=entry_to_proto(done.entry),
            revision=done.row.revision,
            changed_at=timestamp(done.row.changed_at),
            changed_by=done.row.changed_by,
        )
        return pb.DraftMissGroupResponse(entry=row, group=_group(group))

    async def DismissMissGroup(self, request: pb.DismissMissGroupRequest, context: Context) -> pb.MissGroup:
        workspace = _workspace(request.workspace)
        with _refusals():
            found = await self._desk.dismiss(
                workspace, request.group_id, reason=request.reason, by=request.dismissed_by
            )
        return _group(found)

    async def ReopenMissGroup(self, request: pb.ReopenMissGroupRequest, context: Context) -> pb.MissGroup:
        with _refusals():
            return _group(await self._desk.reopen(_workspace(request.workspace), request.group_id))

    async def SuggestAnswers(self, request: pb.SuggestAnswersRequest, context: Context) -> pb.SuggestAnswersResponse:
        workspace = _workspace(request.workspace)
        async with self._database.read() as tx:
            conversation = await store.conversation_by_id(tx, workspace, request.conversation_id)
            if conversation is None:
                raise RpcProblem("unknown_conversation", grpc.StatusCode.NOT_FOUND)
            _require_theirs(conversation, request.agent_id)
            rows = await store.messages_before(tx, conversation.id, conversation.last_seq + 1, LOOKED_BACK)
        words = last_words([message_from_proto(message_pb2.Message.FromString(row.body)) for row in rows])
        served = self._library.served(workspace)
        if words is None or served is None:
            return pb.SuggestAnswersResponse(message_id=words.message_id if words else "")
        channel = conversation.address.channel
        at = self._clock()
        found = await asyncio.to_thread(suggest, served, words, channel=channel, at=at)
        draft = ""
        if conversation.is_mail:
            texts = texts_for(conversation.locale)
            draft = await asyncio.to_thread(drafted, served, conversation, words, found, texts, at)
        return pb.SuggestAnswersResponse(
            answers=list(map(_suggested, found)),
            message_id=words.message_id,
            release_id=served.release.id,
            draft=draft,
        )

    async def SearchKnowledge(self, request: pb.SearchKnowledgeRequest, context: Context) -> pb.SearchKnowledgeResponse:
        words = request.words.strip()
        if not words:
            raise RpcProblem("words_missing", grpc.StatusCode.INVALID_ARGUMENT)
        served = self._library.served(_workspace(request.workspace))
        if served is None:
            return pb.SearchKnowledgeResponse()
        channel = request.channel or "website"
        found = await asyncio.to_thread(search, served, words, channel=channel, at=self._clock())
        return pb.SearchKnowledgeResponse(answers=list(map(_suggested, found)), release_id=served.release.id)

    async def ListSuggestionUses(
        self, request: pb.ListSuggestionUsesRequest, context: Context
    ) -> pb.ListSuggestionUsesResponse:
        workspace = _workspace(request.workspace)
        since = self._clock() - timedelta(days=min(request.days or 30, MOST_DAYS))
        async with self._database.read() as tx:
            found = await count_uses(tx, workspace, since, MOST_USES)
            total = await total_uses(tx, workspace, since)
        return pb.ListSuggestionUsesResponse(
            entries=[self._uses(workspace, one) for one in found], total=self._uses(workspace, total)
        )

    def _uses(self, workspace: str, counts: UseCounts) -> pb.SuggestionUses:
        release = self._library.release(workspace)
        entry = release.entry(counts.entry_id) if release and counts.entry_id else None
        return pb.SuggestionUses(
            entry_id=counts.entry_id,
            question=entry.question if entry else "",
            as_is=counts.as_is,
            edited=counts.edited,
            ignored=counts.ignored,
            found_as_is=counts.found_as_is,
            found_edited=counts.found_edited,
        )


@contextmanager
def _refusals() -> Iterator[None]:
    """The named errors of drafts, and of groups."""
    try:
        with refusals():
            yield
    except UnknownGroup as error:
        raise RpcProblem("unknown_group", grpc.StatusCode.NOT_FOUND) from error


def _workspace(name: str) -> str:
    if not name:
        raise RpcProblem("workspace_missing", grpc.StatusCode.INVALID_ARGUMENT)
    return name


def _state(number: int) -> MissState:
    try:
        return MissState(number or MissState.OPEN)
    except ValueError as error:
        raise RpcProblem("unknown_state", grpc.StatusCode.INVALID_ARGUMENT) from error


def _require_theirs(conversation: Conversation, agent_id: str) -> None:
    if conversation.state is not State.ASSIGNED or conversation.agent_id != agent_id:
        raise RpcProblem("not_your_conversation", grpc.StatusCode.PERMISSION_DENIED)


def _group(found: Standing) -> pb.MissGroup:
    row, facts, near = found.row, found.facts, found.nearest
    return pb.MissGroup(
        id=row.id,
        question=found.question,
        state=pb.MissState.ValueType(row.state),
        count=row.count,
        customers=row.customers,
        customers_7_days=row.customers_7,
        customers_30_days=row.customers_30,
        last_7_days=row.last_7,
        last_30_days=row.last_30,
        rank=row.rank,
        languages=facts.languages,
        reasons=[pb.MissCount(reason=reason, count=count) for reason, count in facts.reasons.items()],
        first_at=timestamp(row.first_at),
        last_at=timestamp(row.last_at),
        nearest=_near(near) if near else None,
        drafted_entry_id=row.entry_id,
        drafted_at=timestamp(row.drafted_at),
        drafted_by=row.drafted_by,
        published=found.published,
        answered_now=found.answered_now,
        still_missed=found.still_missed,
        answered_by=facts.entries,
        dismissed_reason=row.dismissed_reason,
        dismissed_by=row.dismissed_by,
        dismissed_at=timestamp(row.dismissed_at),
    )


def _near(near: Near) -> pb.NearEntry:
    return pb.NearEntry(entry_id=near.entry_id, question=near.question, score=near.score)


def _details(details: Details) -> pb.GetMissGroupResponse:
    return pb.GetMissGroupResponse(
        group=_group(details.standing),
        wordings=list(map(_wording, details.wordings)),
        replies=[
            pb.AgentReply(
                text=one.text, conversation_id=one.conversation_id, agent_name=one.agent_name, at=timestamp(one.at)
            )
            for one in details.replies
        ],
        proposal=entry_to_proto(details.proposal),
        near=list(map(_near, details.near)),
    )


def _wording(one: Worded) -> pb.Wording:
    text, private = masked(one.text)
    return pb.Wording(
        text=text,
        count=one.count,
        last_at=timestamp(one.last_at),
        conversation_id=one.conversation_id,
        language=one.language,
        masked=private,
    )


def _suggested(found: Suggested) -> pb.SuggestedAnswer:
    return pb.SuggestedAnswer(
        entry_id=found.answer.entry_id,
        question=found.question,
        text=found.answer.text,
        score=found.score,
        attachments=list(map(content_to_proto, found.answer.attachments)),
        category=found.category,
    )
