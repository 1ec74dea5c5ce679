"""gRPC ReportsService: the figures of the live board."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import grpc

from yizhan.core.messages.codec import timestamp
from yizhan.core.runtime.clock import Clock
from yizhan.core.store.database import Database
from yizhan.metrics import store
from yizhan.metrics.answers import AnswerFigures
from yizhan.metrics.buckets import quantile
from yizhan.metrics.conservation import ChannelBalance
from yizhan.metrics.facts import FIRST_RESPONSE, HANDOFF, SESSION
from yizhan.metrics.figures import Figures
from yizhan.pb.v1 import reports_pb2 as pb, reports_pb2_grpc

FIRST_RESPONSE_TARGET_SECONDS = 10.0
"""The promise of real-time channels."""

STEPS = ("received_published", "published_decided", "decided_delivered")


class ReportsApi(reports_pb2_grpc.ReportsServiceServicer):
    def __init__(self, *, database: Database, figures: Figures, handoff_seconds: float, clock: Clock) -> None:
        self._database = database
        self._figures = figures
        self._handoff_seconds = handoff_seconds
        self._clock = clock

    async def GetLiveNumbers(
        self, request: pb.GetLiveNumbersRequest, context: grpc.aio.ServicerContext[Any, Any]
    ) -> pb.GetLiveNumbersResponse:
        now = self._clock()
        since = now - timedelta(seconds=request.window_seconds or 3600)
        workspace = request.workspace
        async with self._database.read() as tx:
            steps = await store.latency_counts(tx, workspace, since)
            dispositions = await store.disposition_counts(tx, workspace, since)
            first = await store.spans(tx, workspace, FIRST_RESPONSE, since)
            handoffs = await store.spans(tx, workspace, HANDOFF, since)
            sessions = await store.count_starts(tx, workspace, SESSION, since)
            requested = await store.count_starts(tx, workspace, HANDOFF, since)
            ratings, average = await store.rating_summary(tx, workspace, since)
            answers = await store.answer_figures(tx, workspace, since, now)
            tickets = await store.ticket_satisfaction(tx, workspace, since)
        first_seconds = sorted(span.seconds for span in first)
        answered = dispositions.get("answered", 0)
        asked = answered + dispositions.get("queued", 0)
        return pb.GetLiveNumbersResponse(
            at=timestamp(now),
            channels=[_channel(balance) for balance in self._figures.balances],
            steps=[
                pb.StepLatency(
                    step=step,
                    p50_ms=quantile(steps.get(step, {}), 0.5),
                    p99_ms=quantile(steps.get(step, {}), 0.99),
                    count=sum(steps.get(step, {}).values()),
                )
                for step in STEPS
            ],
            sessions=sessions,
            handoffs=requested,
            handoffs_in_window=sum(span.seconds <= self._handoff_seconds for span in handoffs),
            first_responses=len(first_seconds),
            first_response_p50_ms=_rank(first_seconds, 0.5) * 1000,
            first_response_p99_ms=_rank(first_seconds, 0.99) * 1000,
            first_response_in_target=_share(
                sum(seconds <= FIRST_RESPONSE_TARGET_SECONDS for seconds in first_seconds), len(first_seconds)
            ),
            ratings=ratings,
            rating_average=average,
            auto_answered=_share(answered, asked),
            agent_answers=[_answers(figures) for figures in answers.values()],
            ticket_ratings=tickets.ratings,
            ticket_rating_average=tickets.average,
            ticket_surveys=tickets.asked,
        )


def _channel(balance: ChannelBalance) -> pb.ChannelNumbers:
    by = balance.by_disposition
    return pb.ChannelNumbers(
        channel=balance.channel,
        accepted=balance.accepted,
        answered=by.get("answered", 0),
        held=by.get("held", 0),
        queued=by.get("queued", 0),
        refused=by.get("refused", 0),
        duplicate=by.get("duplicate", 0),
        dead=by.get("dead", 0),
        difference=balance.difference,
        lost=by.get(store.LOST, 0),
    )


def _answers(figures: AnswerFigures) -> pb.AgentAnswers:
    return pb.AgentAnswers(
        clock=figures.clock.value,
        in_time=figures.in_time,
        late=figures.late,
        missed=figures.missed,
        waiting=figures.waiting,
        excluded=figures.excluded,
        share_in_time=_share(figures.in_time, figures.counted),
        open_p50_ms=_rank(figures.open_ms, 0.5),
        open_p99_ms=_rank(figures.open_ms, 0.99),
    )


def _rank(ordered: Sequence[float], share: float) -> float:
    """The nearest-rank quantile of sorted values; 0 without any."""
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 0.0
