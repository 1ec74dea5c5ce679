"""The commands of ``yizhan``, each imported when it is called: every process starts here, and most need one command.

After click's documentation, "Lazily Loading Subcommands".
"""

from importlib import import_module
from typing import Any, Final

import typer
from typer.core import TyperGroup

COMMANDS: Final = {
    "up": "run:up",
    "serve": "run:serve",
    "migrate": "run:migrate",
    "doctor": "doctor:doctor",
    "replay": "replay:replay",
    "demo-orders": "demo_orders:demo_orders",
    "account": "accounts:app",
    "user": "users:app",
    "system": "systems:app",
    "kb": "kb:app",
    "contract": "contract:app",
    "customer": "customers:app",
    "dead": "dead:app",
    "books": "books:app",
    "route": "route:app",
}
"""Name -> the module in ``yizhan.cli``, and in it a function, or an ``app`` with commands of its own."""


class Commands(TyperGroup):
    """The root group. ``--help`` imports all of them; calling one imports that one."""

    def list_commands(self, _ctx: Any) -> list[str]:
        return list(COMMANDS)

    def get_command(self, _ctx: Any, cmd_name: str) -> Any:
        where = COMMANDS.get(cmd_name)
        if where is None:
            return None
        module, attribute = where.split(":")
        found = getattr(import_module(f"yizhan.cli.{module}"), attribute)
        return _built(cmd_name, found)


def _built(name: str, found: Any) -> Any:
    alone = typer.Typer(add_completion=False, rich_markup_mode=None)
    if isinstance(found, typer.Typer):
        alone.add_typer(found, name=name)
    else:
        alone.command(name)(found)
    return typer.main.get_group(alone).commands[name]
