"""How posting goes, as figures and for the board."""

from collections.abc import Sequence
from datetime import timedelta

from yizhan.core.messages.codec import timestamp
from yizhan.core.runtime.metrics import Metrics
from yizhan.pb.v1 import routing_pb2 as pb
from yizhan.routing.attending.webhooks.backoff import Answer, Failed
from yizhan.routing.store.webhooks import Webhook

STATES = ("well", "failing", "disabled")


class PostFigures:
    """Of this process; what is waiting is counted in the database, and the same in every process."""

    def __init__(self, metrics: Metrics) -> None:
        about = "Posts to businesses' own agent systems by what came of them: taken, refused (a status), failed (none)."
        self._posts = metrics.counter("yizhan_attending_posts_total", about, ("outcome",))
        self._systems = metrics.gauge("yizhan_attending_webhooks", "Systems that are told by webhook.", ("state",))
        self._waiting = metrics.gauge(
            "yizhan_attending_waiting_events", "Kept events that systems told by webhook have not taken yet."
        )
        self._untaken = metrics.gauge(
            "yizhan_attending_untaken_seconds",
            "How long that has waited which a system told by webhook is to be told next, the longest of all; 0: nothing does.",
        )
        for outcome in ("taken", "refused", "failed"):
            self._posts.labels(outcome)
        for state in STATES:
            self._systems.labels(state)

    def count(self, answer: Answer, failed: Failed | None) -> None:
        outcome = "taken" if failed is None else "refused" if answer.status else "failed"
        self._posts.labels(outcome).inc()

    def show(self, found: Sequence[tuple[Webhook, int]], waits: timedelta) -> None:
        """All webhooks with how much waits for each, and how long the first of it has."""
        states = [state_of(webhook) for webhook, _ in found]
        for state in STATES:
            self._systems.labels(state).set(states.count(state))
        self._waiting.set(sum(waiting for _, waiting in found))
        self._untaken.set(waits.total_seconds())


def state_of(webhook: Webhook) -> str:
    if webhook.dead:
        return "disabled"
    return "failing" if webhook.tries else "well"


def troubles(found: Sequence[tuple[Webhook, int]]) -> list[pb.SystemTrouble]:
    """Those that do not take what they are told."""
    return [
        pb.SystemTrouble(
            system=webhook.system,
            state=state_of(webhook),
            since=timestamp(webhook.failing_since),
            problem=webhook.problem,
            waiting=waiting,
        )
        for webhook, waiting in found
        if state_of(webhook) != "well"
    ]
