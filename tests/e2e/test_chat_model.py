"""A chat model on the running product: a customer on the website, a scripted model over HTTP, and a process that is killed."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from tests.channels.waiting import until
from tests.services.deployment import ACCOUNT, Deployment, embedded
from tests.simulators.openai import ScriptedModels, keeps_silent, says, scripted_models
from tests.simulators.website_client import WebsiteClient, open_client
from tests.unit.dialogue.knowledge.faq import entries

pytestmark = pytest.mark.timeout(240)

KEY = "sk-very-secret-key-of-the-business"
ENTRY = next(one for one in entries() if "发票" in one.question)
QUESTION = ENTRY.question
PHONE = "13800138000"


@pytest.fixture
async def server() -> AsyncIterator[ScriptedModels]:
    async with scripted_models() as running:
        yield running


@pytest.fixture
async def gateway(server: ScriptedModels, tmp_path: Path) -> AsyncIterator[Deployment]:
    deployment = await asyncio.to_thread(
        embedded,
        tmp_path,
        YIZHAN_MODELS_BASE_URL=server.base_url,
        YIZHAN_MODELS_CHAT="chat-1",
        YIZHAN_MODELS_KEY=KEY,
    )
    try:
        yield deployment
    finally:
        await asyncio.to_thread(deployment.close)


async def courteous(request: web.Request, asked: dict[str, Any]) -> web.StreamResponse:
    """Says what the entry says, after a greeting; of several entries it takes the one above."""
    data = json.loads(asked["messages"][-1]["content"])
    if "entries" in data:
        [place] = [one["id"] for one in data["entries"] if one["question"] == QUESTION]
        return await says(json.dumps({"entry": place}))(request, asked)
    return await says(json.dumps({"text": f"您好，{data['answer']}"}, ensure_ascii=False))(request, asked)


def answers(customer: WebsiteClient) -> list[str]:
    return [words for words in customer.texts("bot") if ENTRY.answer in words]


async def test_an_answer_in_the_models_words_and_after_a_kill_in_the_entrys(
    server: ScriptedModels, gateway: Deployment
) -> None:
    server.play(courteous, courteous, keeps_silent(), repeat=True)
    async with (
        aiohttp.ClientSession() as http,
        open_client(http, gateway.website, ACCOUNT, session={"locale": "zh-CN"}) as customer,
    ):
        await customer.say(QUESTION)
        await customer.until(lambda: bool(answers(customer)), 30.0)
        assert answers(customer) == [f"您好，{ENTRY.answer}"]
        await customer.say(f"{QUESTION} 我的电话是{PHONE}")
        await customer.until(lambda: len(answers(customer)) == 2, 30.0)
        assert len(server.asked) == 2
        assert PHONE not in json.dumps(server.asked, ensure_ascii=False)
        assert server.headers[0]["Authorization"] == f"Bearer {KEY}"

        await customer.say(QUESTION)
        await until(lambda: len(server.asked) == 3)
        gateway.kill("yizhan")
        await asyncio.to_thread(gateway.start, "yizhan")
        await customer.until(lambda: len(answers(customer)) == 3, 60.0)
        await customer.say("谢谢")
        await customer.until(lambda: any("不客气" in words for words in customer.texts("bot")), 30.0)
        assert answers(customer)[2:] == [ENTRY.answer]
        assert customer.breaches == []
    log = gateway.log("yizhan")
    assert [secret for secret in (KEY, PHONE, ENTRY.answer) if secret in log] == []
