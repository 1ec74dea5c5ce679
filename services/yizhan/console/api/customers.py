"""Customers: the card beside a conversation, finding them, linking their identities, tags, attributes and notes."""

from typing import Annotated, Self

from aiohttp import web
from pydantic import Field, model_validator

from yizhan.console.access import Access, SignedIn
from yizhan.console.api.models import Body
from yizhan.console.customer_views import (
    card_json,
    customer_json,
    event_json,
    suggestion_json,
    summary_json,
    wording_json,
)
from yizhan.console.peers import Peers
from yizhan.core.runtime.http import read_json
from yizhan.pb.v1 import customers_pb2 as pb

PAGE = 30
WORDING_SECONDS = 12.0
"""A model has eight of them; the page waits fifteen."""

Id = Annotated[str, Field(max_length=36)]
Reason = Annotated[str, Field(max_length=500)]
TagText = Annotated[str, Field(min_length=1, max_length=40)]
AttributeName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_.-]{0,39}$")]


class LinkOrder(Body):
    """Who joins the customer: one identity, or all of another customer's. ``force`` needs a reason."""

    identity_id: Id = ""
    customer_id: Id = ""
    reason: Reason = ""
    force: bool = False

    @model_validator(mode="after")
    def _one(self) -> Self:
        if bool(self.identity_id) == bool(self.customer_id):
            raise ValueError("name either identity_id or customer_id")
        return self


class UnlinkOrder(Body):
    identity_id: Annotated[str, Field(min_length=1, max_length=36)]
    reason: Reason = ""


class TagChange(Body):
    add: Annotated[list[TagText], Field(default_factory=list, max_length=30)]
    remove: Annotated[list[TagText], Field(default_factory=list, max_length=30)]


class AttributeChange(Body):
    set: Annotated[
        dict[AttributeName, Annotated[str, Field(min_length=1, max_length=500)]],
        Field(default_factory=dict, max_length=50),
    ]
    remove: Annotated[list[AttributeName], Field(default_factory=list, max_length=50)]


class NewNote(Body):
    text: Annotated[str, Field(min_length=1, max_length=2000)]


class CustomersApi:
    def __init__(self, access: Access, peers: Peers) -> None:
        self._access = access
        self._peers = peers

    def routes(self) -> list[web.RouteDef]:
        people = ("agent", "supervisor")
        one, talk = "/api/v1/customers/{id}", "/api/v1/conversations/{id}"
        signed_in = self._access.signed_in
        return [
            web.get(f"{talk}/customer", signed_in(self.of_conversation, *people)),
            web.get(f"{talk}/summary", signed_in(self.summary, *people)),
            web.get(f"{talk}/summary/worded", signed_in(self.worded, *people)),
            web.get("/api/v1/customers", signed_in(self.list, *people)),
            web.get(one, signed_in(self.show, *people)),
            web.get(f"{one}/links", signed_in(self.links, *people)),
            web.get(f"{one}/suggestions", signed_in(self.suggestions, *people)),
            web.post(f"{one}/link", signed_in(self.link, *people)),
            web.post(f"{one}/unlink", signed_in(self.unlink, *people)),
            web.post(f"{one}/tags", signed_in(self.tags, *people)),
            web.post(f"{one}/attributes", signed_in(self.attributes, *people)),
            web.post(f"{one}/notes", signed_in(self.note, *people)),
        ]

    async def of_conversation(self, request: web.Request, person: SignedIn) -> web.StreamResponse:
        asked = pb.GetCustomerRequest(workspace=person.user.workspace, conversation_id=request.match_info["id"])
        return web.json_response(card_json(await self._peers.customers.GetCustomer(asked)))

    async def summary(self, request: web.Request, person: SignedIn) -> web.StreamResponse:
        asked = pb.SummariseSessionRequest(workspace=person.user.workspace, conversation_id=request.match_info["id"])
        return web.json_response(summary_json(await self._peers.customers.SummariseSession(asked)))

    async def worded(self, request: web.Request, person: SignedIn) -> web.StreamResponse:
        """The summary in a model's words, where the summary says that this is offered."""
        asked = pb.WordSessionRequest(workspace=person.user.workspace, conversation_id=request.match_info["id"])
        return web.json_response(wording_json(await self._peers.customers.WordSession(asked, timeout=WORDING_SECONDS)))

    async def list(self, request: web.Request, person: SignedIn) -> web.StreamResponse:
        asked = pb.ListCustomersRequest(
            workspace=person.user.workspace,
            search=request.query.get("search", "")[:200],
            tag=request.query.get("tag", "")[:40],
            page_token=request.query.get("cursor", ""),
            page_size=PAGE,
        )
        found = await self._peers.customers.ListCustomers(asked)
        items = [customer_json(one) for one in found.customers]
        return web.json_response({"items": items, "next": found.next_page_token or None})

    async def show(self, request: web.Request, person: SignedIn) -> web.StreamResponse:
        asked = pb.GetCustomerRequest(workspace=person.user.workspace, customer_id=request.match_info["id"])
        return web.json_response(card_json(await self._peers.customers.GetCustomer(asked)))

    async def links(self, request: web.Request, person: SignedIn) -> web.StreamResponse:
        asked = pb.ListLinkEventsRequest(workspace=person.user.workspace, customer_id=request.match_info["id"])
        found = await self._peers.customers.ListLinkEvents(asked)
        return web.json_response({"items": list(map(event_json, found.events))})

    async def suggestions(self, request: web.Request, person: SignedIn) -> web.StreamResponse:
        """Other customers who may be the same person; a person decides."""
        asked = pb.SuggestLinksRequest(workspace=person.user.workspace, customer_id=request.match_info["id"])
        found = await self._peers.customers.SuggestLinks(asked)
        return web.json_response({"items": list(map(suggestion_json, found.suggestions))})

    async def link(self, request: web.Request, person: SignedIn) -> web.StreamResponse:
        body = await read_json(request, LinkOrder)
        asked = pb.LinkIdentitiesRequest(
            workspace=person.user.workspace,
            customer_id=request.match_info["id"],
            identity_id=body.identity_id,
            other_customer_id=body.customer_id,
            reason=body.reason,
            force=body.force,
            by=_editor(person),
        )
        return web.json_response(card_json(await self._peers.customers.LinkIdentities(asked)))

    async def unlink(self, request: web.Request, person: SignedIn) -> web.StreamResponse:
        """The customer as left behind."""
        body = await read_json(request, UnlinkOrder)
        asked = pb.UnlinkIdentityRequest(
            workspace=person.user.workspace, identity_id=body.identity_id, reason=body.reason, by=_editor(person)
        )
        return web.json_response(card_json(await self._peers.customers.UnlinkIdentity(asked)))

    async def tags(self, request: web.Request, person: SignedIn) -> web.StreamResponse:
        body = await read_json(request, TagChange)
        asked = pb.SetCustomerTagsRequest(
            workspace=person.user.workspace,
            customer_id=request.match_info["id"],
            add=body.add,
            remove=body.remove,
            by=_editor(person),
        )
        return web.json_response(card_json(await self._peers.customers.SetCustomerTags(asked)))

    async def attributes(self, request: web.Request, person: SignedIn) -> web.StreamResponse:
        body = await read_json(request, AttributeChange)
        asked = pb.SetCustomerAttributesRequest(
            workspace=person.user.workspace,
            customer_id=request.match_info["id"],
            set=body.set,
            remove=body.remove,
            by=_editor(person),
        )
        return web.json_response(card_json(await self._peers.customers.SetCustomerAttributes(asked)))

    async def note(self, request: web.Request, person: SignedIn) -> web.StreamResponse:
        body = await read_json(request, NewNote)
        asked = pb.AddCustomerNoteRequest(
            workspace=person.user.workspace,
            customer_id=request.match_info["id"],
            text=body.text,
            by=_editor(person),
        )
        return web.json_response(card_json(await self._peers.customers.AddCustomerNote(asked)))


def _editor(person: SignedIn) -> pb.CustomerEditor:
    return pb.CustomerEditor(id=person.user.id, name=person.user.name)
