"""A place among what was found as an opaque text, to go on from."""

import base64
import binascii

import grpc

from yizhan.core.runtime.grpc import RpcProblem
from yizhan.dialogue.search.place import LAST
from yizhan.dialogue.search.wanted import Wanted


def token_of(number: int, wanted: Wanted) -> str:
    return base64.urlsafe_b64encode(f"{number} {wanted.mark()}".encode()).decode("ascii")


def place_in(token: str, wanted: Wanted) -> int:
    """The number before which to go on. Raises RpcProblem for a text that is none, or that another question was given."""
    if not token:
        return LAST
    try:
        number, mark = base64.urlsafe_b64decode(token.encode("ascii")).decode().split(" ")
        place = int(number)
    except (ValueError, binascii.Error) as error:
        raise RpcProblem("bad_page_token", grpc.StatusCode.INVALID_ARGUMENT) from error
    if mark != wanted.mark() or not 0 <= place <= LAST:
        raise RpcProblem("bad_page_token", grpc.StatusCode.INVALID_ARGUMENT, "of another search")
    return place
