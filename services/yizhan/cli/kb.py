"""``yizhan kb …``: the business's knowledge.

What is large is imported where a command needs it, so that other commands start without it.
"""

import json
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import typer

from yizhan.cli import guards, kb_eval
from yizhan.cli.asking import FAILED, Refusal, ask, common_settings
from yizhan.cli.kb_vectors import vectors_line, vectors_lines
from yizhan.core.messages.ids import new_id
from yizhan.core.runtime.clock import now
from yizhan.core.store.database import Database

if TYPE_CHECKING:
    from yizhan.dialogue.knowledge.contents import Contents
    from yizhan.dialogue.knowledge.parse import ParsedFile
    from yizhan.dialogue.knowledge_desk import KnowledgeDesk
    from yizhan.dialogue.publishing import PublishRefused
    from yizhan.dialogue.store.releases import StoredRelease

app = typer.Typer(no_args_is_help=True, help="Knowledge: drafts, releases, publishing, asking.")
app.command("eval")(kb_eval.evaluate)
app.command("check-guards")(guards.check_guards)
T = TypeVar("T")

BY = "cli"

File = typer.Argument(help="A CSV, XLSX, JSONL or Markdown file.", exists=True, dir_okay=False, readable=True)
Force = typer.Option("", "--force", help="Publish although the release is worse, for this reason, which is kept.")
Number = typer.Argument(help="The number of a release; see `yizhan kb releases`.", min=1)


@app.command("import")
def load(
    file: Path = File,
    draft: bool = typer.Option(False, "--draft", help="Only into the draft: build and publish later."),
    merge: bool = typer.Option(False, "--merge", help="Add to the draft's entries instead of replacing them all."),
    force: str = Force,
) -> None:
    """Take a file into the draft (all rows or none), build a release of it and publish it."""
    parsed = _parsed(file)

    async def take(desk: "KnowledgeDesk", workspace: str) -> str:
        from yizhan.dialogue.knowledge.contents import Contents

        done = await desk.drafts.load(
            workspace,
            Contents(parsed.entries),
            mode="merge" if merge else "replace",
            by=BY,
            source_name=file.name,
        )
        if draft:
            return f"draft: {done.added} added, {done.changed} changed, {done.removed} removed"
        return await _published(desk, workspace, await desk.publisher.build(workspace, by=BY), force)

    typer.echo(_with_desk(take))


@app.command("check")
def check(file: Path = File) -> None:
    """Say whether a file could be imported, and every row that is wrong."""
    typer.echo(f"{file.name}: {len(_parsed(file).entries)} entries, no problems")


@app.command("export")
def save(
    file: Path = typer.Argument(help="Where to write; .csv, .xlsx, .jsonl or .md.", dir_okay=False),
    release: int = typer.Option(0, "--release", help="The number of a release; the published one without."),
    draft: bool = typer.Option(False, "--draft", help="The draft instead of a release."),
) -> None:
    """Write the published release (or another, or the draft) to a file that `import` reads back."""

    async def read(desk: "KnowledgeDesk", workspace: str) -> "tuple[str, Contents]":
        return await _state(desk, workspace, "draft" if draft else str(release) if release else "published")

    name, contents = _with_desk(read)
    from yizhan.dialogue.knowledge.export import export

    try:
        file.write_bytes(export(file.name, contents.entries))
    except ValueError as error:
        raise Refusal(str(error)) from error
    typer.echo(f"{len(contents.entries)} entries of {name} written to {file}")


@app.command("build")
def build(note: str = typer.Option("", "--note", help="What this release is for.")) -> None:
    """Build a release of the draft, check it, and say whether it could be published."""

    async def make(desk: "KnowledgeDesk", workspace: str) -> list[str]:
        release = await desk.publisher.build(workspace, by=BY, note=note)
        return await _report_lines(desk, workspace, release)

    typer.echo("\n".join(_with_desk(make)))


@app.command("publish")
def publish(number: int = Number, force: str = Force) -> None:
    """Answer customers from a release. One that is worse than the published one is refused, unless forced."""

    async def do(desk: "KnowledgeDesk", workspace: str) -> str:
        return await _published(desk, workspace, await _release(desk, workspace, number), force)

    typer.echo(_with_desk(do))


@app.command("rollback")
def roll_back(
    number: int = Number, reason: str = typer.Option("", "--reason", help="Why; it is kept with the history.")
) -> None:
    """Answer from an earlier release again: at once, without building."""

    async def do(desk: "KnowledgeDesk", workspace: str) -> str:
        release = await _release(desk, workspace, number)
        await desk.publisher.roll_back(workspace, release.id, by=BY, reason=reason)
        return f"release {number} published again: {release.entries} entries ({release.id})"

    typer.echo(_with_desk(do))


@app.command("releases")
def releases(as_json: bool = typer.Option(False, "--json", help="For programs.")) -> None:
    """List the releases, newest first, which one is published, and which were removed for their age."""

    async def read(desk: "KnowledgeDesk", workspace: str) -> list[dict[str, Any]]:
        current = await desk.publisher.published(workspace)
        return [
            {
                "number": release.number,
                "id": release.id,
                "entries": release.entries,
                "built_at": release.built_at.isoformat(timespec="seconds"),
                "built_by": release.built_by,
                "source": release.source_name,
                "note": release.note,
                "removed_at": release.removed_at.isoformat(timespec="seconds") if release.removed_at else "",
                "published": current is not None and current.release_id == release.id,
                "embedding_model": release.embedding_model,
                "embedding_failed": release.embedding_failed,
            }
            for release in await desk.publisher.releases(workspace)
        ]

    found = _with_desk(read)
    if as_json:
        typer.echo(json.dumps(found, ensure_ascii=False))
        return
    for one in found:
        mark = "*" if one["published"] else " "
        removed = f"(removed {one['removed_at']})" if one["removed_at"] else ""
        vectors = vectors_line(one["embedding_model"], one["embedding_failed"])
        text = " ".join(filter(None, (one["source"], one["note"], removed, vectors and f"[{vectors}]")))
        typer.echo(
            f"{mark} {one['number']:>5}  {one['built_at']}  {one['entries']:>6} entries  {one['built_by']}  {text}"
        )


@app.command("diff")
def diff(
    before: str = typer.Argument("published", help="`published`, `draft`, or a release's number."),
    after: str = typer.Argument("draft", help="The same."),
) -> None:
    """Say what was added, removed and changed between two states, field by field."""
    from yizhan.dialogue.knowledge.difference import difference

    async def read(desk: "KnowledgeDesk", workspace: str) -> "tuple[Contents, Contents]":
        return (await _state(desk, workspace, before))[1], (await _state(desk, workspace, after))[1]

    found = difference(*_with_desk(read))
    for entry in found.entries:
        typer.echo(f"{entry.kind:<8} {entry.entry_id}  {entry.question}")
        for field in entry.fields if entry.kind == "changed" else ():
            typer.echo(f"  {field.field}\n    - {_indented(field.before)}\n    + {_indented(field.after)}")
    for document in found.documents:
        typer.echo(f"{document.kind:<8} {document.name}")
    if not found.entries and not found.documents:
        typer.echo("no difference")


@app.command("document")
def document(
    name: str = typer.Argument(help="tests, variables, settings, guards, outside, or tasks/<name>."),
    file: Path | None = typer.Argument(None, help="What it shall be; without, it is shown. `-` reads standard input."),
    delete: bool = typer.Option(False, "--delete", help="Take it out of the draft."),
) -> None:
    """Show or change a document of the draft."""
    from yizhan.dialogue.knowledge.contents import document_name_problem

    problem = document_name_problem(name)
    if problem:
        raise Refusal(problem)
    if file is None and not delete:

        async def read(desk: "KnowledgeDesk", workspace: str) -> str:
            return (await desk.drafts.read(workspace)).contents.document(name)

        text = _with_desk(read)
        typer.echo(text or f"the draft has no {name}", nl=not text, err=not text)
        return
    text = "" if file is None else sys.stdin.read() if str(file) == "-" else _text(file)
    _require_readable(name, text)

    async def write(desk: "KnowledgeDesk", workspace: str) -> None:
        known = (await desk.drafts.read(workspace)).documents.get(name)
        await desk.drafts.put_document(workspace, name, text, seen=known.revision if known else 0, by=BY)

    _with_desk(write)
    typer.echo(f"{name} {'written to' if text else 'taken out of'} the draft")


def _require_readable(name: str, text: str) -> None:
    """Raises Refusal with every line that is wrong: the draft keeps what it had."""
    from yizhan.dialogue.knowledge.document_check import document_problems

    wrong = document_problems(name, text) if text else ()
    if wrong:
        places = (", ".join(filter(None, (f"line {one.line}" if one.line else "", one.place))) for one in wrong)
        lines = (
            f"{place}: {one.reason_en}" if place else one.reason_en for place, one in zip(places, wrong, strict=True)
        )
        raise Refusal(f"{name} cannot be read; the draft is what it was", *lines)


@app.command("ask")
def question(
    words: str = typer.Argument(help="A question as a customer would ask it."),
    as_json: bool = typer.Option(False, "--json", help="For programs."),
    channel: str = typer.Option("website", "--channel", help="The kind of channel to answer for."),
    release: int = typer.Option(0, "--release", help="The number of a release; the published one without."),
) -> None:
    """Show what the assistant would say, and what else it considered."""
    from yizhan.dialogue.knowledge.entry import CHANNELS

    if channel not in CHANNELS:
        raise Refusal(f"there is no kind of channel {channel}; there are {', '.join(CHANNELS)}")

    async def read(desk: "KnowledgeDesk", workspace: str) -> dict[str, Any]:
        return await _asked(desk, workspace, words, channel, release)

    shown = _with_desk(read)
    if as_json:
        typer.echo(json.dumps(shown, ensure_ascii=False))
        return
    typer.echo(f"{shown['decision']}: {shown['text']}" if shown["text"] else shown["decision"])
    for item in shown["considered"]:
        typer.echo(f"  {item['score']:.3f}  {item['entry']}  {item['question']}  (matched: {item['matched']})")


async def _asked(desk: "KnowledgeDesk", workspace: str, words: str, channel: str, number: int) -> dict[str, Any]:
    from yizhan.dialogue.answering import AskBack, Say, StartTask

    served = desk.library.served(workspace)
    if number:
        opened = await desk.library.shelf.open((await _release(desk, workspace, number)).id)
        served = desk.library.answering(opened)
    if served is None:
        plain = desk.library.decide(workspace, words, channel=channel, at=now())
        return {"decision": type(plain).__name__, "text": "", "considered": []}
    decision = served.decide(words, channel=channel, at=now())
    text = ""
    match decision:
        case Say():
            text = decision.text
        case StartTask():
            text = decision.task
        case AskBack():
            text = " | ".join(suggestion.question for suggestion in decision.suggestions)
    considered = [
        {
            "entry": item.entry_id,
            "question": served.release.targets[item.entry_id].question,
            "score": round(item.score, 4),
            "matched": item.matched,
        }
        for item in served.candidates(words, now())
    ]
    return {"decision": type(decision).__name__, "text": text, "considered": considered}


async def _published(desk: "KnowledgeDesk", workspace: str, release: "StoredRelease", force: str) -> str:
    """Raises Refusal with everything in which the release is worse."""
    from yizhan.dialogue.publishing import PublishRefused

    try:
        await desk.publisher.publish(workspace, release.id, by=BY, forced_reason=force.strip())
    except PublishRefused as refused:
        raise Refusal(
            f"release {release.number} was built and is not published: it is worse than what is",
            *_fall_lines(refused),
            f'to publish it all the same: yizhan kb publish {release.number} --force "why"',
            exit_code=FAILED,
        ) from refused
    return f"release {release.number} published: {release.entries} entries ({release.id})"


def _fall_lines(refused: "PublishRefused") -> list[str]:
    lines = []
    for fall in refused.comparison.falls:
        shares = f" {fall.before:.4f} -> {fall.after:.4f}" if fall.before or fall.after else ""
        lines.append(f"  {fall.kind.value}{shares} {fall.detail}".rstrip())
    return lines


async def _report_lines(desk: "KnowledgeDesk", workspace: str, release: "StoredRelease") -> list[str]:
    report = await desk.library.shelf.report(release.id)
    lines = [f"release {release.number} built: {release.entries} entries ({release.id})"]
    if report is not None:
        figures = report.figures
        lines.append(f"took {report.seconds:.1f} s and {report.peak_mib} MiB")
        lines.append(
            f"test questions: {figures.questions}, right {figures.right}, wrong {figures.wrong}, "
            f"not answered {figures.unanswered}; precision {figures.precision:.4f}, coverage {figures.coverage:.4f}"
        )
        takes_part = report.by_meaning is not None
        lines += vectors_lines(report.embedding_model, report.embedding_failed, takes_part=takes_part)
        lines += [
            f"  {one.severity.value} {one.kind.value}: {', '.join(one.where)}: {one.detail}" for one in report.findings
        ]
    comparison = await desk.publisher.compared(workspace, release.id)
    lines += [f"  worse: {fall.kind.value} {fall.detail}".rstrip() for fall in comparison.falls]
    lines.append("publishing it must be forced" if comparison.falls else "it can be published")
    return lines


async def _state(desk: "KnowledgeDesk", workspace: str, name: str) -> "tuple[str, Contents]":
    """A state by what people call it. Raises Refusal."""
    if name == "draft":
        return "the draft", (await desk.drafts.read(workspace)).contents
    if name == "published":
        current = await desk.publisher.published(workspace)
        if current is None:
            raise Refusal("nothing is published yet", exit_code=FAILED)
        release = await desk.publisher.release(workspace, current.release_id)
    elif name.isdecimal():
        release = await _release(desk, workspace, int(name))
    else:
        raise Refusal(f"{name}: say `published`, `draft`, or the number of a release")
    return f"release {release.number}", await desk.library.shelf.contents(release.id)


async def _release(desk: "KnowledgeDesk", workspace: str, number: int) -> "StoredRelease":
    found = await desk.publisher.numbered(workspace, number)
    if found is None:
        raise Refusal(f"there is no release {number}; see `yizhan kb releases`")
    return found


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


def _text(file: Path) -> str:
    """Raises Refusal."""
    try:
        return file.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise Refusal(f"{file} cannot be read as UTF-8 text") from error


def _indented(text: str) -> str:
    return text.replace("\n", "\n      ")


def _with_desk(work: Callable[["KnowledgeDesk", str], Awaitable[T]]) -> T:
    """Raises Refusal for every named error."""
    from yizhan.cli.kb_refusals import in_words
    from yizhan.dialogue.knowledge_desk import desk_of

    settings = common_settings()

    async def inside(database: Database) -> T:
        desk = desk_of(settings, database, clock=now, new_id=new_id)
        with in_words():
            await desk.library.refresh()
            return await work(desk, settings.workspace)

    return ask(settings, inside)
