"""Entries as Markdown that a person can read, edit and hand back; ``markdown_form`` says how it is laid out."""

from collections.abc import Iterator, Sequence

from yizhan.dialogue.knowledge.entry import Entry
from yizhan.dialogue.knowledge.files.attachments import line_of
from yizhan.dialogue.knowledge.files.columns import CHINESE, VARIANTS, Field
from yizhan.dialogue.knowledge.files.grid import fields
from yizhan.dialogue.knowledge.files.markdown_form import NOTES, escaped


def markdown(entries: Sequence[Entry]) -> str:
    """All entries, with a blank line between their parts and none at the end."""
    return "\n".join("\n\n".join(_parts(entry)) + "\n" for entry in entries)


def _parts(entry: Entry) -> Iterator[str]:
    texts = fields(entry)
    yield f"# {entry.question}"
    notes = [f"> {CHINESE[field]}：{texts[field]}" for field in NOTES if field in texts]
    if notes:
        # Two blanks at the end keep the notes apart where Markdown is shown.
        yield "  \n".join(notes)
    if entry.paraphrases:
        yield "\n".join(f"- {paraphrase}" for paraphrase in entry.paraphrases)
    yield escaped(entry.answer)
    for field in VARIANTS:
        if field in texts:
            yield f"## {CHINESE[field]}"
            yield escaped(texts[field])
    if entry.attachments:
        yield f"## {CHINESE[Field.ATTACHMENTS]}"
        yield "\n".join(f"- {line_of(item)}" for item in entry.attachments)
