"""``yizhan replay``: a past decision of the assistant, made again from what it was made from."""

import json
from dataclasses import asdict
from typing import TYPE_CHECKING

import typer

from yizhan.cli.asking import FAILED, Refusal, ask, common_settings
from yizhan.core.messages.ids import new_id
from yizhan.core.runtime.clock import now
from yizhan.core.store.database import Database

if TYPE_CHECKING:
    from yizhan.dialogue.explaining import Explanation
    from yizhan.dialogue.replaying import NotReplayable, Replayed

_REASONS = {
    "no_decision": "it was handled before decisions were kept, or its decision is not kept any more",
    "not_the_assistant": "a person or the system said it, not the assistant",
    "not_an_answer": "the assistant said it by itself (a greeting, a number, a notice): there was nothing to decide",
    "unreadable": "what was kept of it cannot be read",
    "release_missing": "the release that it was made from is not there any more",
    "release_damaged": "the release that it was made from is damaged",
    "release_index_outdated": "the release that it was made from cannot be indexed by this version",
}


def replay(
    message: str = typer.Argument(help="The id of a customer's message, or of the assistant's answer."),
    as_json: bool = typer.Option(False, "--json", help="For programs."),
) -> None:
    """Make a past decision again, and say why it was made. Exit code 1 when it comes out otherwise than it was stored."""
    replayed = _replayed(message)
    if as_json:
        typer.echo(json.dumps(_shown(replayed), ensure_ascii=False))
    else:
        typer.echo("\n".join(_lines(replayed)))
    if not replayed.identical:
        raise typer.Exit(FAILED)


def _replayed(message_id: str) -> "Replayed":
    """Raises Refusal."""
    from yizhan.dialogue.knowledge_desk import desk_of
    from yizhan.dialogue.replaying import NotReplayable, Replayer, UnknownMessage
    from yizhan.dialogue.service import setting_of

    settings = common_settings()

    async def inside(database: Database) -> "Replayed":
        desk = desk_of(settings, database, clock=now, new_id=new_id)
        return await Replayer(database, desk.library.shelf, setting_of(settings)).replay(settings.workspace, message_id)

    try:
        return ask(settings, inside)
    except UnknownMessage as error:
        raise Refusal(f"there is no message {message_id}") from error
    except NotReplayable as error:
        raise Refusal(f"{message_id} cannot be replayed: {_why_not(error)}", exit_code=FAILED) from error


def _why_not(error: "NotReplayable") -> str:
    return f"{_REASONS.get(error.reason, error.reason)} {f'({error.detail})' if error.detail else ''}".rstrip()


def _lines(replayed: "Replayed") -> list[str]:
    explanation = replayed.explanation
    release = f"release {explanation.release_number} ({explanation.release_id})" if explanation.release_id else "none"
    lines = [
        (
            f"{explanation.decision_id}  {explanation.decided_at:%Y-%m-%d %H:%M:%S.%f}Z  {explanation.channel}  "
            f"conversation {explanation.conversation_id}"
        ),
    ]
    if explanation.words:
        lines.append(f"said: {explanation.words}")
    lines += [
        f"decision: {explanation.intent}, by {_by(explanation)}",
        f"release: {release}",
        (
            f"thresholds: answers from {explanation.answer_threshold:.4f}, asks back from "
            f"{explanation.clarify_threshold:.4f}, margin {explanation.margin:.4f}"
        ),
    ]
    lines += [
        f"  {item.score:.4f}  {item.entry_id}  {item.question}  (matched: {item.matched})"
        for item in explanation.considered
    ]
    lines += [f"changed since: {line}" for line in replayed.changed]
    if replayed.identical:
        return [*lines, f"identical: {replayed.messages} {'message' if replayed.messages == 1 else 'messages'}"]
    return [*lines, "different:", *replayed.differences]


def _by(explanation: "Explanation") -> str:
    match explanation.decided_by:
        case "rule":
            return f"rule {explanation.rule}"
        case "entry":
            return f"entry {explanation.entry_id} ({explanation.question}), score {explanation.score:.4f}"
        case "task" | "result":
            what = "the result of a job" if explanation.decided_by == "result" else "task"
            step = f"{explanation.phase} {explanation.open}".strip()
            return f"{what} {explanation.task} {f'({step})' if step else ''}".rstrip()
        case "person":
            return "nobody: a person has the conversation"
        case _:
            reason = explanation.handoff_reason
            return f"the assistant itself{f' ({reason})' if reason else ''}"


def _shown(replayed: "Replayed") -> dict[str, object]:
    explanation = asdict(replayed.explanation)
    explanation["decided_at"] = replayed.explanation.decided_at.isoformat()
    return {
        "identical": replayed.identical,
        "messages": replayed.messages,
        "differences": list(replayed.differences),
        "changed": list(replayed.changed),
        **explanation,
    }
