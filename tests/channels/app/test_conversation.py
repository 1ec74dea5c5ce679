"""One customer on several devices: one conversation, the same cursors, the same count of what is unread."""

from datetime import timedelta
from pathlib import Path

import pytest

from tests.channels.app.conftest import App, open_channel
from tests.channels.waiting import until
from tests.simulators.issuer import Issuer
from yizhan.core.messages.command import Visit


async def test_two_devices_of_a_user_have_one_conversation(app: App) -> None:
    async with app.device() as phone, app.device() as tablet:
        await phone.say("hi")
        await phone.reached(2)
        await tablet.reached(2)
        assert tablet.texts() == phone.texts() == ["hi", "echo hi"]
        await until(lambda: bool(app.dialogue.commands))
    (visit,) = app.dialogue.commands
    assert isinstance(visit.kind, Visit)
    assert visit.kind.verified
    assert [address.customer for address in app.dialogue.transcripts] == ["u:user-1"]


async def test_what_is_unread_is_the_same_on_every_device(app: App) -> None:
    async with app.device(acknowledge=False) as phone, app.device(acknowledge=False) as tablet:
        await phone.say("hi")
        for text in ("one", "two"):
            await app.dialogue.say(app.address(), text)
        await phone.reached(4)
        await tablet.reached(4)
        assert (phone.unread(), tablet.unread()) == (3, 3)
        await tablet.write({"type": "read", "seq": 3})
        await until(lambda: app.dialogue.transcripts[app.address()].read == 3)
        await app.hint_read(app.address(), 3)
        await until(lambda: (phone.unread(), tablet.unread()) == (1, 1))
        assert (await phone.conversation())["unread"] == 1


async def test_what_is_unread_is_right_after_being_away(home: Path, issuer: Issuer) -> None:
    async with open_channel(home, issuer) as app, app.device(acknowledge=False) as phone:
        await phone.say("hi")
        await phone.reached(2)
        phone.cut()
        for text in ("one", "two"):
            app.dialogue.said(app.address(), text)
        await phone.reached(4)
        assert phone.unread() == 3


async def test_without_the_transcript_the_count_follows_when_it_can_be_read(app: App) -> None:
    app.dialogue.said(app.address(), "while you were away")
    app.dialogue.away = True
    async with app.device() as phone:
        assert "unread" not in phone.ready
        app.dialogue.away = False
        await phone.reached(1)
        await until(lambda: phone.unread() == 1)


async def test_pages_go_both_ways_and_say_where_the_conversation_stands(app: App) -> None:
    for number in range(5):
        app.dialogue.said(app.address(), f"{number}")
    token = issuer_token(app)
    status, page, _ = await app.request("GET", "/messages?after=1&limit=2", token)
    assert (status, [item["seq"] for item in page["messages"]], page["more"]) == (200, [2, 3], True)
    assert (page["head"], page["unread"], page["read"], page["delivered"]) == (5, 5, 0, 0)
    status, page, _ = await app.request("GET", "/messages?before=3&limit=5", token)
    assert ([item["seq"] for item in page["messages"]], page["more"]) == ([1, 2], False)


async def test_an_empty_conversation_is_there_and_says_what_may_be_sent(app: App) -> None:
    status, shown, _ = await app.request("GET", "/conversation", issuer_token(app, "new"))
    assert (status, shown["head"], shown["unread"], shown["version"]) == (200, 0, 0, 1)
    assert shown["customer_id"] == "u:new"
    assert shown["limits"]["text_chars"] == 4000


async def test_another_customers_messages_are_not_there(app: App) -> None:
    app.dialogue.said(app.address("user-1"), "for one")
    for path in ("/messages", "/conversation"):
        _, shown, _ = await app.request("GET", path, issuer_token(app, "user-2"))
        assert (shown["head"], shown["unread"], shown.get("messages", [])) == (0, 0, [])


@pytest.mark.parametrize(
    ("version", "status", "code"),
    [
        pytest.param("1", 200, "", id="ours"),
        pytest.param("7", 200, "", id="newer than ours"),
        pytest.param("0", 426, "version_too_old", id="older than the least"),
        pytest.param("one", 400, "version_malformed", id="no number"),
    ],
)
async def test_versions(app: App, version: str, status: int, code: str) -> None:
    got, body, answer = await app.request(
        "GET", "/conversation", issuer_token(app), headers={"Yizhan-Version": version}
    )
    assert (got, body.get("code", "")) == (status, code)
    assert answer.headers.get("Yizhan-Version", "1") == "1"


async def test_a_frame_with_what_a_newer_client_knows_is_taken(app: App) -> None:
    async with app.device() as phone:
        await phone.write(
            {"type": "send", "client_id": "c-1", "content": {"type": "text", "text": "hi", "mood": 1}, "new": True}
        )
        assert (await phone.answered("c-1"))["type"] == "accepted"


async def test_a_listed_page_may_call_and_another_may_not(app: App) -> None:
    token = issuer_token(app)
    for origin, status in (("https://m.shop.example.com", 200), ("https://evil.example.com", 403), ("null", 403)):
        got, _, answer = await app.request("GET", "/conversation", token, headers={"Origin": origin})
        assert got == status
        allowed = answer.headers.get("Access-Control-Allow-Origin")
        assert allowed == (origin if status == 200 else None)
        assert "Access-Control-Allow-Credentials" not in answer.headers


async def test_a_token_in_the_address_opens_nothing(app: App) -> None:
    token = issuer_token(app)
    for path in (f"/messages?token={token}", f"/events?token={token}", f"/events?ticket={token}"):
        status, body, _ = await app.request("GET", path)
        assert (status, body["code"]) == (401, "token_missing")


async def test_a_connection_is_renewed_in_band(app: App) -> None:
    async with app.device() as phone:
        app.watch.ahead = timedelta(minutes=30)
        await phone.renew()
        await phone.until(lambda: any(frame["type"] == "authorized" for frame in phone.frames))
        app.watch.ahead = timedelta(minutes=75)  # past the first token's end, not past the second's
        await phone.say("still here")
        await phone.reached(2)
        assert phone.connections == 1


async def test_a_connection_whose_token_ended_is_closed_and_says_why(app: App) -> None:
    async with app.device() as phone:
        app.watch.ahead = timedelta(minutes=75)
        await phone.say("too late")
        await phone.until(lambda: phone.closed_with == 4401)
        codes = [frame["problem"]["code"] for frame in phone.frames if frame["type"] == "error"]
        assert codes == ["token_expired"]


async def test_another_customers_token_does_not_take_a_connection_over(app: App) -> None:
    async with app.device() as phone:
        await phone.renew(issuer_token(app, "user-2"))
        await phone.until(lambda: phone.closed_with == 4401)


def issuer_token(app: App, user: str = "user-1") -> str:
    return app.issuer.token(user)
