"""What the console and the command line ask of drafts and releases over gRPC, and how they are refused."""

import json
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import grpc
import pytest

from tests.contract.services.knowledge_bench import BACK, ENTRIES, FEE, SHIP, SHOP, TESTS, Bench
from tests.contract.services.replay_bench import SETTING
from yizhan.core.runtime.grpc import RpcProblem
from yizhan.core.store.database import Database
from yizhan.dialogue.drafts_api import DraftsApi
from yizhan.dialogue.knowledge.contents import Contents
from yizhan.dialogue.knowledge.export import to_jsonl
from yizhan.dialogue.knowledge_api import KnowledgeApi
from yizhan.dialogue.knowledge_codec import entry_to_proto
from yizhan.dialogue.publishing import SAMPLE
from yizhan.dialogue.releases_api import ReleasesApi
from yizhan.pb.v1 import knowledge_pb2 as pb

NO_CONTEXT: Any = None


class Desk:
    """The three services over one database."""

    def __init__(self, database: Database) -> None:
        self.bench = Bench(database)
        self.drafts = DraftsApi(self.bench.desk, self.bench.clock)
        self.releases = ReleasesApi(self.bench.desk)
        self.knowledge = KnowledgeApi(self.bench.desk, self.bench.clock, SETTING)

    async def filled(self, documents: dict[str, str] | None = None) -> "Desk":
        contents = Contents(ENTRIES, documents or {})
        await self.bench.desk.drafts.load(SHOP, contents, mode="replace", by="mei", source_name="faq.csv")
        return self

    async def built(self) -> str:
        asked = await self.releases.StartBuild(pb.StartBuildRequest(workspace=SHOP, started_by="mei"), NO_CONTEXT)
        await self.bench.desk.builds.work()
        build = await self.releases.GetBuild(pb.GetBuildRequest(workspace=SHOP, id=asked.id), NO_CONTEXT)
        assert (build.state, build.reason) == ("done", "")
        return build.release_id

    async def put(self, entry: pb.Entry, seen: int = 0) -> pb.PutDraftEntryResponse:
        asked = pb.PutDraftEntryRequest(workspace=SHOP, entry=entry, seen_revision=seen, changed_by="an")
        return await self.drafts.PutDraftEntry(asked, NO_CONTEXT)


async def refused(call: Awaitable[object]) -> RpcProblem:
    with pytest.raises(RpcProblem) as problem:
        await call
    return problem.value


async def test_from_an_edited_draft_to_a_published_release_and_back(database: Database) -> None:
    desk = await Desk(database).filled()
    first = await desk.built()
    publish = pb.PublishReleaseRequest(workspace=SHOP, release_id=first, published_by="mei")
    await desk.releases.PublishRelease(publish, NO_CONTEXT)
    found = await desk.drafts.GetDraftEntry(pb.GetDraftEntryRequest(workspace=SHOP, id="ship"), NO_CONTEXT)
    found.entry.answer = "24小时内发货。"
    await desk.put(found.entry, found.revision)
    diff = await desk.releases.DiffReleases(pb.DiffReleasesRequest(workspace=SHOP), NO_CONTEXT)
    ((field,),) = [one.fields for one in diff.entries]
    assert (field.field, field.before, field.after) == ("answer", "48小时内发货。", "24小时内发货。")
    second = await desk.built()
    compare = pb.CompareReleaseRequest(workspace=SHOP, release_id=second)
    assert (await desk.releases.CompareRelease(compare, NO_CONTEXT)).against == first
    publish = pb.PublishReleaseRequest(workspace=SHOP, release_id=second, published_by="mei")
    await desk.releases.PublishRelease(publish, NO_CONTEXT)
    assert desk.bench.said("什么时候发货") == "24小时内发货。"
    back = pb.RollBackReleaseRequest(workspace=SHOP, release_id=first, published_by="an", reason="too early")
    done = await desk.releases.RollBackRelease(back, NO_CONTEXT)
    assert (done.rolled_back, done.forced_reason, done.replaced_id) == (True, "too early", second)
    assert desk.bench.said("什么时候发货") == "48小时内发货。"
    listed = await desk.releases.ListReleases(pb.ListReleasesRequest(workspace=SHOP), NO_CONTEXT)
    assert [(one.number, one.published, one.published_by) for one in listed.releases] == [
        (2, False, ""),
        (1, True, "an"),
    ]
    history = await desk.releases.ListPublications(pb.ListPublicationsRequest(workspace=SHOP), NO_CONTEXT)
    assert len(history.publications) == 3


async def test_an_entry_is_checked_as_a_file_is_and_a_new_one_gets_an_id(database: Database) -> None:
    desk = await Desk(database).filled()
    answer = await desk.put(pb.Entry(question="可以送礼吗", answer="可以。"))
    assert answer.entry.entry.id.startswith("q")
    answer = await desk.put(pb.Entry(id="gift", question="", answer="可以。"))
    assert [problem.reason_en for problem in answer.problems] == ["the question is empty"]
    answer = await desk.put(pb.Entry(id="human", question="可以送礼吗", answer="可以。"))
    assert [problem.reason_en for problem in answer.problems] == ["this id is reserved; use another one"]
    problem = await refused(desk.put(pb.Entry(id="x", question="问", answer="答", valid_from="2026-13-01")))
    assert (problem.code, problem.detail) == ("entry_unreadable", "valid_from")


async def test_every_field_of_an_entry_survives_the_wire(database: Database) -> None:
    desk = Desk(database)
    entry = pb.Entry(
        id="back",
        question="怎么退货",
        paraphrases=["如何退货"],
        answer="在订单页。",
        category="售后",
        variants=[pb.Variant(channel="wechat", text="点菜单")],
        valid_from="2026-11-01",
        valid_until="2026-12-31",
    )
    entry.attachments.add().link.url = "https://shop.example/r"
    entry.attachments[0].link.title = "退货说明"
    answer = await desk.put(entry)
    assert answer.entry.entry == entry


async def test_a_stale_editor_is_told_the_present_revision(database: Database) -> None:
    desk = await Desk(database).filled()
    stale = await refused(desk.put(entry_to_proto(ENTRIES[0]), seen=0))
    assert (stale.code, stale.status, stale.extras["name"]) == ("stale_revision", grpc.StatusCode.ABORTED, "ship")
    assert stale.extras["current"] > 0
    document = pb.PutDraftDocumentRequest(
        workspace=SHOP, document=pb.Document(name="variables", text="a: b"), seen_revision=7
    )
    assert (await refused(desk.drafts.PutDraftDocument(document, NO_CONTEXT))).extras["current"] == 0


async def test_a_release_that_falls_is_refused_with_what_fell_and_published_with_a_reason(database: Database) -> None:
    desk = await Desk(database).filled({"tests": TESTS})
    await desk.bench.publish(await desk.built())
    renamed = pb.Entry(id="back", question="换货", answer="在订单页。")
    found = await desk.drafts.GetDraftEntry(pb.GetDraftEntryRequest(workspace=SHOP, id="back"), NO_CONTEXT)
    await desk.put(renamed, found.revision)
    release = await desk.built()
    publish = pb.PublishReleaseRequest(workspace=SHOP, release_id=release, published_by="mei")
    problem = await refused(desk.releases.PublishRelease(publish, NO_CONTEXT))
    assert (problem.code, problem.status) == ("release_falls", grpc.StatusCode.FAILED_PRECONDITION)
    assert {"question", "coverage"} <= {fall["kind"] for fall in problem.extras["falls"]}
    publish.forced_reason = "  a promise of the law  "
    assert (await desk.releases.PublishRelease(publish, NO_CONTEXT)).forced_reason == "a promise of the law"
    report = pb.GetReleaseReportRequest(workspace=SHOP, release_id=release)
    shown = (await desk.releases.GetReleaseReport(report, NO_CONTEXT)).report
    outcomes = {one.text: one.outcome for one in shown.results}
    assert outcomes["多久可以发货"] == "right"
    assert outcomes["怎么申请退货"] == "unanswered"
    assert shown.figures.questions == 3


async def test_one_step_import_says_what_fell_and_publishes_when_forced(database: Database) -> None:
    desk = await Desk(database).filled({"tests": TESTS})
    await desk.bench.publish(await desk.built())
    asked = pb.ImportKnowledgeRequest(
        workspace=SHOP, file_name="faq.jsonl", data=to_jsonl(ENTRIES[:1]), published_by="mei"
    )
    answer = await desk.knowledge.ImportKnowledge(asked, NO_CONTEXT)
    assert "error" in {fall.kind for fall in answer.falls}, "a test question asks for an entry that is gone"
    assert not answer.release.published
    assert desk.bench.said("怎么退货") == "在订单页申请退货。"
    asked.forced_reason = "a smaller shop"
    answer = await desk.knowledge.ImportKnowledge(asked, NO_CONTEXT)
    assert (list(answer.falls), answer.release.published, answer.entries) == ([], True, 1)
    assert desk.bench.said("怎么退货") == ""


async def test_an_import_into_the_draft_merges_or_replaces_and_changes_nothing_with_problems(
    database: Database,
) -> None:
    desk = await Desk(database).filled()
    new = "问题,答案\n可以送礼吗,可以。\n".encode()
    asked = pb.ImportDraftRequest(workspace=SHOP, file_name="a.csv", data=new, merge=True, changed_by="an")
    answer = await desk.drafts.ImportDraft(asked, NO_CONTEXT)
    assert (answer.entries, answer.added, answer.changed, answer.removed) == (1, 1, 0, 0)
    asked.data = "问题,答案\n可以送礼吗,\n".encode()
    answer = await desk.drafts.ImportDraft(asked, NO_CONTEXT)
    assert len(answer.problems) == 1
    draft = await desk.drafts.GetDraft(pb.GetDraftRequest(workspace=SHOP), NO_CONTEXT)
    assert draft.entries == 4
    asked = pb.ImportDraftRequest(workspace=SHOP, file_name="a.csv", data=new, changed_by="an")
    assert (await desk.drafts.ImportDraft(asked, NO_CONTEXT)).removed == 3


async def test_a_draft_is_searched_paged_and_exported_as_it_can_be_imported(database: Database) -> None:
    desk = await Desk(database).filled()
    listing = pb.ListDraftEntriesRequest(workspace=SHOP, page_size=2)
    page = await desk.drafts.ListDraftEntries(listing, NO_CONTEXT)
    assert ([one.entry.id for one in page.entries], page.total) == (["ship", "back"], 3)
    listing.page_token = page.next_page_token
    page = await desk.drafts.ListDraftEntries(listing, NO_CONTEXT)
    assert ([one.entry.id for one in page.entries], page.next_page_token) == (["fee"], "")
    listing = pb.ListDraftEntriesRequest(workspace=SHOP, search="邮费", category="物流")
    page = await desk.drafts.ListDraftEntries(listing, NO_CONTEXT)
    assert ([one.entry.id for one in page.entries], list(page.categories)) == (["fee"], ["售后", "物流"])
    for name in ("faq.csv", "faq.xlsx", "faq.jsonl", "faq.md"):
        export = pb.ExportEntriesRequest(workspace=SHOP, file_name=name)
        file = await desk.drafts.ExportEntries(export, NO_CONTEXT)
        back = pb.ImportDraftRequest(workspace=SHOP, file_name=name, data=file.data)
        answer = await desk.drafts.ImportDraft(back, NO_CONTEXT)
        assert (answer.entries, answer.added, answer.changed, answer.removed) == (3, 0, 0, 0), name


async def test_the_history_shows_both_sides_of_a_change(database: Database) -> None:
    desk = await Desk(database).filled()
    found = await desk.drafts.GetDraftEntry(pb.GetDraftEntryRequest(workspace=SHOP, id="ship"), NO_CONTEXT)
    found.entry.answer = "24小时内发货。"
    await desk.put(found.entry, found.revision)
    changes = await desk.drafts.ListChanges(pb.ListChangesRequest(workspace=SHOP, page_size=1), NO_CONTEXT)
    (change,) = changes.changes
    assert (change.kind, change.name, change.changed_by) == ("entry", "ship", "an")
    assert (change.entry_before.answer, change.entry_after.answer) == ("48小时内发货。", "24小时内发货。")
    following = pb.ListChangesRequest(workspace=SHOP, page_token=changes.next_page_token)
    (change,) = (await desk.drafts.ListChanges(following, NO_CONTEXT)).changes
    assert (change.kind, change.name, change.note) == ("import", "replace", "faq.csv")


async def test_a_question_is_tried_on_a_release_that_is_not_published(database: Database) -> None:
    desk = await Desk(database).filled()
    release = await desk.built()
    ask = pb.AskRequest(workspace=SHOP, question="什么时候发货")
    assert (await desk.knowledge.Ask(ask, NO_CONTEXT)).decision == "handoff"
    ask.release_id = release
    answer = await desk.knowledge.Ask(ask, NO_CONTEXT)
    assert (answer.decision, answer.text, answer.release_id) == ("answer", "48小时内发货。", release)
    assert answer.candidates[0].entry.id == "ship"
    assert desk.bench.said("什么时候发货") == ""


async def test_what_is_not_there_is_refused_by_name(database: Database) -> None:
    desk = await Desk(database).filled()
    release = await desk.built()
    cases = {
        "workspace_missing": desk.drafts.GetDraft(pb.GetDraftRequest(), NO_CONTEXT),
        "not_in_draft": desk.drafts.GetDraftEntry(pb.GetDraftEntryRequest(workspace=SHOP, id="gone"), NO_CONTEXT),
        "document_unknown": desk.drafts.PutDraftDocument(
            pb.PutDraftDocumentRequest(workspace=SHOP, document=pb.Document(name="notes", text="x")), NO_CONTEXT
        ),
        "format_unknown": desk.drafts.ExportEntries(
            pb.ExportEntriesRequest(workspace=SHOP, file_name="faq.doc"), NO_CONTEXT
        ),
        "build_unknown": desk.releases.GetBuild(pb.GetBuildRequest(workspace=SHOP, id="gone"), NO_CONTEXT),
        "release_unknown": desk.releases.PublishRelease(
            pb.PublishReleaseRequest(workspace=SHOP, release_id="gone"), NO_CONTEXT
        ),
        "never_published": desk.releases.RollBackRelease(
            pb.RollBackReleaseRequest(workspace=SHOP, release_id=release), NO_CONTEXT
        ),
        "question_missing": desk.knowledge.Ask(pb.AskRequest(workspace=SHOP, question=" "), NO_CONTEXT),
        "bad_page_token": desk.drafts.ListDraftEntries(
            pb.ListDraftEntriesRequest(workspace=SHOP, page_token="x"), NO_CONTEXT
        ),
    }
    assert {code: (await refused(call)).code for code, call in cases.items()} == {code: code for code in cases}


@pytest.mark.parametrize("call", ["ExportEntries", "GetReleaseReport", "PublishRelease", "DiffReleases", "Ask"])
async def test_a_release_of_another_workspace_is_not_there(database: Database, call: str) -> None:
    desk = await Desk(database).filled()
    release = await desk.built()
    calls: dict[str, Callable[[], Awaitable[object]]] = {
        "ExportEntries": lambda: desk.drafts.ExportEntries(
            pb.ExportEntriesRequest(workspace="other", release_id=release, file_name="a.csv"), NO_CONTEXT
        ),
        "GetReleaseReport": lambda: desk.releases.GetReleaseReport(
            pb.GetReleaseReportRequest(workspace="other", release_id=release), NO_CONTEXT
        ),
        "PublishRelease": lambda: desk.releases.PublishRelease(
            pb.PublishReleaseRequest(workspace="other", release_id=release), NO_CONTEXT
        ),
        "DiffReleases": lambda: desk.releases.DiffReleases(
            pb.DiffReleasesRequest(workspace="other", after_id=release), NO_CONTEXT
        ),
        "Ask": lambda: desk.knowledge.Ask(
            pb.AskRequest(workspace="other", release_id=release, question="发货"), NO_CONTEXT
        ),
    }
    assert (await refused(calls[call]())).code == "release_unknown"


async def test_a_document_that_cannot_be_read_is_refused_with_its_lines_and_changes_nothing(database: Database) -> None:
    desk = await Desk(database).filled({"variables": "电话: 0755"})
    document = pb.Document(name="variables", text="电话: 0755\n\n地址: [a]\n坏 名: x\n")
    asked = pb.PutDraftDocumentRequest(workspace=SHOP, document=document, seen_revision=1, changed_by="an")
    problem = await refused(desk.drafts.PutDraftDocument(asked, NO_CONTEXT))
    assert (problem.code, problem.status, problem.extras["count"]) == (
        "document_invalid",
        grpc.StatusCode.INVALID_ARGUMENT,
        2,
    )
    assert [(one["line"], one["place"]) for one in problem.extras["problems"]] == [(3, "地址"), (4, "坏 名")]
    kept = await desk.drafts.GetDraftDocument(pb.GetDraftDocumentRequest(workspace=SHOP, name="variables"), NO_CONTEXT)
    assert kept.document.text == "电话: 0755"


async def test_of_very_many_problems_as_many_are_told_as_travel_beside_a_status(database: Database) -> None:
    desk = await Desk(database).filled()
    text = "".join(f"坏 名 {number}: x\n" for number in range(900))
    asked = pb.PutDraftDocumentRequest(workspace=SHOP, document=pb.Document(name="variables", text=text))
    problem = await refused(desk.drafts.PutDraftDocument(asked, NO_CONTEXT))
    told = problem.extras["problems"]
    assert problem.extras["count"] == 900
    assert [one["line"] for one in told] == list(range(1, len(told) + 1))
    assert len(told) > 5
    extras = dict(problem.metadata())["problem-extras-bin"]
    assert json.loads(extras)["count"] == 900, "what is cut off in the middle nobody can read"


async def test_entries_are_found_by_their_validity_page_by_page(database: Database) -> None:
    desk = Desk(database)
    day = desk.bench.now.astimezone(desk.bench.library.zone).date()
    old = [replace(BACK, id=f"old{n}", question=f"旧问题{n}", valid_until=day - timedelta(days=n)) for n in (1, 2, 3)]
    soon = replace(FEE, id="soon", question="快到期的", valid_until=day + timedelta(days=10))
    later = replace(FEE, id="later", question="还没开始的", valid_from=day + timedelta(days=10))
    await desk.bench.desk.drafts.load(
        SHOP, Contents((*old, SHIP, soon, later)), mode="replace", by="mei", source_name="faq.csv"
    )

    async def found(validity: str, token: str = "", search: str = "") -> pb.ListDraftEntriesResponse:
        asked = pb.ListDraftEntriesRequest(
            workspace=SHOP, validity=validity, page_size=2, page_token=token, search=search
        )
        return await desk.drafts.ListDraftEntries(asked, NO_CONTEXT)

    first = await found("expired")
    second = await found("expired", first.next_page_token)
    assert [[one.entry.id for one in page.entries] for page in (first, second)] == [["old1", "old2"], ["old3"]]
    assert (first.total, second.next_page_token) == (3, "")
    for validity, expected in {"now": ["ship", "soon"], "ending": ["soon"], "later": ["later"]}.items():
        assert [one.entry.id for one in (await found(validity)).entries] == expected, validity
    assert [one.entry.id for one in (await found("expired", search="旧问题2")).entries] == ["old2"]
    assert (await refused(found("yesterday"))).code == "unknown_validity"


@pytest.mark.parametrize(
    ("by", "test", "kept"),
    [(SAMPLE, "old", False), (SAMPLE, "back", True), ("mei", "old", True)],
    ids=["the demo's, about its own entries", "the demo's, about one that is still there", "the business's own"],
)
async def test_a_business_that_brings_its_own_entries_is_not_held_to_the_demo_s_tests(
    database: Database, by: str, test: str, kept: bool
) -> None:
    desk = Desk(database)
    old = replace(SHIP, id="old")
    words = {"old": "多久可以发货", "back": "怎么申请退货"}[test]
    documents = {"tests": f"text,entry\n{words},{test}\n"}
    await desk.bench.desk.drafts.load(SHOP, Contents((old, BACK), documents), mode="replace", by=by, source_name="demo")
    await desk.bench.publish(await desk.built(), "a beginning")
    new = pb.ImportKnowledgeRequest(
        workspace=SHOP, file_name="own.jsonl", data=to_jsonl([BACK, FEE]), published_by="mei"
    )
    answer = await desk.knowledge.ImportKnowledge(new, NO_CONTEXT)
    draft = await desk.drafts.GetDraft(pb.GetDraftRequest(workspace=SHOP), NO_CONTEXT)
    assert [one.document.name for one in draft.documents] == (["tests"] if kept else [])
    assert bool(answer.falls) is (test == "old" and kept)
