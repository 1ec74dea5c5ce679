"""Releases of the knowledge: building, looking at, comparing, publishing and going back."""

from aiohttp import web

from yizhan.console.access import Access, SignedIn
from yizhan.console.api.knowledge import IMPORT_SECONDS, PAGE
from yizhan.console.api.models import BuildOrder, PublishOrder, RollBackOrder
from yizhan.console.knowledge_views import (
    build_json,
    comparison_json,
    difference_json,
    full_release_json,
    publication_json,
    report_json,
)
from yizhan.console.peers import Peers
from yizhan.core.runtime.http import read_json
from yizhan.pb.v1 import knowledge_pb2 as pb

OPENING_SECONDS = 60.0
"""Comparing and publishing may have to open a large release first."""


class ReleasesApi:
    def __init__(self, access: Access, peers: Peers) -> None:
        self._access = access
        self._peers = peers

    def routes(self) -> list[web.RouteDef]:
        signed_in = self._access.signed_in
        readers = ("editor", "supervisor")
        base = "/api/v1/knowledge"
        return [
            web.get(f"{base}/builds", signed_in(self.builds, *readers)),
            web.post(f"{base}/builds", signed_in(self.build, "editor")),
            web.get(f"{base}/builds/{{id}}", signed_in(self.one_build, *readers)),
            web.get(f"{base}/releases", signed_in(self.releases, *readers)),
            web.get(f"{base}/releases/{{id}}", signed_in(self.report, *readers)),
            web.get(f"{base}/releases/{{id}}/comparison", signed_in(self.comparison, *readers)),
            web.post(f"{base}/releases/{{id}}/publish", signed_in(self.publish, "editor")),
            web.post(f"{base}/releases/{{id}}/rollback", signed_in(self.roll_back, "editor")),
            web.get(f"{base}/publications", signed_in(self.publications, *readers)),
            web.get(f"{base}/diff", signed_in(self.diff, *readers)),
        ]

    async def builds(self, request: web.Request, person: SignedIn) -> web.StreamResponse:
        found = await self._peers.releases.ListBuilds(pb.ListBuildsRequest(workspace=person.user.workspace))
        return web.json_response({"items": [build_json(build) for build in found.builds]})

    async def build(self, request: web.Request, person: SignedIn) -> web.StreamResponse:
        """Ask for a build of the draft; how it is going, the build tells."""
        body = await read_json(request, BuildOrder)
        asked = pb.StartBuildRequest(workspace=person.user.workspace, started_by=person.user.name, note=body.note)
        return web.json_response(build_json(await self._peers.releases.StartBuild(asked)), status=202)

    async def one_build(self, request: web.Request, person: SignedIn) -> web.StreamResponse:
        asked = pb.GetBuildRequest(workspace=person.user.workspace, id=request.match_info["id"])
        return web.json_response(build_json(await self._peers.releases.GetBuild(asked)))

    async def releases(self, request: web.Request, person: SignedIn) -> web.StreamResponse:
        asked = pb.ListReleasesRequest(
            workspace=person.user.workspace, page_token=request.query.get("cursor", ""), page_size=PAGE
        )
        found = await self._peers.releases.ListReleases(asked)
        items = [full_release_json(release) for release in found.releases]
        return web.json_response({"items": items, "next": found.next_page_token or None})

    async def report(self, request: web.Request, person: SignedIn) -> web.StreamResponse:
        asked = pb.GetReleaseReportRequest(workspace=person.user.workspace, release_id=request.match_info["id"])
        found = await self._peers.releases.GetReleaseReport(asked)
        report = report_json(found.report) if found.HasField("report") else None
        return web.json_response({"release": full_release_json(found.release), "report": report})

    async def comparison(self, request: web.Request, person: SignedIn) -> web.StreamResponse:
        asked = pb.CompareReleaseRequest(workspace=person.user.workspace, release_id=request.match_info["id"])
        found = await self._peers.releases.CompareRelease(asked, timeout=OPENING_SECONDS)
        return web.json_response(comparison_json(found))

    async def publish(self, request: web.Request, person: SignedIn) -> web.StreamResponse:
        """One that is worse is refused (``release_falls``), unless a reason is given."""
        body = await read_json(request, PublishOrder)
        asked = pb.PublishReleaseRequest(
            workspace=person.user.workspace,
            release_id=request.match_info["id"],
            published_by=person.user.name,
            forced_reason=body.forced_reason,
        )
        done = await self._peers.releases.PublishRelease(asked, timeout=OPENING_SECONDS)
        return web.json_response(publication_json(done))

    async def roll_back(self, request: web.Request, person: SignedIn) -> web.StreamResponse:
        body = await read_json(request, RollBackOrder)
        asked = pb.RollBackReleaseRequest(
            workspace=person.user.workspace,
            release_id=request.match_info["id"],
            published_by=person.user.name,
            reason=body.reason,
        )
        done = await self._peers.releases.RollBackRelease(asked, timeout=OPENING_SECONDS)
        return web.json_response(publication_json(done))

    async def publications(self, request: web.Request, person: SignedIn) -> web.StreamResponse:
        asked = pb.ListPublicationsRequest(workspace=person.user.workspace)
        found = await self._peers.releases.ListPublications(asked)
        return web.json_response({"items": [publication_json(one) for one in found.publications]})

    async def diff(self, request: web.Request, person: SignedIn) -> web.StreamResponse:
        """Between ``?before=`` (without: what is published) and ``?after=`` (without: the draft)."""
        asked = pb.DiffReleasesRequest(
            workspace=person.user.workspace,
            before_id=request.query.get("before", ""),
            after_id=request.query.get("after", ""),
        )
        found = await self._peers.releases.DiffReleases(asked, timeout=IMPORT_SECONDS)
        return web.json_response(difference_json(found))
