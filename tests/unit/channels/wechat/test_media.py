"""Pictures, voices and videos go both ways as they are, once, and nobody can make the gateway fetch anything else."""

import asyncio
import struct
import zlib
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from aiohttp import web
from structlog.testing import capture_logs
from yarl import URL

from tests.channels.waiting import until
from tests.unit.channels.wechat.api import OPENID, Api, open_api
from yizhan.channels.contract import Refusal, Refused, RetryLater, TokenExpired
from yizhan.channels.wechat.calls import Answered, Timeouts
from yizhan.channels.wechat.downloads import Downloads, Wanted, platforms_own
from yizhan.channels.wechat.errors import MediaExpired
from yizhan.channels.wechat.media import GOOD_FOR, Uploads
from yizhan.channels.wechat.media_rules import KF_MEDIA, MINI_MEDIA, OFFICIAL_MEDIA
from yizhan.channels.wechat.sound import amr_seconds
from yizhan.core.messages.content import Content, File, Image, Media, Text, Video, Voice
from yizhan.core.store.media import MediaStore

ACCOUNT = "shop"


def png(size: int = 0) -> bytes:
    """A picture of one pixel, with so many bytes of something else in it."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0))
    return (
        b"\x89PNG\r\n\x1a\n"
        + head
        + chunk(b"tEXt", bytes(size))
        + chunk(b"IDAT", zlib.compress(b"\0\0"))
        + chunk(b"IEND", b"")
    )


def amr(seconds: float) -> bytes:
    """Silence at 12.2 kbit/s."""
    return b"#!AMR\n" + (b"\x3c" + bytes(31)) * round(seconds * 50)


MP4 = b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom" + b"\0\0\0\x08mdat"


@pytest.fixture
async def api() -> AsyncIterator[Api]:
    async with open_api() as opened:
        yield opened


@pytest.fixture
def store(home: Path) -> MediaStore:
    return MediaStore(home=home)


@pytest.fixture
async def uploads(api: Api, store: MediaStore) -> AsyncIterator[Uploads]:
    opened = Uploads(api.calls, store, api.now, OFFICIAL_MEDIA)
    yield opened
    await opened.close()


class Tokens:
    """The account's token, and how often another one was asked for."""

    def __init__(self, api: Api) -> None:
        self.api = api
        self.token = api.token
        self.renewed: list[str] = []

    async def get(self, account: str) -> str:
        assert account == ACCOUNT
        return self.token

    async def renew(self, account: str, failed_token: str) -> None:
        self.renewed.append(failed_token)
        self.token = self.api.official.tokens.stable(force=True)[0]


@pytest.fixture
def tokens(api: Api) -> Tokens:
    return Tokens(api)


@pytest.fixture
async def downloads(api: Api, store: MediaStore, tokens: Tokens) -> AsyncIterator[Downloads]:
    opened = Downloads(api.calls, store, tokens)
    yield opened
    await opened.close()


async def bytes_of(store: MediaStore, media: Media) -> bytes:
    return b"".join([piece async for piece in await store.get(media.media_id)])


# --- up ---


@pytest.mark.parametrize("kind", [Image, Voice, Video])
async def test_a_file_reaches_the_platform_as_it_is(
    api: Api, store: MediaStore, uploads: Uploads, kind: type[Image | Voice | Video]
) -> None:
    data = {Image: png(), Voice: amr(3), Video: MP4}[kind]
    content = kind(await store.put(data, "我的文件"))
    media_id = await uploads.media_id(ACCOUNT, api.token, content)
    medium = api.official.media.get(media_id)
    assert (medium.data, medium.kind) == (data, kind.__name__.lower())


async def test_the_same_picture_is_uploaded_once_for_all_customers(
    api: Api, store: MediaStore, uploads: Uploads
) -> None:
    content = Image(await store.put(png(), "a.png"))
    ids = await asyncio.gather(*(uploads.media_id(ACCOUNT, api.token, content) for _ in range(50)))
    ids.append(await uploads.media_id(ACCOUNT, api.token, content))
    assert len(set(ids)) == 1
    assert len(api.platform.called("upload")) == 1


async def test_another_account_has_its_own_upload(api: Api, store: MediaStore, uploads: Uploads) -> None:
    content = Image(await store.put(png(), "a.png"))
    first = await uploads.media_id(ACCOUNT, api.token, content)
    second = await uploads.media_id("other", api.mini_token, content)
    assert first != second
    assert api.mini.media.get(second).data == png()


async def test_an_upload_is_renewed_before_the_platform_forgets_it(
    api: Api, store: MediaStore, uploads: Uploads
) -> None:
    content = Image(await store.put(png(), "a.png"))
    await uploads.media_id(ACCOUNT, api.token, content)
    api.platform.advance((GOOD_FOR - timedelta(minutes=1)).total_seconds())
    await uploads.media_id(ACCOUNT, api.token, content)
    assert len(api.platform.called("upload")) == 1
    api.platform.advance(120)
    api.official.media.get(await uploads.media_id(ACCOUNT, api.token, content))
    assert len(api.platform.called("upload")) == 2


async def _send(api: Api, media_id: str) -> Answered:
    body = {"touser": OPENID, "msgtype": "image", "image": {"media_id": media_id}}
    return await api.calls.post("/cgi-bin/message/custom/send", api.token, body, Answered, sending=True)


async def test_a_picture_that_the_platform_lost_is_uploaded_again_and_sent_once(
    api: Api, store: MediaStore, uploads: Uploads
) -> None:
    api.customer_wrote()
    content = Image(await store.put(png(), "a.png"))
    await uploads.sent(ACCOUNT, api.token, content, lambda media_id: _send(api, media_id))
    api.official.media._media.clear()
    await uploads.sent(ACCOUNT, api.token, content, lambda media_id: _send(api, media_id))
    assert [message.media for message in api.follower.received] == [png(), png()]
    assert len(api.platform.called("upload")) == 2


async def test_a_picture_that_the_platform_will_not_know_is_given_up(
    api: Api, store: MediaStore, uploads: Uploads
) -> None:
    api.customer_wrote()
    api.platform.faults.next(api="send", errcode=40007, times=5)
    content = Image(await store.put(png(), "a.png"))
    with pytest.raises(MediaExpired):
        await uploads.sent(ACCOUNT, api.token, content, lambda media_id: _send(api, media_id))
    assert len(api.platform.called("send")) == 2


@pytest.mark.parametrize(
    ("content", "why"),
    [
        pytest.param(Image(Media("a" * 64, "image/webp")), "type or size", id="a type that is not taken"),
        pytest.param(Image(Media("a" * 64, "image/png", size_bytes=3 << 20)), "type or size", id="too large"),
        pytest.param(File(Media("a" * 64, "application/pdf")), "type or size", id="files of any kind"),
        pytest.param(Image(Media("a" * 64, "image/png")), "not there", id="a file that is gone"),
        pytest.param(Text("no file"), "type or size", id="no file"),
    ],
)
async def test_what_the_platform_does_not_take_is_not_brought_to_it(
    api: Api, uploads: Uploads, content: Content, why: str
) -> None:
    with pytest.raises(Refused) as refusal:
        await uploads.media_id(ACCOUNT, api.token, content)
    assert (refusal.value.reason, refusal.value.text) == (Refusal.BAD_CONTENT, why)
    assert api.platform.called("upload") == []


async def test_a_file_that_says_it_is_small_is_measured(api: Api, store: MediaStore, uploads: Uploads) -> None:
    stored = await store.put(png(3 << 20), "a.png")
    small = Media(stored.media_id, stored.mime_type, stored.name, size_bytes=100)
    with pytest.raises(Refused, match="size"):
        await uploads.media_id(ACCOUNT, api.token, Image(small))
    assert api.platform.called("upload") == []


async def test_a_voice_message_over_a_minute_is_refused_before_the_platform_does(
    api: Api, store: MediaStore, uploads: Uploads
) -> None:
    await uploads.media_id(ACCOUNT, api.token, Voice(await store.put(amr(60), "a.amr")))
    with pytest.raises(Refused, match="duration"):
        await uploads.media_id(ACCOUNT, api.token, Voice(await store.put(amr(61), "b.amr")))


async def test_an_expired_token_is_told_so_that_it_is_renewed(api: Api, store: MediaStore, uploads: Uploads) -> None:
    content = Image(await store.put(png(), "a.png"))
    token = api.token
    api.platform.expire_tokens(api.official.app_id)
    with pytest.raises(TokenExpired) as expired:
        await uploads.media_id(ACCOUNT, token, content)
    assert expired.value.token == token


async def test_an_upload_without_an_answer_may_be_tried_again(api: Api, store: MediaStore, uploads: Uploads) -> None:
    api.platform.faults.next(api="upload", outcome="commit_then_reset")
    content = Image(await store.put(png(), "a.png"))
    with pytest.raises(RetryLater):
        await uploads.media_id(ACCOUNT, api.token, content)
    await uploads.media_id(ACCOUNT, api.token, content)


def test_what_each_kind_of_account_takes_is_what_the_vendor_says() -> None:
    assert set(MINI_MEDIA) == {Image}
    assert KF_MEDIA[Voice].mime_types == {"audio/amr"}
    assert KF_MEDIA[File].max_bytes == 20 << 20


@pytest.mark.parametrize(
    ("data", "seconds"),
    [
        (amr(0), 0.0),
        (amr(7.5), 7.5),
        (b"#!AMR-WB\n" + (b"\x44" + bytes(60)) * 50, 1.0),
        (b"#!AMR\n" + b"\x7c" * 50, 1.0),
        (b"ID3", 0.0),
        (b"", 0.0),
    ],
)
def test_how_long_a_voice_message_lasts_is_counted(data: bytes, seconds: float) -> None:
    assert amr_seconds(data) == pytest.approx(seconds)


# --- down ---


@pytest.mark.parametrize(
    ("kind", "data", "mime_type"),
    [("image", png(), "image/png"), ("voice", amr(2), "audio/amr"), ("video", MP4, "video/mp4")],
)
async def test_what_a_customer_sent_is_kept_as_it_was(
    api: Api, store: MediaStore, downloads: Downloads, kind: str, data: bytes, mime_type: str
) -> None:
    medium = api.official.media.put(kind, data, mime_type, "file.bin")
    media = await downloads.fetch(ACCOUNT, Wanted(medium.id))
    assert media is not None
    assert (media.mime_type, await bytes_of(store, media)) == (mime_type, data)


async def test_a_video_that_comes_as_an_address_is_kept(api: Api, store: MediaStore, downloads: Downloads) -> None:
    api.platform.stage.video_as_url = True
    medium = api.official.media.put("video", MP4, "video/mp4", "v.mp4")
    media = await downloads.fetch(ACCOUNT, Wanted(medium.id, name="视频"))
    assert media is not None
    assert (media.name, await bytes_of(store, media)) == ("视频.mp4", MP4)


async def test_a_push_that_is_repeated_meanwhile_waits_for_the_same_download(api: Api, downloads: Downloads) -> None:
    medium = api.official.media.put("image", png(), "image/png", "a.png")
    api.platform.faults.next(api="get", outcome="slow", delay=0.2)
    first = asyncio.create_task(downloads.fetch(ACCOUNT, Wanted(medium.id)))
    await asyncio.sleep(0)
    second = asyncio.create_task(downloads.fetch(ACCOUNT, Wanted(medium.id)))
    await asyncio.sleep(0)
    first.cancel()  # the platform's five seconds are over
    found = await second
    assert found is not None
    assert await downloads.fetch(ACCOUNT, Wanted(medium.id)) == found
    assert len(api.platform.called("get")) == 1


async def test_a_token_that_expired_is_renewed_for_a_download(api: Api, downloads: Downloads, tokens: Tokens) -> None:
    medium = api.official.media.put("image", png(), "image/png", "a.png")
    old = tokens.token
    api.platform.rotate_token(api.official.app_id)
    assert await downloads.fetch(ACCOUNT, Wanted(medium.id)) is not None
    assert tokens.renewed == [old]


async def test_a_token_that_fails_twice_is_not_renewed_for_ever(api: Api, downloads: Downloads, tokens: Tokens) -> None:
    api.platform.faults.next(api="get", errcode=40001, times=9)
    with pytest.raises(RetryLater):
        await downloads.fetch(ACCOUNT, Wanted("m1"))
    assert len(tokens.renewed) == 1


async def test_a_picture_is_fetched_from_its_address_when_its_id_gives_none(
    api: Api, store: MediaStore, downloads: Downloads
) -> None:
    medium = api.official.media.put("image", png(), "image/png", "a.png")
    address = f"{api.platform.api_url}/pic/{medium.id}"
    for code in (48001, 40007, 45009):
        api.platform.faults.next(api="get", errcode=code)
        media = await downloads.fetch(ACCOUNT, Wanted(f"{medium.id}{code}", address))
        assert media is not None
        assert await bytes_of(store, media) == png()


async def test_a_file_that_is_gone_leaves_the_message_without_it(api: Api, downloads: Downloads) -> None:
    assert await downloads.fetch(ACCOUNT, Wanted("gone")) is None
    assert await downloads.fetch(ACCOUNT, Wanted("", f"{api.platform.api_url}/pic/gone")) is None
    assert await downloads.fetch(ACCOUNT, Wanted("", "")) is None


async def test_a_platform_that_does_not_answer_is_asked_later(api: Api, downloads: Downloads) -> None:
    medium = api.official.media.put("image", png(), "image/png", "a.png")
    api.platform.faults.next(api="get", outcome="reset", times=2)  # a question is asked twice by the client itself
    with pytest.raises(RetryLater):
        await downloads.fetch(ACCOUNT, Wanted(medium.id))
    assert await downloads.fetch(ACCOUNT, Wanted(medium.id)) is not None


@pytest.mark.parametrize(
    ("data", "limit"),
    [
        pytest.param(b"MZ\x90\x00" + bytes(100), None, id="a program"),
        pytest.param(png(2000), 1000, id="too large"),
    ],
)
async def test_what_is_not_kept_leaves_the_message_without_it(
    api: Api, store: MediaStore, tokens: Tokens, data: bytes, limit: int | None
) -> None:
    medium = api.official.media.put("image", data, "image/png", "a.png")
    assert await Downloads(api.calls, store, tokens, limit=limit).fetch(ACCOUNT, Wanted(medium.id)) is None


async def test_a_download_that_drips_ends_in_time(store: MediaStore) -> None:
    dripping = asyncio.Event()

    async def drip(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Disposition": 'attachment; filename="a.png"'})
        await response.prepare(request)
        try:
            while True:
                await response.write(b"x")
                dripping.set()
                await asyncio.sleep(0.01)
        except ConnectionError:
            return response

    app = web.Application()
    app.router.add_get("/cgi-bin/media/get", drip)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        async with open_api(Timeouts(media=0.5), base_url=f"http://127.0.0.1:{runner.addresses[0][1]}") as api:
            with pytest.raises(RetryLater):
                await Downloads(api.calls, store, Tokens(api)).fetch(ACCOUNT, Wanted("m"))
        await until(dripping.is_set)
    finally:
        await runner.cleanup()


# --- whose addresses are called ---

API = URL("https://api.weixin.qq.com")


@pytest.mark.parametrize(
    "address",
    [
        "http://mmbiz.qpic.cn/mmbiz_jpg/abc/0?wx_fmt=jpeg",
        "https://mmbiz.qpic.cn/abc",
        "https://wx.qlogo.cn/mmopen/abc",
        "http://file.api.weixin.qq.com/cgi-bin/media/get",
        "https://api.weixin.qq.com/video",
    ],
)
def test_the_platforms_own_addresses_are_called(address: str) -> None:
    assert platforms_own(address, API) is not None


@pytest.mark.parametrize(
    "address",
    [
        "http://127.0.0.1/",
        "http://127.0.0.1:8080/metrics",
        "http://[::1]/",
        "http://169.254.169.254/latest/meta-data",
        "http://localhost/",
        "http://qpic.cn.evil.example/",
        "http://evilqpic.cn/",
        "http://mmbiz.qpic.cn:22/",
        "http://mmbiz.qpic.cn@evil.example/",
        "http://user:pass@mmbiz.qpic.cn/",
        "http://evil.example/?x=.qpic.cn",
        "file:///etc/passwd",
        "ftp://mmbiz.qpic.cn/a",
        "gopher://mmbiz.qpic.cn/",
        "//mmbiz.qpic.cn/a",
        "mmbiz.qpic.cn/a",
        "",
        "http://",
        "http://[bad",
    ],
)
def test_no_other_address_is_called_whatever_a_push_says(address: str) -> None:
    assert platforms_own(address, API) is None


async def test_a_forged_address_is_not_called_and_the_message_comes_without_a_picture(
    api: Api, downloads: Downloads
) -> None:
    with capture_logs() as logs:
        assert await downloads.fetch(ACCOUNT, Wanted("", "http://192.0.2.1/internal")) is None
    assert "192.0.2.1" not in str(logs)
