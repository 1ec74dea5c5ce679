"""``yizhan user …``: people who sign in to the console."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from typing import TypeVar

import typer

from yizhan.cli.asking import Refusal, ask, common_settings
from yizhan.console.people import Lockout, People, PersonInvalid, PersonUnknown, UsernameTaken, generated_password
from yizhan.console.store import ROLES, User
from yizhan.core.messages.ids import new_id
from yizhan.core.runtime.clock import now
from yizhan.core.runtime.settings import EmbeddedSettings
from yizhan.core.security.passwords import Passwords
from yizhan.core.store.database import Database

app = typer.Typer(no_args_is_help=True, help="People who sign in to the console.")
T = TypeVar("T")

Username = typer.Argument(help="The name to sign in with.")
Roles = typer.Option(["agent"], "--role", help=f"One of {', '.join(ROLES)}; may be repeated.")


@app.command("add")
def add(
    username: str = Username,
    role: list[str] = Roles,
    name: str = typer.Option("", "--name", help="What customers and colleagues see."),
    capacity: int = typer.Option(0, "--capacity", min=0, max=100, help="Conversations at once; 0: the default."),
    locale: str = typer.Option("zh-CN", "--locale", help="zh-CN or en."),
) -> None:
    """Create a person. The password is made here and shown once."""
    password = generated_password()

    async def create(people: People, workspace: str) -> User:
        return await people.create(
            workspace, username.lower(), name=name, roles=role, password=password, locale=locale, capacity=capacity
        )

    user = _people(create)
    typer.echo(f"{user.username}  {', '.join(user.roles)}  password: {password}")


@app.command("list")
def list_all() -> None:
    """Show everybody."""

    async def read(people: People, workspace: str) -> Sequence[User]:
        return await people.everyone(workspace)

    for user in _people(read):
        state = "" if user.enabled else "  (disabled)"
        typer.echo(f"{user.username:<24} {user.name:<16} {', '.join(user.roles)}{state}")


@app.command("reset-password")
def reset_password(username: str = Username) -> None:
    """Give a person a new password, shown once; all their sessions end."""

    async def reset(people: People, workspace: str) -> str:
        user = await _named(people, workspace, username)
        return await people.reset_password(user.id, workspace, by="cli")

    typer.echo(f"{username.lower()}  password: {_people(reset)}")


@app.command("disable")
def disable(username: str = Username) -> None:
    """Let a person sign in no more; all their sessions end."""
    _set_enabled(username, enabled=False)


@app.command("enable")
def enable(username: str = Username) -> None:
    """Let a person sign in again."""
    _set_enabled(username, enabled=True)


def _set_enabled(username: str, *, enabled: bool) -> None:
    async def change(people: People, workspace: str) -> User:
        user = await _named(people, workspace, username)
        return await people.change(user.id, workspace, by="cli", enabled=enabled)

    user = _people(change)
    typer.echo(f"{user.username} is {'enabled' if user.enabled else 'disabled'}")


async def _named(people: People, workspace: str, username: str) -> User:
    for user in await people.everyone(workspace):
        if user.username == username.lower():
            return user
    raise PersonUnknown(username)


def _people(work: Callable[[People, str], Awaitable[T]]) -> T:
    settings: EmbeddedSettings = common_settings()

    async def inside(database: Database) -> T:
        lockout = Lockout(settings.lockout_tries, timedelta(minutes=settings.lockout_minutes))
        people = People(database, Passwords(), lockout, clock=now, new_id=new_id)
        return await work(people, settings.workspace)

    try:
        return ask(settings, inside)
    except PersonInvalid as error:
        raise Refusal(f"{error.code}: {error.reason}") from error
    except UsernameTaken as error:
        raise Refusal(f"the username {error} is taken") from error
    except PersonUnknown as error:
        raise Refusal(f"there is no user {error}") from error
