"""Finding what was said, in all conversations that agents and supervisors may read: these are all of the workspace."""

from datetime import datetime

from aiohttp import web
from google.protobuf.timestamp_pb2 import Timestamp

from yizhan.console.access import Access, SignedIn
from yizhan.console.api.query import number
from yizhan.console.peers import Peers
from yizhan.console.views import time
from yizhan.core.messages.codec import timestamp
from yizhan.core.messages.json_form import Json
from yizhan.core.runtime.http import bad_request
from yizhan.pb.v1 import search_pb2 as pb

QUERY = ("q", "by", "channel", "conversation", "customer", "agent", "from", "to", "cursor", "limit")
PAGE = 20

_SPEAKERS = {
    "customer": pb.SPEAKER_CUSTOMER,
    "assistant": pb.SPEAKER_ASSISTANT,
    "agent": pb.SPEAKER_AGENT,
    "system": pb.SPEAKER_SYSTEM,
    "note": pb.SPEAKER_NOTE,
}
_NAMES = {speaker: name for name, speaker in _SPEAKERS.items()}


class SearchApi:
    def __init__(self, access: Access, peers: Peers) -> None:
        self._access = access
        self._peers = peers

    def routes(self) -> list[web.RouteDef]:
        return [web.get("/api/v1/search/messages", self._access.signed_in(self.messages, "agent", "supervisor"))]

    async def messages(self, request: web.Request, person: SignedIn) -> web.StreamResponse:
        asked = pb.SearchMessagesRequest(
            workspace=person.user.workspace,
            query=request.query.get("q", ""),
            conversation_id=request.query.get("conversation", ""),
            customer_id=request.query.get("customer", ""),
            channels=_several(request, "channel"),
            speakers=[_speaker(name) for name in _several(request, "by")],
            agent_id=request.query.get("agent", ""),
            since=_moment(request, "from"),
            until=_moment(request, "to"),
            page_token=request.query.get("cursor", ""),
            page_size=number(request, "limit", PAGE),
            reader_id=person.user.id,
            reads_whispers=person.user.may("supervisor"),
        )
        found = await self._peers.search.SearchMessages(asked)
        return web.json_response(
            {
                "items": [_found_json(one) for one in found.found],
                "next": found.next_page_token or None,
                "complete": found.complete,
                "days": found.days,
            }
        )


def _found_json(one: pb.FoundMessage) -> Json:
    """``hits`` are counted in characters (code points) of the excerpt."""
    return {
        "conversation_id": one.conversation_id,
        "seq": one.seq,
        "note": one.note or None,
        "session": one.session,
        "by": _NAMES.get(one.speaker, "system"),
        "author": {"id": one.author_id, "name": one.author_name},
        "at": time(one, "at"),
        "channel": one.channel,
        "customer_name": one.customer_name,
        "excerpt": one.excerpt,
        "hits": [[hit.start, hit.end] for hit in one.hits],
    }


def _several(request: web.Request, name: str) -> list[str]:
    return [value for value in request.query.getall(name, []) if value]


def _speaker(name: str) -> pb.Speaker.ValueType:
    if name not in _SPEAKERS:
        raise bad_request("unknown_speaker", f"by is one of {', '.join(_SPEAKERS)}")
    return _SPEAKERS[name]


def _moment(request: web.Request, name: str) -> Timestamp | None:
    given = request.query.get(name, "")
    if not given:
        return None
    try:
        at = datetime.fromisoformat(given)
    except ValueError as error:
        raise bad_request("bad_time", f"{name} must be a time with a zone") from error
    if at.tzinfo is None:
        raise bad_request("bad_time", f"{name} must be a time with a zone")
    return timestamp(at)
