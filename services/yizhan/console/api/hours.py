"""Opening hours and promises: the contract in force, its calendars day by day, and their special days."""

import asyncio
from collections.abc import Sequence
from typing import Annotated

from aiohttp import web
from pydantic import ConfigDict, Field

from yizhan.console.access import Access, SignedIn
from yizhan.console.api.models import Body, Day
from yizhan.console.hours_views import contract_json, days_json, override_json
from yizhan.console.month import MonthInvalid, month_of
from yizhan.console.peers import Peers
from yizhan.contract.contract import Contract
from yizhan.contract.file import ContractInvalid, parse_contract
from yizhan.contract.hours import shown
from yizhan.contract.overrides_file import parse_overrides
from yizhan.core.documents.reasons import Problem as DocumentProblem
from yizhan.core.runtime.http import Problem, bad_request, conflict, read_json
from yizhan.pb.v1 import routing_pb2 as pb

LONGEST_FILE = 400_000
MOST_BODY_BYTES = 1_000_000
MOST_PROBLEMS = 50


class ContractDraft(Body):
    """``version`` is the one in force when the text was opened: 409 ``contract_changed`` where it is another now."""

    model_config = ConfigDict(
        extra="forbid", str_strip_whitespace=False
    )  # blank lines count: problems are told by line

    text: Annotated[str, Field(min_length=1, max_length=LONGEST_FILE)]
    version: Annotated[str, Field(max_length=64)]


class SpecialDay(Body):
    """Hours of one day, as in ``09:00-12:00``; none: closed."""

    calendar: Annotated[str, Field(min_length=1, max_length=100)]
    day: Day
    hours: Annotated[list[Annotated[str, Field(max_length=20)]], Field(max_length=10)]
    reason: Annotated[str, Field(max_length=200)]


class SpecialDays(Body):
    """A file of special days for one calendar. Nothing of it is taken unless all of it is right."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=False)

    calendar: Annotated[str, Field(min_length=1, max_length=100)]
    text: Annotated[str, Field(min_length=1, max_length=LONGEST_FILE)]


class HoursApi:
    def __init__(self, access: Access, peers: Peers) -> None:
        self._access = access
        self._peers = peers

    def routes(self) -> list[web.RouteDef]:
        signed_in, who, base = self._access.signed_in, "supervisor", "/api/v1/hours"
        return [
            web.get(f"{base}/contract", signed_in(self.contract, who)),
            web.put(f"{base}/contract", signed_in(self.publish, who)),
            web.get(f"{base}/days", signed_in(self.days, who)),
            web.get(f"{base}/special-days", signed_in(self.special_days, who)),
            web.put(f"{base}/special-days", signed_in(self.put_special_day, who)),
            web.delete(f"{base}/special-days", signed_in(self.remove_special_day, who)),
            web.post(f"{base}/special-days/import", signed_in(self.import_special_days, who)),
        ]

    async def contract(self, request: web.Request, person: SignedIn) -> web.StreamResponse:
        found = await self._in_force(person)
        return web.json_response({"contract": contract_json(found, await parsed(found.text))})

    async def publish(self, request: web.Request, person: SignedIn) -> web.StreamResponse:
        """In force for every clock that starts from now on; those that run keep what they started under."""
        body = await read_json(request, ContractDraft, MOST_BODY_BYTES)
        try:
            await asyncio.to_thread(
                parse_contract, body.text
            )  # routing tells only as many problems as a status carries
        except ContractInvalid as invalid:
            raise refused("contract_invalid", invalid.problems) from invalid
        asked = pb.PublishContractRequest(
            workspace=person.user.workspace, text=body.text, by=person.user.name, expected_version=body.version
        )
        version = (await self._peers.routing.PublishContract(asked)).version
        return web.json_response({"version": version})

    async def days(self, request: web.Request, person: SignedIn) -> web.StreamResponse:
        """A month of every calendar of the contract: each day's hours, and what decided them."""
        found = await self._in_force(person)
        kept = await self._overrides(person)
        try:
            month = month_of(await parsed(found.text), kept, found.unconfirmed, request.query.get("month", ""))
        except MonthInvalid as wrong:
            raise bad_request("month_invalid", "month is a year and a month, as in 2026-11") from wrong
        return web.json_response({"items": [days_json(calendar) for calendar in month]})

    async def special_days(self, request: web.Request, person: SignedIn) -> web.StreamResponse:
        return web.json_response({"items": [override_json(one) for one in await self._overrides(person)]})

    async def put_special_day(self, request: web.Request, person: SignedIn) -> web.StreamResponse:
        body = await read_json(request, SpecialDay)
        await self._put(person, body.calendar, body.day, body.hours, body.reason)
        return web.Response(status=204)

    async def remove_special_day(self, request: web.Request, person: SignedIn) -> web.StreamResponse:
        asked = pb.RemoveOverrideRequest(
            workspace=person.user.workspace,
            calendar=request.query.get("calendar", "")[:100],
            day=request.query.get("day", "")[:10],
        )
        await self._peers.routing.RemoveOverride(asked)
        return web.Response(status=204)

    async def import_special_days(self, request: web.Request, person: SignedIn) -> web.StreamResponse:
        """Days of the file replace those that were decided before; other days stay."""
        body = await read_json(request, SpecialDays, MOST_BODY_BYTES)
        try:
            read = await asyncio.to_thread(parse_overrides, body.text)
        except ContractInvalid as invalid:
            raise refused("overrides_invalid", invalid.problems) from invalid
        for one in read:
            await self._put(person, body.calendar, one.day.isoformat(), [shown(span) for span in one.spans], one.reason)
        return web.json_response({"days": len(read)})

    async def _put(self, person: SignedIn, calendar: str, day: str, hours: list[str], reason: str) -> None:
        override = pb.Override(calendar=calendar, day=day, hours=hours, reason=reason, by=person.user.name)
        await self._peers.routing.PutOverride(pb.PutOverrideRequest(workspace=person.user.workspace, override=override))

    async def _in_force(self, person: SignedIn) -> pb.GetContractResponse:
        return await self._peers.routing.GetContract(pb.GetContractRequest(workspace=person.user.workspace))

    async def _overrides(self, person: SignedIn) -> list[pb.Override]:
        asked = pb.ListOverridesRequest(workspace=person.user.workspace)
        return list((await self._peers.routing.ListOverrides(asked)).overrides)


async def parsed(text: str) -> Contract:
    """What a published text says. Raises Problem 409 where this version reads it no more."""
    try:
        return await asyncio.to_thread(parse_contract, text)
    except ContractInvalid as invalid:
        raise conflict("contract_unreadable", "Publish the contract again") from invalid


def refused(code: str, problems: Sequence[DocumentProblem]) -> Problem:
    """With the first problems: line (from 1), place, and the reason in both languages."""
    told = [
        {"line": one.line, "place": one.place, "reason_zh": one.reason_zh, "reason_en": one.reason_en}
        for one in problems[:MOST_PROBLEMS]
    ]
    return Problem(422, code, "The file is not right", problems=told, count=len(problems))
