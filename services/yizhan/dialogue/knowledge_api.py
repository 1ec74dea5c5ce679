"""gRPC KnowledgeService: importing, reading and trying out the published knowledge."""

import asyncio
from collections.abc import Sequence
from typing import Any

import grpc

from yizhan.core.messages.codec import timestamp
from yizhan.core.runtime.grpc import RpcProblem
from yizhan.dialogue.answering import AskBack, Decision, Greets, NoAnswer, Say, Thanks, WantsHuman
from yizhan.dialogue.knowledge.entry import Entry
from yizhan.dialogue.knowledge.parse import ParsedFile, parse
from yizhan.dialogue.knowledge.release import Release
from yizhan.dialogue.library import Library
from yizhan.pb.v1 import knowledge_pb2 as pb, knowledge_pb2_grpc

MOST_ENTRIES = 200

Context = grpc.aio.ServicerContext[Any, Any]


class KnowledgeApi(knowledge_pb2_grpc.KnowledgeServiceServicer):
    def __init__(self, library: Library) -> None:
        self._library = library

    async def ImportKnowledge(self, request: pb.ImportKnowledgeRequest, context: Context) -> pb.ImportKnowledgeResponse:
        """All rows or none: with problems nothing is published."""
        if not request.workspace:
            raise RpcProblem("workspace_missing", grpc.StatusCode.INVALID_ARGUMENT)
        parsed = await asyncio.to_thread(parse, request.file_name, request.data)
        if parsed.problems:
            return _rejected(parsed)
        if request.check_only:
            return pb.ImportKnowledgeResponse(entries=len(parsed.entries))
        release = await self._library.publish(
            request.workspace,
            parsed.entries,
            published_by=request.published_by,
            source_name=request.file_name,
        )
        return pb.ImportKnowledgeResponse(release=_release(release), entries=len(parsed.entries))

    async def ListEntries(self, request: pb.ListEntriesRequest, context: Context) -> pb.ListEntriesResponse:
        release = self._library.release(request.workspace)
        if release is None:
            return pb.ListEntriesResponse()
        found = _search(release.entries, request.search.strip().lower(), request.category)
        start = _offset(request.page_token)
        size = min(request.page_size or 50, MOST_ENTRIES)
        page = found[start : start + size]
        following = str(start + size) if start + size < len(found) else ""
        return pb.ListEntriesResponse(
            entries=[_entry(entry) for entry in page],
            next_page_token=following,
            total=len(found),
            categories=sorted(set(release.categories)),
        )

    async def GetRelease(self, request: pb.GetReleaseRequest, context: Context) -> pb.GetReleaseResponse:
        release = self._library.release(request.workspace)
        return pb.GetReleaseResponse(release=_release(release) if release else None)

    async def Ask(self, request: pb.AskRequest, context: Context) -> pb.AskResponse:
        words = request.question.strip()
        if not words:
            raise RpcProblem("question_missing", grpc.StatusCode.INVALID_ARGUMENT)
        release = self._library.release(request.workspace)
        candidates = []
        for candidate in self._library.candidates(request.workspace, words):
            entry = release.entry(candidate.entry_id) if release else None
            if entry is not None:
                candidates.append(pb.Candidate(entry=_entry(entry), score=candidate.score, matched=candidate.matched))
        return pb.AskResponse(
            decision=decision_name(self._library.decide(request.workspace, words)),
            candidates=candidates,
            release_id=release.id if release else "",
            threshold=self._library.thresholds.answer,
        )


def decision_name(decision: Decision) -> str:
    """A decision as editors who try a question are told it; the console has words for each."""
    match decision:
        case Say():
            return "answer"
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


def _search(entries: Sequence[Entry], words: str, category: str) -> Sequence[Entry]:
    def fits(entry: Entry) -> bool:
        if category and entry.category != category:
            return False
        texts = (entry.id, entry.question, entry.answer, *entry.paraphrases)
        return not words or any(words in text.lower() for text in texts)

    return [entry for entry in entries if fits(entry)]


def _offset(token: str) -> int:
    if not token:
        return 0
    if not (token.isascii() and token.isdigit()) or len(token) > 9:
        raise RpcProblem("bad_page_token", grpc.StatusCode.INVALID_ARGUMENT)
    return int(token)


def _entry(entry: Entry) -> pb.Entry:
    return pb.Entry(
        id=entry.id,
        question=entry.question,
        paraphrases=entry.paraphrases,
        answer=entry.answer,
        category=entry.category,
    )


def _release(record: Release) -> pb.Release:
    return pb.Release(
        id=record.id,
        number=record.number,
        entries=len(record.entries),
        published_at=timestamp(record.published_at),
        published_by=record.published_by,
        source_name=record.source_name,
    )


def _rejected(parsed: ParsedFile) -> pb.ImportKnowledgeResponse:
    problems = [
        pb.RowProblem(row=problem.row, column=problem.column, reason_zh=problem.reason_zh, reason_en=problem.reason_en)
        for problem in parsed.problems
    ]
    return pb.ImportKnowledgeResponse(problems=problems)
