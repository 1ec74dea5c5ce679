"""Reading settings from the environment and ``yizhan.yaml``, with everything that is wrong told at once."""

import difflib
import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import SecretStr, ValidationError
from pydantic_settings import EnvSettingsSource

from yizhan.core.runtime.secret_file import SecretUnusable, read_or_create
from yizhan.core.runtime.settings import CommonSettings, EmbeddedSettings
from yizhan.core.runtime.settings_problems import PREFIX, Problem, SettingsInvalid, variable

CONFIG_VARIABLE = "YIZHAN_CONFIG"
DEFAULT_FILE = Path("yizhan.yaml")

Settings = TypeVar("Settings", bound=CommonSettings)

_KUBERNETES_LINK = re.compile(r".*_(SERVICE_HOST|SERVICE_PORT(_.+)?|PORT_[0-9]+_(TCP|UDP)(_.+)?)|PORT")
"""Variables that Kubernetes sets for a Service whose name begins with ``yizhan``."""


def load(settings: type[Settings], *, make_secret: bool = True) -> Settings:
    """The settings of one process. Raises SettingsInvalid with all problems.

    In embedded mode an empty ``secret`` is filled from the key file, which is made when there is none; not with
    ``make_secret`` off, which is for who needs no secret and should leave no file behind.
    """
    problems = list(misspelt(os.environ))
    try:
        in_file = _read_file(settings)
    except SettingsInvalid as error:
        problems += error.problems
        in_file = {}
    in_environment = EnvSettingsSource(settings)()
    result, found = _validated(settings, {**in_file, **in_environment})
    only_in_file = {variable(name) for name in in_file if name not in in_environment}
    problems += (_with_source(problem, only_in_file) for problem in found)
    if make_secret and result is not None and not problems and result.embedded and not result.secret.get_secret_value():
        try:
            result = settings(**{**result.model_dump(), "secret": SecretStr(read_or_create(result.home))})
        except SecretUnusable as error:
            problems.append(Problem(variable("home"), error.reason))
        except SettingsInvalid as error:
            problems += error.problems
    if problems or result is None:
        raise SettingsInvalid(problems)
    return result


def misspelt(environment: Mapping[str, str]) -> Iterator[Problem]:
    """Variables that look like one of ours with a typing error. Others with our prefix are left alone."""
    known = {name.upper() for name in EmbeddedSettings.model_fields} | {"CONFIG"}
    for variable_name in sorted(environment):
        if not variable_name.upper().startswith(PREFIX):
            continue
        name = variable_name.upper().removeprefix(PREFIX)
        if name in known or _KUBERNETES_LINK.fullmatch(name):
            continue
        close = difflib.get_close_matches(name, sorted(known), n=1, cutoff=0.8)
        if close:
            yield Problem(variable_name, f"is not a setting; did you mean {PREFIX}{close[0]}?")


def _validated(settings: type[Settings], given: dict[str, Any]) -> tuple[Settings | None, list[Problem]]:
    """The settings, and what is wrong. Defaults stand in for wrong values, so that the rest is checked as well."""
    problems: list[Problem] = []
    good = dict(given)
    try:
        return settings(**good), problems
    except SettingsInvalid as error:
        return None, list(error.problems)
    except ValidationError as error:
        for details in error.errors(include_url=False, include_context=False, include_input=False):
            name = str(details["loc"][0])
            problems.append(Problem(variable(name), details["msg"].removeprefix("Value error, ")))
            good.pop(name, None)
    rest, more = _validated(settings, good)
    wrong = {problem.name for problem in problems}
    return rest, problems + [problem for problem in more if problem.name not in wrong]


def _read_file(settings: type[CommonSettings]) -> dict[str, Any]:
    """The part of ``yizhan.yaml`` that concerns this class. One file serves all services. Raises SettingsInvalid."""
    named = os.environ.get(CONFIG_VARIABLE, "")
    path = Path(named) if named else DEFAULT_FILE
    if not named and not path.exists():
        return {}
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingsInvalid([Problem(CONFIG_VARIABLE, f"cannot read {path}: {error.strerror}")]) from error
    except (UnicodeDecodeError, yaml.YAMLError) as error:
        raise SettingsInvalid([Problem(str(path), f"is not YAML{_place(error)}")]) from error
    if content is None:
        return {}
    if not isinstance(content, dict):
        raise SettingsInvalid([Problem(str(path), "must be a list of `name: value` lines")])
    unknown = [name for name in content if name not in EmbeddedSettings.model_fields]
    if unknown:
        raise SettingsInvalid(Problem(f"{path}: {name}", _not_a_setting(str(name))) for name in unknown)
    return {name: value for name, value in content.items() if name in settings.model_fields and value is not None}


def _with_source(problem: Problem, only_in_file: set[str]) -> Problem:
    """The operator looks for the value where it was written."""
    return Problem(problem.name, f"{problem.reason} (set in the file)") if problem.name in only_in_file else problem


def _not_a_setting(name: str) -> str:
    lower = name.lower().removeprefix(PREFIX.lower())
    close = difflib.get_close_matches(lower, sorted(EmbeddedSettings.model_fields), n=1, cutoff=0.8)
    return f"is not a setting; did you mean {close[0]}?" if close else "is not a setting"


def _place(error: Exception) -> str:
    mark = getattr(error, "problem_mark", None)
    return f" (line {mark.line + 1})" if mark is not None else ""
