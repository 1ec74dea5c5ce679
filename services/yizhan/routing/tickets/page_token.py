"""A place in a list of tickets as an opaque text, to go on from."""

import base64
import binascii
from datetime import datetime

import grpc

from yizhan.core.runtime.grpc import RpcProblem
from yizhan.routing.store.tickets_lists import Place
from yizhan.routing.tickets.filters import Sort


def token_of(place: Place, sort: Sort) -> str:
    text = f"{sort.value} {place.at.isoformat()} {place.rank} {place.ticket_id}"
    return base64.urlsafe_b64encode(text.encode()).decode("ascii")


def place_in(token: str, sort: Sort) -> Place | None:
    """None: from the beginning. Raises RpcProblem for a text that is none, or of a list in another order."""
    if not token:
        return None
    try:
        given, at, rank, ticket_id = base64.urlsafe_b64decode(token.encode("ascii")).decode().split(" ")
        place = Place(datetime.fromisoformat(at), int(rank), ticket_id)
    except (ValueError, binascii.Error) as error:
        raise RpcProblem("bad_page_token", grpc.StatusCode.INVALID_ARGUMENT) from error
    if given != sort.value or place.at.tzinfo is None:
        raise RpcProblem("bad_page_token", grpc.StatusCode.INVALID_ARGUMENT, "of a list in another order")
    return place
