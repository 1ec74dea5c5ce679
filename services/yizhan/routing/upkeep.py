"""What routing does when time passes: offers lapse, promises come due, agents fall silent."""

import asyncio
from datetime import timedelta

import structlog

from yizhan.core.runtime.clock import Clock
from yizhan.core.store.database import Database
from yizhan.core.store.errors import StoreUnavailable
from yizhan.core.store.timers import Timer, TimerHandler, Timers
from yizhan.routing import store
from yizhan.routing.callbacks.book import CALL
from yizhan.routing.desk import CaseState
from yizhan.routing.finding import OFFER, WIDEN
from yizhan.routing.switchboard import DEADLINE, Switchboard, is_unserved
from yizhan.routing.tickets.writing import CLOSE

log = structlog.get_logger(__name__)

LOOK_AROUND_SECONDS = 3.0


def on_timer(switchboard: Switchboard, timers: Timers) -> TimerHandler:
    """The handler for ``Timers.run``. A timer that was moved or cancelled meanwhile does nothing."""

    async def fire(timer: Timer) -> None:
        async with switchboard.shift(timer.payload) as shift:
            if not await timers.finish(shift.tx, timer):
                return
            if timer.purpose == CLOSE:
                await switchboard.tickets.close_solved(shift.tx, shift.now, shift.workspace, timer.case_id)
                return
            if timer.purpose == CALL:
                await switchboard.callbacks.look(shift, timer.case_id)
                return
            case = await store.load_case(shift.tx, timer.case_id)
            if case is None or not is_unserved(case):
                return
            if timer.purpose == DEADLINE:
                ticket = await switchboard.expire(shift, case)
                log.info("handoff_ticketed", case_id=case.id, ticket_id=ticket.id)
            elif timer.purpose == OFFER and case.state is CaseState.OFFERED:
                log.info("offer_lapsed", case_id=case.id, offer_id=case.offer_id, agent_id=case.agent_id)
                await switchboard.pass_on(shift, case, "lapsed")
            elif timer.purpose == WIDEN:
                await switchboard.finding.widen(shift, case)

    return fire


async def watch_presence(switchboard: Switchboard, database: Database, clock: Clock, gone: timedelta) -> None:
    """Count agents as offline who have not been heard of; runs as long as the service does.

    ``gone``: how long they keep their conversations after that.
    """
    while True:
        await asyncio.sleep(LOOK_AROUND_SECONDS)
        try:
            await lose_silent(switchboard, database, clock)
            await free_the_abandoned(switchboard, database, clock, gone)
        except StoreUnavailable as error:
            log.warning("presence_watch_waits", reason=error.reason)


async def lose_silent(switchboard: Switchboard, database: Database, clock: Clock) -> int:
    """How many agents were counted as offline. Raises StoreUnavailable."""
    before = clock() - switchboard.finding.heard_within
    async with database.read() as tx:
        silent = await store.silent_agents(tx, before)
    lost = 0
    for agent in silent:
        async with switchboard.shift(agent.workspace) as shift:
            again = await store.load_agent(shift.tx, agent.workspace, agent.id)
            if again is None or (again.heard_at is not None and again.heard_at >= before):
                continue
            log.info("agent_silent", agent_id=agent.id)
            await switchboard.lose(shift, again)
            lost += 1
    return lost


async def free_the_abandoned(switchboard: Switchboard, database: Database, clock: Clock, gone: timedelta) -> int:
    """How many conversations were taken back from agents who are gone. Raises StoreUnavailable."""
    async with database.read() as tx:
        cases = await store.cases_of_agents_unheard(tx, clock() - switchboard.finding.heard_within - gone)
    for case in cases:
        async with switchboard.shift(case.workspace) as shift:
            log.warning("conversation_abandoned", conversation_id=case.conversation_id, agent_id=case.agent_id)
            await switchboard.abandon(shift, case)
    return len(cases)
