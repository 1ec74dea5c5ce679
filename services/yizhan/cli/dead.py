"""``yizhan dead …``: messages that could not be handled and wait for a person."""

from collections.abc import Sequence

import typer

from yizhan.cli.asking import FAILED, Refusal, ask_bus, common_settings
from yizhan.core.bus.interface import Bus, DeadLetter

app = typer.Typer(no_args_is_help=True, help="Parked messages: list, show, replay.")

MOST = 1000


@app.command("list")
def list_all(queue: str = typer.Option("", "--queue", help="Only what was parked from this queue.")) -> None:
    """Show what is parked, without what it says."""
    for letter in _letters(queue):
        kind = letter.envelope.WhichOneof("payload") if letter.envelope is not None else "undecodable"
        typer.echo(f"{letter.id}  {letter.at:%Y-%m-%d %H:%M:%S}  {kind}  {letter.reason}  {len(letter.body)} bytes")


@app.command("show")
def show(letter_id: str = typer.Argument(help="As `yizhan dead list` shows it.")) -> None:
    """Show one parked message whole. It may hold what a customer wrote."""
    for letter in _letters(letter_id.partition("/")[0]):
        if letter.id == letter_id:
            typer.echo(str(letter.envelope) if letter.envelope is not None else letter.body.hex(" "))
            return
    raise Refusal(f"nothing is parked as {letter_id}", exit_code=FAILED)


@app.command("replay")
def replay(letter_ids: list[str] = typer.Argument(help="As `yizhan dead list` shows them.")) -> None:
    """Hand parked messages to their queues again. What was done already is not done twice."""

    async def work(bus: Bus) -> list[str]:
        return [letter_id for letter_id in letter_ids if not await bus.replay(letter_id)]

    missing = ask_bus(common_settings(), work)
    for letter_id in letter_ids:
        if letter_id not in missing:
            typer.echo(f"{letter_id} replayed")
    if missing:
        raise Refusal(*(f"nothing is parked as {letter_id}" for letter_id in missing), exit_code=FAILED)


def _letters(queue: str) -> Sequence[DeadLetter]:
    async def work(bus: Bus) -> Sequence[DeadLetter]:
        return await bus.dead_letters(queue or None, limit=MOST)

    try:
        return ask_bus(common_settings(), work)
    except ValueError as error:
        raise Refusal(str(error)) from error
