"""Whatever comes in, the answer says what is wrong, and nothing is lost or let through."""

import asyncio
import io
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import aiohttp
import pytest
import pytest_asyncio

from tests.channels.website.conftest import SHOP, Site, open_site
from yizhan.channels.accounts import REFRESH_SECONDS, Change
from yizhan.core.security.keys import Keyring
from yizhan.core.security.tokens import signers


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def site(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Site]:
    async with open_site(tmp_path_factory.mktemp("home"), website_sessions_per_minute=10_000) as opened:
        yield opened


pytestmark = pytest.mark.asyncio(loop_scope="module")


async def ended(site: Site, *frames: str | bytes, account: str = "demo", origin: str | None = None) -> int | None:
    """The close code after these frames (bytes go as a binary frame)."""
    headers = {"Origin": origin} if origin else {}
    async with site.http.ws_connect(f"{site.url}/website/{account}/ws", headers=headers) as socket:
        for frame in frames:
            try:
                await (socket.send_bytes(frame) if isinstance(frame, bytes) else socket.send_str(frame))
            except (aiohttp.ClientError, ConnectionError):
                break
        async for _ in socket:
            pass
        return socket.close_code


async def hello(site: Site, **members: Any) -> str:
    return json.dumps({"type": "hello", "token": await site.token(), "after": 0, **members})


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        pytest.param("", 4400, id="an empty frame"),
        pytest.param("hello", 4400, id="no JSON"),
        pytest.param('{"type":', 4400, id="JSON cut off"),
        pytest.param("[]", 4400, id="a list"),
        pytest.param("null", 4400, id="null"),
        pytest.param("{}", 4400, id="no type"),
        pytest.param('{"type":"shout"}', 4400, id="an unknown type"),
        pytest.param('{"type":"ready","head":1}', 4400, id="a frame that only servers send"),
        pytest.param('{"type":"hello","token":"x","after":0}', 4400, id="a second hello"),
        pytest.param('{"type":"send"}', 4400, id="a send without its parts"),
        pytest.param('{"type":"send","client_id":"","content":{}}', 4400, id="an empty client id"),
        pytest.param('{"type":"send","client_id":"a b","content":{}}', 4400, id="a client id with blanks"),
        pytest.param(f'{{"type":"send","client_id":"{"x" * 65}","content":{{}}}}', 4400, id="a long client id"),
        pytest.param('{"type":"send","client_id":"a","content":"hi"}', 4400, id="content that is no object"),
        pytest.param('{"type":"read","seq":-1}', 4400, id="a negative seq"),
        pytest.param('{"type":"read","seq":"1"}', 4400, id="a seq as text"),
        pytest.param('{"type":"read","seq":1.5}', 4400, id="half a seq"),
        pytest.param('{"type":"resync","after":99999999999999999999}', 4400, id="a seq beyond all numbers"),
        pytest.param('{"type":"ping","x":"\\ud800"}', 4400, id="half a surrogate pair"),
        pytest.param(b'{"type":"ping"}', 4400, id="a binary frame"),
        pytest.param('{"type":"ping","x":"' + "[" * 30_000 + '"}', None, id="odd but harmless"),
        pytest.param('{"type":"ping","x":' + "[" * 30_000 + "]" * 30_000 + "}", 4400, id="nested without end"),
        pytest.param('{"type":"ping","x":"' + "x" * 65_600 + '"}', 4413, id="more than 64 KiB"),
        pytest.param('{"type":"ping","x":"' + "x" * 10_000_000 + '"}', 4413, id="10 MB"),
    ],
)
async def test_a_bad_frame_ends_the_connection_with_a_code(site: Site, frame: str | bytes, code: int | None) -> None:
    if code is None:
        async with site.http.ws_connect(f"{site.url}/website/demo/ws") as socket:
            await socket.send_str(await hello(site))
            await socket.send_str(str(frame))
            assert [(await socket.receive_json())["type"] for _ in range(2)] == ["ready", "pong"]
        return
    assert await ended(site, await hello(site), frame) == code


async def test_bytes_that_are_not_utf8_end_the_connection(site: Site) -> None:
    async with site.http.ws_connect(f"{site.url}/website/demo/ws") as socket:
        await socket.send_str(await hello(site))
        await socket.send_frame(b'{"type":"ping","x":"\xff\xfe"}', aiohttp.WSMsgType.TEXT)
        async for _ in socket:
            pass
        assert socket.close_code == 4400


async def test_the_reason_comes_before_the_close(site: Site) -> None:
    async with site.http.ws_connect(f"{site.url}/website/demo/ws") as socket:
        await socket.send_str('{"type":"hello","token":"nonsense","after":0}')
        error = await socket.receive_json()
        assert error["type"] == "error"
        assert error["problem"]["code"] == "token_invalid"


@pytest.mark.parametrize(
    ("first", "code"),
    [
        pytest.param('{"type":"ping"}', 4400, id="ping instead of hello"),
        pytest.param('{"type":"hello"}', 4400, id="hello without a token"),
        pytest.param('{"type":"hello","token":"","after":0}', 4401, id="an empty token"),
        pytest.param('{"type":"hello","token":"yz1.a.b.c","after":0}', 4401, id="a made-up token"),
        pytest.param(f'{{"type":"hello","token":"{"x" * 5000}","after":0}}', 4400, id="an endless token"),
    ],
)
async def test_whoever_cannot_say_hello_is_sent_away(site: Site, first: str, code: int) -> None:
    assert await ended(site, first) == code


async def test_silence_instead_of_hello_is_not_waited_for(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("yizhan.channels.screens.socket.HELLO_SECONDS", 0.1)
    assert await ended(site) == 4408


async def test_an_expired_token_is_told_apart(site: Site) -> None:
    keyring = Keyring.parse("test-key-" + "k" * 40)
    past = signers(keyring, lambda: site.core.clock() - timedelta(days=40))("website-visitor")
    token = past.sign({"w": "default", "a": "demo", "v": "v:x"}, expires_in=timedelta(days=30))
    status, body, _ = await site.request("GET", "/messages", token)
    assert (status, body["code"]) == (401, "token_expired")
    assert await ended(site, json.dumps({"type": "hello", "token": token, "after": 0})) == 4401


async def test_a_token_of_another_account_is_worthless(site: Site) -> None:
    token = await site.token("other")
    status, body, _ = await site.request("GET", "/messages", token)
    assert (status, body["code"]) == (401, "token_invalid")
    assert await ended(site, json.dumps({"type": "hello", "token": token, "after": 0})) == 4401


async def test_a_ticket_is_no_token(site: Site) -> None:
    _, body, _ = await site.request("POST", "/ticket", await site.token())
    status, problem, _ = await site.request("GET", "/messages", body["ticket"])
    assert (status, problem["code"]) == (401, "token_invalid")


@pytest.mark.parametrize(
    ("content", "code"),
    [
        pytest.param({}, "bad_content", id="no type"),
        pytest.param({"type": "poem", "text": "x"}, "bad_content", id="an unknown kind"),
        pytest.param({"type": "menu", "menu_id": "m", "prompt": "p", "options": []}, "bad_content", id="a menu"),
        pytest.param({"type": "event", "code": "agent_joined", "text": "x"}, "bad_content", id="a timeline event"),
        pytest.param({"type": "text"}, "bad_content", id="text without text"),
        pytest.param({"type": "text", "text": 7}, "bad_content", id="a number for text"),
        pytest.param({"type": "text", "text": ""}, "empty", id="nothing"),
        pytest.param({"type": "text", "text": " \u0000\r\n\t"}, "empty", id="only blanks and control characters"),
        pytest.param({"type": "text", "text": "x" * 4001}, "too_long", id="4001 characters"),
        pytest.param({"type": "choice", "menu_id": "m"}, "bad_content", id="half a choice"),
        pytest.param({"type": "choice", "menu_id": "m", "option_id": "x" * 101}, "bad_content", id="an endless option"),
        pytest.param({"type": "image", "media": {"id": "../../etc/passwd"}}, "bad_content", id="a path for a file"),
        pytest.param({"type": "image", "media": {"id": "0" * 64}}, "unknown_media", id="a file never uploaded"),
        pytest.param({"type": "image", "media": "0" * 64}, "bad_content", id="a file as text"),
    ],
)
async def test_a_message_that_cannot_be_taken_is_refused_alone(site: Site, content: Any, code: str) -> None:
    async with site.client() as visitor:
        refused = await visitor.answered(await visitor.send(content))
        accepted = await visitor.answered(await visitor.say("still here"))
        await visitor.reached(2)
        body = {"client_id": "by-request", "content": content}
        status, problem, answer = await site.request("POST", "/messages", visitor.token, json=body)
    assert refused["type"] == "refused"
    assert (refused["problem"]["code"], refused["problem"]["retry"]) == (code, False)
    assert accepted["type"] == "accepted"
    assert visitor.texts("customer") == ["still here"]
    if "\u0000" in str(content.get("text")):
        assert status == 422  # a body with NUL is refused before anybody looks at the content
        return
    assert (status, problem["code"]) == ({"too_long": 413}.get(code, 422), code)
    assert answer.headers["Content-Type"].startswith("application/problem+json")


JSON = {"Content-Type": "application/json"}


@pytest.mark.parametrize(
    ("path", "data", "headers", "status", "code"),
    [
        pytest.param("/messages", b"", JSON, 400, "malformed_json", id="an empty body"),
        pytest.param("/messages", b"{", JSON, 400, "malformed_json", id="JSON cut off"),
        pytest.param("/messages", b'{"a":"\xff"}', JSON, 400, "invalid_utf8", id="not UTF-8"),
        pytest.param("/messages", b"[]", JSON, 422, "invalid_fields", id="a list"),
        pytest.param("/messages", b"{}", JSON, 422, "invalid_fields", id="nothing in it"),
        pytest.param(
            "/messages", b'{"client_id":"\\n","content":{}}', JSON, 422, "invalid_fields", id="a bad client id"
        ),
        pytest.param("/messages", b"x=1", {"Content-Type": "text/plain"}, 415, "unsupported_media_type", id="text"),
        pytest.param("/messages", b" " * 70_000, JSON, 413, "too_large", id="more than 64 KiB"),
        pytest.param("/messages", io.BytesIO(b"x" * 10_000_000), JSON, 413, "too_large", id="10 MB"),
        pytest.param("/receipts", b'{"state":"eaten","seq":1}', JSON, 422, "invalid_fields", id="an unknown state"),
        pytest.param("/receipts", b'{"state":"read","seq":-1}', JSON, 422, "invalid_fields", id="a negative seq"),
        pytest.param("/media", b"x", JSON, 415, "unsupported_media_type", id="a file that is no form"),
    ],
)
async def test_a_bad_request_gets_a_problem_document(
    site: Site, path: str, data: bytes | io.BytesIO, headers: dict[str, str], status: int, code: str
) -> None:
    got, problem, answer = await site.request("POST", path, await site.token(), data=data, headers=headers)
    assert (got, problem["code"], problem["status"]) == (status, code, status)
    assert problem["title"]
    assert answer.headers["Content-Type"].startswith("application/problem+json")


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("after=-1", "invalid_fields"),
        ("after=x", "invalid_fields"),
        ("after=1&before=2", "after_and_before"),
        ("limit=ten", "invalid_fields"),
        ("after=" + "9" * 30, "invalid_fields"),
    ],
)
async def test_bad_numbers_in_an_address_are_told(site: Site, query: str, code: str) -> None:
    status, problem, _ = await site.request("GET", f"/messages?{query}", await site.token())
    assert (status, problem["code"]) == (400 if code == "after_and_before" else 422, code)


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("path", ["/messages", "/events", "/ticket", "/receipts", "/typing", "/media"])
async def test_nothing_is_done_without_a_token(site: Site, method: str, path: str) -> None:
    status, problem, _ = await site.request(method, path, json={})
    assert (status, problem["code"]) in {(401, "token_missing"), (405, "method_not_allowed")}


@pytest.mark.parametrize("authorization", ["Bearer", "Bearer ", "Basic eDp5", "Bearer nonsense", "bearer\tx"])
async def test_a_wrong_token_is_401(site: Site, authorization: str) -> None:
    headers = {"Authorization": authorization}
    status, _, answer = await site.request("GET", "/messages", headers=headers)
    assert status == 401
    assert answer.headers["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize("account", ["nobody", "DEMO", "demo2", "你好"])
async def test_an_account_that_does_not_exist_is_404(site: Site, account: str) -> None:
    for method, path in (("POST", "/session"), ("GET", "/messages"), ("POST", "/messages")):
        status, problem, _ = await site.request(method, path, account=account, json={})
        assert (status, problem["code"]) == (404, "unknown_account")
    assert await ended(site, account=account) == 4404


async def test_an_account_that_is_switched_off_is_404(site: Site) -> None:
    await site.accounts.add("default", "website", "shortlived")
    await asyncio.sleep(REFRESH_SECONDS + 0.2)
    token = await site.token("shortlived")
    await site.accounts.change("website", "shortlived", Change(enabled=False))
    await asyncio.sleep(REFRESH_SECONDS + 0.2)
    status, problem, _ = await site.request("GET", "/messages", token, account="shortlived")
    assert (status, problem["code"]) == (404, "unknown_account")
    assert await ended(site, json.dumps({"type": "hello", "token": token, "after": 0}), account="shortlived") == 4404


@pytest.mark.parametrize(
    "origin",
    ["https://evil.example.com", "http://shop.example.com", "https://shop.example.com.evil.example", "null", "garbage"],
)
async def test_a_page_of_another_site_is_turned_away(site: Site, origin: str) -> None:
    status, problem, answer = await site.request("POST", "/session", json={}, headers={"Origin": origin})
    assert (status, problem["code"]) == (403, "origin_not_allowed")
    assert "Access-Control-Allow-Origin" not in answer.headers
    assert await ended(site, origin=origin) == 4403


async def test_a_page_of_an_allowed_site_may_talk(site: Site) -> None:
    async with site.client(origin=SHOP) as visitor:
        await visitor.say("hi")
        await visitor.reached(2)


async def test_a_page_of_the_gateway_itself_may_talk(site: Site) -> None:
    async with site.client(origin=site.url) as visitor:
        await visitor.say("hi")
        await visitor.reached(2)


async def test_the_preflight_of_an_allowed_site_is_answered(site: Site) -> None:
    headers = {
        "Origin": SHOP,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization",
    }
    for path in ("/session", "/messages", "/receipts", "/media", "/ticket"):
        status, _, answer = await site.request("OPTIONS", path, headers=headers)
        assert status == 204
        assert answer.headers["Access-Control-Allow-Origin"] == SHOP
        assert "POST" in answer.headers["Access-Control-Allow-Methods"]
        assert "authorization" in answer.headers["Access-Control-Allow-Headers"].lower()
        assert "Access-Control-Allow-Credentials" not in answer.headers
        assert "Origin" in answer.headers["Vary"]


async def test_a_page_can_read_why_it_was_refused(site: Site) -> None:
    headers = {"Origin": SHOP}
    for account, status in (("demo", 401), ("nobody", 404)):
        got, _, answer = await site.request("GET", "/messages", account=account, headers=headers)
        assert got == status
        assert answer.headers["Access-Control-Allow-Origin"] == SHOP


async def test_a_receipt_for_what_was_never_sent_changes_nothing(site: Site) -> None:
    async with site.client(acknowledge=False) as visitor:
        await visitor.say("hi")
        await visitor.reached(2)
        await visitor.write({"type": "read", "seq": 2_000_000})
        await visitor.write({"type": "delivered", "seq": 0})
        await visitor.write({"type": "ping"})
        await visitor.until(lambda: visitor.frames[-1]["type"] == "pong")
    assert site.dialogue.of(visitor.visitor_id).read == 0
