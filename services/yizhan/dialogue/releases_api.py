"""gRPC ReleasesService: building releases, comparing, publishing and rolling back."""

import asyncio
from typing import Any

import grpc

from yizhan.core.messages.codec import timestamp
from yizhan.core.runtime.grpc import RpcProblem
from yizhan.dialogue.knowledge.contents import Contents
from yizhan.dialogue.knowledge.difference import difference
from yizhan.dialogue.knowledge_codec import (
    comparison_to_proto,
    difference_to_proto,
    publication_to_proto,
    release_to_proto,
    report_to_proto,
)
from yizhan.dialogue.knowledge_desk import KnowledgeDesk
from yizhan.dialogue.knowledge_problems import refusals
from yizhan.dialogue.paging import MOST_ROWS, offset_of
from yizhan.dialogue.store.builds import Build
from yizhan.dialogue.store.publications import Publication
from yizhan.dialogue.store.releases import StoredRelease
from yizhan.pb.v1 import knowledge_pb2 as pb, knowledge_pb2_grpc

Context = grpc.aio.ServicerContext[Any, Any]


class ReleasesApi(knowledge_pb2_grpc.ReleasesServiceServicer):
    def __init__(self, desk: KnowledgeDesk) -> None:
        self._desk = desk
        self._publisher = desk.publisher

    async def StartBuild(self, request: pb.StartBuildRequest, context: Context) -> pb.Build:
        with refusals():
            build = await self._desk.builds.ask(
                _workspace(request.workspace), by=request.started_by[:100], note=request.note[:500]
            )
        return _build(build)

    async def GetBuild(self, request: pb.GetBuildRequest, context: Context) -> pb.Build:
        found = await self._desk.builds.get(request.workspace, request.id)
        if found is None:
            raise RpcProblem("build_unknown", grpc.StatusCode.NOT_FOUND)
        return _build(found)

    async def ListBuilds(self, request: pb.ListBuildsRequest, context: Context) -> pb.ListBuildsResponse:
        return pb.ListBuildsResponse(builds=list(map(_build, await self._desk.builds.list(request.workspace))))

    async def ListReleases(self, request: pb.ListReleasesRequest, context: Context) -> pb.ListReleasesResponse:
        size = min(request.page_size or 50, MOST_ROWS)
        found = await self._publisher.releases(request.workspace, offset_of(request.page_token), size)
        current = await self._publisher.published(request.workspace)
        return pb.ListReleasesResponse(
            releases=[_release(release, current) for release in found if release.removed_at is None],
            next_page_token=str(found[-1].number) if len(found) == size else "",
        )

    async def GetReleaseReport(
        self, request: pb.GetReleaseReportRequest, context: Context
    ) -> pb.GetReleaseReportResponse:
        with refusals():
            release = await self._publisher.release(request.workspace, request.release_id)
            report = await self._desk.library.shelf.report(release.id)
        current = await self._publisher.published(request.workspace)
        return pb.GetReleaseReportResponse(
            release=_release(release, current), report=report_to_proto(report) if report else None
        )

    async def CompareRelease(self, request: pb.CompareReleaseRequest, context: Context) -> pb.Comparison:
        with refusals():
            release = await self._publisher.release(request.workspace, request.release_id)
            return comparison_to_proto(await self._publisher.compared(request.workspace, release.id))

    async def PublishRelease(self, request: pb.PublishReleaseRequest, context: Context) -> pb.Publication:
        with refusals():
            release = await self._publisher.release(request.workspace, request.release_id)
            done = await self._publisher.publish(
                request.workspace,
                release.id,
                by=request.published_by[:100],
                forced_reason=request.forced_reason.strip()[:500],
            )
        return publication_to_proto(done)

    async def RollBackRelease(self, request: pb.RollBackReleaseRequest, context: Context) -> pb.Publication:
        with refusals():
            release = await self._publisher.release(request.workspace, request.release_id)
            done = await self._publisher.roll_back(
                request.workspace, release.id, by=request.published_by[:100], reason=request.reason.strip()[:500]
            )
        return publication_to_proto(done)

    async def ListPublications(
        self, request: pb.ListPublicationsRequest, context: Context
    ) -> pb.ListPublicationsResponse:
        found = await self._publisher.publications(request.workspace, MOST_ROWS)
        return pb.ListPublicationsResponse(publications=list(map(publication_to_proto, found)))

    async def DiffReleases(self, request: pb.DiffReleasesRequest, context: Context) -> pb.DiffReleasesResponse:
        workspace = _workspace(request.workspace)
        with refusals():
            before = await self._before(workspace, request.before_id)
            if request.after_id:
                release = await self._publisher.release(workspace, request.after_id)
                after = await self._desk.library.shelf.contents(release.id)
            else:
                after = (await self._desk.drafts.read(workspace)).contents
        return difference_to_proto(await asyncio.to_thread(difference, before, after))

    async def _before(self, workspace: str, release_id: str) -> Contents:
        if release_id:
            release_id = (await self._publisher.release(workspace, release_id)).id
        else:
            current = await self._publisher.published(workspace)
            release_id = current.release_id if current else ""
        return await self._desk.library.shelf.contents(release_id) if release_id else Contents(())


def _workspace(name: str) -> str:
    if not name:
        raise RpcProblem("workspace_missing", grpc.StatusCode.INVALID_ARGUMENT)
    return name


def _release(release: StoredRelease, current: Publication | None) -> pb.Release:
    return release_to_proto(release, current if current and current.release_id == release.id else None)


def _build(build: Build) -> pb.Build:
    return pb.Build(
        id=build.id,
        state=build.state,
        started_at=timestamp(build.started_at),
        started_by=build.started_by,
        release_id=build.release_id,
        reason=build.reason,
        detail=build.detail,
    )
