"""Lists of conversations, transcripts, and what an agent does in a conversation."""

from collections.abc import Mapping

from aiohttp import web

from yizhan.console.access import Access, SignedIn
from yizhan.console.answer_views import answers_of
from yizhan.console.api.models import Action
from yizhan.console.api.query import number
from yizhan.console.contents import Saying, content_of
from yizhan.console.peers import Peers
from yizhan.console.views import conversation_json, stored_message_json
from yizhan.core.messages.codec import content_to_proto
from yizhan.core.messages.json_form import Json, MediaUrl
from yizhan.core.runtime.http import Problem, bad_request, read_json
from yizhan.core.store.media import MediaStore
from yizhan.pb.v1 import command_pb2, conversations_pb2, event_pb2, routing_pb2

S = event_pb2.ConversationState

BOXES: dict[str, tuple[event_pb2.ConversationState.ValueType, ...]] = {
    "mine": (S.CONVERSATION_STATE_ASSIGNED,),
    "queued": (S.CONVERSATION_STATE_QUEUED, S.CONVERSATION_STATE_OFFERED),
    "offered": (S.CONVERSATION_STATE_OFFERED,),
    "all": (),
    "closed": (S.CONVERSATION_STATE_CLOSED,),
}

PAGE = 30
MOST_MESSAGES = 200


class ConversationsApi:
    def __init__(self, access: Access, peers: Peers, media: MediaStore, media_url: MediaUrl) -> None:
        self._access = access
        self._peers = peers
        self._media = media
        self._media_url = media_url

    def routes(self) -> list[web.RouteDef]:
        people = ("agent", "supervisor")
        one = "/api/v1/conversations/{id}"
        signed_in = self._access.signed_in
        return [
            web.get("/api/v1/conversations", signed_in(self.list, *people)),
            web.get(one, signed_in(self.show, *people)),
            web.get(f"{one}/messages", signed_in(self.messages, *people)),
            web.post(f"{one}/messages", signed_in(self.say, "agent")),
            web.post(f"{one}/close", signed_in(self.close, "agent")),
            web.post(f"{one}/return", signed_in(self.return_to_bot, "agent")),
            web.post(f"{one}/typing", signed_in(self.typing, "agent")),
        ]

    async def list(self, request: web.Request, person: SignedIn) -> web.StreamResponse:
        box = request.query.get("box", "all")
        if box not in BOXES:
            raise bad_request("unknown_box", f"box is one of {', '.join(BOXES)}")
        asked = conversations_pb2.ListConversationsRequest(
            workspace=person.user.workspace,
            states=BOXES[box],
            agent_id=person.user.id if box == "mine" else "",
            search=request.query.get("search", "")[:200],
            page_token=request.query.get("cursor", ""),
            page_size=PAGE,
        )
        found = await self._peers.conversations.ListConversations(asked)
        answers = await answers_of(self._peers, person.user.workspace, found.conversations)
        return web.json_response(
            {
                "items": [_row(item, answers) for item in found.conversations],
                "next": found.next_page_token or None,
            }
        )

    async def show(self, request: web.Request, person: SignedIn) -> web.StreamResponse:
        asked = conversations_pb2.GetConversationRequest(
            workspace=person.user.workspace, conversation_id=request.match_info["id"]
        )
        found = (await self._peers.conversations.GetConversation(asked)).conversation
        mine = found.state == S.CONVERSATION_STATE_ASSIGNED and found.agent_id == person.user.id
        can = {"say": mine, "close": mine, "return": mine, "accept": await self._offered(found.id, person)}
        answers = await answers_of(self._peers, person.user.workspace, [found])
        return web.json_response({"conversation": _row(found, answers), "can": can})

    async def messages(self, request: web.Request, person: SignedIn) -> web.StreamResponse:
        before = number(request, "before", 0)
        asked = conversations_pb2.ListMessagesRequest(
            workspace=person.user.workspace,
            conversation_id=request.match_info["id"],
            after_seq=number(request, "after", 0),
            before_seq=before,
            limit=min(number(request, "limit", 50) or 50, MOST_MESSAGES),
        )
        found = await self._peers.conversations.ListMessages(asked)
        if not found.HasField("conversation"):
            raise Problem(404, "unknown_conversation", "There is no such conversation")
        shown = [stored_message_json(item, self._media_url) for item in found.messages]
        return web.json_response({"messages": shown, "head": found.last_seq, "more": found.more})

    async def say(self, request: web.Request, person: SignedIn) -> web.StreamResponse:
        body = await read_json(request, Saying)
        content = await content_of(body.content, self._media)
        asked = routing_pb2.SayRequest(
            workspace=person.user.workspace,
            agent_id=person.user.id,
            conversation_id=request.match_info["id"],
            epoch=body.epoch,
            client_id=body.client_id,
            content=content_to_proto(content),
        )
        if body.suggestion is not None:
            taken = body.suggestion
            asked.suggestion.CopyFrom(
                command_pb2.SuggestionUse(
                    entry_id=taken.entry_id, edited=taken.edited, shown=taken.shown, searched=taken.searched
                )
            )
        said = await self._peers.routing.Say(asked)
        return web.json_response({"message_id": said.message_id}, status=202)

    async def close(self, request: web.Request, person: SignedIn) -> web.StreamResponse:
        body = await read_json(request, Action)
        asked = routing_pb2.CloseConversationRequest(
            workspace=person.user.workspace,
            agent_id=person.user.id,
            conversation_id=request.match_info["id"],
            epoch=body.epoch,
            reason=body.reason,
        )
        await self._peers.routing.CloseConversation(asked)
        return web.Response(status=204)

    async def return_to_bot(self, request: web.Request, person: SignedIn) -> web.StreamResponse:
        body = await read_json(request, Action)
        asked = routing_pb2.ReturnToBotRequest(
            workspace=person.user.workspace,
            agent_id=person.user.id,
            conversation_id=request.match_info["id"],
            epoch=body.epoch,
            reason=body.reason,
        )
        await self._peers.routing.ReturnToBot(asked)
        return web.Response(status=204)

    async def typing(self, request: web.Request, person: SignedIn) -> web.StreamResponse:
        asked = routing_pb2.SendTypingRequest(
            workspace=person.user.workspace, agent_id=person.user.id, conversation_id=request.match_info["id"]
        )
        await self._peers.routing.SendTyping(asked)
        return web.Response(status=204)

    async def _offered(self, conversation_id: str, person: SignedIn) -> bool:
        asked = routing_pb2.ListOffersRequest(workspace=person.user.workspace, agent_id=person.user.id)
        offers = (await self._peers.routing.ListOffers(asked)).offers
        return any(offer.conversation_id == conversation_id for offer in offers)


def _row(item: conversations_pb2.Conversation, answers: Mapping[str, Json | None]) -> Json:
    """With ``answer`` where it is known: what its agent owes the customer, null when nothing."""
    shown = conversation_json(item)
    return shown | {"answer": answers[item.id]} if item.id in answers else shown
