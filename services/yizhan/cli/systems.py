"""``yizhan system …``: the business's own agent systems and their tokens."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import TypeVar

import typer

from yizhan.cli.asking import Refusal, ask, common_settings
from yizhan.cli.durations import duration, expiry
from yizhan.core.runtime.clock import now
from yizhan.core.store.database import Database
from yizhan.routing.attending.registry import SystemRefused, SystemRegistry
from yizhan.routing.attending.webhooks.figures import state_of
from yizhan.routing.attending.webhooks.setup import WebhookSetup, reach_of, webhook_sealer
from yizhan.routing.store.systems import StoredToken
from yizhan.routing.store.webhooks import Webhook

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
    "no_webhook": "the system is not told by webhook: say at which address it is to be",
    "url_invalid": "the address must be https://host/path, without a user or a #fragment",
    "url_plain": "the address must be https: it carries what customers say",
    "url_private": "the address leads into a network where webhooks may not be posted: see YIZHAN_WEBHOOK_NETWORKS",
}


@app.command("add")
def add(
    name: str = Name,
    agent: list[str] = typer.Option([], "--agent", help="The id of an agent it may speak for; may be repeated."),
    all_agents: bool = typer.Option(False, "--all-agents", help="It may speak for every agent of the workspace."),
    expires: str = Expires,
    webhook: str = typer.Option("", "--webhook", help="Tell it by signed posts to this address instead of by stream."),
    workspace: str = Workspace,
) -> None:
    """Register a system. Its token, and the secret of its webhook, are made here and shown once."""
    if bool(agent) == all_agents:
        raise Refusal("say for whom it may speak: --agent ID, as often as needed, or --all-agents")
    until = expiry(expires)

    async def work(registry: SystemRegistry, setup: WebhookSetup) -> tuple[str, str]:
        if webhook:
            setup.check(webhook)
        token = await registry.add(name, frozenset(agent), until)
        return token, await setup.put(name, webhook) if webhook else ""

    token, secret = _systems(workspace, work)
    typer.echo(f"{name}  token: {token}")
    if secret:
        typer.echo(f"{name}  webhook secret: {secret}")


@app.command("webhook")
def webhook(
    name: str = Name,
    url: str = typer.Option("", "--url", help="Where it is told from now on; also starts one again that was given up."),
    new_secret: bool = typer.Option(False, "--new-secret", help="Sign with a new secret, shown once."),
    overlap: str = typer.Option("1h", "--overlap", help="For how long the secret before signs as well: 12h, 30m, 0s."),
    off: bool = typer.Option(False, "--off", help="Tell it by stream again."),
    workspace: str = Workspace,
) -> None:
    """Tell a system by signed posts: at which address, with which secret."""
    if [bool(url), new_secret, off].count(True) != 1:
        raise Refusal("say one of --url ADDRESS, --new-secret and --off")
    both = duration(overlap, "--overlap")

    async def work(_registry: SystemRegistry, setup: WebhookSetup) -> str:
        if off:
            await setup.remove(name)
            return ""
        return await (setup.new_secret(name, both) if new_secret else setup.put(name, url))

    secret = _systems(workspace, work)
    typer.echo(f"{name}  webhook secret: {secret}" if secret else f"{name}  {'by stream' if off else 'by webhook'}")


@app.command("list")
def list_all(workspace: str = Workspace) -> None:
    """Show the systems and how long their tokens are good; tokens themselves are kept nowhere."""
    at = now()
    for shown in _registry(workspace, lambda registry: registry.list()):
        agents = "all agents" if shown.system.all_agents else ", ".join(sorted(shown.system.agents))
        typer.echo(f"{shown.system.name:<24} {agents}")
        if shown.webhook is not None:
            typer.echo(f"  webhook {_place(shown.webhook.url)}  {_going(shown.webhook, shown.waiting)}")
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


def _place(url: str) -> str:
    """The address without what may be a key."""
    return url.partition("?")[0]


def _going(webhook: Webhook, waiting: int) -> str:
    words = {"well": "well", "failing": "failing", "disabled": "given up"}[state_of(webhook)]
    if webhook.problem and webhook.failing_since is not None:
        words += f" since {_day(webhook.failing_since)}: {webhook.problem}, {webhook.tries} tries"
    heard = f"last heard of {_day(webhook.heard_at)}" if webhook.heard_at else "never heard of"
    return f"{words}  {heard}  {waiting} waiting"


def _registry(workspace: str, work: Callable[[SystemRegistry], Awaitable[T]]) -> T:
    return _systems(workspace, lambda registry, _setup: work(registry))


def _systems(workspace: str, work: Callable[[SystemRegistry, WebhookSetup], Awaitable[T]]) -> T:
    settings = common_settings()
    of = workspace or settings.workspace

    async def inside(database: Database) -> T:
        sealer = webhook_sealer(settings.keyring)
        setup = WebhookSetup(database, of, now, sealer, reach_of(settings))
        return await work(SystemRegistry(database, of, now), setup)

    try:
        return ask(settings, inside)
    except SystemRefused as error:
        raise Refusal(WORDS[error.code]) from error
