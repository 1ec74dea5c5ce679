"""What colleagues wrote about a conversation among themselves, for those who may read it."""

from aiohttp import web

from yizhan.console.access import Access, SignedIn
from yizhan.console.api.query import number
from yizhan.console.note_views import may_read, note_json
from yizhan.console.peers import Peers
from yizhan.pb.v1 import conversations_pb2

MOST_NOTES = 200


class NotesApi:
    """Reading only: a note is written by a command to the conversation's single writer."""

    def __init__(self, access: Access, peers: Peers) -> None:
        self._access = access
        self._peers = peers

    def routes(self) -> list[web.RouteDef]:
        read = self._access.signed_in(self.notes, "agent", "supervisor")
        return [web.get("/api/v1/conversations/{id}/notes", read)]

    async def notes(self, request: web.Request, person: SignedIn) -> web.StreamResponse:
        """After a cursor, in the order of writing. Whispers to others are left out, so that numbers may have gaps here."""
        asked = conversations_pb2.ListNotesRequest(
            workspace=person.user.workspace,
            conversation_id=request.match_info["id"],
            after=number(request, "after", 0),
            limit=min(number(request, "limit", MOST_NOTES) or MOST_NOTES, MOST_NOTES),
        )
        found = await self._peers.conversations.ListNotes(asked)
        shown = [note_json(note) for note in found.notes if may_read(person.user, note)]
        after = found.notes[-1].number if found.notes else asked.after
        return web.json_response({"notes": shown, "after": after, "head": found.last_number, "more": found.more})
