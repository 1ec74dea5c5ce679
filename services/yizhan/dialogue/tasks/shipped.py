"""The one place where the assistant's tasks come from until a release holds its own: the shipped documents."""

from functools import lru_cache
from importlib.resources import files

from yizhan.dialogue.tasks.book import TaskBook, book_of
from yizhan.dialogue.tasks.parse import parse_task

_PACKAGE = "yizhan.demo"
_FOLDER = "tasks"


def shipped_documents() -> tuple[tuple[str, str], ...]:
    """File name and text of every shipped task, by name."""
    folder = files(_PACKAGE).joinpath(_FOLDER)
    found = [(item.name, item.read_text("utf-8")) for item in folder.iterdir() if item.name.endswith(".yaml")]
    return tuple(sorted(found))


@lru_cache(maxsize=1)
def shipped_book() -> TaskBook:
    """Raises TaskInvalid when a shipped document has a problem, which a test rules out."""
    return book_of(parse_task(text) for _, text in shipped_documents())
