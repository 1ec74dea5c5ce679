"""A business whose customers write to it on several channels, for tests of what is known of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, cast
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from tests.contract.services.conftest import RecordingBus, SteppedClock
from tests.contract.services.knowledge_bench import SHOP, Bench
from yizhan.core.bus import envelopes
from yizhan.core.bus.interface import Delivery
from yizhan.core.messages import command as k, content as c
from yizhan.core.messages.address import Address
from yizhan.core.messages.ids import new_id
from yizhan.core.messages.message import Author, AuthorKind, Message
from yizhan.core.runtime.metrics import Metrics
from yizhan.core.store.database import Database
from yizhan.core.store.inbox import Inbox
from yizhan.core.store.outbox import Outbox
from yizhan.core.store.timers import Timers
from yizhan.dialogue import store
from yizhan.dialogue.connectors.figures import ConnectorFigures
from yizhan.dialogue.connectors.jobs import Connectors
from yizhan.dialogue.connectors.shops import ShopOrders
from yizhan.dialogue.conversation import Conversation
from yizhan.dialogue.customers.api import CustomersApi
from yizhan.dialogue.customers.following import Following
from yizhan.dialogue.customers.order_search import OrderSearch
from yizhan.dialogue.customers.orders import CustomerOrders
from yizhan.dialogue.customers.start import customers_of
from yizhan.dialogue.customers.value_rules import ValueRules, default_rules
from yizhan.dialogue.customers.wordings import Wordings
from yizhan.dialogue.jobs.finished import JobEnds
from yizhan.dialogue.store.customer_tables import identities
from yizhan.dialogue.store.tables import conversations
from yizhan.dialogue.texts import Voice
from yizhan.dialogue.writer import Rules, Writer
from yizhan.pb.v1 import customers_pb2 as pb

RULES = Rules(partitions=16, voice=Voice("助手"), idle_close=timedelta(minutes=30), zone=ZoneInfo("Asia/Shanghai"))
NOWHERE = cast(Any, None)
MEI = pb.CustomerEditor(id="agent-1", name="小梅")

WEB = Address(SHOP, "website", "demo", "v:1")
WEB_2 = Address(SHOP, "website", "demo", "v:2")
WECHAT = Address(SHOP, "wechat", "mp", "openid-1")
KNOWN = Address(SHOP, "website", "demo", "u:42")
KNOWN_ELSEWHERE = Address(SHOP, "website", "outlet", "u:42")


@dataclass
class Shop:
    """A business whose customers write to it on several channels."""

    database: Database
    knowledge: Bench
    clock: SteppedClock
    writer: Writer
    bus: RecordingBus
    api: CustomersApi
    following: Following

    @classmethod
    def on(
        cls,
        database: Database,
        connectors: Connectors | None = None,
        wordings: Wordings | None = None,
        shops: ShopOrders | None = None,
    ) -> "Shop":
        knowledge, clock, bus = Bench(database), SteppedClock(), RecordingBus()
        search = OrderSearch(ConnectorFigures(Metrics("test")))
        orders = CustomerOrders(database, connectors or {}, knowledge.library.release, search, clock, shops)
        writer = Writer(
            database=database,
            bus=cast(Any, bus),
            inbox=Inbox(database, store.inbox, erasable=True),
            outbox=Outbox(database, store.outbox, cast(Any, bus)),
            timers=Timers(database, store.timers, clock=clock),
            answerer=knowledge.library,
            job_ends=JobEnds({}),
            wake_jobs=lambda: None,
            rules=RULES,
            clock=clock,
            new_id=new_id,
        )
        api, following = customers_of(
            database,
            knowledge.library.release,
            ValueRules(default_rules(), {}),
            orders,
            clock=clock,
            new_id=new_id,
            wordings=wordings,
        )
        return cls(database, knowledge, clock, writer, bus, api, following)

    async def take(self, what: Message | k.Command) -> None:
        self.clock.step(1)
        await self.writer.handle([Delivery("inbound.0", envelopes.inbound(what, 16).envelope, False)])
        while not self.writer._publishing.empty():
            self.writer._publishing.get_nowait()
            self.writer._publishing.task_done()

    async def says(self, who: Address, *contents: str | c.Content, name: str = "") -> None:
        for one in contents:
            content = c.Text(one) if isinstance(one, str) else one
            author = Author(AuthorKind.CUSTOMER, who.customer)
            at, key = self.clock.at, new_id()
            await self.take(Message(new_id(), who, author, content, at, dedupe_key=key, customer_name=name))

    async def told(self, who: Address, kind: k.CommandKind) -> None:
        epoch = (await self.conversation(who)).epoch
        await self.take(k.Command(new_id(), who, self.clock.at, kind, "", epoch))

    async def vouched(self, who: Address) -> None:
        """The business says who this is, and they write."""
        await self.take(k.Command(new_id(), who, self.clock.at, k.Visit("", "", "", "王芳", verified=True), ""))
        await self.says(who, "你好")

    async def session(self, who: Address, *contents: str | c.Content, rating: int = 0) -> None:
        """A whole session: what is said, an agent who closes it, and a rating if any."""
        await self.says(who, *contents, "转人工")
        await self.told(who, k.Assign("agent-1", "小雅", "a-1"))
        await self.told(who, k.Say("agent-1", "小雅", c.Text("好的"), new_id()))
        await self.told(who, k.Close("agent-1", "", ask_rating=True))
        if rating:
            number = (await self.conversation(who)).session
            await self.says(who, c.Choice(f"rating:{number}", str(rating)))

    async def conversation(self, who: Address) -> Conversation:
        async with self.database.read() as tx:
            found = await store.conversation_by_address(tx, who)
        assert found is not None
        return found

    async def card(self, who: Address) -> pb.GetCustomerResponse:
        conversation = await self.conversation(who)
        asked = pb.GetCustomerRequest(workspace=SHOP, conversation_id=conversation.id)
        return await self.api.GetCustomer(asked, NOWHERE)

    async def id_of(self, who: Address) -> str:
        return (await self.card(who)).customer.id

    async def identity_of(self, who: Address) -> str:
        found = (await self.card(who)).customer.identities
        place = (who.channel, who.account, who.customer)
        return next(one.id for one in found if (one.channel, one.account, one.customer) == place)

    async def whose(self) -> Mapping[str, str]:
        """The customer of every identity that is made."""
        async with self.database.read() as tx:
            rows = await tx.execute(sa.select(identities.c.id, identities.c.customer_id))
            return {row[0]: row[1] for row in rows}

    async def link(self, who: Address, to: str, *, reason: str = "", force: bool = False) -> pb.GetCustomerResponse:
        asked = pb.LinkIdentitiesRequest(
            workspace=SHOP, customer_id=to, identity_id=await self.identity_of(who), reason=reason, force=force, by=MEI
        )
        return await self.api.LinkIdentities(asked, NOWHERE)

    async def link_all(self, other: str, to: str, **more: Any) -> pb.GetCustomerResponse:
        asked = pb.LinkIdentitiesRequest(workspace=SHOP, customer_id=to, other_customer_id=other, by=MEI, **more)
        return await self.api.LinkIdentities(asked, NOWHERE)

    async def unlink(self, who: Address) -> pb.GetCustomerResponse:
        asked = pb.UnlinkIdentityRequest(workspace=SHOP, identity_id=await self.identity_of(who), by=MEI)
        return await self.api.UnlinkIdentity(asked, NOWHERE)

    async def tag(self, customer_id: str, *add: str, remove: Sequence[str] = ()) -> pb.GetCustomerResponse:
        asked = pb.SetCustomerTagsRequest(workspace=SHOP, customer_id=customer_id, add=add, remove=remove, by=MEI)
        return await self.api.SetCustomerTags(asked, NOWHERE)

    async def listed(self, **fields: Any) -> pb.ListCustomersResponse:
        return await self.api.ListCustomers(pb.ListCustomersRequest(workspace=SHOP, **fields), NOWHERE)

    async def suggestions(self, customer_id: str) -> Sequence[pb.LinkSuggestion]:
        asked = pb.SuggestLinksRequest(workspace=SHOP, customer_id=customer_id)
        return (await self.api.SuggestLinks(asked, NOWHERE)).suggestions

    async def summary(self, who: Address) -> pb.SummariseSessionResponse:
        conversation = await self.conversation(who)
        asked = pb.SummariseSessionRequest(workspace=SHOP, conversation_id=conversation.id)
        return await self.api.SummariseSession(asked, NOWHERE)

    async def recipients(self) -> Mapping[str, str]:
        """Where a reply in each conversation goes."""
        async with self.database.read() as tx:
            rows = await tx.execute(sa.select(conversations.c.id, conversations.c.address_key))
            return {row[0]: row[1] for row in rows}
