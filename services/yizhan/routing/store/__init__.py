"""What routing keeps (schema ``routing``) and every query on it."""

from yizhan.routing.store.agents import hear, load_agent, load_agents, note_offer, put_agent, silent_agents
from yizhan.routing.store.cases import (
    case_by_offer,
    cases_in,
    cases_of_agents_unheard,
    insert_case,
    load_case,
    loads,
    open_case,
    save_case,
)
from yizhan.routing.store.desks import lock_desk, next_ticket_number, workspaces
from yizhan.routing.store.tables import SERVICE, inbox, metadata, outbox, timers
from yizhan.routing.store.tickets import (
    count_open_tickets,
    insert_ticket,
    list_tickets,
    load_ticket,
    open_tickets_of,
    save_ticket,
)

__all__ = [
    "SERVICE",
    "case_by_offer",
    "cases_in",
    "cases_of_agents_unheard",
    "count_open_tickets",
    "hear",
    "inbox",
    "insert_case",
    "insert_ticket",
    "list_tickets",
    "load_agent",
    "load_agents",
    "load_case",
    "load_ticket",
    "loads",
    "lock_desk",
    "metadata",
    "next_ticket_number",
    "note_offer",
    "open_case",
    "open_tickets_of",
    "outbox",
    "put_agent",
    "save_case",
    "save_ticket",
    "silent_agents",
    "timers",
    "workspaces",
]
