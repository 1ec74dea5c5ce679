"""A case from the question to the rating: the mailbox, the assistant's writer, the page of the link, and the figures."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import aiohttp
import pytest

from tests.channels.conformance.email import SUPPORT, Correspondent, EmailHarness
from tests.channels.conformance.harness import ACCOUNT, Process
from tests.channels.conformance.stand import PARTITIONS, SECRET
from tests.channels.waiting import until
from tests.services.schemas import sqlite_file
from tests.simulators.smtp_server import Posted
from yizhan.channels.account_settings import account_sealer
from yizhan.channels.accounts import Accounts
from yizhan.channels.email import service as email
from yizhan.channels.registry import ACCOUNT_SETTINGS
from yizhan.core.bus import envelopes
from yizhan.core.bus.open import open_bus
from yizhan.core.messages import command as k, content as c
from yizhan.core.messages.address import Address
from yizhan.core.messages.ids import new_id
from yizhan.core.runtime.clock import now
from yizhan.core.runtime.core import Core, new_replica
from yizhan.core.runtime.health import Health
from yizhan.core.runtime.http import make_app, serve
from yizhan.core.runtime.lifespan import Lifespan
from yizhan.core.runtime.metrics import Metrics
from yizhan.core.runtime.settings import DialogueSettings, MetricsSettings
from yizhan.core.security.keys import Keyring
from yizhan.core.security.media_urls import MediaUrls
from yizhan.core.security.tokens import signers
from yizhan.core.store.database import Database
from yizhan.core.store.media import MediaStore
from yizhan.dialogue import service as dialogue, store
from yizhan.dialogue.conversation import Conversation, State
from yizhan.metrics import service as metrics

PUBLIC = "https://service.example.com"


@dataclass
class Office:
    """Mail, dialogue and metrics of a business, in one process."""

    core: Core
    harness: EmailHarness
    port: int

    def count(self, name: str, **labels: str) -> float:
        return self.core.metrics.registry.get_sample_value(name, labels) or 0

    async def conversation(self, address: Address) -> Conversation | None:
        async with self.core.database.read() as tx:
            return await store.conversation_by_address(tx, address)

    async def stands(self, address: Address, met: Callable[[Conversation], bool]) -> Conversation:
        """The conversation when it is so."""
        async with asyncio.timeout(30):
            while (one := await self.conversation(address)) is None or not met(one):
                await asyncio.sleep(0.02)
        return one

    async def command(self, conversation: Conversation, kind: k.CommandKind) -> None:
        command = k.Command(new_id(), conversation.address, now(), kind, conversation.id, conversation.epoch)
        await self.core.bus.publish([envelopes.inbound(command, PARTITIONS)])

    async def mailed(self, person: Correspondent, count: int) -> Posted:
        """The last of so many mails."""
        await until(lambda: len(self.harness.smtp.to(person.customer)) >= count)
        return self.harness.smtp.to(person.customer)[count - 1]

    async def served(self, person: Correspondent) -> Posted:
        """Asked, answered by a person, and closed; the mail that asks how it was."""
        await person.says("我的猫吃了说明书")
        queued = await self.stands(person.address, lambda one: one.state is State.QUEUED)
        await self.command(queued, k.Assign("agent-1", "小雅", "assignment-1"))
        assigned = await self.stands(person.address, lambda one: one.state is State.ASSIGNED)
        await self.command(assigned, k.Say("agent-1", "小雅", c.Text("请换一只猫")))
        await self.mailed(person, 1)
        await self.command(assigned, k.Close("agent-1", "done", ask_rating=True))
        return await self.mailed(person, 2)

    def rated(self, score: int) -> float:
        return self.count("yizhan_ratings_total", channel="email", score=str(score))


@asynccontextmanager
async def opened(harness: EmailHarness, home: Path, public_url: str) -> AsyncIterator[Office]:
    sqlite_file(home)
    keyring = Keyring.parse(SECRET)
    figures = Metrics("email")
    async with harness.opened(), Database("", home=home) as database:
        bus = open_bus("embedded://", database=database, partitions=PARTITIONS, producer="test", metrics=figures)
        async with bus as open_one, Lifespan() as life:
            core = Core(
                database=database,
                bus=open_one,
                media=MediaStore("", home),
                clock=now,
                new_id=new_id,
                signer=signers(keyring, now),
                media_urls=MediaUrls(keyring, now, public_url),
                replica=new_replica(),
                health=Health("email"),
                metrics=figures,
            )
            accounts = Accounts(database, ACCOUNT_SETTINGS, now, account_sealer(keyring))
            await accounts.add("default", "email", ACCOUNT, settings=harness.account())
            await dialogue.start(life, DialogueSettings(home=home, secret=SECRET, partitions=PARTITIONS), core)
            await metrics.start(life, MetricsSettings(home=home, secret=SECRET, partitions=PARTITIONS), core)
            settings = harness.settings(Process(home, SECRET, PARTITIONS)).model_copy(update={"public_url": public_url})
            parts = await email.start(life, settings, core)  # type: ignore[arg-type]
            app = make_app("email", metrics=figures, health=core.health)
            app.add_routes(parts.routes)
            port = await life.enter(serve(app, "127.0.0.1", 0))
            yield Office(core, harness, port)


async def test_a_case_is_rated_by_the_link_of_a_mail(harness: EmailHarness, home: Path) -> None:
    async with opened(harness, home, PUBLIC) as office, aiohttp.ClientSession() as http:
        person = await harness.person()
        invitation = await office.served(person)
        assert (invitation.header("Auto-Submitted"), invitation.header("Subject")) == ("auto-replied", "Re: 关于订单")
        assert person.root in invitation.header("References").split()
        links = re.findall(r"https:\S+", invitation.text)
        assert [link.partition("?grade=")[2] for link in links] == list("54321")
        assert re.findall(r'href="([^"]+)"', invitation.page) == links
        inside = [f"http://127.0.0.1:{office.port}{urlsplit(link).path}" for link in links]
        pages = []
        for link in inside:
            async with http.get(f"{link}?grade=1") as shown:
                pages.append(await shown.text())
                assert shown.status == 200
        nonce = re.findall(r'name="nonce" value="([^"]+)"', pages[1])[0]
        form = {"nonce": nonce, "grade": "4", "comment": "猫很好"}
        for _ in range(2):
            async with http.post(inside[1], data=form) as sent:
                assert sent.status == 200
        rated = await office.stands(person.address, lambda one: one.rating > 0)
        assert (rated.rating, rated.state, rated.session) == (4, State.CLOSED, 1)
        await until(lambda: office.rated(4) == 1)
        handled = "yizhan_inbound_messages_total"
        labels = {"channel": "email", "intent": "none"}
        await until(lambda: office.count(handled, disposition="duplicate", **labels) == 1)
        assert [office.rated(score) for score in (1, 2, 3, 4, 5)] == [0, 0, 0, 1, 0]
        assert len(harness.smtp.to(person.customer)) == 2, "the page has thanked already"
        assert harness.smtp.violations == []


@pytest.mark.parametrize("public_url", ["", PUBLIC], ids=["no public address", "links besides"])
async def test_a_case_is_rated_by_a_mail_of_one_digit(harness: EmailHarness, home: Path, public_url: str) -> None:
    async with opened(harness, home, public_url) as office:
        person = await harness.person()
        invitation = await office.served(person)
        assert ("https:" in invitation.text) is bool(public_url)
        assert "只写一个数字" in invitation.text
        await person.says(f"5\n\n> {SUPPORT} 写道：\n> 您满意吗？")
        rated = await office.stands(person.address, lambda one: one.rating > 0)
        assert (rated.rating, rated.state) == (5, State.CLOSED)
        await until(lambda: office.rated(5) == 1)
        assert len(harness.smtp.to(person.customer)) == 2
