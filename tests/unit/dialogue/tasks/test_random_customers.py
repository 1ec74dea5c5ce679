"""Whatever a customer writes, presses or repeats: no step raises, nothing is changed without a yes, and nothing twice."""

from datetime import timedelta

import pytest
from hypothesis import given, settings, strategies as st

from tests.unit.dialogue.tasks.script import Bench, ShopAnswerer, shipped_book
from yizhan.core.messages import command as k, content as c
from yizhan.dialogue.conversation import ASSISTED
from yizhan.dialogue.tasks.advance import MOST_CALLS
from yizhan.dialogue.tasks.calls import Result, encode_result
from yizhan.dialogue.tasks.state import Phase

BOOK = shipped_book()

LINES = [
    *(trigger for task in BOOK.tasks.values() for trigger in task.triggers[:3]),
    *(
        "确认",
        "好的",
        "不对",
        "取消",
        "算了",
        "跳过",
        "没有",
        "继续办理",
        "转人工",
        "可以开发票吗",
        "退货运费谁出",
        "你好",
        "谢谢",
        "？",
    ),
    *(
        "20261101123456",
        "13800138000",
        "不对，电话是13900139000",
        "订单号错了",
        "电话写错了",
        "类型改成退货",
        "地点改成上门",
    ),
    *(
        "下周三下午",
        "昨天",
        "杭州",
        "到店",
        "上门",
        "浙江省杭州市西湖区文三路100号",
        "王小明",
        "维修",
        "灯罩裂了",
        "智能台灯",
        "下周三",
        "下周",
        "三点",
        "杭州市西湖区",
        "文三路",
        "不知道",
        "写错了",
        "不是不对",
        "不是13800138000",
        "我不想退了，想换货",
        "我叫王小明",
        "上海静安店",
    ),
    *("yes", "no", "no, it's 13900139000", "cancel", "skip", "carry on", "John Smith", "next Wednesday afternoon"),
    *(
        "我要退货，订单号20261101123456，电话13800138000",
        "我想预约上门安装，下周三下午，电话13800138000",
        "解决了",
        "还不行",
    ),
]
BRANCHES = [
    "found",
    "several",
    "eligible",
    "not_found",
    "too_late",
    "refused",
    "applied",
    "already",
    "booked",
    "taken",
    "?",
]
OPTIONS = (c.MenuOption("lamp", "智能台灯"), c.MenuOption("kettle", "水壶"))

said = st.one_of(
    st.tuples(st.just("say"), st.sampled_from(LINES)),
    st.tuples(st.just("say"), st.text(max_size=30)),
    st.tuples(st.just("press"), st.integers(0, 5)),
    st.tuples(st.just("press any"), st.tuples(st.integers(0, 30), st.text(max_size=5))),
    st.tuples(st.just("again"), st.none()),
    st.tuples(st.just("picture"), st.none()),
    st.tuples(st.just("wait"), st.integers(0, 40)),
    st.tuples(st.just("end"), st.tuples(st.sampled_from(BRANCHES), st.integers(0, 2), st.sampled_from(k.JobOutcome))),
    st.tuples(st.just("agent"), st.sampled_from(["take", "return", "close"])),
)


class Watched:
    """A bench that is looked at after everything that happens."""

    def __init__(self) -> None:
        self.bench = Bench(ShopAnswerer(BOOK))
        self.changing = 0
        self.asked = 0

    def act(self, kind: str, what: object) -> None:
        before = self.bench.stage.conversation.task
        started = len(self.bench.stage.turn.jobs)
        spoken = len(self.bench.stage.turn.outbound)
        self._do(kind, what)
        new = self.bench.calls()[started:]
        assert len(new) <= 1, "one thing that happens starts one call at most"
        for call in new:
            if call.changes:
                assert before is not None
                assert before.phase is Phase.CONFIRMING, "nothing is changed without a question that was confirmed"
                assert kind in ("say", "press", "press any", "again"), "nothing is changed but by the customer"
        assert len(self.bench.stage.turn.outbound) - spoken <= 6, "nobody is flooded"
        task = self.bench.stage.conversation.task
        if task is not None:
            assert task.calls <= MOST_CALLS
            assert (task.phase is Phase.WORKING) == bool(task.job_id), "who works, works on one job"
            under = task.under
            if under is not None:
                assert (under.phase, under.under, under.job_id) == (Phase.ASIDE, None, ""), "what is put aside waits"
                assert under.task != task.task, "no task is under itself"

    def _do(self, kind: str, what: object) -> None:
        bench = self.bench
        menus = [m.content for m in bench.stage.turn.messages if isinstance(m.content, c.Menu)]
        match kind, what:
            case "say", str(text):
                bench.customer(c.Text(text))
            case "press", int(number) if menus:
                options = menus[-1].options
                bench.customer(c.Choice(menus[-1].menu_id, options[number % len(options)].id, "x"))
            case "press any", (int(number), str(option)) if menus:
                menu = menus[number % len(menus)]
                bench.customer(c.Choice(menu.menu_id, option or menu.options[0].id, "x"))
            case "again", _ if c.plain_text(bench.last):
                bench.customer(bench.last)
            case "picture", _:
                bench.customer(c.Image(c.Media("ab" * 32, "image/jpeg")))
            case "wait", int(minutes):
                bench.stage.pass_time(timedelta(minutes=minutes))
            case "end", (str(branch), int(options), k.JobOutcome() as outcome) if bench.pending:
                bench.end(outcome, encode_result(Result(branch, {"days": "7"}, OPTIONS[:options])))
            case "agent", str(does):
                self._agent(does)

    def _agent(self, does: str) -> None:
        stage = self.bench.stage
        if does == "take" and stage.state not in ASSISTED:
            stage.command(k.Assign("agent-1", "小雅", "a1"))
        elif does == "return":
            stage.command(k.ReturnToBot("agent-1"))
        elif does == "close":
            stage.command(k.Close("agent-1", ask_rating=False))


@settings(max_examples=150, deadline=None)
@given(st.lists(said, max_size=30))
def test_no_customer_breaks_a_task(happens: list[tuple[str, object]]) -> None:
    watched = Watched()
    for kind, what in happens:
        watched.act(kind, what)


BEGUN: dict[str, list[tuple[str, object]]] = {
    **{name: [("say", task.triggers[0])] for name, task in BOOK.tasks.items()},
    "after_sales that waits for a yes": [
        ("say", "我要换货，订单号20261101123456，电话13800138000"),
        ("end", ("eligible", 1, k.JobOutcome.DONE)),
        ("say", "尺寸太大"),
        ("say", "跳过"),
    ],
    "appointment that waits for a yes": [
        ("say", "我想预约上门安装，下周三下午，电话13800138000"),
        ("say", "浙江省杭州市西湖区文三路100号3幢201室"),
        ("say", "王小明"),
    ],
}


@pytest.mark.parametrize("name", BEGUN)
@settings(max_examples=60, deadline=None)
@given(happens=st.lists(said, max_size=25))
def test_no_customer_breaks_a_task_that_was_begun(name: str, happens: list[tuple[str, object]]) -> None:
    watched = Watched()
    for kind, what in BEGUN[name]:
        watched.act(kind, what)
    task = watched.bench.stage.conversation.task
    assert task is not None
    assert task.phase is (Phase.CONFIRMING if "yes" in name else Phase.ASKING)
    for kind, what in happens:
        watched.act(kind, what)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(["确认", "确认提交", "好的", "是的", "again", "press"]), min_size=1, max_size=12))
def test_however_often_it_is_confirmed_it_is_submitted_once(confirmations: list[str]) -> None:
    watched = Watched()
    for line in ("我要换货，订单号20261101123456，电话13800138000",):
        watched.act("say", line)
    watched.act("end", ("eligible", 1, k.JobOutcome.DONE))
    for line in ("尺寸太大", "跳过"):
        watched.act("say", line)
    watched.act("say", "确认")
    for how in confirmations:
        if how == "press":
            watched.act("press", 0)
        elif how == "again":
            watched.act("again", None)
        else:
            watched.act("say", how)
    assert [call.operation for call in watched.bench.calls() if call.changes] == ["apply"]
