"""Canned replies as JSON, and what is known of a conversation for their variables."""

from yizhan.core.messages.codec import moment as moment_of
from yizhan.core.messages.json_form import Json, moment
from yizhan.pb.v1 import conversations_pb2, replies_pb2 as pb

ORDER_SLOT = "order_number"
_MASK = "*"


def reply_json(reply: pb.CannedReply) -> Json:
    return {
        "id": reply.id,
        "shared": not reply.owner_id,
        "title": reply.title,
        "shortcut": reply.shortcut,
        "folder": reply.folder,
        "language": reply.language,
        "text": reply.text,
        "revision": reply.revision,
        "uses": reply.uses,
        "updated_at": moment(moment_of(reply.updated_at)),
        "updated_by": reply.updated_by,
    }


def found_json(found: pb.FoundReply) -> Json:
    """``missing`` are variables without a value; ``blanks`` stand for them in ``rendered``, in the same order."""
    return reply_json(found.reply) | {
        "rendered": found.rendered,
        "missing": list(found.missing),
        "blanks": list(found.blanks),
    }


def variable_json(variable: pb.ReplyVariable) -> Json:
    return {"name": variable.name, "label": {"zh": variable.label, "en": variable.label_en}}


def values_of(conversation: conversations_pb2.Conversation, agent_name: str) -> pb.ReplyValues:
    """An order number is one that the customer told in a task of this session; a masked one is of no use."""
    told = [value.shown for value in conversation.task.values if value.slot == ORDER_SLOT]
    order = next((number for number in told if _MASK not in number), "")
    return pb.ReplyValues(customer_name=conversation.customer_name, agent_name=agent_name, order_number=order)


def language_of(conversation: conversations_pb2.Conversation) -> str:
    """In which the customer is spoken to."""
    return "en" if conversation.locale.lower().startswith("en") else "zh"
