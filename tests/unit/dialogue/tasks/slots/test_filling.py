"""One sentence fills several slots, and two messages fill one."""

from tests.unit.dialogue.tasks.slots.cases import TUESDAY, outcome
from yizhan.dialogue.tasks.slots import kinds
from yizhan.dialogue.tasks.slots.filling import Wanted, completed, fill
from yizhan.dialogue.tasks.slots.reading import Context, Found, Option

CONTEXT = Context(TUESDAY)


def wanted(*names: str) -> list[Wanted]:
    options = (Option("quality", "质量问题"), Option("size", "尺码不合适"))
    return [Wanted(name, name, kinds.reader(name, {}), options if name == kinds.CHOICE else ()) for name in names]


def filled(text: str, *names: str, asked: str = "") -> tuple[dict[str, str | None], str]:
    filling = fill(text, wanted(*names), asked, CONTEXT)
    return {name: outcome(reading) for name, reading in filling.readings.items()}, filling.rest


def test_the_sentence_of_a_customer_in_a_hurry() -> None:
    values, rest = filled(
        "我订单号是 20261103-88213，手机13812345678，想下周三下午来", "order_number", "phone", "appointment"
    )
    assert values == {"order_number": "20261103-88213", "phone": "13812345678", "appointment": "2026-12-02T12:00/18:00"}
    assert "138" not in rest
    assert "下周三" not in rest


def test_each_stretch_is_read_once() -> None:
    cases = [
        ("浙江省杭州市西湖区文三路12号，12月3号上门", ("date", "address"), {"address": "浙江省杭州市西湖区文三路12号", "date": "2026-12-03"}),
        ("12345678@qq.com，13812345678", ("phone", "email", "order_number"), {"email": "12345678@qq.com", "phone": "13812345678"}),
        ("11010519491231002X 13812345678", ("order_number", "phone", "id_card"), {"id_card": "11010519491231002X", "phone": "13812345678"}),
        ("明天下午三点，两件", ("date", "time", "number"), {"date": "2026-11-25", "time": "15:00", "number": "2"}),
        ("我要退货，质量问题，订单123456", ("choice", "order_number"), {"choice": "quality", "order_number": "123456"}),
        ("退我99块，买了2件", ("number", "amount"), {"amount": "99.00", "number": "2"}),
    ]  # fmt: skip
    given = {text: filled(text, *names)[0] for text, names, _ in cases}
    assert given == {text: expected for text, _, expected in cases}


def test_name_phone_and_address_in_one_line() -> None:
    text = "张三，13812345678，浙江省杭州市西湖区文三路1号"
    values, _ = filled(text, "name", "phone", "address", asked="name")
    assert values == {"name": "张三", "phone": "13812345678", "address": "浙江省杭州市西湖区文三路1号"}


def test_of_two_slots_of_a_kind_the_asked_one_is_filled() -> None:
    slots = [Wanted(name, kinds.PHONE, kinds.reader(kinds.PHONE, {})) for name in ("mine", "theirs")]
    readings = fill("13812345678", slots, "theirs", CONTEXT).readings
    assert {name: outcome(reading) for name, reading in readings.items()} == {"theirs": "13812345678"}


def test_free_words_take_the_whole_message_unless_something_was_found_in_it() -> None:
    assert filled("屏幕碎了", "text", "phone", asked="text") == ({"text": "屏幕碎了"}, "")
    assert filled("13812345678", "text", "phone", asked="text")[0] == {"phone": "13812345678"}


def test_what_speaks_of_no_slot_is_left_whole() -> None:
    assert filled("你们几点下班", "phone", "order_number", "appointment") == ({}, "你们几点下班")


def test_a_day_and_then_its_time_make_an_appointment() -> None:
    read = kinds.reader(kinds.APPOINTMENT, {})
    asked = Context(TUESDAY, asked=True)
    for earlier, text, value in [
        ("明天", "下午三点", "2026-11-25T15:00"),
        ("下午三点", "明天", "2026-11-25T15:00"),
        ("这周末", "周六下午", "2026-11-28T12:00/18:00"),
        ("", "明天下午", "2026-11-25T12:00/18:00"),
    ]:
        assert outcome(completed(read, earlier, text, asked).reading) == value
    assert outcome(completed(read, "明天", "你们在哪", asked).reading) is None


def test_an_area_code_completes_a_number() -> None:
    read = kinds.reader(kinds.PHONE, {})
    found = completed(read, "010", "62345678", Context(TUESDAY, asked=True)).reading
    assert isinstance(found, Found)
    assert found.value == "010-62345678"


def test_what_was_said_so_far_is_kept_until_it_is_all() -> None:
    for kind, earlier, text, reading, part in [
        (kinds.ADDRESS, "", "杭州市西湖区", "? incomplete street number", "杭州市西湖区"),
        (kinds.ADDRESS, "杭州市西湖区", "文三路", "? incomplete number", "杭州市西湖区 文三路"),
        (kinds.ADDRESS, "杭州市西湖区 文三路", "文三路1号", "杭州市西湖区文三路1号", ""),
        (kinds.ADDRESS, "杭州市西湖区 文三路", "1号", "杭州市西湖区文三路1号", ""),
        (kinds.ADDRESS, "杭州市西湖区", "上海市静安区南京西路", "? incomplete number", "上海市静安区南京西路"),
        (kinds.ADDRESS, "杭州市西湖区", "什么时候来", None, ""),
        (kinds.APPOINTMENT, "下周", "周三", "? no_time", "下周 周三"),
        (kinds.APPOINTMENT, "下周 周三", "上午十点", "2026-12-02T10:00", ""),
        (kinds.APPOINTMENT, "明天", "后天", "? no_time", "后天"),
        (kinds.APPOINTMENT, "明天", "2月30日", "? bad_date", ""),
        (kinds.PHONE, "", "62345678", "? no_area_code", "62345678"),
    ]:
        done = completed(kinds.reader(kind, {}), earlier, text, Context(TUESDAY, asked=True))
        assert (outcome(done.reading), done.part) == (reading, part), (earlier, text)
        assert not part or part not in repr(done)
