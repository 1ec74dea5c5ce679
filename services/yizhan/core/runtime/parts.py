"""What a service brings to the process that runs it."""

from dataclasses import dataclass

from aiohttp import web

from yizhan.core.runtime.grpc import AddServicer


@dataclass(frozen=True, slots=True)
class Parts:
    """Routes for the process's HTTP application, servicers for its gRPC server. What runs, the Lifespan owns."""

    routes: tuple[web.AbstractRouteDef, ...] = ()
    servicers: tuple[AddServicer, ...] = ()
