"""The kinds of values that settings have, each with its check."""

import re
from typing import Annotated
from urllib.parse import SplitResult, urlsplit
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field

_HOST_PORT = re.compile(r"(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:]+\]):(?P<port>[0-9]{1,5})")
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}")


def _bus_url(value: str) -> str:
    if value == "embedded://":
        return value
    scheme, _, rest = value.partition("://")
    server, slash, path = rest.partition("/")
    login, at_sign, hosts = server.rpartition("@")
    for host in hosts.split(","):  # several nodes of one cluster: user:password@one:5672,two:5672
        parts = _split(f"{scheme}://{login}{at_sign}{host}{slash}{path}")
        if parts.scheme not in ("amqp", "amqps") or not parts.hostname:
            raise ValueError("must be embedded:// or amqp://user:password@host:port/vhost")
    return value


def _database_url(value: str) -> str:
    if value in ("", "sqlite"):
        return value
    parts = _split(value)
    if parts.scheme != "postgresql" or not (parts.hostname or "host=" in parts.query) or not parts.path.strip("/"):
        raise ValueError(
            "must be empty or sqlite (a file in YIZHAN_HOME), or postgresql://user:password@host:port/name"
        )
    return value


def _media_url(value: str) -> str:
    if value == "":
        return value
    parts = _split(value)
    bucket = parts.scheme == "s3" and parts.netloc
    folder = parts.scheme == "file" and parts.path.startswith("/")
    if not (bucket or folder):
        raise ValueError("must be empty (a folder in YIZHAN_HOME), file:///folder or s3://bucket/prefix")
    return value


def _public_url(value: str) -> str:
    if value == "":
        return value
    parts = _split(value)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        raise ValueError("must be empty or an http(s) address without query, such as https://service.example.com")
    return value.rstrip("/")


def _address(value: str) -> str:
    match = _HOST_PORT.fullmatch(value)
    if value and (match is None or not 0 < int(match["port"]) < 65536):
        raise ValueError("must be host:port, such as dialogue:9090")
    return value


def _name(value: str) -> str:
    if not _NAME.fullmatch(value):
        raise ValueError("must be 1 to 63 small letters, digits, - or _, and begin with a letter or digit")
    return value


def _time_zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (KeyError, ValueError, OSError) as error:
        raise ValueError("must be the name of a time zone, such as Asia/Shanghai") from error
    return value


def _split(value: str) -> SplitResult:
    """Raises ValueError for a port that is none and for characters that no address has."""
    if any(char.isspace() or not char.isprintable() for char in value):
        raise ValueError("must not contain spaces")
    parts = urlsplit(value)
    _ = parts.port
    return parts


BusUrl = Annotated[str, AfterValidator(_bus_url)]
DatabaseUrl = Annotated[str, AfterValidator(_database_url)]
MediaUrl = Annotated[str, AfterValidator(_media_url)]
PublicUrl = Annotated[str, AfterValidator(_public_url)]
HostPort = Annotated[str, AfterValidator(_address)]
Name = Annotated[str, AfterValidator(_name)]
Port = Annotated[int, Field(ge=0, le=65535)]
TimeZone = Annotated[str, AfterValidator(_time_zone)]
Probability = Annotated[float, Field(ge=0.0, le=1.0)]
