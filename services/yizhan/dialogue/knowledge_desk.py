"""Everything that editors work with, put together: the draft, the releases, and what is published."""

from collections.abc import Callable
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from yizhan.core.messages.ids import NewId
from yizhan.core.runtime.clock import Clock
from yizhan.core.runtime.metrics import Metrics
from yizhan.core.runtime.settings import DialogueSettings
from yizhan.core.store.database import Database
from yizhan.dialogue.builds import Builds
from yizhan.dialogue.drafts import Drafts
from yizhan.dialogue.knowledge.decide import Thresholds
from yizhan.dialogue.library import Library
from yizhan.dialogue.models.budget import budget_of
from yizhan.dialogue.models.client import endpoint_of
from yizhan.dialogue.publishing import Publisher
from yizhan.dialogue.release_vectors import ReleaseVectors


@dataclass(frozen=True, slots=True)
class KnowledgeDesk:
    """``library.refresh`` reads what is published; nothing is served before."""

    library: Library
    drafts: Drafts
    publisher: Publisher
    builds: Builds


def desk_of(
    settings: DialogueSettings,
    database: Database,
    *,
    clock: Clock,
    new_id: NewId,
    on_unusable: Callable[[int], None] | None = None,
    metrics: Metrics | None = None,
) -> KnowledgeDesk:
    """``on_unusable``: see ``Library``. ``metrics``: where calls of an embedding model are counted, if anywhere."""
    library = Library(
        database,
        thresholds=Thresholds(answer=settings.answer_threshold, clarify=settings.clarify_threshold),
        zone=ZoneInfo(settings.timezone),
        clock=clock,
        new_id=new_id,
        on_unusable=on_unusable,
    )
    drafts = Drafts(database, library.shelf, clock=clock, new_id=new_id)
    endpoint = endpoint_of(settings)
    embedding = None
    if endpoint is not None and endpoint.embedding_model:
        budget = budget_of(settings.models_daily_budget, database, settings.workspace, clock)
        embedding = ReleaseVectors(endpoint, budget, metrics or Metrics("build"))
    publisher = Publisher(database, library, drafts, clock=clock, new_id=new_id, embedding=embedding)
    return KnowledgeDesk(library, drafts, publisher, Builds(database, publisher, clock=clock, new_id=new_id))
