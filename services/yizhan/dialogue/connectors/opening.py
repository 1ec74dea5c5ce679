"""Connectors as they were declared, open as long as the service runs."""

import os
import ssl
from pathlib import Path

import structlog
from pydantic import SecretStr

from yizhan.core.runtime.lifespan import Lifespan
from yizhan.core.runtime.settings_problems import Problem
from yizhan.dialogue.connectors.config import ConnectorsFile, ConnectorsInvalid, System, SystemLimits
from yizhan.dialogue.connectors.connector import Connector
from yizhan.dialogue.connectors.grpc import GrpcPlace, open_grpc
from yizhan.dialogue.connectors.http import HttpPlace, open_http
from yizhan.dialogue.connectors.jobs import AT_ONCE

log = structlog.get_logger(__name__)

KIB = 1024


async def open_connectors(life: Lifespan, declared: ConnectorsFile) -> dict[tuple[str, str], Connector]:
    """By workspace and name. Opening connects nowhere: a system that is away now may be there when it is asked.

    Raises ConnectorsInvalid for a file of certificates that cannot be read.
    """
    found: dict[tuple[str, str], Connector] = {}
    for workspace, systems in declared.workspaces.items():
        for system in systems:
            connector = await _open(life, system)
            found |= {(workspace, name): connector for name in system.serves}
            log.info("connector_declared", workspace=workspace, serves=list(system.serves))
    return found


async def _open(life: Lifespan, system: System) -> Connector:
    secret, limits = _secret(system.limits), system.limits
    if system.http is not None:
        url = system.http.url
        http = HttpPlace(
            url=lambda: url,
            ca=_certificates(limits.ca_file),
            header=system.http.header,
            secret=secret,
            timeout=limits.timeout_seconds,
            most_bytes=limits.most_kib * KIB,
            keeps_keys=limits.keeps_keys,
            finds_by_customer=limits.finds_by_customer,
        )
        return await life.enter(open_http(http, at_once=AT_ONCE), name="connector over HTTP")
    if system.grpc is None:
        raise AssertionError("a system has exactly one of http and grpc")
    grpc = GrpcPlace(
        address=system.grpc.address,
        tls=system.grpc.tls,
        ca=_certificates(limits.ca_file),
        header=system.grpc.header,
        secret=secret,
        timeout=limits.timeout_seconds,
        most_bytes=limits.most_kib * KIB,
        keeps_keys=limits.keeps_keys,
        finds_by_customer=limits.finds_by_customer,
    )
    return await life.enter(open_grpc(grpc), name="connector over gRPC")


def _secret(limits: SystemLimits) -> SecretStr:
    """What the header carries; ``read_connectors`` has seen that the variable is set."""
    value = os.environ.get(limits.secret_variable, "") if limits.secret_variable else ""
    return SecretStr(f"{limits.prefix}{value}" if value else "")


def _certificates(path: Path | None) -> bytes | None:
    if path is None:
        return None
    try:
        found = path.read_bytes()
    except OSError as error:
        raise ConnectorsInvalid([Problem(str(path), f"cannot be read: {error.strerror}")]) from error
    try:
        usable = bool(found) and ssl.create_default_context(cadata=found.decode("ascii")) is not None
    except (ssl.SSLError, UnicodeDecodeError):
        usable = False
    if not usable:
        raise ConnectorsInvalid([Problem(str(path), "holds no certificates")])
    return found
