"""gRPC KnowledgeService: importing in one step, reading and trying out the published knowledge."""

import asyncio
from datetime import date
from typing import Any

import grpc

from yizhan.core.messages.codec import content_to_proto
from yizhan.core.runtime.clock import Clock
from yizhan.core.runtime.grpc import RpcProblem
from yizhan.dialogue.knowledge.parse import parse
from yizhan.dialogue.knowledge_codec import entry_to_proto, fall_to_proto, problem_to_proto, release_to_proto
from yizhan.dialogue.knowledge_desk import KnowledgeDesk
from yizhan.dialogue.knowledge_problems import refusals
from yizhan.dialogue.one_release import OneRelease
from yizhan.dialogue.paging import MOST_ROWS, offset_of, searched
from yizhan.dialogue.replay import Setting
from yizhan.dialogue.served import Served
from yizhan.dialogue.trying import Question, Tried, on_day, try_out
from yizhan.pb.v1 import knowledge_pb2 as pb, knowledge_pb2_grpc

Context = grpc.aio.ServicerContext[Any, Any]


class KnowledgeApi(knowledge_pb2_grpc.KnowledgeServiceServicer):
    def __init__(self, desk: KnowledgeDesk, clock: Clock, setting: Setting) -> None:
        """``setting`` is what the deployment gives decisions: questions are tried with it."""
        self._setting = setting
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
        """The whole decision about a customer's first words: guards, tasks, knowledge, asking back, a human."""
        words = request.question.strip()
        if not words:
            raise RpcProblem("question_missing", grpc.StatusCode.INVALID_ARGUMENT)
        now = self._clock()
        at = on_day(_day(request.day), now, self._setting.zone) if request.day else now
        question = Question(request.workspace, words, request.channel or "website", at)
        served = await self._served(request)
        answerer = OneRelease(served, self._library.thresholds)
        return _asked(await asyncio.to_thread(try_out, question, answerer, self._setting), answerer)

    async def _served(self, request: pb.AskRequest) -> Served | None:
        if not request.release_id:
            return self._library.served(request.workspace)
        with refusals():
            release = await self._publisher.release(request.workspace, request.release_id)
            return self._library.answering(await self._library.shelf.open(release.id))


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise RpcProblem("day_unreadable", grpc.StatusCode.INVALID_ARGUMENT) from error


def _asked(tried: Tried, answerer: OneRelease) -> pb.AskResponse:
    held = answerer.source("")
    release = answerer.served.release if answerer.served else None
    answer = pb.AskResponse(
        decision=tried.decision,
        release_id=held.release_id,
        release_number=release.number if release else 0,
        threshold=held.thresholds.answer,
        clarify_threshold=held.thresholds.clarify,
        margin=held.thresholds.margin,
        text=tried.text,
        attachments=list(map(content_to_proto, tried.attachments)),
        task=tried.task,
        open=tried.open,
        says=list(map(content_to_proto, tried.says)),
        decided_by=tried.decided_by,
        handoff_reason=tried.handoff_reason,
        urgency=tried.urgency.name.lower() if tried.urgency else "",
        language=tried.language,
        normalised=tried.normalised,
        day=tried.day.isoformat(),
    )
    if release is not None:
        answer.candidates.extend(
            pb.Candidate(entry=entry_to_proto(release.targets[one.entry_id]), score=one.score, matched=one.matched)
            for one in tried.candidates
        )
    if tried.rule is not None:
        verdict = tried.rule.verdict
        answer.rule.CopyFrom(
            pb.AskedRule(
                name=verdict.rule,
                kind=verdict.kind.value,
                action=verdict.action.value,
                decided=tried.rule.decided,
                matched=tried.rule.matched,
            )
        )
    return answer
