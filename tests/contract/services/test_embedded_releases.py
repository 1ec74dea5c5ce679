"""Releases with an embedding model: embedded once, taken over after that, and built with words alone where it fails."""

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa

from tests.contract.services.knowledge_bench import BACK, ENTRIES, FEE, SHIP, SHOP, Bench
from tests.contract.services.meaning_bench import DIMENSION, MODEL, meaning, vectors_of
from tests.simulators.openai import ScriptedModels, Turn, embeds_by, fails, gives, hangs_up, scripted_models
from yizhan.console.knowledge_views import full_release_json, report_json
from yizhan.core.store.database import Database
from yizhan.dialogue.builder import Builder
from yizhan.dialogue.knowledge import engine
from yizhan.dialogue.knowledge.contents import OUTSIDE
from yizhan.dialogue.knowledge.report import ReleaseReport
from yizhan.dialogue.models import embedding
from yizhan.dialogue.releases_api import ReleasesApi
from yizhan.dialogue.store.knowledge_tables import built_releases
from yizhan.pb.v1 import knowledge_pb2 as pb

NO_CONTEXT: Any = None
PHRASINGS = [text for entry in ENTRIES for text in entry.phrasings]


@pytest.fixture
async def server(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[ScriptedModels]:
    monkeypatch.setattr(embedding, "PAUSE_SECONDS", 0.0)
    async with scripted_models() as server:
        server.play(embeds_by(meaning), repeat=True)
        yield server


def texts(server: ScriptedModels) -> list[str]:
    """Everything that the endpoint was given, and nothing of it any more."""
    given = [text for asked in server.asked for text in asked["input"]]
    server.asked.clear()
    return given


async def report(bench: Bench, release_id: str) -> ReleaseReport:
    found = await bench.library.shelf.report(release_id)
    assert found is not None
    return found


async def test_without_a_model_nothing_is_embedded(database: Database) -> None:
    bench = Bench(database)
    release_id = await bench.take()
    found = await report(bench, release_id)
    assert (found.embedding_model, found.by_meaning, found.embedding_failed) == ("", None, "")
    opened = await bench.library.shelf.open(release_id)
    assert (opened.embedding_model, opened.dimension, opened.meaning_thresholds) == ("", 0, None)


async def test_a_release_compares_by_the_meaning_that_the_model_gave_its_phrasings(
    database: Database, server: ScriptedModels
) -> None:
    bench = Bench(database, builder=Builder(), embedding=vectors_of(server))
    release_id = await bench.take(documents={OUTSIDE: "今天天气怎么样\n"})
    assert sorted(texts(server)) == sorted([*PHRASINGS, "今天天气怎么样"])
    found = await report(bench, release_id)
    assert (found.embedding_model, found.dimension, found.embedding_failed) == (MODEL, DIMENSION, "")
    assert found.by_meaning is not None
    opened = await bench.library.shelf.open(release_id)
    assert opened.meaning_thresholds == found.by_meaning.thresholds
    assert (opened.embedding_model, opened.dimension) == (MODEL, DIMENSION)


async def test_a_rebuild_embeds_only_what_was_changed(database: Database, server: ScriptedModels) -> None:
    bench = Bench(database, embedding=vectors_of(server))
    await bench.take()
    texts(server)
    await bench.take()
    assert texts(server) == []
    await bench.take(replace(SHIP, paraphrases=("多久发货", "何时发货")), BACK, FEE)
    assert texts(server) == ["何时发货"]


async def test_another_model_embeds_everything_anew(database: Database, server: ScriptedModels) -> None:
    bench = Bench(database, embedding=vectors_of(server))
    await bench.take()
    texts(server)
    other = Bench(database, embedding=vectors_of(server, "embed-2"))
    assert (await report(other, await other.take())).embedding_model == "embed-2"
    assert sorted(texts(server)) == sorted(PHRASINGS)


async def test_a_model_that_changed_under_its_name_embeds_everything_anew(
    database: Database, server: ScriptedModels
) -> None:
    bench = Bench(database, embedding=vectors_of(server))
    await bench.take()
    server.play(embeds_by(lambda text: meaning(text, 24)), repeat=True)
    found = await report(bench, await bench.take(SHIP, BACK, replace(FEE, paraphrases=("邮费怎么算", "要不要邮费"))))
    assert (found.dimension, found.embedding_failed) == (24, "")


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        pytest.param(fails(500), "http_5xx", id="it fails"),
        pytest.param(hangs_up(), "connection_lost", id="it hangs up"),
        pytest.param(gives("{}"), "not_embeddings", id="it talks nonsense"),
        pytest.param(fails(429), "rate_limited", id="it wants to be left alone"),
    ],
)
async def test_an_endpoint_that_fails_costs_the_release_its_vectors_and_nothing_else(
    database: Database, server: ScriptedModels, fault: Turn, reason: str
) -> None:
    server.play(fault, repeat=True)
    bench = Bench(database, embedding=vectors_of(server))
    release_id = await bench.take()
    found = await report(bench, release_id)
    assert found.embedding_failed == reason
    assert (found.embedding_model, found.by_meaning) == ("", None)
    await bench.publish(release_id)
    assert bench.said("什么时候发货") == "48小时内发货。"


async def test_what_was_embedded_before_it_failed_is_not_embedded_again(
    database: Database, server: ScriptedModels, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(embedding, "BATCH", 4)
    server.play(embeds_by(meaning), fails(500))
    server.repeat = True
    bench = Bench(database, embedding=vectors_of(server))
    found = await report(bench, await bench.take())
    assert (found.embedding_failed, found.embedding_model) == ("http_5xx", "")
    texts(server)
    server.play(embeds_by(meaning), repeat=True)
    assert (await report(bench, await bench.take())).embedding_model == MODEL
    assert texts(server) == PHRASINGS[4:]


async def test_what_could_tell_who_somebody_is_does_not_leave_with_a_phrasing(
    database: Database, server: ScriptedModels
) -> None:
    bench = Bench(database, embedding=vectors_of(server))
    await bench.take(replace(SHIP, paraphrases=("电话13800138000的订单多久发货",)), BACK, FEE)
    given = texts(server)
    assert not [text for text in given if "13800138000" in text]
    assert any("发货" in text and "[" in text for text in given)


async def test_an_index_of_another_version_is_made_anew_from_the_vectors_that_were_kept(
    database: Database, server: ScriptedModels
) -> None:
    here = Bench(database, embedding=vectors_of(server))
    await here.publish(await here.take())
    async with database.begin() as tx:
        parts = (await tx.execute(sa.select(built_releases.c.parts))).scalar() or ""
        await tx.execute(built_releases.update().values(parts=parts.replace(engine.VERSION, "older-7")))
    texts(server)
    server.play(fails(500), repeat=True)
    there = Bench(database)
    await there.library.refresh()
    opened = there.library.release(SHOP)
    assert opened is not None
    assert (opened.embedding_model, opened.dimension) == (MODEL, DIMENSION)
    assert texts(server) == []


async def shown(bench: Bench) -> list[tuple[Any, Any]]:
    """What the console is told of the vectors of each release, newest first: in the list, and in the report."""
    api = ReleasesApi(bench.desk)
    listed = (await api.ListReleases(pb.ListReleasesRequest(workspace=SHOP), NO_CONTEXT)).releases
    found = []
    for release in listed:
        asked = pb.GetReleaseReportRequest(workspace=SHOP, release_id=release.id)
        one = await api.GetReleaseReport(asked, NO_CONTEXT)
        assert one.release == release
        found.append((full_release_json(release)["embedding"], report_json(one.report)["embedding"]))
    return found


async def test_an_editor_sees_which_releases_have_vectors_whose_they_are_and_why_others_have_none(
    database: Database, server: ScriptedModels
) -> None:
    await Bench(database).take()
    bench = Bench(database, embedding=vectors_of(server))
    await bench.take()
    server.play(fails(401), repeat=True)
    await bench.take(SHIP, BACK, replace(FEE, paraphrases=("要不要邮费",)))
    none = {"model": None, "failed": None}
    assert await shown(bench) == [
        (
            {"model": None, "failed": "key_refused"},
            {"model": None, "dimension": 0, "by_meaning": False, "failed": "key_refused"},
        ),
        (
            {"model": MODEL, "failed": None},
            {"model": MODEL, "dimension": DIMENSION, "by_meaning": True, "failed": None},
        ),
        (none, {**none, "dimension": 0, "by_meaning": False}),
    ]


async def test_why_a_release_has_no_vectors_is_still_known_when_another_version_opens_it(
    database: Database, server: ScriptedModels
) -> None:
    server.play(fails(401), repeat=True)
    here = Bench(database, embedding=vectors_of(server))
    await here.publish(await here.take())
    async with database.begin() as tx:
        parts = (await tx.execute(sa.select(built_releases.c.parts))).scalar() or ""
        await tx.execute(built_releases.update().values(parts=parts.replace(engine.VERSION, "older-7")))
    there = Bench(database)
    await there.library.refresh()
    ((listed, reported),) = await shown(there)
    assert (listed["failed"], reported["failed"]) == ("key_refused", "key_refused")
