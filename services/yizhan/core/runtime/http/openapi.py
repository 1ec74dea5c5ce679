"""An API as an OpenAPI 3.1 document, from the same models that check its requests."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from yizhan import __version__

PROBLEM: Final = "application/problem+json"


@dataclass(frozen=True, slots=True)
class Operation:
    """One call: what it is for, what it takes, and the status of its answers. ``answer`` is what a good one holds."""

    method: str
    path: str
    summary: str
    body: type[BaseModel] | None = None
    query: tuple[str, ...] = ()
    file: bool = False
    success: int = 200
    refusals: tuple[int, ...] = ()
    answer: type[BaseModel] | None = None


@dataclass(frozen=True, slots=True)
class Api:
    """``always``: what every call may answer. ``besides``: models that no call names by itself (frames of a socket)."""

    title: str
    base: str
    operations: Sequence[Operation]
    security: Mapping[str, Mapping[str, str]]
    always: tuple[int, ...] = (401, 403, 503)
    besides: tuple[type[BaseModel], ...] = ()


def document(api: Api) -> dict[str, Any]:
    """The OpenAPI document."""
    named = [model for operation in api.operations for model in (operation.body, operation.answer) if model]
    models = sorted({*named, *api.besides}, key=lambda model: model.__name__)
    _, definitions = models_json_schema(
        [(model, "validation") for model in models], ref_template="#/components/schemas/{model}"
    )
    paths: dict[str, dict[str, Any]] = {}
    for operation in api.operations:
        paths.setdefault(f"{api.base}{operation.path}", {})[operation.method] = _operation(api, operation)
    schemas = definitions.get("$defs", {})
    schemas["Problem"] = {
        "type": "object",
        "required": ["type", "title", "status", "code"],
        "properties": {
            "type": {"type": "string"},
            "title": {"type": "string"},
            "status": {"type": "integer"},
            "code": {"type": "string"},
            "detail": {"type": "string"},
            "retry_after": {"type": "integer"},
        },
    }
    return {
        "openapi": "3.1.0",
        "info": {"title": api.title, "version": __version__},
        "paths": paths,
        "components": {"schemas": schemas, "securitySchemes": {name: dict(how) for name, how in api.security.items()}},
        "security": [{name: []} for name in api.security],
    }


def _operation(api: Api, operation: Operation) -> dict[str, Any]:
    in_path = re.findall(r"{(\w+)}", f"{api.base}{operation.path}")
    parameters: list[dict[str, Any]] = [
        *({"name": name, "in": "path", "required": True, "schema": {"type": "string"}} for name in in_path),
        *({"name": name, "in": "query", "schema": {"type": "string"}} for name in operation.query),
    ]
    problem = {PROBLEM: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    done: dict[str, Any] = {"description": "Done"}
    if operation.answer is not None:
        done["content"] = {"application/json": {"schema": _reference(operation.answer)}}
    answers: dict[str, Any] = {str(operation.success): done}
    for status in sorted({*api.always, *operation.refusals}):
        answers[str(status)] = {"description": "Refused", "content": problem}
    described: dict[str, Any] = {"summary": operation.summary, "parameters": parameters, "responses": answers}
    if operation.body is not None:
        schema = _reference(operation.body)
        described["requestBody"] = {"required": True, "content": {"application/json": {"schema": schema}}}
    if operation.file:
        form = {"type": "object", "properties": {"file": {"type": "string", "format": "binary"}}, "required": ["file"]}
        described["requestBody"] = {"required": True, "content": {"multipart/form-data": {"schema": form}}}
    return described


def _reference(model: type[BaseModel]) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{model.__name__}"}
