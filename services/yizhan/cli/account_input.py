"""Settings of an account as they are given on the command line: as text, from files, or typed without being seen."""

import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import typer
from pydantic import BaseModel

from yizhan.channels.account_settings import laid_over, secret_paths, takes_text
from yizhan.cli.asking import Refusal

MOST_BYTES = 64 * 1024
"""Of a file with one setting: a certificate at most."""


@dataclass(frozen=True, slots=True)
class Given:
    """The options of one command."""

    texts: Sequence[str] = ()
    asks: Sequence[str] = ()
    files: Sequence[str] = ()
    unset: Sequence[str] = ()


def settings_given(model: type[BaseModel], given: Given) -> dict[str, Any]:
    """What to lay over an account's settings, None for what is to go. Raises Refusal."""
    texts = [_pair("--set", "NAME=VALUE", item) for item in given.texts]
    files = [_pair("--set-file", "NAME=PATH", item) for item in given.files]
    names = [name for name, _ in (*texts, *files)] + [*given.asks, *given.unset]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise Refusal(*(f"{name} is given twice" for name in twice))
    if [path for _, path in files].count("-") > 1:
        raise Refusal("--set-file: only one setting can be the standard input")
    values = {name: _value(model, name, text) for name, text in texts}
    _warn(model, values)
    read = {name: _read(name, path) for name, path in files}
    asked = {name: str(typer.prompt(name, hide_input=True, err=True)).strip() for name in given.asks}
    return {**values, **read, **asked, **dict.fromkeys(given.unset)}


def _warn(model: type[BaseModel], texts: Mapping[str, Any]) -> None:
    for name in secret_paths(model, laid_over({}, texts)):
        sys.stderr.write(
            f"yizhan: {name} now stands in the shell's history and in the list of processes; "
            f"--ask {name} or --set-file {name}=PATH keep it out of both\n"
        )


def _value(model: type[BaseModel], name: str, text: str) -> Any:
    try:
        value = json.loads(text)
    except ValueError:
        return text
    return text if takes_text(model, name) and not isinstance(value, str | dict | list) else value


def _read(name: str, path: str) -> str:
    try:
        if path == "-":
            raw = sys.stdin.buffer.read(MOST_BYTES + 1)
        else:
            with Path(path).open("rb") as file:
                raw = file.read(MOST_BYTES + 1)
        text = raw.decode("utf-8-sig")
    except OSError as error:
        raise Refusal(f"--set-file {name}: cannot read {path}: {error.strerror or 'unreadable'}") from error
    except UnicodeDecodeError as error:
        raise Refusal(f"--set-file {name}: {path} is not text") from error
    if len(raw) > MOST_BYTES:
        raise Refusal(f"--set-file {name}: {path} is too large for one setting")
    return text.strip()


def _pair(option: str, form: str, item: str) -> tuple[str, str]:
    name, separator, value = item.partition("=")
    if not separator or not name:
        raise Refusal(f"{option} {name}: write {form}")
    return name, value
