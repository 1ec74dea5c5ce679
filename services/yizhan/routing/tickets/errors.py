"""Why something cannot be done to a ticket: a closed set. ``code`` is for programs."""


class TicketRefused(Exception):
    """The subclasses are the whole set."""

    code = "ticket_refused"

    def __init__(self, detail: str = "") -> None:
        super().__init__(detail or self.code)
        self.detail = detail


class UnknownTicket(TicketRefused):
    """There is none in this workspace."""

    code = "unknown_ticket"


class TicketChanged(TicketRefused):
    """Somebody else changed it since it was read."""

    code = "ticket_changed"


class StatusRefused(TicketRefused):
    """This status cannot follow that one."""

    code = "status_refused"


class RoleTooLow(TicketRefused):
    """Somebody else may do it."""

    code = "ticket_role_missing"


class ReopenTooLate(TicketRefused):
    """It was settled too long ago: a new ticket, linked to this one, is the way."""

    code = "reopen_too_late"


class TicketMerged(TicketRefused):
    """It is part of another one, which is the one to work on."""

    code = "ticket_merged"


class MergeRefused(TicketRefused):
    """These two are not one."""

    code = "merge_refused"


class NotMerged(TicketRefused):
    """There is nothing to take apart."""

    code = "ticket_not_merged"


class UnmergeRefused(TicketRefused):
    """Something has happened since that was decided for both."""

    code = "unmerge_refused"


class LinkRefused(TicketRefused):
    """A ticket is not linked to itself, and no link is made twice."""

    code = "link_refused"


class TicketClosed(TicketRefused):
    """Nobody follows what its customer would answer: it is taken up again first."""

    code = "ticket_closed"


class ConversationTaken(TicketRefused):
    """Another agent has the conversation: they answer."""

    code = "conversation_taken"


class CustomerWaits(TicketRefused):
    """A person is being looked for: whoever takes the conversation answers."""

    code = "customer_waits"


class NoCallback(TicketRefused):
    """No call is owed: none was promised, or it is over."""

    code = "no_callback"


class CallbackNotDue(TicketRefused):
    """It is not time yet: nobody was to be reached."""

    code = "callback_not_due"


class CallbackMoved(TicketRefused):
    """Another call was made since that was read."""

    code = "callback_moved"


class UnknownAgent(TicketRefused):
    """There is no such agent in this workspace."""

    code = "unknown_agent"


class UnknownGroup(TicketRefused):
    """There is no such group in this workspace."""

    code = "unknown_group"


class NotSolved(TicketRefused):
    """Only a solution can be rated."""

    code = "ticket_not_solved"


class ValueTooLarge(TicketRefused):
    """Too long, or too many."""

    code = "ticket_value_too_large"


class UnknownView(TicketRefused):
    """There is none, or it is somebody else's."""

    code = "unknown_view"


class ViewChanged(TicketRefused):
    """Somebody else changed it since it was read."""

    code = "view_changed"


class ViewNameTaken(TicketRefused):
    """Its owner has one of this name."""

    code = "view_name_taken"
