"""A timer that comes due becomes a command on its conversation's partition, so that the single writer acts on it."""

from yizhan.core.bus import envelopes
from yizhan.core.bus.interface import Bus
from yizhan.core.messages.address import Address
from yizhan.core.messages.command import Command, TimerFired
from yizhan.core.messages.ids import derived_id
from yizhan.core.runtime.clock import Clock
from yizhan.core.store.timers import Timer, TimerHandler
from yizhan.dialogue.reports import TimerPayload


def timer_commands(bus: Bus, partitions: int, clock: Clock) -> TimerHandler:
    """The handler for ``Timers.run``. The command's id follows from the firing, so a repeated one has no effect."""

    async def fire(timer: Timer) -> None:
        payload = TimerPayload.model_validate_json(timer.payload)
        command = Command(
            id=derived_id("timer", timer.case_id, timer.purpose, timer.due_at.isoformat()),
            address=Address(*payload.address),
            at=clock(),
            kind=TimerFired(timer.purpose, payload.session),
            conversation_id=timer.case_id,
        )
        await bus.publish([envelopes.inbound(command, partitions)])

    return fire
