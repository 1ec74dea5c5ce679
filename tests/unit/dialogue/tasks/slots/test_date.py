"""The day a customer means is the day that is booked; where it could be another, they are asked."""

from datetime import datetime, timedelta

import pytest

from tests.unit.dialogue.tasks.slots.cases import ZONE, Case, said, wrong
from yizhan.dialogue.tasks.slots import kinds
from yizhan.dialogue.tasks.slots.moments import hours, moment
from yizhan.dialogue.tasks.slots.reading import Context, Found

WHEN = kinds.reader(kinds.APPOINTMENT, {"time": "taken"})
DAY = kinds.reader(kinds.DATE, {})
TIMED = kinds.reader(kinds.APPOINTMENT, {})
DAYS = kinds.reader(kinds.DATE, {"several_days": True})
PAST = kinds.reader(kinds.DATE, {"past": True, "time": "taken"})

# Read on Tuesday, 24 November 2026, at ten in the morning.
ASKED: list[Case] = [
    ("今天", "2026-11-24"),
    ("今天下午", "2026-11-24T12:00/18:00"),
    ("明天", "2026-11-25"),
    ("明儿", "2026-11-25"),
    ("明天吧", "2026-11-25"),
    ("后天", "2026-11-26"),
    ("大后天", "2026-11-27"),
    ("後天", "2026-11-26"),
    ("后天上午十点半", "2026-11-26T10:30"),
    ("明早", "2026-11-25T06:00/12:00"),
    ("明早九点", "2026-11-25T09:00"),
    ("今晚八点", "2026-11-24T20:00"),
    ("明天晚上", "2026-11-25T18:00/22:00"),
    ("明天中午", "2026-11-25T11:00/14:00"),
    ("明天3点", "2026-11-25T15:00"),
    ("明天三点一刻", "2026-11-25T15:15"),
    ("明天9点", "2026-11-25T09:00"),
    ("明天10点20", "2026-11-25T10:20"),
    ("明天10点20分", "2026-11-25T10:20"),
    ("明天15:30", "2026-11-25T15:30"),
    ("明天下午3:30", "2026-11-25T15:30"),
    ("明天下午３：３０", "2026-11-25T15:30"),
    ("明天下午3点到5点", "2026-11-25T15:00/17:00"),
    ("明天下午3-5点", "2026-11-25T15:00/17:00"),
    ("明天上午10点-11点半", "2026-11-25T10:00/11:30"),
    ("明天上午10点到下午2点", "2026-11-25T10:00/14:00"),
    ("下午三点，明天", "2026-11-25T15:00"),
    ("明天，下午", "2026-11-25T12:00/18:00"),
    ("明天（11月25号）下午", "2026-11-25T12:00/18:00"),
    ("周三", "2026-11-25"),
    ("周二", "2026-12-01"),
    ("周一", "2026-11-30"),
    ("星期五", "2026-11-27"),
    ("禮拜五", "2026-11-27"),
    ("周5", "2026-11-27"),
    ("周日", "2026-11-29"),
    ("礼拜天", "2026-11-29"),
    ("这周三", "2026-11-25"),
    ("本周五上午", "2026-11-27T08:00/12:00"),
    ("这周二", "2026-11-24"),
    ("这周一", "? past"),
    ("上周三", "? past"),
    ("下周三", "2026-12-02"),
    ("下周三下午", "2026-12-02T12:00/18:00"),
    ("下週三下午", "2026-12-02T12:00/18:00"),
    ("下个星期三", "2026-12-02"),
    ("下周的周三", "2026-12-02"),
    ("下周 周三", "2026-12-02"),
    ("下周一", "2026-11-30"),
    ("下周日", "2026-12-06"),
    ("下下周一", "2026-12-07"),
    ("周三或周四", "? several"),
    ("周三到周五", "? which_day"),
    ("这周末", "? which_day"),
    ("这周末，周六吧", "2026-11-28"),
    ("下周", "? which_day"),
    ("12月3号", "2026-12-03"),
    ("12月3日", "2026-12-03"),
    ("12月3", "2026-12-03"),
    ("十二月三号", "2026-12-03"),
    ("12 月 3 号", "2026-12-03"),
    ("12月3号下午2点半", "2026-12-03T14:30"),
    ("11月3号", "? past"),
    ("11月31号", "? bad_date"),
    ("2月30号", "? bad_date"),
    ("13月1号", "? bad_date"),
    ("1月5号", "2027-01-05"),
    ("明年1月5号", "2027-01-05"),
    ("2027年1月5日", "2027-01-05"),
    ("二〇二七年一月五号", "2027-01-05"),
    ("27年1月5号", "2027-01-05"),
    ("2027-01-05", "2027-01-05"),
    ("2027/1/5", "2027-01-05"),
    ("2027.1.5", "2027-01-05"),
    ("20270105", "2027-01-05"),
    ("2027-02-29", "? bad_date"),
    ("2028年2月29日", "2028-02-29"),
    ("3.15", "2027-03-15"),
    ("3/15", "2027-03-15"),
    ("12-25", "2026-12-25"),
    ("25/12", "2026-12-25"),
    ("十二号", "2026-12-12"),
    ("28号", "2026-11-28"),
    ("28号下午", "2026-11-28T12:00/18:00"),
    ("31号", "2026-12-31"),
    ("24号", "2026-11-24"),
    ("32号", "? bad_date"),
    ("下个月3号", "2026-12-03"),
    ("这个月30号", "2026-11-30"),
    ("本月3号", "? past"),
    ("28-30号", "? which_day"),
    ("月底", "? which_day"),
    ("月底最后一天", "2026-11-30"),
    ("12月底", "? which_day"),
    ("下个月", "? too_wide"),
    ("12月份", "? too_wide"),
    ("年底", "? too_wide"),
    ("三天后", "2026-11-27"),
    ("3天之后", "2026-11-27"),
    ("过两天", "2026-11-26"),
    ("两周后", "2026-12-08"),
    ("半个月后", "2026-12-09"),
    ("一个月后", "2026-12-24"),
    ("7天内", "? which_day"),
    ("三天前", "? past"),
    ("昨天", "? past"),
    ("今天早上9点", "? past"),
    ("今天上午", "2026-11-24T08:00/12:00"),
    ("国庆后第一天", "? holiday"),
    ("春节后", "? holiday"),
    ("国庆后，10月9号", "? past"),
    ("尽快", "? too_wide"),
    ("随时", "? too_wide"),
    ("尽快，明天吧", "2026-11-25"),
    ("明天25点", "? bad_time"),
    ("明天晚上12点", "? morning_or_evening"),
    ("三点", "? no_day"),
    ("下午", "? no_day"),
    ("tomorrow", "2026-11-25"),
    ("tmr", "2026-11-25"),
    ("tomorrow at 3pm", "2026-11-25T15:00"),
    ("tomorrow at 3", "2026-11-25T15:00"),
    ("tomorrow 3:30 p.m.", "2026-11-25T15:30"),
    ("tomorrow 3-5pm", "2026-11-25T15:00/17:00"),
    ("tomorrow morning", "2026-11-25T08:00/12:00"),
    ("tonight", "2026-11-24T18:00/22:00"),
    ("the day after tomorrow", "2026-11-26"),
    ("next Wednesday afternoon", "2026-12-02T12:00/18:00"),
    ("Wednesday", "2026-11-25"),
    ("this Friday", "2026-11-27"),
    ("fri", "2026-11-27"),
    ("Dec 3", "2026-12-03"),
    ("December 3rd, 2026", "2026-12-03"),
    ("3 December", "2026-12-03"),
    ("the 3rd of December", "2026-12-03"),
    ("in 3 days", "2026-11-27"),
    ("in two weeks", "2026-12-08"),
    ("3/5 please", "? day_or_month"),
    ("yesterday", "? past"),
    ("next week", "? which_day"),
    ("asap", "? too_wide"),
    ("Christmas", "? holiday"),
    ("明天 3pm", "2026-11-25T15:00"),
    ("28日14点", "2026-11-28T14:00"),
    ("周六日", "? which_day"),
    ("周四之后", "? which_day"),
    ("下周一之前", "? which_day"),
    ("after Friday", "? which_day"),
    ("今天下午4点前", "? no_time"),
    ("越早越好", "? too_wide"),
    ("现在", "? too_wide"),
    ("the 28th", "2026-11-28"),
    ("28th afternoon", "2026-11-28T12:00/18:00"),
    ("28号下午2:00~4:00", "2026-11-28T14:00/16:00"),
    ("十一月廿八", "2026-11-28"),
    ("我买的壶现在运到哪儿了", None),
    ("国庆节你们发不发货", None),
    ("What time do you open in the afternoon?", None),
    ("明天可以吗", "2026-11-25"),
    ("下个月可以吗", "? too_wide"),
    ("为什么", None),
    ("一点都不好", None),
    ("快一点", None),
    ("3号楼", None),
    ("中山路12号", None),
    ("3.5元", None),
    ("20261103-88213", None),
    ("13812345678", None),
    ("版本3.15.2", None),
    ("周边游", None),
    ("", None),
]  # fmt: skip

UNASKED: list[Case] = [
    ("我订单号是 20261103-88213，手机13812345678，想下周三下午来", "2026-12-02T12:00/18:00"),
    ("明天下午三点能来修吗", "2026-11-25T15:00"),
    ("12月3号上门", "2026-12-03"),
    ("这周五", "2026-11-27"),
    ("快递昨天到的", None),
    ("双11买的", None),
    ("上周买的", None),
    ("星期一到星期五几点上班", None),
    ("12月33号来", "? bad_date"),
    ("3.15", None),
    ("3/15", None),
    ("20261203", None),
    ("每周三", None),
    ("一周三次", None),
    ("3天无理由退货", None),
    ("7天内", None),
    ("三点建议", None),
    ("下午", None),
    ("什么时候发货", None),
    ("尽快发货", None),
    ("3个月10天", None),
    ("5号电池", None),
    ("第3号", None),
    ("I may sit in the sun", None),
    ("version 2.12", None),
]


def test_an_asked_customer_is_understood() -> None:
    assert wrong(WHEN, ASKED, asked=True) == {}


def test_a_day_in_passing_is_taken_only_when_it_is_one() -> None:
    assert wrong(WHEN, UNASKED, asked=False) == {}


def test_a_slot_for_the_day_leaves_the_time_to_another_slot() -> None:
    assert wrong(DAY, [("下周三下午", "2026-12-02"), ("下午三点，明天", "2026-11-25")], asked=True) == {}
    assert said(DAY, "想下周三下午来") == "下周三"


def test_an_appointment_wants_a_time_too() -> None:
    cases: list[Case] = [
        ("明天", "? no_time"),
        ("明天下午", "2026-11-25T12:00/18:00"),
        ("下午三点", "? no_day"),
        ("明天上午9点或10点", "? several"),
        ("昨天", "? past"),
        ("11月3号", "? past"),
        ("2月30日", "? bad_date"),
        ("国庆节", "? holiday"),
    ]
    assert wrong(TIMED, cases, asked=True) == {}


def test_several_days_are_an_answer_where_they_are_wanted() -> None:
    cases: list[Case] = [
        ("这周末", "2026-11-28/2026-11-29"),
        ("下周末", "2026-12-05/2026-12-06"),
        ("周三到周五", "2026-11-25/2026-11-27"),
        ("周五到周一", "2026-11-27/2026-11-30"),
        ("28号到2号", "2026-11-28/2026-12-02"),
        ("12月3号到5号", "2026-12-03/2026-12-05"),
        ("12月3日-12月5日", "2026-12-03/2026-12-05"),
        ("12月30号到1月2号", "2026-12-30/2027-01-02"),
        ("月底", "2026-11-26/2026-11-30"),
        ("12月初", "2026-12-01/2026-12-10"),
        ("下周", "2026-11-30/2026-12-06"),
        ("这周", "2026-11-24/2026-11-29"),
        ("7天内", "2026-11-24/2026-12-01"),
        ("from Wednesday to Friday", "2026-11-25/2026-11-27"),
        ("12月5号到12月3号", "? backwards"),
        ("明天", "2026-11-25"),
    ]
    assert wrong(DAYS, cases, asked=True) == {}


def test_where_the_past_is_wanted_it_is_found() -> None:
    cases: list[Case] = [
        ("昨天", "2026-11-23"),
        ("前天下午", "2026-11-22T12:00/18:00"),
        ("上周三", "2026-11-18"),
        ("11月3号买的", "2026-11-03"),
        ("三天前", "2026-11-21"),
        ("上个月5号", "2026-10-05"),
        ("去年12月5号", "2025-12-05"),
        ("last Friday", "2026-11-20"),
        ("3 days ago", "2026-11-21"),
    ]
    assert wrong(PAST, cases, asked=True) == {}


def test_a_day_too_far_ahead_is_asked_for_again() -> None:
    read = kinds.reader(kinds.DATE, {"most_days": 14})
    assert (
        wrong(read, [("12月8号", "2026-12-08"), ("12月9号", "? too_far"), ("三年后的12月", "? too_wide")], asked=True)
        == {}
    )


@pytest.mark.parametrize(
    ("now", "text", "expected"),
    [
        ((2026, 12, 31), "明天", "2027-01-01"),
        ((2026, 12, 31), "1号", "2027-01-01"),
        ((2026, 12, 30), "下周五", "2027-01-08"),
        ((2026, 12, 20), "1月5号", "2027-01-05"),
        ((2027, 1, 31), "一个月后", "2027-02-28"),
        ((2028, 1, 31), "一个月后", "2028-02-29"),
        ((2027, 2, 1), "30号", "2027-03-30"),
        ((2028, 2, 28), "明天", "2028-02-29"),
        ((2027, 2, 28), "明天", "2027-03-01"),
        ((2028, 1, 5), "2月29号", "2028-02-29"),
        ((2027, 6, 1), "2月29号", "2028-02-29"),
        ((2026, 11, 29), "周日", "2026-12-06"),
        ((2026, 11, 29), "这周日", "2026-11-29"),
        ((2026, 11, 29), "下周一", "2026-11-30"),
        ((2026, 11, 29), "下周日", "2026-12-06"),
        ((2026, 11, 25), "下周三", "2026-12-02"),
        ((2026, 11, 25), "周三", "2026-12-02"),
        ((2026, 11, 25), "这周三", "2026-11-25"),
        ((2026, 11, 25), "next Wednesday", "2026-12-02"),
        ((2026, 12, 31), "月底最后一天", "2026-12-31"),
        ((2024, 12, 30), "这周三", "2025-01-01"),
    ],
)
def test_year_turns_short_months_and_leap_days(now: tuple[int, int, int], text: str, expected: str) -> None:
    assert wrong(DAY, [(text, expected)], asked=True, now=datetime(*now, 9, 0, tzinfo=ZONE)) == {}


def test_every_day_of_two_years_is_found_by_its_date_and_by_tomorrow() -> None:
    start = datetime(2027, 1, 1, 8, 0, tzinfo=ZONE)
    for offset in range(731):
        now = start + timedelta(days=offset)
        tomorrow = (now + timedelta(days=1)).date()
        spelled = f"{tomorrow.year}年{tomorrow.month}月{tomorrow.day}号"
        short = f"{tomorrow.month}月{tomorrow.day}日"
        cases: list[Case] = [(text, tomorrow.isoformat()) for text in ("明天", "tomorrow", spelled, short)]
        assert wrong(DAY, cases, asked=True, now=now) == {}


def test_the_business_day_decides_which_three_o_clock_is_meant() -> None:
    night = kinds.reader(kinds.APPOINTMENT, {"opens": 0, "closes": 24})
    late = kinds.reader(kinds.APPOINTMENT, {"opens": 10, "closes": 22})
    assert wrong(night, [("明天3点", "? morning_or_evening"), ("明天15点", "2026-11-25T15:00")], asked=True) == {}
    assert wrong(late, [("明天9点", "2026-11-25T21:00"), ("明天10点", "2026-11-25T10:00")], asked=True) == {}


@pytest.mark.parametrize(
    ("text", "stretch"),
    [
        ("我想下周三下午来", "下周三下午"),
        ("那就12月3号，上午10点半吧", "12月3号，上午10点半"),
        ("Could you come next Wednesday afternoon?", "next Wednesday afternoon"),
    ],
)
def test_what_was_read_is_the_day_and_its_time(text: str, stretch: str) -> None:
    assert said(WHEN, text) == stretch


@pytest.mark.parametrize(
    ("text", "language", "shown"),
    [
        ("下周三下午", "zh", "2026年12月2日（周三）12:00–18:00"),
        ("后天上午十点半", "zh", "2026年11月26日（周四）10:30"),
        ("next Wednesday", "en", "Wed 2 Dec 2026"),
        ("tomorrow at 3pm", "en", "Wed 25 Nov 2026, 15:00"),
    ],
)
def test_the_day_is_read_back_with_its_weekday(text: str, language: str, shown: str) -> None:
    now = datetime(2026, 11, 24, 10, 0, tzinfo=ZONE)
    found = WHEN(text, Context(now, asked=True, language="en" if language == "en" else "zh"))
    assert isinstance(found, Found)
    assert found.shown == shown


@pytest.mark.parametrize("value", ["2026-11-25", "2026-11-28/2026-11-29", "2026-11-25T14:30", "2026-11-25T12:00/18:00"])
def test_what_a_task_passes_on_can_be_read_again(value: str) -> None:
    assert moment(value).canonical == value


def test_what_is_no_moment_is_refused() -> None:
    for value in ("", "tomorrow", "2026-13-01", "2026-11-25T"):
        with pytest.raises(ValueError, match=r"\w"):
            moment(value) if value != "2026-11-25T" else hours("")


TIME = kinds.reader(kinds.TIME, {})
TIMES_ASKED: list[Case] = [
    ("下午三点", "15:00"),
    ("三点", "15:00"),
    ("三点半", "15:30"),
    ("九点", "09:00"),
    ("十二点", "12:00"),
    ("上午", "08:00/12:00"),
    ("晚上8点半", "20:30"),
    ("晚上", "18:00/22:00"),
    ("凌晨2点", "02:00"),
    ("中午12点", "12:00"),
    ("中午1点", "13:00"),
    ("3-5点", "15:00/17:00"),
    ("下午3点到5点", "15:00/17:00"),
    ("9:30", "09:30"),
    ("15：30", "15:30"),
    ("03:30", "03:30"),
    ("17点", "17:00"),
    ("3pm", "15:00"),
    ("3:30 pm", "15:30"),
    ("12pm", "12:00"),
    ("12am", "00:00"),
    ("noon", "11:00/14:00"),
    ("in the morning", "08:00/12:00"),
    ("3 o'clock", "15:00"),
    ("25点", "? bad_time"),
    ("12:60", "? bad_time"),
    ("上午或者下午", "? several"),
    ("早一点", None),
    ("good morning", None),
    ("比例16:9:1", None),
    ("没空", None),
]


def test_a_time_of_day_by_itself() -> None:
    assert wrong(TIME, TIMES_ASKED, asked=True) == {}
    assert wrong(TIME, [("下午三点来", "15:00"), ("三点建议", None), ("早点发货", None)], asked=False) == {}
    point = kinds.reader(kinds.TIME, {"point": True})
    assert wrong(point, [("下午", "? no_time"), ("下午三点", "15:00")], asked=True) == {}
