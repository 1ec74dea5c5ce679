"""``yizhan system …``: the business's own agent systems and their tokens."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import TypeVar

import typer

from yizhan.cli.asking import Refusal, ask, common_settings
from yizhan.cli.durations import duration, expiry
from yizhan.core.runtime.clock import now
from yizhan.routing.attending.registry import SystemRefused, SystemRegistry
from yizhan.routing.store.systems import StoredToken

app = typer.Typer(no_args_is_help=True, help="The business's own agent systems, and the token of each.")
T = TypeVar("T")

Name = typer.Argument(help="The system's name, which its hello says.")
Workspace = typer.Option("", "--workspace", help="Of which business; YIZHAN_WORKSPACE where not said.")
Expires = typer.Option(
    "", "--expires", help="After how long the token opens nothing more: 90d, 12h, 30m. Never, if not said."
)

WORDS = {
    "name_invalid": "the name must have 1 to 64 printable characters",
    "system_exists": "there is a system of this name: rotate its token, or remove it first",
    "unknown_system": "there is no system of this name",
}


@app.command("add")
def add(
    name: str = Name,
    agent: list[str] = typer.Option([], "--agent", help="The id of an agent it may speak for; may be repeated."),
    all_agents: bool = typer.Option(False, "--all-agents", help="It may speak for every agent of the workspace."),
    expires: str = Expires,
    workspace: str = Workspace,
) -> None:
    """Register a system. Its token is made here and shown once."""
    if bool(agent) == all_agents:
        raise Refusal("say for whom it may speak: --agent ID, as often as needed, or --all-agents")
    until = expiry(expires)
    token = _registry(workspace, lambda registry: registry.add(name, frozenset(agent), until))
    typer.echo(f"{name}  token: {token}")


@app.command("list")
def list_all(workspace: str = Workspace) -> None:
    """Show the systems and how long their tokens are good; tokens themselves are kept nowhere."""
    at = now()
    for shown in _registry(workspace, lambda registry: registry.list()):
        agents = "all agents" if shown.system.all_agents else ", ".join(sorted(shown.system.agents))
        typer.echo(f"{shown.system.name:<24} {agents}")
        for token in shown.tokens:
            typer.echo(f"  token of {_day(token.made_at)}  {_state(token, at)}")


@app.command("rotate")
def rotate(
    name: str = Name,
    overlap: str = typer.Option("1h", "--overlap", help="For how long older tokens open as before: 12h, 30m, 0s."),
    expires: str = Expires,
    workspace: str = Workspace,
) -> None:
    """Give a system a new token, shown once; the older ones are good for the overlap."""
    until, both = expiry(expires), duration(overlap, "--overlap")
    token = _registry(workspace, lambda registry: registry.rotate(name, until, both))
    typer.echo(f"{name}  token: {token}")


@app.command("remove")
def remove(name: str = Name, workspace: str = Workspace) -> None:
    """Remove a system: its tokens open nothing, its streams end, and what was kept for it is forgotten."""
    _registry(workspace, lambda registry: registry.remove(name))
    typer.echo(f"{name} removed")


def _state(token: StoredToken, at: datetime) -> str:
    if problem := token.problem(at):
        return problem
    return f"good until {_day(token.over_at)}" if token.over_at else "good"


def _day(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"


def _registry(workspace: str, work: Callable[[SystemRegistry], Awaitable[T]]) -> T:
    settings = common_settings()
    try:
        return ask(settings, lambda database: work(SystemRegistry(database, workspace or settings.workspace, now)))
    except SystemRefused as error:
        raise Refusal(WORDS[error.code]) from error
