"""The other services, as the console asks them."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import grpc.aio

from yizhan.pb.v1.conversations_pb2_grpc import ConversationsServiceStub
from yizhan.pb.v1.customers_pb2_grpc import CustomersServiceStub
from yizhan.pb.v1.decision_pb2_grpc import DecisionsServiceStub
from yizhan.pb.v1.knowledge_pb2_grpc import DraftsServiceStub, KnowledgeServiceStub, ReleasesServiceStub
from yizhan.pb.v1.learning_pb2_grpc import LearningServiceStub
from yizhan.pb.v1.replies_pb2_grpc import RepliesServiceStub
from yizhan.pb.v1.reports_pb2_grpc import ReportsServiceStub
from yizhan.pb.v1.routing_pb2_grpc import RoutingServiceStub
from yizhan.pb.v1.search_pb2_grpc import SearchServiceStub
from yizhan.pb.v1.tickets_pb2_grpc import TicketsServiceStub

if TYPE_CHECKING:
    from yizhan.pb.v1.conversations_pb2_grpc import ConversationsServiceAsyncStub
    from yizhan.pb.v1.customers_pb2_grpc import CustomersServiceAsyncStub
    from yizhan.pb.v1.decision_pb2_grpc import DecisionsServiceAsyncStub
    from yizhan.pb.v1.knowledge_pb2_grpc import (
        DraftsServiceAsyncStub,
        KnowledgeServiceAsyncStub,
        ReleasesServiceAsyncStub,
    )
    from yizhan.pb.v1.learning_pb2_grpc import LearningServiceAsyncStub
    from yizhan.pb.v1.replies_pb2_grpc import RepliesServiceAsyncStub
    from yizhan.pb.v1.reports_pb2_grpc import ReportsServiceAsyncStub
    from yizhan.pb.v1.routing_pb2_grpc import RoutingServiceAsyncStub
    from yizhan.pb.v1.search_pb2_grpc import SearchServiceAsyncStub
    from yizhan.pb.v1.tickets_pb2_grpc import TicketsServiceAsyncStub


@dataclass(frozen=True, slots=True)
class Peers:
    """Stubs over channels that somebody else opened and closes. Calls raise RpcProblem."""

    conversations: "ConversationsServiceAsyncStub"
    knowledge: "KnowledgeServiceAsyncStub"
    drafts: "DraftsServiceAsyncStub"
    releases: "ReleasesServiceAsyncStub"
    learning: "LearningServiceAsyncStub"
    decisions: "DecisionsServiceAsyncStub"
    customers: "CustomersServiceAsyncStub"
    search: "SearchServiceAsyncStub"
    routing: "RoutingServiceAsyncStub"
    tickets: "TicketsServiceAsyncStub"
    replies: "RepliesServiceAsyncStub"
    reports: "ReportsServiceAsyncStub"


def peers(dialogue: grpc.aio.Channel, routing: grpc.aio.Channel, metrics: grpc.aio.Channel) -> Peers:
    return Peers(
        conversations=ConversationsServiceStub(dialogue),
        knowledge=KnowledgeServiceStub(dialogue),
        drafts=DraftsServiceStub(dialogue),
        releases=ReleasesServiceStub(dialogue),
        learning=LearningServiceStub(dialogue),
        decisions=DecisionsServiceStub(dialogue),
        customers=CustomersServiceStub(dialogue),
        search=SearchServiceStub(dialogue),
        routing=RoutingServiceStub(routing),
        tickets=TicketsServiceStub(routing),
        replies=RepliesServiceStub(routing),
        reports=ReportsServiceStub(metrics),
    )
