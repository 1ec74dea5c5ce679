"""``yizhan books …``: whether every accepted message is accounted for, and settling those known to be lost."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

import typer

from yizhan.cli.asking import FAILED, Refusal, ask, common_settings
from yizhan.core.messages.ids import new_id
from yizhan.core.runtime.clock import now
from yizhan.core.store.database import Database
from yizhan.metrics.books import Books, SettlementInvalid
from yizhan.metrics.store import Settlement

app = typer.Typer(no_args_is_help=True, help="Whether every accepted message is accounted for: show, settle.")
T = TypeVar("T")


@app.command("show")
def show() -> None:
    """Show what each channel process accepted and what is missing, and the losses that were settled."""
    for item in _books(lambda books: books.producers()):
        typer.echo(f"{item.channel}/{item.producer}  accepted {item.accepted}  missing {item.missing}")
    for settlement in _books(lambda books: books.settlements()):
        typer.echo(_line(settlement))


@app.command("settle")
def settle(
    channel: str = typer.Argument(help="The channel, such as website."),
    producer: str = typer.Argument(help="The process that accepted them, as `yizhan books show` names it."),
    messages: int = typer.Option(..., "--messages", min=1, help="How many are lost."),
    by: str = typer.Option(..., "--by", help="Who says so: your name."),
    reason: str = typer.Option(..., "--reason", help="Why they are known to be lost; no customer's words."),
) -> None:
    """Count missing messages as lost. The conservation difference falls by so many, and the record stays."""
    try:
        done = _books(lambda books: books.settle(channel, producer, messages, by=by, reason=reason))
    except SettlementInvalid as error:
        raise Refusal(str(error), exit_code=FAILED) from error
    typer.echo(_line(done))


def _books(work: Callable[[Books], Awaitable[T]]) -> T:
    settings = common_settings()

    async def inside(database: Database) -> T:
        return await work(Books(database, settings.workspace, clock=now, new_id=new_id))

    return ask(settings, inside)


def _line(settlement: Settlement) -> str:
    return (
        f"{settlement.channel}/{settlement.producer}  {settlement.n} lost  "
        f"{settlement.at:%Y-%m-%d %H:%M:%S}  {settlement.by}: {settlement.reason}"
    )
