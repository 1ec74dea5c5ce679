"""HTTP for every service: one application frame, problem+json errors, checked bodies, and a way to listen."""

from yizhan.core.runtime.errors import CannotListen, PortTaken
from yizhan.core.runtime.http.app import make_app, owned
from yizhan.core.runtime.http.body import parsed_json, read_json, read_raw_json
from yizhan.core.runtime.http.client import open_client
from yizhan.core.runtime.http.cors import Cors
from yizhan.core.runtime.http.peer import client_ip, is_https, own_origin, rate_key
from yizhan.core.runtime.http.problem import (
    FieldProblem,
    Problem,
    bad_request,
    conflict,
    forbidden,
    invalid_fields,
    not_found,
    too_large,
    too_many,
    unauthorized,
    unavailable,
)
from yizhan.core.runtime.http.server import serve

__all__ = [
    "CannotListen",
    "Cors",
    "FieldProblem",
    "PortTaken",
    "Problem",
    "bad_request",
    "client_ip",
    "conflict",
    "forbidden",
    "invalid_fields",
    "is_https",
    "make_app",
    "not_found",
    "open_client",
    "own_origin",
    "owned",
    "parsed_json",
    "rate_key",
    "read_json",
    "read_raw_json",
    "serve",
    "too_large",
    "too_many",
    "unauthorized",
    "unavailable",
]
