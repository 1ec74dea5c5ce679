"""Who works at the desk of a simulated month: they come and go, and take what they are offered, or not."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from tests.contract.services.month_agenda import Act, Agenda
from tests.contract.services.month_promises import Phase, local
from tests.contract.services.routing_desk import NO_CONTEXT, SHOP, Desk
from yizhan.pb.v1 import routing_pb2 as pb

OWL = "owl"
"""Comes in when a promised call was missed."""


@dataclass(frozen=True, slots=True)
class Offered:
    """An offer that an agent may still take."""

    agent: str
    conversation: str
    expires_at: datetime


@dataclass(eq=False)
class Staff:
    """``online`` are those who can be offered something; ``asked_for`` is a group of a few."""

    desk: Desk
    agenda: Agenda
    seed: int
    names: Sequence[str]
    online: set[str] = field(default_factory=set)
    offers: dict[str, Offered] = field(default_factory=dict)
    asked_for: str = ""

    async def hire(self, supervisor: str, asked_for: Sequence[str]) -> None:
        """Most cases are for everybody; some are for a group, behind which the others stand."""
        for name in (*self.names, OWL):
            await self.desk.agent(name, capacity=2, state="offline")
        asked = pb.SetAbilitiesRequest(workspace=SHOP, agent_id=supervisor, supervisor=True)
        await self.desk.api.SetAbilities(asked, NO_CONTEXT)
        others = pb.Group(workspace=SHOP, name="others", agent_ids=[one for one in self.names if one not in asked_for])
        wider = (await self.desk.api.PutGroup(pb.PutGroupRequest(group=others), NO_CONTEXT)).group.id
        few = pb.Group(workspace=SHOP, name="few", agent_ids=asked_for, wider_ids=[wider])
        self.asked_for = (await self.desk.api.PutGroup(pb.PutGroupRequest(group=few), NO_CONTEXT)).group.id

    def roster(self, phase: Phase, day: date) -> None:
        """They come about opening, go to lunch about noon and home about closing; the first one is always early."""
        spans = phase.special.get(day, phase.paper.hours(day))
        if not spans:
            return
        chance = random.Random(f"{self.seed}/{day}")
        begins, ends = self._span(day, spans[0])[0], self._span(day, spans[-1])[1]
        for number, name in enumerate(self.names):
            came = chance.uniform(-300, -1) if number == 0 else chance.uniform(-300, 480)
            self.agenda.at(begins + timedelta(seconds=came), self.be(name, "online"))
            if len(spans) > 1 and chance.random() < 0.6:
                lunch, again = self._span(day, spans[0])[1], self._span(day, spans[1])[0]
                self.agenda.at(lunch + timedelta(seconds=chance.uniform(-60, 120)), self.be(name, "away"))
                self.agenda.at(again + timedelta(seconds=chance.uniform(-90, 240)), self.be(name, "online"))
            self.agenda.at(ends + timedelta(seconds=chance.uniform(-90, 1200)), self.be(name, "offline"))

    @staticmethod
    def _span(day: date, text: str) -> tuple[datetime, datetime]:
        begin, end = ((int(at[:2]), int(at[3:])) for at in text.split("-"))
        return local(day.month, day.day, *begin), local(day.month, day.day, *end)

    def be(self, name: str, state: str) -> Act:
        async def act() -> None:
            await self.desk.presence(name, state)
            (self.online.add if state == "online" else self.online.discard)(name)

        return act

    def react(self, offer_id: str, offered: Offered) -> None:
        """Most take it, some decline, some do not notice."""
        self.offers[offer_id] = offered
        chance = random.Random(f"{self.seed}/{offered.conversation}/{offered.agent}/{offered.expires_at}")
        left = (offered.expires_at - self.agenda.now).total_seconds()
        what = chance.random()
        if what < 0.85:
            take = self._accept if what < 0.68 else self._decline
            self.agenda.later(chance.uniform(0.2, max(0.3, left - 0.1)), lambda: take(offer_id, offered))

    async def _accept(self, offer_id: str, offered: Offered) -> None:
        if self.offers.pop(offer_id, None) is not None:
            await self.desk.accept(offered.agent, offer_id)

    async def _decline(self, offer_id: str, offered: Offered) -> None:
        if self.offers.pop(offer_id, None) is not None:
            await self.desk.decline(offered.agent, offer_id)
