"""Tickets as a file: the list as it is filtered, page by page."""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Sequence
from datetime import UTC

from aiohttp import web

from yizhan.console.access import Access, SignedIn
from yizhan.console.api.tickets import agent_names
from yizhan.console.peers import Peers
from yizhan.console.ticket_files import BOM, Sheet, chunks, csv_rows
from yizhan.console.ticket_input import filter_in
from yizhan.console.ticket_table import HEADINGS, ticket_row
from yizhan.core.runtime.clock import Clock
from yizhan.core.runtime.http import bad_request
from yizhan.pb.v1 import tickets_pb2 as pb

FORMATS = {"csv": "text/csv", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}
PAGE = 500
PAGE_SECONDS = 30.0

Rows = Sequence[Sequence[str]]


class TicketExportApi:
    """For supervisors only: a file leaves the house with the words of many customers."""

    def __init__(self, access: Access, peers: Peers, clock: Clock) -> None:
        self._access = access
        self._peers = peers
        self._clock = clock

    def routes(self) -> list[web.RouteDef]:
        return [web.get("/api/v1/tickets/export", self._access.signed_in(self.export, "supervisor"))]

    async def export(self, request: web.Request, person: SignedIn) -> web.StreamResponse:
        """``?format=csv`` or ``xlsx``, ``?lang=zh-CN`` or ``en``, and the filter of a search."""
        form, lang = request.query.get("format", "csv"), request.query.get("lang", person.user.locale)
        if form not in FORMATS:
            raise bad_request("unknown_format", "format is csv or xlsx")
        if lang not in HEADINGS:
            raise bad_request("unknown_language", "lang is zh-CN or en")
        pages = self._pages(filter_in(request), person)
        first = await anext(pages, ())  # a filter that is refused is refused before the answer begins
        response = web.StreamResponse(headers=self._headers(form))
        response.content_type = FORMATS[form]
        write = self._write_csv if form == "csv" else self._write_xlsx
        await write(request, response, HEADINGS[lang], first, pages)
        await response.write_eof()
        return response

    async def _pages(self, wanted: pb.TicketFilterSpec, person: SignedIn) -> AsyncIterator[Rows]:
        names = await agent_names(self._peers, person)
        token = ""
        while True:
            asked = pb.FindTicketsRequest(
                workspace=person.user.workspace,
                filter=wanted,
                sort="created",
                page_token=token,
                page_size=PAGE,
                viewer_id=person.user.id,
            )
            found = await self._peers.tickets.FindTickets(asked, timeout=PAGE_SECONDS)
            yield [ticket_row(ticket, names) for ticket in found.tickets]
            token = found.next_page_token
            if not token:
                return

    async def _write_csv(
        self,
        request: web.Request,
        response: web.StreamResponse,
        headings: Sequence[str],
        first: Rows,
        pages: AsyncIterator[Rows],
    ) -> None:
        await response.prepare(request)
        await response.write(BOM + csv_rows([headings, *first]))
        async for page in pages:
            await response.write(csv_rows(page))

    async def _write_xlsx(
        self,
        request: web.Request,
        response: web.StreamResponse,
        headings: Sequence[str],
        first: Rows,
        pages: AsyncIterator[Rows],
    ) -> None:
        """A workbook begins with its table of contents, so it is sent when its last row is known; rows wait on disk."""
        sheet = await asyncio.to_thread(Sheet, "tickets", headings)
        await asyncio.to_thread(sheet.add, first)
        async for page in pages:
            await asyncio.to_thread(sheet.add, page)
        with tempfile.TemporaryFile() as file:
            await asyncio.to_thread(sheet.save, file)
            await response.prepare(request)
            for part in chunks(file):
                await response.write(part)

    def _headers(self, form: str) -> dict[str, str]:
        name = f"tickets-{self._clock().astimezone(UTC):%Y%m%d-%H%M}.{form}"
        return {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
