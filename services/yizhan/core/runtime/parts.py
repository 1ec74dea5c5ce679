"""What a service brings to the process that runs it."""

from dataclasses import dataclass, field

from aiohttp import web

from yizhan.core.runtime.grpc import AddServicer, Doors


@dataclass(frozen=True, slots=True)
class Parts:
    """Routes for the process's HTTP application, servicers for its gRPC server, and who else may call them. What runs, the Lifespan owns."""

    routes: tuple[web.AbstractRouteDef, ...] = ()
    servicers: tuple[AddServicer, ...] = ()
    doors: Doors = field(default_factory=dict)
