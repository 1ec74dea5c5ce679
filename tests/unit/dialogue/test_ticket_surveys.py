"""A customer is asked about the solution of a ticket: once, when nobody talks, and when the channel lets it pass."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from tests.unit.dialogue.stage import ADDRESS, NOON, Stage
from yizhan.core.messages import command as k, content as c
from yizhan.dialogue.conversation import Conversation, State
from yizhan.dialogue.tickets.surveying import QUIET, SURVEY, Later, moment_for
from yizhan.dialogue.tickets.ties import Survey, TicketTies, dump_ties, load_ties
from yizhan.pb.v1 import event_pb2

D = event_pb2.Disposition
MINUTE = timedelta(minutes=1)
UNTIL = NOON + timedelta(days=7)
MENU = "rating:ticket:t1:1"


def conversation(state: State = State.CLOSED, said: timedelta = -QUIET, **fields: object) -> Conversation:
    """In which something was said so long ago."""
    return Conversation(
        id="c",
        address=ADDRESS,
        first_seen_at=NOON - timedelta(days=1),
        state=state,
        last_message_at=NOON + said,
        **fields,  # type: ignore[arg-type]
    )


@pytest.mark.parametrize(
    ("given", "menu", "expected"),
    [
        pytest.param(conversation(said=-MINUTE), "", None, id="the session is over"),
        pytest.param(conversation(State.BOT), "", None, id="nobody has said anything for a while"),
        pytest.param(conversation(State.TICKETED), "", None, id="likewise while a ticket waits"),
        pytest.param(
            conversation(State.BOT, -MINUTE),
            "",
            Later(NOON + 9 * MINUTE, "no_quiet_moment"),
            id="the customer talks with the assistant",
        ),
        *(
            pytest.param(conversation(state), "", Later(None, "no_quiet_moment"), id=f"a human has it: {state.name}")
            for state in (State.QUEUED, State.OFFERED, State.ASSIGNED)
        ),
        pytest.param(
            conversation(said=-MINUTE),
            "rating:3",
            Later(NOON + 9 * MINUTE, "no_quiet_moment"),
            id="they have just been asked how the session was",
        ),
        pytest.param(conversation(), "rating:3", None, id="that was a while ago"),
        pytest.param(
            conversation(reply_until=NOON), "", Later(None, "window_closed"), id="the channel lets nothing through"
        ),
        pytest.param(
            conversation(reply_until=NOON + MINUTE, reply_left=0),
            "",
            Later(None, "window_closed"),
            id="all that may be sent has been sent",
        ),
        pytest.param(conversation(reply_until=NOON + MINUTE, reply_left=1), "", None, id="one more may be sent"),
    ],
)
def test_when_to_ask(given: Conversation, menu: str, expected: Later | None) -> None:
    assert moment_for(given, menu, NOON) == expected


def ask(stage: Stage, ticket: str = "t1", solving: int = 1, **fields: object) -> None:
    asked = k.AskTicketRating(ticket, "T000001", solving, fields.pop("until", UNTIL), **fields)  # type: ignore[arg-type]
    assert stage.command(asked, epoch=0) == ""


def closed(*, ask_rating: bool = False) -> Stage:
    stage = Stage()
    stage.customer("发货")
    stage.command(k.Close("system", "", ask_rating))
    return stage


def menus(stage: Stage) -> list[str]:
    return [one.content.menu_id for one in stage.turn.outbound if isinstance(one.content, c.Menu)]


def marks(stage: Stage) -> list[tuple[str, int, str]]:
    told = [event.ticket_surveyed for event in stage.turn.events if event.HasField("ticket_surveyed")]
    return [(one.mark, one.solving, one.reason or one.comment or str(one.score or "")) for one in told]


def fire(stage: Stage) -> None:
    """The latest timer comes due."""
    timer = [one for one in stage.turn.timers if one.purpose == SURVEY][-1]
    stage.pass_time(timer.due_at - stage.now)
    stage.command(k.TimerFired(SURVEY, timer.session), epoch=0)


def press(stage: Stage, score: int, menu: str = MENU) -> object:
    return stage.customer(c.Choice(menu, str(score), "满意"))


def test_asked_answered_and_explained() -> None:
    stage = closed()
    ask(stage)
    assert menus(stage) == [MENU]
    handled = press(stage, 4)
    assert handled.disposition == D.DISPOSITION_ANSWERED  # type: ignore[attr-defined]
    stage.pass_time(MINUTE)
    stage.customer("师傅来得有点慢")
    assert marks(stage) == [("asked", 1, ""), ("scored", 1, "4"), ("commented", 1, "师傅来得有点慢")]
    assert stage.state is State.CLOSED, "no session begins, and no agent is looked for"
    assert stage.conversation.rating == 0, "the session's own rating is another one"
    assert "conversation_rated" not in stage.events()


@pytest.mark.parametrize(
    "words",
    [
        pytest.param("发货", id="the assistant knows an answer"),
        pytest.param("转人工", id="a person is wanted"),
        pytest.param("谢谢", id="a courtesy"),
        pytest.param("我另一个订单呢", id="a question"),
        pytest.param("Where is my parcel?", id="a question in English"),
    ],
)
def test_what_is_no_comment_is_served_as_ever(words: str) -> None:
    stage = closed()
    ask(stage)
    press(stage, 4)
    stage.customer(words)
    assert [mark for mark, _, _ in marks(stage)] == ["asked", "scored"]
    assert stage.state is not State.CLOSED


def test_only_the_very_next_words_are_a_comment_and_only_once() -> None:
    stage = closed()
    ask(stage)
    press(stage, 2)
    stage.customer("太慢了")
    stage.customer("真的太慢了")
    assert [mark for mark, _, _ in marks(stage)] == ["asked", "scored", "commented"]
    assert stage.state is not State.CLOSED, "the second is a message like any other"


def test_nobody_is_asked_twice_for_one_solution() -> None:
    stage = closed()
    ask(stage)
    ask(stage)
    press(stage, 5)
    ask(stage)
    press(stage, 1)
    assert menus(stage) == [MENU]
    assert marks(stage) == [("asked", 1, ""), ("scored", 1, "5")], "the first answer counts"
    assert stage.said()[-1] == f"bot: {stage.turn.texts.ticket_rating_over}"


def test_a_ticket_that_is_taken_up_again_asks_again_only_for_its_next_solution() -> None:
    stage = closed()
    ask(stage)
    ask(stage, withdraw=True)
    press(stage, 1)
    assert marks(stage) == [("asked", 1, "")], "the solution is no more, and nor is the question about it"
    stage.pass_time(QUIET)
    ask(stage, solving=2)
    press(stage, 5, "rating:ticket:t1:2")
    assert marks(stage)[1:] == [("asked", 2, ""), ("scored", 2, "5")]


def test_what_was_not_asked_yet_is_not_asked_when_it_is_taken_up_again() -> None:
    stage = Stage()
    stage.customer("发货")
    ask(stage)
    ask(stage, withdraw=True)
    stage.command(k.Close("system", "", False))
    assert (menus(stage), marks(stage)) == ([], [("not_asked", 1, "withdrawn")])


def test_while_an_agent_has_the_conversation_nothing_is_asked_until_they_are_done() -> None:
    stage = Stage()
    stage.assigned()
    ask(stage)
    stage.pass_time(timedelta(hours=2))
    fire_at = [one.due_at for one in stage.turn.timers if one.purpose == SURVEY]
    assert (menus(stage), fire_at) == ([], [UNTIL])
    stage.command(k.Close("agent-1", "", False))
    assert menus(stage) == [MENU]


def test_a_press_while_an_agent_talks_is_kept_and_the_assistant_stays_silent() -> None:
    stage = closed()
    ask(stage)
    stage.assigned()
    before = len(stage.turn.outbound)
    handled = press(stage, 3)
    assert handled.disposition == D.DISPOSITION_HELD  # type: ignore[attr-defined]
    assert marks(stage)[-1] == ("scored", 1, "3")
    assert len(stage.turn.outbound) == before


@pytest.mark.parametrize(
    ("ask_rating", "expected", "told"),
    [
        pytest.param(True, [], [("with_session", 1, "")], id="which has asked how it was"),
        pytest.param(False, [MENU], [("asked", 1, "")], id="which has asked nothing"),
    ],
)
def test_the_end_of_the_session_has_solved_it(
    ask_rating: bool, expected: list[str], told: list[tuple[str, int, str]]
) -> None:
    stage = closed(ask_rating=ask_rating)
    ask(stage, at_end=True)
    assert ([one for one in menus(stage) if one == MENU], marks(stage)) == (expected, told)


def test_a_closed_window_is_waited_for_and_the_next_quiet_moment_in_it_used() -> None:
    stage = closed()
    stage.turn.conversation = replace(stage.conversation, reply_until=NOON - MINUTE, reply_at=NOON - MINUTE)
    ask(stage)
    assert menus(stage) == []
    stage.turn.conversation = replace(stage.conversation, reply_until=NOON + timedelta(days=2))
    stage.customer("发货")
    assert menus(stage) == [], "they have just begun to talk"
    fire(stage)
    assert menus(stage) == [MENU]


def never_open(stage: Stage) -> None:
    stage.turn.conversation = replace(stage.conversation, reply_until=NOON - MINUTE, reply_at=NOON - MINUTE)


@pytest.mark.parametrize(
    ("begin", "prepare", "reason"),
    [
        pytest.param(closed, never_open, "window_closed", id="the customer never writes again"),
        pytest.param(Stage, Stage.assigned, "no_quiet_moment", id="an agent never lets go"),
    ],
)
def test_what_cannot_be_asked_in_time_is_told_with_the_reason(
    begin: Callable[[], Stage], prepare: Callable[[Stage], None], reason: str
) -> None:
    stage = begin()
    prepare(stage)
    ask(stage)
    fire(stage)
    assert (menus(stage), marks(stage)) == ([], [("not_asked", 1, reason)])


def test_of_two_tickets_that_are_solved_at_once_one_is_asked_about_at_a_time() -> None:
    stage = closed()
    ask(stage)
    ask(stage, "t2")
    assert menus(stage) == [MENU]
    fire(stage)
    assert menus(stage) == [MENU, "rating:ticket:t2:1"]


def test_a_rating_and_its_comment_open_no_ticket_again() -> None:
    stage = closed()
    stage.command(k.Watch(NOON))
    ask(stage)
    press(stage, 1)
    stage.customer("没有修好")
    senses = [event.customer_wrote.sense for event in stage.turn.events if event.HasField("customer_wrote")]
    assert senses == [event_pb2.CustomerWrote.SENSE_RATING] * 2


def test_what_was_asked_outlives_the_process() -> None:
    ties = TicketTies(NOON, (Survey("t1", "T000001", 1, UNTIL, asked=True, score=3, thanked_seq=7),))
    stored = dump_ties(ties)
    assert stored is not None
    assert load_ties(stored) == ties
