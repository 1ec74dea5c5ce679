"""gRPC KnowledgeService: importing in one step, reading and trying out the published knowledge."""

import asyncio
from datetime import datetime
from typing import Any

import grpc

from yizhan.core.messages.codec import content_to_proto
from yizhan.core.runtime.clock import Clock
from yizhan.core.runtime.grpc import RpcProblem
from yizhan.dialogue.answering import AskBack, Decision, Greets, NoAnswer, Say, StartTask, Thanks, WantsHuman
from yizhan.dialogue.knowledge.parse import parse
from yizhan.dialogue.knowledge_codec import entry_to_proto, fall_to_proto, problem_to_proto, release_to_proto
from yizhan.dialogue.knowledge_desk import KnowledgeDesk
from yizhan.dialogue.knowledge_problems import refusals
from yizhan.dialogue.paging import MOST_ROWS, offset_of, searched
from yizhan.dialogue.served import Served
from yizhan.pb.v1 import knowledge_pb2 as pb, knowledge_pb2_grpc

Context = grpc.aio.ServicerContext[Any, Any]


class KnowledgeApi(knowledge_pb2_grpc.KnowledgeServiceServicer):
    def __init__(self, desk: KnowledgeDesk, clock: Clock) -> None:
        self._desk = desk
        self._library = desk.library
        self._publisher = desk.publisher
        self._clock = clock

    async def ImportKnowledge(self, request: pb.ImportKnowledgeRequest, context: Context) -> pb.ImportKnowledgeResponse:
        """All rows or none: with problems nothing is changed; with falls the release is there, and not published."""
        if not request.workspace:
            raise RpcProblem("workspace_missing", grpc.StatusCode.INVALID_ARGUMENT)
        parsed = await asyncio.to_thread(parse, request.file_name, request.data)
        if parsed.problems:
            return pb.ImportKnowledgeResponse(problems=list(map(problem_to_proto, parsed.problems)))
        if request.check_only:
            return pb.ImportKnowledgeResponse(entries=len(parsed.entries))
        with refusals():
            taken = await self._publisher.take(
                request.workspace,
                parsed.entries,
                by=request.published_by[:100],
                source_name=request.file_name[:200],
                forced_reason=request.forced_reason.strip()[:500],
            )
        falls = taken.refused.comparison.falls if taken.refused else ()
        current = None if taken.refused else await self._publisher.published(request.workspace)
        return pb.ImportKnowledgeResponse(
            release=release_to_proto(taken.release, current),
            entries=len(parsed.entries),
            falls=list(map(fall_to_proto, falls)),
        )

    async def ListEntries(self, request: pb.ListEntriesRequest, context: Context) -> pb.ListEntriesResponse:
        release = self._library.release(request.workspace)
        if release is None:
            return pb.ListEntriesResponse()
        found = searched(release.entries, request.search.strip().lower(), request.category)
        start = offset_of(request.page_token)
        size = min(request.page_size or 50, MOST_ROWS)
        page = found[start : start + size]
        following = str(start + size) if start + size < len(found) else ""
        return pb.ListEntriesResponse(
            entries=[entry_to_proto(entry) for entry in page],
            next_page_token=following,
            total=len(found),
            categories=sorted(set(release.categories)),
        )

    async def GetRelease(self, request: pb.GetReleaseRequest, context: Context) -> pb.GetReleaseResponse:
        """What this replica serves; ``problem`` says why that is not what is published, where it is not."""
        served = self._library.release(request.workspace)
        problem = self._library.problem(request.workspace)
        answer = pb.GetReleaseResponse(problem=problem.reason if problem else "")
        if served is not None:
            with refusals():
                release = await self._publisher.release(request.workspace, served.id)
            current = await self._publisher.published(request.workspace)
            published = current if current and current.release_id == served.id else None
            answer.release.CopyFrom(release_to_proto(release, published))
        return answer

    async def Ask(self, request: pb.AskRequest, context: Context) -> pb.AskResponse:
        words = request.question.strip()
        if not words:
            raise RpcProblem("question_missing", grpc.StatusCode.INVALID_ARGUMENT)
        channel, at = request.channel or "website", self._clock()
        served = await self._served(request)
        if served is None:
            decision = self._library.decide(request.workspace, words, channel=channel, at=at)
            return pb.AskResponse(decision=decision_name(decision), threshold=self._library.thresholds.answer)
        return _asked(served, words, channel, at)

    async def _served(self, request: pb.AskRequest) -> Served | None:
        if not request.release_id:
            return self._library.served(request.workspace)
        with refusals():
            release = await self._publisher.release(request.workspace, request.release_id)
            return self._library.answering(await self._library.shelf.open(release.id))


def _asked(served: Served, words: str, channel: str, at: datetime) -> pb.AskResponse:
    decision = served.decide(words, channel=channel, at=at)
    release = served.release
    answer = pb.AskResponse(
        decision=decision_name(decision),
        candidates=[
            pb.Candidate(entry=entry_to_proto(release.targets[one.entry_id]), score=one.score, matched=one.matched)
            for one in served.candidates(words, at)
        ],
        release_id=release.id,
        threshold=served.thresholds.answer,
        clarify_threshold=served.thresholds.clarify,
    )
    if isinstance(decision, Say):
        answer.text = decision.text
        answer.attachments.extend(map(content_to_proto, decision.attachments))
    elif isinstance(decision, StartTask):
        answer.task = decision.task
    return answer


def decision_name(decision: Decision) -> str:
    """A decision as editors who try a question are told it; the console has words for each."""
    match decision:
        case Say():
            return "answer"
        case StartTask():
            return "task"
        case AskBack():
            return "clarify"
        case WantsHuman():
            return "human"
        case Greets():
            return "greeting"
        case Thanks():
            return "thanks"
        case NoAnswer():
            return "handoff"
