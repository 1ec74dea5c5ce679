"""Customers on the wire: the domain's values as protobuf."""

from yizhan.core.messages.codec import timestamp
from yizhan.dialogue.connectors.grpc_wire import order_to_proto
from yizhan.dialogue.conversations_api import to_proto as conversation_to_proto
from yizhan.dialogue.customers.cards import Card
from yizhan.dialogue.customers.desk import Suggested
from yizhan.dialogue.customers.identity import Editor
from yizhan.dialogue.customers.linking import LinkEvent
from yizhan.dialogue.customers.noted import Attribute, Note, Tag
from yizhan.dialogue.customers.order_search import Looked, OrdersFound
from yizhan.dialogue.customers.profile import ChannelUse, Profile
from yizhan.dialogue.customers.rating import Rated
from yizhan.dialogue.customers.summarising import Summary
from yizhan.dialogue.customers.value_rules import Given
from yizhan.dialogue.customers.view import CustomerView, SeenIdentity
from yizhan.dialogue.customers.wording import Wording
from yizhan.pb.v1 import customers_pb2 as pb

MOST_RATINGS = 20
MOST_TEXT = 500


def editor_from_proto(editor: pb.CustomerEditor) -> Editor:
    return Editor(editor.id[:36], editor.name[:100])


def card_to_proto(card: Card) -> pb.GetCustomerResponse:
    return pb.GetCustomerResponse(
        customer=customer_to_proto(card.view),
        attributes=list(map(_attribute, card.noted.attributes)),
        notes=list(map(_note, card.noted.notes)),
        profile=_profile(card.profile),
    )


def customer_to_proto(view: CustomerView) -> pb.Customer:
    return pb.Customer(
        id=view.id,
        name=view.name,
        locale=view.locale,
        verified=view.verified,
        identities=list(map(_identity, view.identities)),
        tags=list(map(_tag, view.tags)),
        first_seen_at=timestamp(view.first_seen_at),
        last_seen_at=timestamp(view.last_seen_at),
    )


def event_to_proto(event: LinkEvent) -> pb.LinkEvent:
    return pb.LinkEvent(
        kind=pb.LinkKind.ValueType(event.kind),
        identity_id=event.identity_id,
        number=event.number,
        from_customer_id=event.from_customer_id,
        to_customer_id=event.to_customer_id,
        forced=event.forced,
        reason=event.reason,
        by=_editor(event.by),
        at=timestamp(event.at),
    )


def suggestion_to_proto(found: Suggested) -> pb.LinkSuggestion:
    return pb.LinkSuggestion(
        identity=_identity(found.other),
        customer_id=found.other.identity.customer_id,
        reason=found.reason,
        same_account=found.same_account,
    )


def orders_to_proto(found: OrdersFound | None) -> pb.ListCustomerOrdersResponse:
    if found is None:
        return pb.ListCustomerOrdersResponse(connected=False)
    return pb.ListCustomerOrdersResponse(
        connected=True,
        orders=[pb.FoundOrder(order=order_to_proto(one.order), by=one.by) for one in found.orders],
        clues=[_clue(one) for one in found.looked],
        more=found.more,
    )


def _clue(looked: Looked) -> pb.OrderClue:
    clue = looked.clue
    return pb.OrderClue(
        kind=clue.kind, shown=clue.shown, source=clue.source, outcome=looked.outcome, text=looked.text[:MOST_TEXT]
    )


def summary_to_proto(summary: Summary, *, offered: bool) -> pb.SummariseSessionResponse:
    """``offered``: a model may be asked for it in words."""
    return pb.SummariseSessionResponse(
        session=summary.session,
        handoff_reason=summary.handoff_reason,
        lines=[pb.SummaryLine(kind=one.kind, text=one.text, seqs=one.seqs) for one in summary.lines],
        wording_offered=offered,
    )


def wording_to_proto(session: int, wording: Wording) -> pb.WordSessionResponse:
    return pb.WordSessionResponse(
        session=session,
        lines=[pb.SummaryLine(kind=one.kind, text=one.text, seqs=one.seqs) for one in wording.lines],
    )


def _identity(seen: SeenIdentity) -> pb.CustomerIdentity:
    one, use = seen.identity, seen.use
    return pb.CustomerIdentity(
        id=one.id,
        channel=one.channel,
        account=one.account,
        customer=one.customer,
        name=seen.name,
        verified=seen.verified,
        first_seen_at=timestamp(use.first_seen_at),
        last_seen_at=timestamp(use.last_seen_at),
        conversations=use.conversations,
        sessions=use.sessions,
        messages=use.messages,
        linked=one.linked,
        conversation_ids=seen.conversation_ids,
    )


def _profile(profile: Profile) -> pb.CustomerProfile:
    return pb.CustomerProfile(
        channels=list(map(_channel, profile.channels)),
        topics=[pb.CustomerCount(name=name, count=count) for name, count in profile.topics],
        handoffs=[pb.CustomerCount(name=name, count=count) for name, count in profile.handoffs],
        misses=[pb.CustomerCount(name=name, count=count) for name, count in profile.misses],
        ratings=list(map(_rating, profile.ratings[:MOST_RATINGS])),
        figures=[pb.ProfileFigure(name=name, value=value) for name, value in profile.figures.items()],
        value_tags=list(map(_value_tag, profile.value_tags)),
        open_tasks=[
            pb.CustomerTask(conversation_id=one.id, task=conversation_to_proto(one).task) for one in profile.in_task
        ],
        partial=profile.partial,
    )


def _channel(use: ChannelUse) -> pb.ChannelUse:
    return pb.ChannelUse(
        channel=use.channel,
        account=use.account,
        conversations=use.conversations,
        sessions=use.sessions,
        messages=use.messages,
        first_seen_at=timestamp(use.first_seen_at),
        last_seen_at=timestamp(use.last_seen_at),
    )


def _rating(rated: Rated) -> pb.CustomerRating:
    return pb.CustomerRating(
        conversation_id=rated.conversation_id,
        session=rated.session,
        score=rated.score,
        agent_id=rated.agent_id,
        at=timestamp(rated.at),
    )


def _value_tag(given: Given) -> pb.ValueTag:
    because = [pb.HeldCondition(condition=one.text, value=value) for one, value in given.because]
    return pb.ValueTag(tag=given.rule.tag, label_zh=given.rule.label_zh, label_en=given.rule.label_en, because=because)


def _tag(tag: Tag) -> pb.CustomerTag:
    return pb.CustomerTag(tag=tag.tag, by=_editor(tag.by), at=timestamp(tag.at))


def _attribute(one: Attribute) -> pb.CustomerAttribute:
    return pb.CustomerAttribute(name=one.name, value=one.value, by=_editor(one.by), at=timestamp(one.at))


def _note(note: Note) -> pb.CustomerNote:
    return pb.CustomerNote(id=note.id, text=note.text, by=_editor(note.by), at=timestamp(note.at))


def _editor(editor: Editor) -> pb.CustomerEditor:
    return pb.CustomerEditor(id=editor.id, name=editor.name)
