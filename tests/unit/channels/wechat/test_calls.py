"""Calls of the platform: what is known when no answer comes, and that nobody's words or secrets get out."""

import asyncio
import logging
import socket
import traceback
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from structlog.testing import capture_logs
from yarl import URL

from tests.simulators.wechat.faults import Outcome
from tests.unit.channels.wechat.api import OPENID, SECRET, Api, open_api
from yizhan.channels.contract import (
    OutcomeUnknown,
    QuotaSpent,
    Refusal,
    Refused,
    RetryLater,
    SendError,
    TokenExpired,
    WindowClosed,
)
from yizhan.channels.provider_errors import ProviderErrors
from yizhan.channels.tokens import TokenRefused
from yizhan.channels.wechat.calls import MAX_ANSWER_BYTES, Answered, Calls, Download, Timeouts, Upload
from yizhan.channels.wechat.credentials import app_token, corp_token
from yizhan.core.runtime.clock import now
from yizhan.core.runtime.http import open_client
from yizhan.core.runtime.metrics import Metrics

SEND = "/cgi-bin/message/custom/send"
INFO = "/cgi-bin/user/info"
TOKEN = "secret-token"
SAID = "我的手机号是13800138000 😀𠮷"
SHORT = Timeouts(connect=1.0, total=0.5, media=0.5)

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Media(Answered):
    media_id: str


class Video(Answered):
    video_url: str = ""


@pytest.fixture
async def api() -> AsyncIterator[Api]:
    async with open_api() as opened:
        yield opened


@pytest.fixture
async def hasty() -> AsyncIterator[Api]:
    """Gives up soon, for what never answers."""
    async with open_api(SHORT) as opened:
        yield opened


@asynccontextmanager
async def answering(handler: Handler, timeouts: Timeouts | None = None) -> AsyncIterator[Calls]:
    """Calls of a server whose every answer is ``handler``'s."""
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", handler)
    async with TestServer(app) as server, open_client() as session:
        errors = ProviderErrors(Metrics("wechat"), "wechat")
        yield Calls(session, str(server.make_url("")), now, errors, timeouts=timeouts)


@asynccontextmanager
async def nobody() -> AsyncIterator[tuple[Calls, Metrics]]:
    """Calls of a port where nobody listens, and nobody else can."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        metrics = Metrics("wechat")
        async with open_client() as session:
            url = f"http://127.0.0.1:{taken.getsockname()[1]}"
            yield Calls(session, url, now, ProviderErrors(metrics, "wechat")), metrics


async def send(calls: Calls, token: str, said: str = SAID) -> Answered:
    body = {"touser": OPENID, "msgtype": "text", "text": {"content": said}}
    return await calls.post(SEND, token, body, Answered, sending=True)


async def ask(calls: Calls, token: str) -> Answered:
    return await calls.get(INFO, token, {"openid": OPENID}, Answered)


async def test_the_customer_reads_exactly_what_was_said(api: Api) -> None:
    api.customer_wrote()
    await send(api.calls, api.token)
    assert api.follower.texts == [SAID]
    assert api.platform.violations == []


@pytest.mark.parametrize("outcome", ["commit_then_reset", "commit_then_http_502", "commit_then_garbage"])
async def test_a_send_that_arrived_and_was_not_answered_is_unknown(api: Api, outcome: Outcome) -> None:
    api.customer_wrote()
    api.platform.faults.next(api="send", outcome=outcome)
    with pytest.raises(OutcomeUnknown):
        await send(api.calls, api.token)
    assert api.follower.texts == [SAID]


@pytest.mark.parametrize("outcome", ["reset", "http_502", "garbage"])
async def test_a_send_that_did_not_arrive_and_was_not_answered_is_just_as_unknown(api: Api, outcome: Outcome) -> None:
    api.customer_wrote()
    api.platform.faults.next(api="send", outcome=outcome)
    with pytest.raises(OutcomeUnknown):
        await send(api.calls, api.token)


async def test_a_send_that_timed_out_after_it_was_done_is_unknown(hasty: Api) -> None:
    hasty.customer_wrote()
    hasty.platform.faults.next(api="send", outcome="commit_then_hang")
    with pytest.raises(OutcomeUnknown):
        await send(hasty.calls, hasty.token)
    assert hasty.follower.texts == [SAID]
    assert hasty.counted("no_answer") == 1.0


@pytest.mark.parametrize("outcome", ["reset", "http_502", "garbage", "hang"])
async def test_a_question_without_an_answer_may_be_asked_again(hasty: Api, outcome: Outcome) -> None:
    api = hasty
    _ = api.follower
    api.platform.faults.next(
        api="user_info", outcome=outcome, times=2
    )  # a reset GET is asked twice by the client itself
    with pytest.raises(RetryLater):
        await ask(api.calls, api.token)


async def test_a_send_that_found_nobody_was_not_sent() -> None:
    async with nobody() as (calls, metrics):
        with pytest.raises(RetryLater):
            await send(calls, "token")
    labels = {"channel": "wechat", "code": "unreachable"}
    assert metrics.registry.get_sample_value("yizhan_provider_errors_total", labels) == 1.0


async def test_a_send_while_the_process_stops_was_not_sent() -> None:
    async with open_client() as session:
        calls = Calls(session, "http://127.0.0.1:9", now, ProviderErrors(Metrics("wechat"), "wechat"))
    with pytest.raises(RetryLater):
        await send(calls, "token")


@pytest.mark.parametrize(
    ("code", "error"),
    [(45015, WindowClosed), (45047, QuotaSpent), (42001, TokenExpired), (45011, RetryLater), (48001, Refused)],
)
async def test_what_the_platform_says_no_to_is_told_with_its_words(api: Api, code: int, error: type[SendError]) -> None:
    api.platform.faults.next(api="send", errcode=code, errmsg="no! rid: 65f1a2b3-1a2b3c4d-5e6f7a8b")
    with capture_logs() as logs, pytest.raises(error) as refusal:
        await send(api.calls, api.token)
    assert "rid: 65f1a2b3-1a2b3c4d-5e6f7a8b" in getattr(refusal.value, "text", "rid: 65f1a2b3-1a2b3c4d-5e6f7a8b")
    assert any("rid: 65f1a2b3" in str(entry.get("errmsg")) for entry in logs)
    assert api.counted(str(code)) == 1.0


async def test_codes_that_nobody_knows_share_one_figure(api: Api) -> None:
    for code in (99998, 99999):
        api.platform.faults.next(api="send", errcode=code)
        with pytest.raises(Refused):
            await send(api.calls, api.token)
    assert api.counted("other") == 2.0


async def test_a_message_that_the_platform_had_before_is_sent(api: Api) -> None:
    api.platform.faults.next(api="send", errcode=45065)
    await send(api.calls, api.token)


async def test_half_a_character_is_refused_and_not_a_crash(api: Api) -> None:
    with pytest.raises(Refused) as refusal:
        await send(api.calls, api.token, "\ud83d")
    assert refusal.value.reason is Refusal.BAD_CONTENT


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b"null", b'"ok"', b"{", b"<html>", b'{"errcode":"?"}', b'{"errmsg":"ok"}', b"{}", b"\xff\xfe"],
)
async def test_an_answer_that_says_nothing_leaves_a_send_unknown(body: bytes) -> None:
    async def handler(_request: web.Request) -> web.Response:
        return web.Response(body=body, content_type="application/json")

    async with answering(handler) as calls:
        with pytest.raises(OutcomeUnknown):
            await send(calls, "token")


@pytest.mark.parametrize("body", [b'{"errcode":0,"errmsg":"\\ud83d"}', b'{"errcode":0,"errmsg":"\xff"}'])
async def test_half_a_character_in_an_answer_does_not_hold_up_what_else_is_in_it(body: bytes) -> None:
    async def handler(_request: web.Request) -> web.Response:
        return web.Response(body=body, content_type="application/json")

    async with answering(handler) as calls:
        assert (await ask(calls, "token")).errmsg == "\ufffd"


async def test_an_endless_answer_is_read_no_further_than_any_real_one() -> None:
    sent = 0

    async def handler(request: web.Request) -> web.StreamResponse:
        nonlocal sent
        response = web.StreamResponse()
        await response.prepare(request)
        try:
            while sent < 10 * MAX_ANSWER_BYTES:
                await response.write(b" " * (1 << 16))
                sent += 1 << 16
        except ConnectionError:
            pass
        return response

    async with answering(handler) as calls:
        with pytest.raises(OutcomeUnknown):
            await send(calls, "token")
    assert sent < 5 * MAX_ANSWER_BYTES


@pytest.mark.parametrize("status", [301, 302, 307, 400, 403, 404, 413])
async def test_what_a_proxy_refuses_is_refused_and_no_token_goes_elsewhere(status: int) -> None:
    asked: list[str] = []

    async def handler(request: web.Request) -> web.Response:
        asked.append(request.path)
        return web.Response(status=status, headers={"Location": "/elsewhere"})

    async with answering(handler) as calls:
        with pytest.raises(Refused) as refusal:
            await send(calls, "token")
    assert refusal.value.code == f"http_{status}"
    assert asked == [SEND]


async def test_too_many_calls_for_a_proxy_are_made_later() -> None:
    async def handler(_request: web.Request) -> web.Response:
        return web.Response(status=429)

    async with answering(handler) as calls:
        with pytest.raises(RetryLater):
            await send(calls, "token")


async def test_an_address_with_a_path_before_it_works() -> None:
    seen: list[str] = []

    async def handler(request: web.Request) -> web.Response:
        seen.append(str(request.rel_url))
        return web.json_response({"errcode": 0})

    async with answering(handler) as calls, open_client() as session:
        behind = Calls(session, f"{calls.base_url}/proxy/", now, ProviderErrors(Metrics("wechat"), "wechat"))
        await send(behind, "to/k=e&n+")
    assert seen == ["/proxy/cgi-bin/message/custom/send?access_token=to/k%3De%26n%2B"]


# --- files ---


async def test_a_file_goes_up_and_comes_down_as_it_was(api: Api) -> None:
    data = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 1000
    file = Upload('我的"图片\r\n.png', "image/png", data)
    answer = await api.calls.upload("/cgi-bin/media/upload", api.token, {"type": "image"}, file, Media)
    query = {"media_id": answer.media_id}
    async with api.calls.download("/cgi-bin/media/get", api.token, query, Answered) as found:
        assert isinstance(found, Download)
        assert (found.mime_type, b"".join([piece async for piece in found.pieces])) == ("image/png", data)
        assert found.name


async def test_a_file_that_is_gone_is_an_error_though_it_comes_with_200(api: Api) -> None:
    with pytest.raises(Refused) as refusal:
        async with api.calls.download("/cgi-bin/media/get", api.token, {"media_id": "gone"}, Answered):
            pass
    assert refusal.value.code == "40007"


async def test_an_address_instead_of_a_file_is_given(api: Api) -> None:
    medium = api.official.media.put("video", b"\0\0\0\x18ftypmp42", "video/mp4", "v.mp4")
    api.platform.stage.video_as_url = True
    async with api.calls.download("/cgi-bin/media/get", api.token, {"media_id": medium.id}, Video) as found:
        assert isinstance(found, Video)
    async with api.calls.fetch(URL(found.video_url)) as file:
        assert b"".join([piece async for piece in file.pieces]) == medium.data


async def test_a_file_that_breaks_off_is_asked_for_later() -> None:
    async def handler(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Disposition": 'attachment; filename="a.png"'})
        response.content_length = 1 << 20
        await response.prepare(request)
        await response.write(b"half")
        assert request.transport is not None
        request.transport.abort()
        return response

    async with answering(handler) as calls:
        with pytest.raises(RetryLater):
            async with calls.download("/cgi-bin/media/get", "token", {}, Answered) as found:
                assert isinstance(found, Download)
                async for _ in found.pieces:
                    pass


# --- tokens ---


async def test_a_token_is_fetched_and_forced(api: Api) -> None:
    fetched = await app_token(api.calls, api.official.app_id, SECRET, force=False)
    again = await app_token(api.calls, api.official.app_id, SECRET, force=False)
    forced = await app_token(api.calls, api.official.app_id, SECRET, force=True)
    assert fetched.token == again.token != forced.token
    assert (fetched.expires_in, forced.expires_in) == (7200.0, 7200.0)
    api.customer_wrote()
    await send(api.calls, forced.token)
    with pytest.raises(TokenExpired):
        await send(api.calls, fetched.token)


@pytest.mark.parametrize(
    ("app_id", "secret", "listed", "code", "told"),
    [
        ("wx0000000000000009", SECRET, True, "40013", "invalid appid"),
        ("wx0000000000000001", "f" * 32, True, "40125", "invalid appsecret"),
        ("wx0000000000000001", SECRET, False, "40164", "invalid ip 127.0.0.1"),
    ],
)
async def test_who_gets_no_token_is_told_why(
    api: Api, app_id: str, secret: str, listed: bool, code: str, told: str
) -> None:
    api.official.trusted_ip = listed
    with pytest.raises(TokenRefused, match=told) as refusal:
        await app_token(api.calls, app_id, secret, force=False)
    assert (refusal.value.code, refusal.value.reason) == (code, Refusal.ACCOUNT)


async def test_the_platforms_limit_of_forced_tokens_is_waited_for(api: Api) -> None:
    await app_token(api.calls, api.official.app_id, SECRET, force=True)
    with pytest.raises(RetryLater) as wait:
        await app_token(api.calls, api.official.app_id, SECRET, force=True)
    assert wait.value.after == 60.0


async def test_a_company_gets_its_token_and_a_wrong_secret_does_not(api: Api) -> None:
    api.platform.kf(corp_id="ww0123456789abcdef", secret=SECRET, token="AAAAA", aes_key="A" * 43)
    async with open_client() as session:
        calls = Calls(session, api.platform.wecom_url, now, ProviderErrors(Metrics("wechat"), "wechat"))
        fetched = await corp_token(calls, "ww0123456789abcdef", SECRET)
        assert fetched.expires_in == 7200.0
        with pytest.raises(TokenRefused):
            await corp_token(calls, "ww0123456789abcdef", "wrong")


# --- what must not get out ---


@pytest.mark.parametrize(
    ("outcome", "code"),
    [("reset", 0), ("http_502", 0), ("garbage", 0), ("hang", 0), ("error", 40001), ("error", 45015), ("error", 40125)],
)
async def test_no_token_secret_or_word_of_a_customer_is_logged_or_raised(
    hasty: Api, caplog: pytest.LogCaptureFixture, outcome: Outcome, code: int
) -> None:
    api, token = hasty, hasty.token
    caplog.set_level(logging.DEBUG)
    errmsg = f"echo of {token} and {SECRET}"
    api.platform.faults.next(api="send", outcome=outcome, errcode=code, errmsg=errmsg)
    api.platform.faults.next(api="token", outcome=outcome, errcode=code, errmsg=errmsg)
    seen: list[str] = []
    with capture_logs() as logs:
        for work in (send(api.calls, token), app_token(api.calls, api.official.app_id, SECRET, force=False)):
            try:
                await work
            except SendError as error:
                seen += [repr(error), str(error), *traceback.format_exception(error)]
    everything = "".join(seen) + str(logs) + caplog.text
    assert seen
    assert logs
    for secret in (token, SECRET, SAID, "13800138000"):
        assert secret not in everything


async def test_no_token_gets_out_when_nobody_is_there(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    async with nobody() as (calls, _):
        with capture_logs() as logs, pytest.raises(RetryLater) as error:
            await send(calls, TOKEN)
    told = "".join(traceback.format_exception(error.value)) + repr(error.value)
    assert TOKEN not in told + str(logs) + caplog.text
    assert SAID not in told + str(logs) + caplog.text


async def test_a_send_that_is_given_up_is_not_swallowed(api: Api) -> None:
    api.platform.faults.next(api="send", outcome="hang")
    sending = asyncio.create_task(send(api.calls, api.token))
    while not api.platform.calls:
        await asyncio.sleep(0.01)
    sending.cancel()
    with pytest.raises(asyncio.CancelledError):
        await sending
