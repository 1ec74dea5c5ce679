"""``connectors.yaml``: which system of which business a connector's name stands for; ``docs/connectors.md`` shows one.

Secrets are named there by their environment variables, never written.
"""

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, ClassVar, Self

import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator
from yarl import URL

from yizhan.core.runtime.errors import StartupError
from yizhan.core.runtime.settings import DialogueSettings
from yizhan.core.runtime.settings_problems import Problem

FILE_NAME = "connectors.yaml"
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})

ConnectorName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
Variable = Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]{0,99}$")]


def _url(value: str) -> str:
    url = URL(value)
    if url.scheme not in {"http", "https"} or not url.host or url.query_string or url.fragment or url.user:
        raise ValueError("must be http(s)://host/path without user, query or fragment")
    if url.scheme == "http" and url.host not in LOOPBACK:
        raise ValueError("must be https: it carries a secret and customers' numbers")
    return value


class ConnectorsInvalid(StartupError):
    """The file cannot be used; told with everything that is wrong, and without any value from it."""

    exit_code: ClassVar[int] = 2

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("the connectors are wrong:\n" + "\n".join(f"  {problem}" for problem in self.problems))


class Part(BaseModel):
    """Nothing that is misspelt is passed over."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class SystemLimits(Part):
    """``secret_variable`` names the environment variable that holds the secret; the header gets ``prefix`` before it.

    ``ca_file``: the certificates that the system's own is signed by; without it those that this machine trusts.
    """

    secret_variable: Variable | None = None
    prefix: str = Field("Bearer ", max_length=40)
    timeout_seconds: float = Field(5.0, ge=0.1, le=60.0)
    most_kib: int = Field(192, ge=1, le=240)
    keeps_keys: bool = True
    finds_by_customer: bool = False
    ca_file: Path | None = None


class HttpSystem(SystemLimits):
    url: Annotated[str, AfterValidator(_url)]
    header: str = Field("Authorization", pattern=r"^[A-Za-z0-9-]{1,60}$")


class GrpcSystem(SystemLimits):
    """``tls`` may be left out on this machine only."""

    address: str = Field(pattern=r"^[A-Za-z0-9.\-\[\]:]+:[0-9]{1,5}$")
    header: str = Field("authorization", pattern=r"^[a-z0-9-]{1,60}$")
    tls: bool = True

    @model_validator(mode="after")
    def _safe(self) -> Self:
        if not self.tls and self.address.rsplit(":", 1)[0].strip("[]") not in LOOPBACK:
            raise ValueError("must use tls: it carries a secret and customers' numbers")
        return self


class System(Part):
    """One system of a business, for these connectors. Exactly one of ``http`` and ``grpc``."""

    serves: tuple[ConnectorName, ...] = Field(min_length=1)
    http: HttpSystem | None = None
    grpc: GrpcSystem | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.http is None) == (self.grpc is None):
            raise ValueError("needs exactly one of http and grpc")
        return self

    @property
    def limits(self) -> SystemLimits:
        chosen = self.http or self.grpc
        if chosen is None:
            raise AssertionError("the validator above lets none through")
        return chosen


class ConnectorsFile(Part):
    workspaces: Mapping[str, tuple[System, ...]]

    @model_validator(mode="after")
    def _once(self) -> Self:
        for workspace, systems in self.workspaces.items():
            names = [name for system in systems for name in system.serves]
            twice = sorted({name for name in names if names.count(name) > 1})
            if twice:
                raise ValueError(f"{workspace}: {', '.join(twice)} is served twice")
        return self


def connectors_file(settings: DialogueSettings) -> ConnectorsFile:
    """What these settings declare. Raises ConnectorsInvalid."""
    named = settings.connectors_file
    return read_connectors(Path(named) if named else settings.home / FILE_NAME, required=bool(named))


def read_connectors(path: Path, *, required: bool) -> ConnectorsFile:
    """The declared systems; none where the file is not there and not ``required``. Raises ConnectorsInvalid with all problems.

    That a secret's variable is set is checked here too, so that a process does not start and then fail every task.
    """
    if not path.exists() and not required:
        return ConnectorsFile(workspaces={})
    try:
        content = yaml.safe_load(path.read_text("utf-8"))
        found = ConnectorsFile.model_validate(content)
    except OSError as error:
        raise ConnectorsInvalid([Problem(str(path), f"cannot be read: {error.strerror}")]) from error
    except (UnicodeDecodeError, yaml.YAMLError) as error:
        raise ConnectorsInvalid([Problem(str(path), "is not YAML")]) from error
    except ValidationError as error:
        raise ConnectorsInvalid(_problems(path, error)) from error
    missing = {
        system.limits.secret_variable
        for systems in found.workspaces.values()
        for system in systems
        if system.limits.secret_variable and not os.environ.get(system.limits.secret_variable)
    }
    if missing:
        raise ConnectorsInvalid(Problem(name, f"is named in {path} and not set") for name in sorted(missing))
    return found


def _problems(path: Path, error: ValidationError) -> Iterable[Problem]:
    for details in error.errors(include_url=False, include_context=False, include_input=False):
        where = ".".join(str(part) for part in details["loc"])
        yield Problem(f"{path}: {where}" if where else str(path), details["msg"].removeprefix("Value error, "))
