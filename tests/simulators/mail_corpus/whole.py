"""All of the corpus."""

from collections.abc import Callable, Iterator
from functools import cache

from tests.simulators.mail_corpus import encodings, machines, quoted, structures, threads
from tests.simulators.mail_corpus.mail import Mail

_PARTS: tuple[Callable[[], Iterator[Mail]], ...] = (
    encodings.charsets,
    encodings.transfers,
    encodings.subjects,
    encodings.senders,
    encodings.dates,
    threads.threads,
    threads.own_ids,
    threads.injections,
    quoted.plain_styles,
    quoted.kept_whole,
    quoted.page_styles,
    quoted.pages,
    structures.multiparts,
    structures.boundaries,
    structures.file_names,
    structures.broken,
    machines.automatic,
    machines.bounces,
)


@cache
def corpus() -> tuple[Mail, ...]:
    """Every mail, always the same, in the same order; names are unique."""
    return tuple(mail for part in _PARTS for mail in part())
