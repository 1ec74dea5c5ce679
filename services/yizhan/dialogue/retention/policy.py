"""How long things are kept: a deployment's choice."""

from dataclasses import dataclass
from datetime import timedelta

from yizhan.core.runtime.settings import DialogueSettings


@dataclass(frozen=True, slots=True)
class Keep:
    """``learning``: misses and what agents made of suggestions. ``releases``: after a release was last published, or was built
    and never published. ``last_releases``: so many are kept whatever their age.
    ``search``: what was said is found by its words; the transcript stays.
    """

    decisions: timedelta = timedelta(days=180)
    learning: timedelta = timedelta(days=365)
    releases: timedelta = timedelta(days=365)
    last_releases: int = 10
    search: timedelta = timedelta(days=730)


def keep_of(settings: DialogueSettings) -> Keep:
    return Keep(
        timedelta(days=settings.keep_decisions_days),
        timedelta(days=settings.keep_learning_days),
        timedelta(days=settings.keep_releases_days),
        settings.keep_last_releases,
        timedelta(days=settings.keep_search_days),
    )
