"""Whose identity is whose, after whatever people did."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings, strategies as st

from yizhan.core.messages.address import Address
from yizhan.dialogue.customers.identity import Editor, Identity, identity_of
from yizhan.dialogue.customers.linking import MOST_IDENTITIES, Kind, LinkEvent, Why, linked, owner, unlinked
from yizhan.dialogue.customers.problems import AlreadyLinked, CustomerProblem, NotLinked, ReasonMissing, SameAccount

NOON = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
MEI = Editor("agent-1", "小梅")
PLACES = [("website", "demo"), ("website", "demo"), ("website", "outlet"), ("wechat", "mp"), ("wechat", "mp")]
PEOPLE = [
    identity_of(Address("shop", channel, account, f"c{number}"), NOON)
    for number, (channel, account) in enumerate(PLACES)
]


class Register:
    """All identities with their events, changed as the desk changes them."""

    def __init__(self) -> None:
        self.now = NOON
        self.owners = {one.id: one for one in PEOPLE}
        self.events: dict[str, list[LinkEvent]] = {one.id: [] for one in PEOPLE}

    def why(self, *, force: bool, reason: str) -> Why:
        self.now += timedelta(seconds=1)
        return Why(MEI, self.now, reason, force)

    def link(self, identity_id: str, customer_id: str, *, force: bool = True, reason: str = "同一个人") -> None:
        others = [one for one in self.owners.values() if one.customer_id == customer_id]
        why = self.why(force=force, reason=reason)
        self._follow(linked(self.owners[identity_id], self.events[identity_id], customer_id, others, why))

    def unlink(self, identity_id: str) -> None:
        why = self.why(force=False, reason="")
        self._follow(unlinked(self.owners[identity_id], self.events[identity_id], why))

    def whose(self) -> dict[str, str]:
        return {one.id: one.customer_id for one in self.owners.values()}

    def _follow(self, event: LinkEvent) -> None:
        self.events[event.identity_id].append(event)
        self.owners[event.identity_id] = replace(self.owners[event.identity_id], customer_id=event.to_customer_id)


Step = tuple[str, int, int, bool]
STEPS = st.lists(
    st.tuples(
        st.sampled_from(["link", "link", "unlink"]),
        st.integers(0, len(PEOPLE) - 1),
        st.integers(0, len(PEOPLE) - 1),
        st.booleans(),
    ),
    max_size=40,
)


@settings(max_examples=300, deadline=None)
@given(STEPS)
def test_whatever_was_done_taking_a_link_back_leaves_it_where_it_was(steps: list[Step]) -> None:
    register = Register()
    before: dict[str, list[str]] = {one.id: [] for one in PEOPLE}
    for kind, who, to, force in steps:
        identity_id, target = PEOPLE[who].id, PEOPLE[to].id
        were = register.whose()
        try:
            if kind == "link":
                register.link(identity_id, target, force=force)
                before[identity_id].append(were[identity_id])
            else:
                register.unlink(identity_id)
                assert register.whose() == were | {identity_id: before[identity_id].pop()}
        except CustomerProblem:
            assert register.whose() == were, "what is refused changes nothing"
        everybody = {one for one in register.whose() if register.whose()[one] != were[one]}
        assert everybody <= {identity_id}, "nobody else is moved along"
        assert register.whose() == {one: owner(one, events) for one, events in register.events.items()}
    for identity_id, places in before.items():
        while places:
            register.unlink(identity_id)
            assert register.whose()[identity_id] == places.pop()
        with pytest.raises(NotLinked):
            register.unlink(identity_id)
    assert register.whose() == {one.id: one.id for one in PEOPLE}, "undone to the last, everybody is who they were"


@settings(max_examples=200, deadline=None)
@given(STEPS)
def test_whatever_is_linked_every_identity_is_reached_where_it_was(steps: list[Step]) -> None:
    register = Register()
    for kind, who, to, force in steps:
        try:
            register.link(PEOPLE[who].id, PEOPLE[to].id, force=force) if kind == "link" else register.unlink(
                PEOPLE[who].id
            )
        except CustomerProblem:
            continue
    for one in PEOPLE:
        assert replace(register.owners[one.id], customer_id=one.id) == one


def test_events_are_numbered_and_say_who_when_why_and_between_whom() -> None:
    register = Register()
    first, other = PEOPLE[0], PEOPLE[3]
    register.link(other.id, first.id, reason="同一个手机号")
    register.unlink(other.id)
    link, unlink = register.events[other.id]
    assert (link.kind, link.number, link.from_customer_id, link.to_customer_id) == (Kind.LINK, 1, other.id, first.id)
    assert (link.reason, link.by, link.at) == ("同一个手机号", MEI, NOON + timedelta(seconds=1))
    assert (unlink.kind, unlink.number, unlink.from_customer_id, unlink.to_customer_id) == (
        Kind.UNLINK,
        2,
        first.id,
        other.id,
    )


def test_a_link_is_called_forced_only_where_something_spoke_against_it() -> None:
    register = Register()
    register.link(PEOPLE[3].id, PEOPLE[0].id, force=True)
    register.link(PEOPLE[1].id, PEOPLE[0].id, force=True)
    assert [register.events[PEOPLE[number].id][0].forced for number in (3, 1)] == [False, True]


REFUSED = [
    pytest.param(1, 0, False, "", SameAccount, id="two visitors of one website"),
    pytest.param(1, 0, True, "", ReasonMissing, id="the same by force, without a reason"),
    pytest.param(0, 0, True, "x", AlreadyLinked, id="an identity to its own customer"),
]


@pytest.mark.parametrize(("who", "to", "force", "reason", "error"), REFUSED)
def test_what_cannot_be_linked(who: int, to: int, force: bool, reason: str, error: type[CustomerProblem]) -> None:
    register = Register()
    with pytest.raises(error):
        register.link(PEOPLE[who].id, PEOPLE[to].id, force=force, reason=reason)
    assert register.whose() == {one.id: one.id for one in PEOPLE}


def test_a_customer_has_no_more_identities_than_a_screen_can_show() -> None:
    others = [identity_of(Address("shop", "wechat", f"mp{number}", "o"), NOON) for number in range(MOST_IDENTITIES)]
    with pytest.raises(CustomerProblem) as refused:
        linked(PEOPLE[0], [], others[0].id, others, Why(MEI, NOON, "x", force=True))
    assert refused.value.code == "too_many"


def test_an_identity_follows_from_its_address_alone_and_threads_share_it() -> None:
    def made(*parts: str, at: datetime = NOON) -> Identity:
        return identity_of(Address(*parts), at)

    one = made("shop", "email", "support", "li@example.com", "thread-1")
    assert one.id == made("shop", "email", "support", "li@example.com", "thread-2", at=NOON + timedelta(days=1)).id
    others = [
        made("shop2", "email", "support", "li@example.com"),
        made("shop", "email", "sales", "li@example.com"),
        made("shop", "email", "support", "wang@example.com"),
        made("shop", "emai", "lsupport", "li@example.com"),
    ]
    assert len({one.id, *(other.id for other in others)}) == 5
    assert one.customer_id == one.id
