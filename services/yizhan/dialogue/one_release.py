"""The ``Answerer`` over one release, whatever is published now."""

from datetime import datetime

from yizhan.dialogue.answering import Considered, Decision, Meant, NoAnswer, Say, Source
from yizhan.dialogue.guards.guards import Guards
from yizhan.dialogue.guards.parse import default_guards
from yizhan.dialogue.knowledge.decide import Thresholds
from yizhan.dialogue.knowledge.matcher import Meaning
from yizhan.dialogue.served import Served, plain_intent
from yizhan.dialogue.tasks.book import NO_TASKS, TaskBook


class OneRelease:
    """As ``Library`` answers while it serves this; None: while a workspace has no release."""

    def __init__(self, served: Served | None, thresholds: Thresholds) -> None:
        self.served = served
        self._thresholds = thresholds

    def decide(
        self, workspace: str, words: str, *, channel: str, at: datetime, meaning: Meaning | None = None
    ) -> Decision:
        """See ``Answerer``."""
        del workspace
        if self.served is None:
            return plain_intent(words) or NoAnswer()
        return self.served.decide(words, channel=channel, at=at, meaning=meaning)

    def entry(self, workspace: str, entry_id: str, *, channel: str, at: datetime) -> Say | None:
        """See ``Answerer``."""
        del workspace
        return self.served.entry(entry_id, channel=channel, at=at) if self.served else None

    def considered(self, workspace: str, words: str, *, at: datetime, meaning: Meaning | None = None) -> Considered:
        """See ``Answerer``."""
        del workspace
        if self.served is None:
            return Considered()
        return self.served.considered(words, at, meaning)

    def meant(self, workspace: str) -> Meant | None:
        """See ``Answerer``."""
        del workspace
        return self.served.meant if self.served else None

    def guards(self, workspace: str) -> Guards:
        """See ``Answerer``."""
        del workspace
        return self.served.release.guards if self.served else default_guards()

    def tasks(self, workspace: str) -> TaskBook:
        """See ``Answerer``."""
        del workspace
        return self.served.tasks if self.served else NO_TASKS

    def source(self, workspace: str) -> Source:
        """See ``Answerer``."""
        del workspace
        if self.served is None:
            return Source("", self._thresholds)
        return Source(self.served.release.id, self.served.thresholds)
