"""Tickets as rows of a table that people open in a spreadsheet program."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from google.protobuf.timestamp_pb2 import Timestamp

from yizhan.core.messages.codec import moment
from yizhan.pb.v1 import tickets_pb2 as pb

HEADINGS: Mapping[str, tuple[str, ...]] = {
    "en": (
        "Number",
        "Type",
        "Priority",
        "Status",
        "Title",
        "Source",
        "Reason",
        "Channel",
        "Customer",
        "Last words",
        "Assignee",
        "Group",
        "Tags",
        "Created",
        "Promised by",
        "Response due",
        "First response",
        "Solution due",
        "Solved",
        "Closed",
        "Overdue",
        "Rating",
        "Rating comment",
        "Rated",
        "Contract",
        "Calendar",
        "Conversation",
    ),
    "zh-CN": (
        "编号",
        "类型",
        "优先级",
        "状态",
        "标题",
        "来源",
        "原因",
        "渠道",
        "客户",
        "最后一句话",
        "处理人",
        "分组",
        "标签",
        "创建时间",
        "承诺时间",
        "响应期限",
        "首次响应",
        "解决期限",
        "解决时间",
        "关闭时间",
        "逾期",
        "满意度",
        "评价说明",
        "评价时间",
        "合同版本",
        "日历版本",
        "会话",
    ),
}
"""Words in cells stay as the API has them; so a file can be read by programs in either language."""

_DANGEROUS = ("=", "+", "-", "@", "\t", "\r")


def ticket_row(ticket: pb.TicketRecord, names: Mapping[str, str]) -> Sequence[str]:
    """The cells of one ticket; times in UTC. What a spreadsheet program would run is made text."""
    cells = (
        ticket.number,
        ticket.type,
        ticket.priority,
        ticket.status,
        ticket.title,
        ticket.source,
        ticket.reason,
        ticket.address.channel,
        ticket.customer_name,
        ticket.last_text,
        names.get(ticket.agent_id, ticket.agent_id),
        ticket.group_id,
        ", ".join(ticket.tags),
        _moment(ticket, "created_at"),
        _moment(ticket, "promised_by"),
        _moment(ticket, "response_due"),
        _moment(ticket, "first_response_at"),
        _moment(ticket, "solution_due"),
        _moment(ticket, "solved_at"),
        _moment(ticket, "closed_at"),
        "1" if ticket.overdue else "0",
        str(ticket.rating or ""),
        ticket.rating_comment,
        _moment(ticket, "rated_at"),
        ticket.contract_version,
        ticket.calendar_version,
        ticket.conversation_id,
    )
    return [harmless(cell) for cell in cells]


def harmless(cell: str) -> str:
    """A cell that begins like a formula gets an apostrophe, which makes it text in every spreadsheet program."""
    return f"'{cell}" if cell.startswith(_DANGEROUS) else cell


def _moment(ticket: pb.TicketRecord, field: str) -> str:
    if not ticket.HasField(field):  # type: ignore[arg-type]
        return ""
    stamp: Timestamp = getattr(ticket, field)
    at: datetime = moment(stamp)
    return f"{at:%Y-%m-%d %H:%M:%S}"
