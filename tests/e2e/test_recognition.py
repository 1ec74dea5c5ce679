"""A customer sends a picture of a question to the running product, whose recogniser is there, slow, or gone."""

import asyncio
from collections.abc import AsyncIterator

import aiohttp
import pytest

from tests.services.deployment import ACCOUNT, Deployment, embedded
from tests.services.wechat import PICTURE
from tests.simulators.recogniser import ScriptedRecogniser, gives, hears, never, scripted_recogniser
from tests.simulators.website_client import Json, WebsiteClient, open_client

pytestmark = pytest.mark.timeout(240)

ECHO = "我在图片里看到的是：「什么时候发货」。如果不对，请直接打字告诉我。"
OFFER = "收到您发来的内容。我还不能查看图片或文件，需要人工客服帮您看一下吗？"


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=30)) as session:
        yield session


async def shows(customer: WebsiteClient, http: aiohttp.ClientSession) -> None:
    """Uploads the picture and sends it."""
    form = aiohttp.FormData()
    form.add_field("file", PICTURE, filename="question.png", content_type="image/png")
    headers = {"Authorization": f"Bearer {customer.token}"}
    async with http.post(f"{customer.root}/media", data=form, headers=headers) as answer:
        assert answer.status == 201, await answer.text()
        media: Json = (await answer.json())["media"]
    await customer.send({"type": "image", "media": {"id": media["id"]}})


def heard(customer: WebsiteClient, after: int) -> list[str]:
    """What the assistant said since then."""
    said = [one for one in customer.messages[after:] if one["author"]["kind"] == "bot"]
    return [one["content"].get("text") or one["content"].get("prompt", "") for one in said]


async def test_what_a_customer_gets_for_a_picture(http: aiohttp.ClientSession) -> None:
    async with scripted_recogniser() as recogniser:
        settings = {"YIZHAN_RECOGNISER_URL": recogniser.url, "YIZHAN_RECOGNISER_TIMEOUT_SECONDS": "2"}
        deployment = await asyncio.to_thread(lambda: embedded(None, **settings))
        try:
            await _served(deployment, recogniser, http)
        finally:
            await asyncio.to_thread(deployment.close)


async def _served(deployment: Deployment, recogniser: ScriptedRecogniser, http: aiohttp.ClientSession) -> None:
    async with open_client(http, deployment.website, ACCOUNT, session={"locale": "zh-CN"}) as customer:
        await customer.reached(1, within=60.0)
        recogniser.play(hears("什么时候发货", 0.95))
        await shows(customer, http)
        await customer.until(lambda: len(heard(customer, 1)) == 2)
        echo, told = heard(customer, 1)
        assert echo == ECHO
        assert "发货" in told
        assert (recogniser.given[0].kind, recogniser.given[0].locale, recogniser.given[0].data) == (
            "image",
            "zh-CN",
            PICTURE,
        )

        recogniser.play(never)
        before = len(customer.messages)
        await shows(customer, http)
        await customer.until(lambda: len(recogniser.given) == 2)
        await customer.say("谢谢")
        await customer.until(lambda: len(heard(customer, before)) == 2)
        assert heard(customer, before)[0] == OFFER
        assert heard(customer, before)[1].startswith("不客气")

        recogniser.play(gives("no", status=500))
        before = len(customer.messages)
        await shows(customer, http)
        await customer.until(lambda: len(heard(customer, before)) == 1)
        assert heard(customer, before) == [OFFER]
    async with http.get(f"{deployment.website}/metrics") as answer:
        figures = await answer.text()
    # A recogniser that is too slow for its call fails it; the job's own deadline is the same moment and may come first.
    assert 'yizhan_recognitions_total{outcome="sure"} 1.0' in figures
    assert 'yizhan_recognitions_total{outcome="failed"}' in figures
