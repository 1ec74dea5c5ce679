"""What the metrics service shows Prometheus, beside what every process shows of itself."""

import asyncio
from collections.abc import Sequence

import structlog

from yizhan.core.bus.interface import Bus, BusError
from yizhan.core.runtime.metrics import Metrics
from yizhan.core.store.database import Database
from yizhan.core.store.errors import StoreUnavailable
from yizhan.metrics import store
from yizhan.metrics.answers import Mark, Sorted
from yizhan.metrics.clocks import REPEATED, Ended
from yizhan.metrics.conservation import ChannelBalance, Conservation
from yizhan.metrics.facts import FIRST_RESPONSE, HANDOFF, STOP, Facts
from yizhan.metrics.store import Written

log = structlog.get_logger(__name__)

STEP_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)

FIRST_RESPONSE_BUCKETS = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0, 900.0, 1800.0, 3600.0, 14400.0)
"""With both limits of the contract: 10 s on channels of real time, 30 minutes by e-mail."""

HANDOFF_BUCKETS = (1.0, 2.5, 5.0, 10.0, 15.0, 30.0, 45.0, 60.0, 90.0, 120.0, 300.0)
"""With the limit of the contract, 60 s."""

ANSWER_BUCKETS = (5.0, 10.0, 20.0, 30.0, 45.0, 60.0, 90.0, 120.0, 180.0, 300.0, 600.0, 1800.0, 3600.0)
"""With the limits of the standard contract, 60 s and 5 min."""

TAKEN = "taken"
"""The outcome of a hand-off that an agent accepted; another is the reason for which its clock was cancelled."""

UNKNOWN = "unknown"
"""The labels of marks that only a later version knows."""

LOOK_SECONDS = 5.0


def channel_kind(channel: str) -> str:
    """The class of a channel in the contract: its customers wait at the screen, or for a mail."""
    return "email" if channel == "email" else "realtime"


class Figures:
    """Counters and histograms fed by the listener, gauges fed by looking around every few seconds."""

    def __init__(self, metrics: Metrics, conservation: Conservation) -> None:
        self._conservation = conservation
        self.balances: Sequence[ChannelBalance] = ()
        self._handled = metrics.counter(
            "yizhan_inbound_messages_total",
            "Customer messages by what became of them.",
            ("channel", "disposition", "intent"),
        )
        self._delivered = metrics.counter(
            "yizhan_outbound_messages_total",
            "Messages to customers by author and how far they got.",
            ("channel", "author", "state"),
        )
        self._steps = metrics.histogram(
            "yizhan_step_seconds",
            "Time of one step of a message: received to published, published to decided, decided to delivered.",
            ("channel", "step"),
            STEP_BUCKETS,
        )
        self._ratings = metrics.counter("yizhan_ratings_total", "Ratings by customers, 1 to 5.", ("channel", "score"))
        self._ticket_ratings = metrics.counter(
            "yizhan_ticket_ratings_total",
            "Ratings of tickets' solutions, 1 to 5, by who gave them.",
            ("channel", "score", "by"),
        )
        self._ticket_surveys = metrics.counter(
            "yizhan_ticket_surveys_total",
            "Solved tickets by whether their customers were asked for a rating.",
            ("channel", "outcome"),
        )
        self._marks = metrics.counter(
            "yizhan_clock_marks_total",
            "Ledger lines: clocks started, stopped, cancelled.",
            ("channel", "clock", "mark"),
        )
        self._first_responses = metrics.histogram(
            "yizhan_first_response_seconds",
            "From a session's first message to the first answer, by the assistant or an agent.",
            ("channel_kind",),
            FIRST_RESPONSE_BUCKETS,
        )
        self._handoffs = metrics.histogram(
            "yizhan_handoff_seconds",
            "From asking for a human to an agent, a ticket, or the end of waiting.",
            ("outcome",),
            HANDOFF_BUCKETS,
        )
        self._answers = metrics.counter(
            "yizhan_agent_answers_total",
            "Agents' answers that were due by the contract, by what came of them.",
            ("channel", "clock", "outcome"),
        )
        self._answer_times = metrics.histogram(
            "yizhan_agent_answer_seconds",
            "Open time of the contract's calendar until an agent answered.",
            ("clock",),
            ANSWER_BUCKETS,
        )
        self._callbacks = metrics.counter(
            "yizhan_callbacks_total",
            "Promises to call customers back: promised, moved, due, missed, taken, not_reached, done, failed, cancelled, settled.",
            ("channel", "change"),
        )
        self._dropped_marks = metrics.counter(
            "yizhan_dropped_clock_marks_total",
            "Marks that changed no clock: it had that mark already, or was not running.",
            ("clock", "mark", "reason"),
        )
        self._accepted = metrics.gauge(
            "yizhan_channel_messages", "Messages that the channel has accepted, as counted by both ends.", ("channel",)
        )
        self._accounted = metrics.gauge(
            "yizhan_accounted_messages", "Accepted messages by what became of them.", ("channel", "disposition")
        )
        self._in_flight = metrics.gauge(
            "yizhan_in_flight_messages", "Accepted and not yet through dialogue.", ("channel",)
        )
        self._difference = metrics.gauge(
            "yizhan_conservation_difference_messages",
            "Messages accepted more than 30 seconds ago that nobody accounts for. Must be 0.",
            ("channel",),
        )
        self._waiting = metrics.gauge(
            "yizhan_queue_waiting_messages", "AMQP messages that wait in a queue.", ("queue",)
        )
        self._consumers = metrics.gauge("yizhan_queue_consumers", "Consumers of a queue.", ("queue",))
        self._dead = metrics.gauge("yizhan_dead_letters", "Parked envelopes, all queues together.")

    def count(self, facts: Facts, written: Written) -> None:
        """Add what a batch of new events says, and what it did to the clocks."""
        moved = written.moved
        for (channel, disposition, intent), n in facts.handled.items():
            self._handled.labels(channel, disposition, intent).inc(n)
        for (channel, author, state), n in facts.delivered.items():
            self._delivered.labels(channel, author, state).inc(n)
        for observation in facts.observations:
            self._steps.labels(observation.channel, observation.step).observe(observation.seconds)
        self._count_satisfaction(facts)
        for entry in moved.lines:
            self._marks.labels(entry.channel, entry.clock, entry.mark).inc()
        for (channel, change), n in facts.callbacks.items():
            self._callbacks.labels(channel, change).inc(n)
        for ended in moved.ended:
            self._observe(ended)
        for drop in moved.dropped:
            self._dropped_marks.labels(drop.entry.clock, drop.entry.mark, drop.reason).inc()
        if facts.unknown_answers:
            self._dropped_marks.labels(UNKNOWN, UNKNOWN, UNKNOWN).inc(facts.unknown_answers)
        self._count_answers(written.answers)

    def _count_satisfaction(self, facts: Facts) -> None:
        for rating in facts.ratings:
            self._ratings.labels(rating.channel, str(rating.score)).inc()
        for given in facts.ticket_ratings:
            self._ticket_ratings.labels(given.channel, str(given.score), given.by).inc()
        for survey in facts.ticket_surveys:
            self._ticket_surveys.labels(survey.channel, survey.outcome).inc()

    def _count_answers(self, answers: Sorted) -> None:
        for mark in answers.new:
            if mark.outcome is not None:
                self._answers.labels(mark.channel, mark.clock.value, mark.outcome.value).inc()
            if mark.mark is Mark.STOP:
                self._answer_times.labels(mark.clock.value).observe(mark.open_ms / 1000)
        for mark in answers.repeated:
            self._dropped_marks.labels(mark.clock.value, mark.mark.value, REPEATED).inc()

    def _observe(self, ended: Ended) -> None:
        entry = ended.entry
        if entry.clock == FIRST_RESPONSE:
            self._first_responses.labels(channel_kind(entry.channel)).observe(ended.seconds)
        elif entry.clock == HANDOFF:
            self._handoffs.labels(TAKEN if entry.mark == STOP else entry.reason).observe(ended.seconds)

    async def look(self, database: Database, bus: Bus, workspace: str) -> None:
        """Bring the gauges up to date. Raises StoreUnavailable or BusError."""
        async with database.read() as tx:
            counts = await store.producer_counts(tx, workspace)
        self.balances = self._conservation.balance(counts)
        for balance in self.balances:
            self._accepted.labels(balance.channel).set(balance.accepted)
            self._in_flight.labels(balance.channel).set(balance.in_flight)
            self._difference.labels(balance.channel).set(balance.difference)
            for disposition, n in balance.by_disposition.items():
                self._accounted.labels(balance.channel, disposition).set(n)
        dead = 0
        for depth in await bus.depths():
            if depth.queue.startswith("dead."):
                dead += depth.ready
                continue
            self._waiting.labels(depth.queue).set(depth.ready)
            self._consumers.labels(depth.queue).set(depth.consumers)
        self._dead.set(dead)

    async def keep_looking(self, database: Database, bus: Bus, workspace: str) -> None:
        """Runs as long as the service does."""
        while True:
            try:
                await self.look(database, bus, workspace)
            except (StoreUnavailable, BusError) as error:
                log.warning("figures_wait", error=type(error).__name__)
            await asyncio.sleep(LOOK_SECONDS)
