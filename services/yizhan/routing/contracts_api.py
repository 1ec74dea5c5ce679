"""Calls on what a workspace promises and on the special days of its calendars."""

import asyncio
from collections.abc import Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

from yizhan.contract import business_time, hours
from yizhan.contract.arrangements import unconfirmed
from yizhan.contract.calendar import CalendarInvalid
from yizhan.contract.calendar_plan import Override
from yizhan.contract.canonical import canonical
from yizhan.contract.contract import Contract, NoSuchCalendar
from yizhan.contract.file import ContractInvalid, parse_contract
from yizhan.contract.standard import standard_text_of
from yizhan.core.messages.codec import timestamp
from yizhan.core.runtime.grpc import RpcProblem
from yizhan.core.store.database import Database, Transaction
from yizhan.pb.v1 import routing_pb2 as pb
from yizhan.routing import store
from yizhan.routing.looked_up import Context, Status
from yizhan.routing.switchboard import Switchboard
from yizhan.routing.terms import Terms, calendars_used

LONGEST_REASON = 200
MOST_OVERRIDES = 1_000
MOST_PROBLEMS = 8
"""As many as a status can carry (``core.runtime.grpc.problem``)."""


class ContractCalls:
    """A part of ``RoutingApi``."""

    _switchboard: Switchboard
    _database: Database

    async def GetContract(self, request: pb.GetContractRequest, context: Context) -> pb.GetContractResponse:
        """The one in force. Of an earlier version there is what it stands for, not what somebody wrote."""
        async with self._switchboard.shift(request.workspace) as shift:
            if request.version:
                return await _kept(shift.tx, request.version)
            terms = await self._switchboard.terms.current(shift.tx, request.workspace, shift.now)
            published = await store.published_contract(shift.tx, request.workspace)
            overrides = await store.load_overrides(shift.tx, request.workspace)
        doubtful = _doubtful(terms.contract, overrides, shift.now.astimezone(ZoneInfo(terms.contract.zone)).date())
        if published is None:
            text = standard_text_of(terms.contract)
            return pb.GetContractResponse(version=terms.version, text=text, standard=True, unconfirmed=doubtful)
        return pb.GetContractResponse(
            version=published.version,
            text=published.text,
            published_at=timestamp(published.at),
            published_by=published.by,
            unconfirmed=doubtful,
        )

    async def PublishContract(self, request: pb.PublishContractRequest, context: Context) -> pb.PublishContractResponse:
        """In force for every clock that starts from now on; those that run keep what they started under."""
        if not request.workspace:
            raise RpcProblem("workspace_missing", Status.INVALID_ARGUMENT)
        try:
            # A hostile file within the limit takes seconds.
            contract = await asyncio.to_thread(parse_contract, request.text)
        except ContractInvalid as invalid:
            raise _refused(invalid) from invalid
        body = canonical(contract)
        async with self._switchboard.shift(request.workspace) as shift:
            in_force = await self._switchboard.terms.current(shift.tx, request.workspace, shift.now)
            if request.expected_version not in ("", in_force.version):
                raise RpcProblem("contract_changed", Status.ABORTED)
            before = await store.published_contract(shift.tx, request.workspace)
            await store.keep_contract(shift.tx, contract.version, body)
            publication = store.Publication(
                request.workspace,
                before.number + 1 if before else 1,
                contract.version,
                request.text,
                shift.now,
                request.by[:100],
            )
            await store.publish_contract(shift.tx, publication)
        return pb.PublishContractResponse(version=contract.version)

    async def ListOverrides(self, request: pb.ListOverridesRequest, context: Context) -> pb.ListOverridesResponse:
        async with self._database.read() as tx:
            kept = await store.load_overrides(tx, request.workspace)
        return pb.ListOverridesResponse(overrides=[_override(one) for one in kept])

    async def PutOverride(self, request: pb.PutOverrideRequest, context: Context) -> pb.PutOverrideResponse:
        given = request.override
        try:
            spans = hours.day_hours([hours.span(text) for text in given.hours])
            override = Override(date.fromisoformat(given.day), spans, given.reason.strip())
        except (ValueError, CalendarInvalid) as wrong:
            raise RpcProblem("override_invalid", Status.INVALID_ARGUMENT) from wrong
        if not override.reason or len(override.reason) > LONGEST_REASON:
            raise RpcProblem("reason_missing", Status.INVALID_ARGUMENT)
        async with self._switchboard.shift(request.workspace) as shift:
            terms = await self._switchboard.terms.current(shift.tx, request.workspace, shift.now)
            try:
                terms.contract.calendar(given.calendar)
            except NoSuchCalendar as unknown:
                raise RpcProblem("unknown_calendar", Status.NOT_FOUND) from unknown
            if len(await store.load_overrides(shift.tx, request.workspace)) >= MOST_OVERRIDES:
                raise RpcProblem("too_many_overrides", Status.RESOURCE_EXHAUSTED)
            kept = store.KeptOverride(given.calendar, override, given.by[:100], shift.now)
            await store.put_override(shift.tx, request.workspace, kept)
            changed = await self._switchboard.terms.current(shift.tx, request.workspace, shift.now)
            _check_opens(changed, given.calendar, shift.now)
        return pb.PutOverrideResponse()

    async def RemoveOverride(self, request: pb.RemoveOverrideRequest, context: Context) -> pb.RemoveOverrideResponse:
        async with self._switchboard.shift(request.workspace) as shift:
            if not await store.remove_override(shift.tx, request.workspace, request.calendar, request.day):
                raise RpcProblem("unknown_override", Status.NOT_FOUND)
        return pb.RemoveOverrideResponse()


async def _kept(tx: Transaction, version: str) -> pb.GetContractResponse:
    body = await store.contract_body(tx, version)
    if body is None:
        raise RpcProblem("unknown_contract", Status.NOT_FOUND)
    return pb.GetContractResponse(version=version, text=body)


def _check_opens(terms: Terms, name: str, now: datetime) -> None:
    """A calendar that stays closed for years would leave those who ask for a human without an answer, for ever."""
    calendar = terms.calendars.get(name)
    try:
        if calendar is not None:
            business_time.next_open(calendar, now)
    except business_time.NeverOpen as never:
        raise RpcProblem("calendar_never_opens", Status.FAILED_PRECONDITION) from never


def _doubtful(contract: Contract, kept: Sequence[store.KeptOverride], today: date) -> list[pb.Unconfirmed]:
    """By calendar, the days soon that an arrangement of holidays could still change."""
    found = []
    for plan in calendars_used(contract):
        days = unconfirmed(plan, [one.override for one in kept if one.calendar == plan.name], today)
        if days:
            found.append(pb.Unconfirmed(calendar=plan.name, days=[day.isoformat() for day in days]))
    return found


def _override(kept: store.KeptOverride) -> pb.Override:
    return pb.Override(
        calendar=kept.calendar,
        day=kept.override.day.isoformat(),
        hours=[hours.shown(span) for span in kept.override.spans],
        reason=kept.override.reason,
        by=kept.by,
        at=timestamp(kept.at),
    )


def _refused(invalid: ContractInvalid) -> RpcProblem:
    """With the first problems: line (from 1), place, and the reason in both languages."""
    problems = [
        {"line": one.line, "place": one.place, "reason_zh": one.reason_zh, "reason_en": one.reason_en}
        for one in invalid.problems[:MOST_PROBLEMS]
    ]
    return RpcProblem("contract_invalid", Status.INVALID_ARGUMENT, extras={"problems": problems})
