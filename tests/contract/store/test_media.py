"""A file that was accepted is there, whole, under the hash of its bytes; anything else is refused with a reason."""

import asyncio
import hashlib
import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import orjson
import pytest
from aiohttp.test_utils import TestServer

from tests.contract.store.processes import python
from tests.simulators.s3 import S3Simulator
from yizhan.core.messages.content import Media
from yizhan.core.store.errors import StoreUnavailable
from yizhan.core.store.media import MediaLimits, MediaMissing, MediaRefused, MediaStore

LIMITS = MediaLimits(file_bytes=12 << 20, image_bytes=4096)


def png(width: int = 640, height: int = 480, padding: int = 20) -> bytes:
    return b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + width.to_bytes(4, "big") + height.to_bytes(4, "big") + bytes(padding)


async def pieces(*given: bytes) -> AsyncIterator[bytes]:
    for piece in given:
        await asyncio.sleep(0)
        yield piece


async def whole(store: MediaStore, media_id: str, **part: int) -> bytes:
    return b"".join([piece async for piece in await store.get(media_id, **part)])


@pytest.fixture
async def s3(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[S3Simulator]:
    simulator = S3Simulator()
    async with TestServer(simulator.app()) as server:
        for name, value in {
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{server.port}",
            "AWS_ALLOW_HTTP": "true",
            "AWS_ACCESS_KEY_ID": "key",
            "AWS_SECRET_ACCESS_KEY": "secret",
            "AWS_REGION": "us-east-1",
        }.items():
            monkeypatch.setenv(name, value)
        yield simulator


@pytest.fixture(params=["folder", "s3"])
def store(request: pytest.FixtureRequest, home: Path, s3: S3Simulator) -> MediaStore:
    return MediaStore("" if request.param == "folder" else "s3://bucket/media", home, limits=LIMITS)


async def test_a_file_comes_back_as_it_was_and_is_known_by_its_hash(store: MediaStore) -> None:
    data = png()
    media = await store.put(data, "照片.PNG")
    assert media == Media(hashlib.sha256(data).hexdigest(), "image/png", "照片.png", len(data), 640, 480)
    assert await store.find(media.media_id) == media
    assert await whole(store, media.media_id) == data
    await store.ping()


async def test_a_stream_of_any_pieces_is_the_same_as_the_whole(store: MediaStore) -> None:
    line = "订单号,数量\n".encode() * 1000
    media = await store.put(line, "a.csv")
    assert await store.put(pieces(b"", line[:1], line[1:5000], line[5000:], b""), "a.csv") == media


@pytest.mark.parametrize(("existing", "mode"), [(None, 0o700), (0o755, 0o755)], ids=["made by us", "made by somebody"])
async def test_folders_that_we_make_are_private_and_those_that_are_there_keep_their_mode(
    tmp_path: Path, existing: int | None, mode: int
) -> None:
    home = tmp_path / "home"
    media = home / "media"
    if existing is not None:
        media.mkdir(parents=True)
        for folder in (home, media):
            folder.chmod(existing)
    store = MediaStore("", home)
    await store.put(b"0123456789", "a.txt")
    assert [folder.stat().st_mode & 0o777 for folder in (home, media)] == [mode, mode]


async def test_a_large_file_goes_through(store: MediaStore) -> None:
    data = "零一二三四五六七八九\n".encode() * 350_000
    media = await store.put(pieces(*(data[at : at + 700_001] for at in range(0, len(data), 700_001))), "log.txt")
    assert media.size_bytes == len(data) > 10 << 20
    assert hashlib.sha256(await whole(store, media.media_id)).hexdigest() == media.media_id


async def test_a_part_of_a_file(store: MediaStore) -> None:
    media = await store.put(b"0123456789", "a.txt")
    assert await whole(store, media.media_id, start=3) == b"3456789"
    assert await whole(store, media.media_id, start=3, stop=5) == b"34"
    assert await whole(store, media.media_id, start=8, stop=99) == b"89"


async def test_the_same_bytes_again_change_nothing_but_the_name(store: MediaStore) -> None:
    first = await store.put(b"a,b", "one.csv")
    second = await store.put(b"a,b", "two.txt")
    assert second.media_id == first.media_id
    assert (await store.find(first.media_id)) == second


async def test_a_removed_file_is_gone_and_can_be_put_again(store: MediaStore) -> None:
    kept, gone = await store.put(png(), "kept.png"), await store.put(png(641), "gone.png")
    assert [await store.remove(gone.media_id) for _ in range(2)] == [True, False]
    assert not await store.remove("../" + kept.media_id)
    assert await store.find(gone.media_id) is None
    with pytest.raises(MediaMissing):
        await whole(store, gone.media_id)
    assert await whole(store, kept.media_id) == png()
    assert await store.put(png(641), "gone.png") == gone


async def test_many_at_once(store: MediaStore) -> None:
    given = [f"file {number % 5}".encode() for number in range(30)]
    found = await asyncio.gather(*(store.put(pieces(data), "a.txt") for data in given))
    assert [media.media_id for media in found] == [hashlib.sha256(data).hexdigest() for data in given]
    for data, media in zip(given, found, strict=True):
        assert await whole(store, media.media_id) == data


@pytest.mark.parametrize(
    ("data", "name", "reason"),
    [
        pytest.param(b"", "a.txt", "empty", id="empty"),
        pytest.param(b"x" * ((12 << 20) + 1), "a.txt", "too_large", id="one byte too many"),
        pytest.param(png(padding=4096), "a.png", "too_large", id="an image larger than images may be"),
        pytest.param(png(65_535, 65_535), "a.png", "too_large", id="an image that fills the memory of who opens it"),
        pytest.param(b"MZ\x90\0" + bytes(60), "a.png", "type_not_allowed", id="a program called a picture"),
        pytest.param(b"<svg xmlns='http://www.w3.org/2000/svg'/>", "a.txt", "type_not_allowed", id="svg"),
    ],
)
async def test_what_is_refused_and_why(store: MediaStore, data: bytes, name: str, reason: str, home: Path) -> None:
    for given in (data, pieces(data)):
        with pytest.raises(MediaRefused) as caught:
            await store.put(given, name)
        assert caught.value.reason == reason
    assert await store.find(hashlib.sha256(data).hexdigest()) is None
    assert [path for path in home.rglob("*") if path.is_file()] == []


async def test_a_stream_is_read_no_further_than_the_limit(store: MediaStore) -> None:
    read = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal read
        while True:
            read += 1
            yield b"x" * 1000

    with pytest.raises(MediaRefused) as caught:
        await store.put(endless(), "a.txt", limit=50_000)
    assert (caught.value.reason, caught.value.limit) == ("too_large", 50_000)
    assert read == 51


async def test_a_sender_that_breaks_off_leaves_nothing_and_gets_its_own_error(store: MediaStore, home: Path) -> None:
    async def breaks() -> AsyncIterator[bytes]:
        yield b"x" * 500_000
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        await store.put(breaks(), "a.txt")
    assert [path for path in home.rglob("*") if path.is_file()] == []


@pytest.mark.parametrize(
    "media_id", ["", "0" * 63, "0" * 65, "G" * 64, "A" * 64, "../" * 21 + "x", "..", "/etc/passwd", "0" * 64 + "\n"]
)
async def test_only_a_hash_is_an_id(store: MediaStore, media_id: str) -> None:
    assert await store.find(media_id) is None
    with pytest.raises(MediaMissing):
        await store.get(media_id)


async def test_a_file_that_is_not_there_is_missing_not_unavailable(store: MediaStore) -> None:
    assert await store.find("0" * 64) is None
    with pytest.raises(MediaMissing):
        await store.get("0" * 64)


async def test_a_name_cannot_lead_out_of_the_folder(store: MediaStore, home: Path) -> None:
    media = await store.put(b"text", "../../../../tmp/evil\0.sh")
    assert media.name == "evil.txt"
    outside = [path for path in home.rglob("*") if path.is_file() and "media" not in path.parts]
    assert outside == []


class TestFolder:
    async def test_facts_that_cannot_be_read_are_a_missing_file_and_putting_it_again_repairs_it(
        self, home: Path
    ) -> None:
        store = MediaStore("", home)
        media = await store.put(b"text", "a.txt")
        facts = home / "media" / media.media_id[:2] / f"{media.media_id}.json"
        assert orjson.loads(facts.read_bytes())["mime_type"] == "text/plain"
        for damaged in (b"", b"{", b"[]", b'{"mime_type": 1, "other": 2}'):
            facts.write_bytes(damaged)
            assert await store.find(media.media_id) is None
        assert await store.put(b"text", "a.txt") == media
        assert await store.find(media.media_id) == media

    async def test_bytes_that_were_cut_off_are_written_again(self, home: Path) -> None:
        store = MediaStore("", home)
        media = await store.put(b"all of the text", "a.txt")
        path = home / "media" / media.media_id[:2] / media.media_id
        path.write_bytes(b"all of")
        await store.put(b"all of the text", "a.txt")
        assert path.read_bytes() == b"all of the text"

    async def test_a_full_disk_is_unavailable(self, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        class Full:
            """A file on a disk without room."""

            def __getattr__(self, name: str) -> object:
                raise OSError(28, "No space left on device")

            def close(self) -> None: ...

        store = MediaStore("", home)
        monkeypatch.setattr(store, "_scratch", Full)
        with pytest.raises(StoreUnavailable, match="disk full"):
            await store.put(b"text", "a.txt")

    async def test_a_folder_that_cannot_be_is_unavailable(self, home: Path) -> None:
        (home / "media").write_text("a file is in the way")
        with pytest.raises(StoreUnavailable):
            MediaStore("", home)

    @pytest.mark.faults
    async def test_killed_while_uploading_leaves_no_half_file(self, home: Path) -> None:
        code = (
            "import asyncio, sys\n"
            "from pathlib import Path\n"
            "from yizhan.core.store.media import MediaStore\n"
            "async def main():\n"
            "    store = MediaStore('', Path(sys.argv[1]))\n"
            "    print((await store.put(b'first', 'a.txt')).media_id, flush=True)\n"
            "    async def slow():\n"
            "        yield b'x' * 600_000\n"
            "        print('half', flush=True)\n"
            "        await asyncio.sleep(60)\n"
            "    await store.put(slow(), 'b.txt')\n"
            "asyncio.run(main())\n"
        )
        with python("-c", code, str(home)) as process:
            assert process.stdout is not None
            media_id = process.stdout.readline().strip()
            assert process.stdout.readline() == "half\n"
            os.kill(process.pid, signal.SIGKILL)
        files = sorted(path.name for path in home.rglob("*") if path.is_file())
        assert files == [media_id, f"{media_id}.json"]
        assert await whole(MediaStore("", home), media_id) == b"first"


class TestS3:
    async def test_objects_lie_under_the_prefix(self, s3: S3Simulator) -> None:
        media = await MediaStore("s3://bucket/some/prefix").put(b"text", "a.txt")
        path = f"/bucket/some/prefix/{media.media_id[:2]}/{media.media_id}"
        assert sorted(s3.objects) == [path, f"{path}.json"]

    @pytest.mark.parametrize("status", [403, 400])
    async def test_a_store_that_refuses_is_unavailable(self, s3: S3Simulator, status: int) -> None:
        store = MediaStore("s3://bucket/media")
        media = await store.put(b"text", "a.txt")
        s3.fail = status
        for attempt in (
            store.put(b"other", "b.txt"),
            store.find(media.media_id),
            store.get(media.media_id),
            store.ping(),
        ):
            with pytest.raises(StoreUnavailable, match="media store"):
                await attempt

    async def test_a_store_that_is_not_there_is_unavailable(self, monkeypatch: pytest.MonkeyPatch) -> None:
        for name, value in {"AWS_ENDPOINT_URL": "http://127.0.0.1:1", "AWS_ALLOW_HTTP": "true"}.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setenv("AWS_SKIP_SIGNATURE", "true")
        with pytest.raises(StoreUnavailable, match="media store"):
            await MediaStore("s3://bucket/media").ping()


@pytest.mark.parametrize("url", ["http://x/y", "file:///tmp", "nonsense", "gs://bucket"])
def test_other_addresses_are_refused(url: str, home: Path) -> None:
    with pytest.raises(ValueError, match="media address"):
        MediaStore(url, home)


def test_a_folder_needs_a_home() -> None:
    with pytest.raises(ValueError, match="home"):
        MediaStore("", None)
