"""Has a chat model put sessions that were handed over into words, where a deployment wants that.

Nobody waits for it: the transcript's own lines are there first, and whatever the model does, they stay.
"""

import asyncio

import structlog

from yizhan.core.runtime.clock import Monotonic, monotonic
from yizhan.core.runtime.metrics import Metrics
from yizhan.core.store.database import Database
from yizhan.core.store.errors import StoreUnavailable
from yizhan.dialogue.customers.excerpt import excerpt, worth_wording
from yizhan.dialogue.customers.kept_wordings import KeptWordings, SessionState
from yizhan.dialogue.customers.last_session import LastSession, last_session
from yizhan.dialogue.customers.wording import Wording, judged
from yizhan.dialogue.models.client import ModelClient
from yizhan.dialogue.models.errors import ModelError
from yizhan.dialogue.models.word_session import Shown, asked, read

log = structlog.get_logger(__name__)

WITHIN_SECONDS = 8.0
"""What a model has for it; an agent is not held up meanwhile. The console waits a little longer."""


class Wordings:
    """``within``: the seconds that a model has."""

    def __init__(
        self,
        database: Database,
        client: ModelClient,
        metrics: Metrics,
        *,
        within: float = WITHIN_SECONDS,
        monotonic: Monotonic = monotonic,
    ) -> None:
        self._database = database
        self._client = client
        self._within = within
        self._kept = KeptWordings(monotonic)
        self._results = metrics.counter(
            "yizhan_summary_wordings_total", "What came of asking a model to word a session.", ("result",)
        )
        self._verdicts = metrics.counter(
            "yizhan_summary_verdicts_total", "What came of comparing a model's lines with their messages.", ("verdict",)
        )

    async def of(self, workspace: str, conversation_id: str) -> tuple[int, Wording]:
        """The session's number, and its last state in words. Raises UnknownConversation and StoreUnavailable.

        The same state is asked about once, and again only when what came of it is over (``kept_wordings``).
        """
        session = await last_session(self._database, workspace, conversation_id)
        if not worth_wording(session):
            return session.number, Wording("not_offered")
        shown = await asyncio.to_thread(excerpt, session)
        state = SessionState(workspace, conversation_id, session.number, shown[-1].seq, session.handoff_at)
        return session.number, await self._kept.get(state, lambda: self._made(session, shown))

    async def run(self) -> None:
        """Forgets in time; runs as long as the service does."""
        await self._kept.sweep()

    async def _made(self, session: LastSession, shown: tuple[Shown, ...]) -> Wording:
        reason = ""
        try:
            wording = await self._asked(shown)
        except ModelError as error:
            wording, reason = Wording(error.outcome), error.reason
        except StoreUnavailable as error:
            wording, reason = Wording("budget_unknown"), error.reason
        self._results.labels(wording.result).inc()
        log.info(
            "session_worded",
            conversation_id=session.conversation_id,
            session=session.number,
            result=wording.result,
            reason=reason,
            lines=len(wording.lines),
        )
        return wording

    async def _asked(self, shown: tuple[Shown, ...]) -> Wording:
        said = await self._client.chat(asked(shown), within=self._within, purpose="summary")
        found = await asyncio.to_thread(judged, read(said, shown))
        for verdict in found.verdicts:
            self._verdicts.labels(verdict).inc()
        if found.lines:
            return Wording("worded", found.lines)
        return Wording("nothing_stood" if found.verdicts else "nothing_said")
