"""The task documents that come with the product: a business takes them into its draft, and changes them there."""

from importlib.resources import files

_PACKAGE = "yizhan.demo"
_FOLDER = "tasks"


def shipped_documents() -> tuple[tuple[str, str], ...]:
    """File name and text of every shipped task, by name."""
    folder = files(_PACKAGE).joinpath(_FOLDER)
    found = [(item.name, item.read_text("utf-8")) for item in folder.iterdir() if item.name.endswith(".yaml")]
    return tuple(sorted(found))
