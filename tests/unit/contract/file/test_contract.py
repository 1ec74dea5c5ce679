"""What a file says is what every clock goes by: versions, what is kept of it, and what is not stated."""

from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, strategies

from yizhan.contract.calendar import Span
from yizhan.contract.canonical import NotCanonical, canonical, contract_of
from yizhan.contract.clauses import (
    ALWAYS,
    AutoCount,
    ChannelClass,
    Exclusion,
    Figure,
    Pause,
    Priority,
    Step,
    Tier,
    To,
    channel_class,
)
from yizhan.contract.contract import Contract, NoSuchCalendar, version_of
from yizhan.contract.file import parse_contract
from yizhan.contract.standard import shipped, standard, standard_text

EXAMPLE = (Path(__file__).parents[4] / "contracts" / "example-shop.yaml").read_text("utf-8")
BARE = parse_contract("contract: shop\n")

NINE_TO_SIX = """
contract: shop
zone: Europe/Berlin
calendars:
  desk:
    hours:
      mon,wed-thu: ["13:30-18:00", "09:00-12:00"]
      sat: "10:00-24:00"
      sun: closed
    holidays: DE-BY
  shop:
    zone: Asia/Shanghai
    hours: {daily: ["00:00-12:00", "12:00-24:00"]}
    holidays: none
handoff: {calendar: desk}
"""


def clauses(text: str) -> Contract:
    return parse_contract("contract: shop\n" + text)


def test_hours_are_read_as_they_are_written() -> None:
    desk, shop = parse_contract(NINE_TO_SIX).calendars
    day = (Span(540, 720), Span(810, 1080))
    assert desk.week == (day, (), day, day, (), (Span(600, 1440),), ())
    assert (desk.zone, desk.country, desk.make_up) == ("Europe/Berlin", "DE-BY", None)
    assert shop.week == ((Span(0, 1440),),) * 7, "hours that touch are one"
    assert (shop.zone, shop.country) == ("Asia/Shanghai", "")


def test_a_clause_finds_its_calendar_and_always_is_there() -> None:
    contract = parse_contract(NINE_TO_SIX)
    assert contract.calendar(contract.handoff.calendar).name == "desk"
    never_closed = contract.calendar(ALWAYS)
    assert (never_closed.week, never_closed.zone, never_closed.country) == (
        ((Span(0, 1440),),) * 7,
        "Europe/Berlin",
        "",
    )
    with pytest.raises(NoSuchCalendar):
        contract.calendar("night")


def test_the_example_says_what_its_comments_say() -> None:
    contract = parse_contract(EXAMPLE)
    assert contract.calendar("office").make_up == (Span(540, 720), Span(810, 1020))
    assert contract.first_response.of(ChannelClass.EMAIL).calendar == "office"
    urgent, low = contract.tickets.of(Priority.URGENT), contract.tickets.of(Priority.LOW)
    assert (urgent.solution, urgent.calendar) == (timedelta(hours=4), "service")
    assert (low.solution, low.calendar) == (timedelta(hours=40), "office")
    assert contract.tickets.paused_by == (Pause.PENDING,)
    assert contract.compensation.of(Figure.SATISFACTION) == (Tier(85, 0.02), Tier(75, 0.05))
    assert contract.compensation.of(Figure.TICKET_SOLUTION) == ()
    assert contract.targets.of(Figure.AVAILABILITY) == 0.999
    assert Exclusion.FORCE_MAJEURE in contract.exclusions


def test_what_is_not_stated_is_as_in_the_shipped_file() -> None:
    stated = parse_contract("contract: standard\ntitle: Standard service contract\n")
    assert stated == shipped()


def test_every_figure_has_a_target() -> None:
    assert {figure: BARE.targets.of(figure) for figure in Figure} == {
        Figure.FIRST_RESPONSE: 0.99,
        Figure.TRANSFER_SUCCESS: 0.95,
        Figure.AUTO_RESOLUTION: 0.95,
        Figure.SATISFACTION: 85,
        Figure.AVAILABILITY: 0.999,
        Figure.TICKET_RESPONSE: 0.95,
        Figure.TICKET_SOLUTION: 0.95,
    }
    assert BARE.targets.auto_resolution.counts is AutoCount.UNASSISTED


def test_only_email_is_promised_as_email() -> None:
    assert channel_class("email") is ChannelClass.EMAIL
    assert {channel_class(name) for name in ("website", "app", "wechat", "ecommerce")} == {ChannelClass.REALTIME}


SAME = {
    "comments and empty lines": ("# shop\n\nhandoff: {window: 30s} # soon\n", "handoff: {window: 30s}\n"),
    "the order of clauses": ("zone: UTC\nhandoff: {window: 30s}\n", "handoff: {window: 30s}\nzone: UTC\n"),
    "the order of keys": ("handoff: {window: 30s, offer: 9s}\n", "handoff: {offer: 9s, window: 30s}\n"),
    "another way to say a time": ("handoff: {window: 90s}\n", "handoff: {window: 1m30s}\n"),
    "a share in percent or not": ("targets: {availability: 99.9%}\n", "targets: {availability: {at_least: 0.999}}\n"),
    "a default that is said": ("", "handoff: {window: 60s, calendar: always}\n"),
    "the ticket that is said or not": (
        "handoff: {escalation: [{after: 9s, to: everyone}]}\n",
        "handoff: {escalation: [{after: 9s, to: everyone}, {after: 60s, to: ticket}]}\n",
    ),
    "the order of what does not count": ("exclusions: [abuse, off_hours]\n", "exclusions: [off_hours, abuse]\n"),
    "the order of calendars": (
        'calendars: {a: {hours: {mon: "09:00-10:00"}}, b: {hours: {tue: "09:00-10:00"}}}\n',
        'calendars: {b: {hours: {tue: "09:00-10:00"}}, a: {hours: {mon: "09:00-10:00"}}}\n',
    ),
    "days one by one or as a range": (
        'calendars: {a: {hours: {mon-tue: "09:00-12:00"}}}\n',
        'calendars: {a: {hours: {tue: "09:00-12:00", mon: "09:00-12:00", wed: closed}}}\n',
    ),
    "no compensation for a figure": ("compensation: {availability: []}\n", "compensation: {}\n"),
}

OTHER = {
    "another window": "handoff: {window: 61s}\n",
    "another title": "title: Shop\n",
    "another zone": "zone: UTC\n",
    "a calendar more": 'calendars: {a: {hours: {mon: "09:00-10:00"}}}\n',
    "less that does not count": "exclusions: [off_hours]\n",
    "another target": "targets: {availability: 99.95%}\n",
    "other compensation": "compensation: {availability: [{below: 99%, credit: 5%}]}\n",
}


@pytest.mark.parametrize(("one", "other"), SAME.values(), ids=SAME)
def test_what_means_the_same_has_the_same_version(one: str, other: str) -> None:
    assert clauses(one) == clauses(other)
    assert clauses(one).version == clauses(other).version


@pytest.mark.parametrize("text", OTHER.values(), ids=OTHER)
def test_what_means_something_else_has_another_version(text: str) -> None:
    assert clauses(text).version != BARE.version


def test_a_version_is_one_for_ever() -> None:
    """Clocks that started under the shipped contract name this version: change the contract, and it is another one."""
    assert shipped().version == "2565801f40e8c078"


@pytest.mark.parametrize("text", [standard_text(), EXAMPLE, NINE_TO_SIX], ids=["standard", "example", "zones"])
def test_what_a_store_keeps_is_the_whole_contract(text: str) -> None:
    contract = parse_contract(text)
    kept = canonical(contract)
    assert contract_of(kept) == contract
    assert canonical(contract_of(kept)) == kept
    assert version_of(kept) == contract.version


BROKEN = {
    "no JSON": "contract: shop",
    "no contract": "[]",
    "hours that are none": canonical(parse_contract(NINE_TO_SIX)).replace('"start":540', '"start":1500'),
    "a clause of another kind": canonical(BARE).replace('"callback":true', '"callback":"perhaps"'),
}


@pytest.mark.parametrize("text", BROKEN.values(), ids=BROKEN)
def test_what_was_kept_wrongly_is_no_contract(text: str) -> None:
    with pytest.raises(NotCanonical):
        contract_of(text)


def test_a_kept_contract_from_before_a_clause_is_read_with_its_default() -> None:
    kept = canonical(BARE)
    waiting = '"waiting":{"callback":true,"callback_latest":1209600,"callback_lead":600,"callback_retry":1800,"callback_tries":2,"leave_message":true,"tell_every":20},'
    assert waiting in kept
    assert contract_of(kept.replace(waiting, "")) == BARE


SETTINGS = {
    "as shipped": (60, 10, 15, 24),
    "a narrow window": (7, 10, 15, 24),
    "one second": (1, 10, 15, 24),
    "an hour": (3600, 3600, 600, 720),
    "solved within the hour": (60, 10, 15, 1),
}


@pytest.mark.parametrize(("window", "nobody", "offer", "hours"), SETTINGS.values(), ids=SETTINGS)
def test_a_deployments_figures_make_a_contract_that_could_be_written(
    window: int, nobody: int, offer: int, hours: int
) -> None:
    made = standard(
        handoff=timedelta(seconds=window),
        nobody=timedelta(seconds=nobody),
        offer=timedelta(seconds=offer),
        ticket_solution=timedelta(hours=hours),
    )
    written = parse_contract(
        "contract: standard\ntitle: Standard service contract\n"
        f"handoff: {{window: {window}s, offer: {min(offer, window)}s, nobody: {min(nobody, window)}s}}\n"
        f"tickets: {{solution: {hours}h}}\n"
    )
    assert made == written
    assert made.tickets.of(Priority.LOW).response == timedelta(hours=min(2, hours))


@given(strategies.integers(1, 3600))
def test_whatever_the_window_the_standard_steps_ascend_to_the_ticket(window: int) -> None:
    steps = standard(handoff=timedelta(seconds=window)).handoff.escalation
    assert steps[-1] == Step(timedelta(seconds=window), To.TICKET)
    times = [step.after for step in steps]
    assert times == sorted(set(times))
    assert times[0] > timedelta()


def test_a_contract_stated_with_a_narrow_window_needs_no_more() -> None:
    handoff = clauses("handoff: {window: 12s}\n").handoff
    assert (handoff.offer, handoff.nobody) == (timedelta(seconds=12), timedelta(seconds=10))
    assert handoff.escalation == (
        Step(timedelta(seconds=4), To.GROUP),
        Step(timedelta(seconds=8), To.SUPERVISORS),
        Step(timedelta(seconds=12), To.TICKET),
    )


def test_an_escalation_of_nothing_is_the_ticket_alone() -> None:
    assert clauses("handoff: {escalation: []}\n").handoff.escalation == (Step(timedelta(seconds=60), To.TICKET),)


def test_a_priority_keeps_what_it_does_not_state_and_is_answered_before_it_is_solved() -> None:
    times = clauses("tickets: {response: 3h, solution: 48h, priorities: {urgent: {solution: 1h}}}\n").tickets
    assert (times.of(Priority.URGENT).response, times.of(Priority.URGENT).solution) == (timedelta(hours=1),) * 2
    assert times.of(Priority.HIGH).response == timedelta(hours=3)


def test_times_of_different_calendars_are_not_compared() -> None:
    contract = parse_contract(
        NINE_TO_SIX + "tickets: {calendar: desk, priorities: {urgent: {solution: 30h, calendar: always}}}\n"
    )
    assert contract.tickets.of(Priority.URGENT).solution == timedelta(hours=30)
