"""More than a thousand answers of many conversations, over three releases, made again one by one: none differs."""

import random
from collections import Counter

import pytest

from tests.contract.services.conftest import RecordingBus, SteppedClock
from tests.contract.services.replay_bench import SHOP, Crowd, ReplayShop, reworded, shop_entries
from yizhan.core.store.database import Database
from yizhan.dialogue.models.use import NO_MODELS, ModelUse
from yizhan.pb.v1.message_pb2 import AuthorKind

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


@pytest.mark.parametrize(
    "models", [NO_MODELS, ModelUse(choose=True, reword=True, seconds=3.0)], ids=["alone", "with a chat model"]
)
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_every_past_answer_comes_out_the_same_whatever_is_published_now(
    database: Database, bus: RecordingBus, clock: SteppedClock, models: ModelUse
) -> None:
    shop = ReplayShop(database, bus, clock, models=models)
    crowd = Crowd(shop, random.Random(4), customers=90)
    await shop.publish(*shop_entries())
    await crowd.live(550)
    clock.step(86_400)
    await shop.publish(*reworded(shop_entries()))
    await crowd.live(650)
    await shop.publish(*shop_entries()[:20])

    replayer = shop.replayer()
    seen: Counter[str] = Counter()
    releases: set[str] = set()
    for decision_id in await shop.decided():
        replayed = await replayer.replay(SHOP, decision_id)
        told = "\n".join((*replayed.differences, *replayed.changed))
        assert replayed.identical, f"decision {decision_id} came out otherwise:\n{told}"
        assert not replayed.changed, told
        seen[replayed.explanation.decided_by] += 1
        seen[replayed.explanation.intent] += 1
        releases.add(replayed.explanation.release_id)
    answers = 0
    for number in range(crowd.customers):
        said = await shop.transcript(f"v:{number}")
        answers += sum(message.author.kind == AuthorKind.AUTHOR_KIND_BOT for message in said)
    assert answers >= 1000
    assert sum(seen.values()) // 2 >= 1200
    assert len(releases) == 2
    happened = {"entry", "task", "rule", "person", "result", "clarify", "handoff", "greeting", "rating", "task_done"}
    assert happened <= set(seen), f"nobody tried {happened - set(seen)}"
    assert crowd.done["handed over twice"]
    tried = {f"model {task} {outcome}" for task in ("choose", "rephrase") for outcome in ("DONE", "TIMED_OUT")}
    assert (tried & set(crowd.done) == tried) is (models is not NO_MODELS)
