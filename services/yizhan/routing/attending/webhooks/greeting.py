"""The first thing that a system is told by webhook: how things stand. From there on everything is kept for it."""

from yizhan.routing.attending import journal
from yizhan.routing.attending.webhooks.means import Means, WebhookGone
from yizhan.routing.attending.webhooks.parcel import To
from yizhan.routing.store import attending, systems, webhooks
from yizhan.routing.store.attending import System


async def greet(means: Means, to: To) -> None:
    """What it was not told before is left out. Raises WebhookGone, StoreUnavailable."""
    async with means.switchboard.shift(to.workspace) as shift:
        registered = await systems.load_registered(shift.tx, to.workspace, to.system)
        if registered is None:
            raise WebhookGone
        system = System(to.workspace, to.system, means.new_id(), registered.agents, registered.all_agents)
        await attending.put_system(shift.tx, system, shift.now)
        await attending.forget_untold(shift.tx, to.workspace, to.system)
        snapshot = await journal.begin(shift, system)
        await journal.keep_snapshot(shift, system, snapshot)
        await webhooks.set_greeted(shift.tx, to.workspace, to.system)
