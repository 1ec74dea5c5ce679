"""``yizhan kb …``: the business's knowledge.

What is large is imported where a command needs it, so that other commands start without it.
"""

import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import typer

from yizhan.cli.asking import FAILED, Refusal, ask, common_settings
from yizhan.core.messages.ids import new_id
from yizhan.core.runtime.clock import now
from yizhan.core.store.database import Database
from yizhan.dialogue.answering import AskBack, Say

if TYPE_CHECKING:
    from yizhan.dialogue.knowledge.parse import ParsedFile
    from yizhan.dialogue.knowledge.release import Release
    from yizhan.dialogue.library import Library

app = typer.Typer(no_args_is_help=True)
T = TypeVar("T")

File = typer.Argument(help="A CSV, XLSX or JSONL file.", exists=True, dir_okay=False, readable=True)


@app.command("import")
def load(file: Path = File) -> None:
    """Publish a file as the next release: all rows or none."""
    parsed = _parsed(file)

    async def publish(library: "Library", workspace: str) -> "Release":
        return await library.publish(workspace, parsed.entries, published_by="cli", source_name=file.name)

    release = _library(publish)
    typer.echo(f"release {release.number} published: {len(release.entries)} entries ({release.id})")


@app.command("check")
def check(file: Path = File) -> None:
    """Say whether a file could be imported, and every row that is wrong."""
    typer.echo(f"{file.name}: {len(_parsed(file).entries)} entries, no problems")


@app.command("export")
def save(file: Path = typer.Argument(help="Where to write; .csv or .jsonl.", dir_okay=False)) -> None:
    """Write the published release to a file that `import` reads back."""

    async def read(library: "Library", workspace: str) -> "Release | None":
        return library.release(workspace)

    release = _library(read)
    if release is None:
        raise Refusal("nothing is published yet", exit_code=FAILED)
    from yizhan.dialogue.knowledge.export import export

    try:
        file.write_bytes(export(file.name, release.entries))
    except ValueError as error:
        raise Refusal(str(error)) from error
    typer.echo(f"{len(release.entries)} entries of release {release.number} written to {file}")


@app.command("ask")
def question(
    words: str = typer.Argument(help="A question as a customer would ask it."),
    as_json: bool = typer.Option(False, "--json", help="For programs."),
) -> None:
    """Show what the assistant would say, and what else it considered."""

    async def read(library: "Library", workspace: str) -> tuple[str, str, list[dict[str, object]]]:
        decision = library.decide(workspace, words)
        release = library.release(workspace)
        considered: list[dict[str, object]] = [
            {
                "entry": item.entry_id,
                "question": release.by_id[item.entry_id].question if release else "",
                "score": round(item.score, 4),
                "matched": item.matched,
            }
            for item in library.candidates(workspace, words)
        ]
        text = decision.text if isinstance(decision, Say) else ""
        if isinstance(decision, AskBack):
            text = " | ".join(suggestion.question for suggestion in decision.suggestions)
        return type(decision).__name__, text, considered

    decision, text, considered = _library(read)
    if as_json:
        shown = {"decision": decision, "text": text, "considered": considered}
        typer.echo(json.dumps(shown, ensure_ascii=False))
        return
    typer.echo(f"{decision}: {text}" if text else decision)
    for item in considered:
        typer.echo(f"  {item['score']:.3f}  {item['entry']}  {item['question']}  (matched: {item['matched']})")


def _parsed(file: Path) -> "ParsedFile":
    """Raises Refusal with every problem."""
    from yizhan.dialogue.knowledge.parse import parse

    parsed = parse(file.name, file.read_bytes())
    if parsed.problems:
        lines = [
            f"  row {problem.row}{f', column {problem.column}' if problem.column else ''}: {problem.reason_en}"
            for problem in parsed.problems
        ]
        raise Refusal(f"{file.name} has problems; nothing was imported:", *lines)
    return parsed


def _library(work: Callable[["Library", str], Awaitable[T]]) -> T:
    from yizhan.dialogue.knowledge.decide import Thresholds
    from yizhan.dialogue.library import Library

    settings = common_settings()

    async def inside(database: Database) -> T:
        thresholds = Thresholds(answer=settings.answer_threshold, clarify=settings.clarify_threshold)
        library = Library(database, thresholds=thresholds, clock=now, new_id=new_id)
        await library.refresh()
        return await work(library, settings.workspace)

    return ask(settings, inside)
