"""A parcel or a repairman gets there: an address is complete, or its missing part is asked for by name."""

import pytest

from tests.unit.dialogue.tasks.slots.cases import TUESDAY, Case, said, wrong
from yizhan.dialogue.tasks.slots import kinds
from yizhan.dialogue.tasks.slots.filling import completed
from yizhan.dialogue.tasks.slots.reading import Context, Found

READ = kinds.reader(kinds.ADDRESS, {})
HOME = "浙江省杭州市西湖区文三路1号"

COMPLETE = [
    HOME,
    "杭州市西湖区文三路1号",
    "杭州西湖区文三路1号",
    "浙江杭州西湖区文三路1号",
    "杭州市西湖区文三路一号",
    "杭州市西湖区文三路1号3幢2单元301室",
    "杭州市西湖区文三路1号3-2-301",
    "杭州市西湖区翠苑一区12幢3单元402",
    "北京市朝阳区建国路88号",
    "北京朝阳区建国路88号SOHO现代城A座2003",
    "北京市北京市朝阳区建国路88号",
    "北京市海淀区中关村大街27号",
    "上海市浦东新区世纪大道100号环球金融中心35层",
    "上海浦东新区张江镇祖冲之路887弄78号",
    "天津市和平区南京路189号",
    "重庆市渝中区民族路188号",
    "重慶市渝中區解放碑步行街8號",
    "香港特别行政区油尖旺区弥敦道100号",
    "臺北市信義區信義路五段7號",
    "广东省深圳市南山区科技园科苑路15号",
    "广东省东莞市长安镇振安路12号",
    "广州天河区体育西路103号维多利广场B塔",
    "江苏省苏州市昆山市花桥镇绿地大道555号",
    "浙江省义乌市稠城街道工人西路12号",
    "四川省成都市双流县华阳街道天府大道南段888号",
    "湖南省长沙市岳麓区麓山南路932号中南大学",
    "湖北省武汉市洪山区珞喻路1037号华中科技大学",
    "河南省周口市太康县李集乡王村3组",
    "吉林省吉林市船营区松江路12号",
    "哈尔滨市南岗区学府路74号黑龙江大学",
    "山东省青岛市市南区香港中路10号颐和国际A座",
    "福建省厦门市思明区湖滨南路90号立信广场1002",
    "云南省大理白族自治州大理市人民路23号",
    "内蒙古自治区呼和浩特市新城区中山东路3号",
    "新疆维吾尔自治区乌鲁木齐市天山区解放北路5号",
    "广西壮族自治区南宁市青秀区民族大道106号",
    "西藏拉萨市城关区北京中路35号",
    "海口市龙华区国贸路2号",
    "陕西省西安市雁塔区小寨东路11号",
    "贵州省贵阳市南明区中华南路7号",
    "成都高新区天府三街198号",
    "杭州余杭区五常街道西溪八方城5幢1201",
    "北京市东城区东四十条甲22号",
    "湖北省恩施土家族苗族自治州恩施市东风大道5号",
    "内蒙古锡林郭勒盟锡林浩特市那达慕大街3号",
]

RESPELLED: list[Case] = [
    ("浙江省 杭州市 西湖区 文三路 1号", HOME),
    ("浙江省-杭州市-西湖区-文三路-1号", HOME),
    ("浙江省/杭州市/西湖区/文三路/1号", HOME),
    ("浙江省，杭州市，西湖区，文三路1号", HOME),
    ("浙江省、杭州市、西湖区、文三路１号", HOME),
    ("地址：浙江省杭州市西湖区文三路1号", HOME),
    ("我住在浙江省杭州市西湖区文三路1号。", HOME),
    ("我家在杭州市西湖区文三路1号", "杭州市西湖区文三路1号"),
    ("麻烦寄到杭州市西湖区文三路1号，谢谢", "杭州市西湖区文三路1号"),
    ("我要送到公司，上海市徐汇区漕溪北路18号，可以吗", "上海市徐汇区漕溪北路18号"),
    ("张三，13812345678，浙江省杭州市西湖区文三路1号", HOME),
    ("浙江省杭州市西湖区文三路1号，电话13812345678", HOME),
    ("浙江省杭州市西湖区文三路1号 13812345678", HOME),
    ("浙江省杭州市西湖区文三路1号，收件人张三", HOME),
    ("新地址是浙江省杭州市西湖区文三路1号吧", HOME),
    ("改成浙江省杭州市西湖区文三路1号", HOME),
]

LACKING: list[Case] = [
    ("浙江省", "? incomplete city district street number"),
    ("杭州市", "? incomplete district street number"),
    ("杭州市西湖区", "? incomplete street number"),
    ("杭州市西湖区文三路", "? incomplete number"),
    ("杭州市西湖区翠苑街道翠苑四区", "? incomplete number"),
    ("杭州市文三路1号", "? incomplete district"),
    ("朝阳区建国路88号", "? incomplete city"),
    ("文三路1号", "? incomplete city district"),
    ("北京市", "? incomplete district street number"),
    ("北京市朝阳区", "? incomplete street number"),
    ("阳光小区3栋", "? incomplete city district"),
]

OTHER = [
    "1号",
    "不告诉你",
    "我要改地址",
    "地址写错了",
    "为什么要地址",
    "你们市场价多少",
    "区别是什么",
    "這個小區能送嗎",
    "你们在哪个城市",
    "知道了",
    "13812345678",
    "明天下午",
    "what road is it",
    "",
]

PASSING: list[Case] = [
    ("帮我寄到浙江省杭州市西湖区文三路1号", HOME),
    ("我想退货，取件地址浙江省杭州市西湖区文三路1号，明天下午", HOME),
    ("地址是杭州市西湖区", "? incomplete street number"),
    ("杭州市西湖区", None),
    ("北京市的快递怎么这么慢", None),
    ("浙江省包邮吗", None),
    ("我在超市买的", None),
    ("大城市的路", None),
    ("文三路1号", None),
    ("路上小心", None),
    ("你们的仓库在广州市哪里", None),
    ("订单20261103-88213到哪了", None),
]

ENGLISH: list[Case] = [
    (
        "Room 301, No. 88 Jianguo Road, Chaoyang District, Beijing",
        "Room 301, No. 88 Jianguo Road, Chaoyang District, Beijing",
    ),
    ("my address is 12 Wensan Road, Xihu District, Hangzhou", "12 Wensan Road, Xihu District, Hangzhou"),
    ("88 Century Avenue, Pudong New Area, Shanghai, thanks", "88 Century Avenue, Pudong New Area, Shanghai"),
    ("12 Nanjing Road, Shanghai", "? incomplete district"),
    ("12 Nanjing Road", "? incomplete city district"),
    ("I am on the road", None),
    ("tomorrow", None),
]


@pytest.mark.parametrize("text", COMPLETE)
def test_a_complete_address_is_taken_whole_asked_or_not(text: str) -> None:
    assert wrong(READ, [(text, text)], asked=True) == {}
    assert wrong(READ, [(text, text)], asked=False) == {}


def test_what_stands_between_the_parts_or_around_the_address_does_not_matter() -> None:
    assert wrong(READ, RESPELLED, asked=True) == {}


def test_what_is_missing_is_named() -> None:
    assert wrong(READ, LACKING, asked=True) == {}


def test_what_is_no_address_is_none() -> None:
    assert wrong(READ, [(text, None) for text in OTHER], asked=True) == {}


def test_in_passing_only_a_complete_address_is_taken() -> None:
    assert wrong(READ, PASSING, asked=False) == {}


def test_english_addresses() -> None:
    assert wrong(READ, ENGLISH, asked=True) == {}


def test_how_exact_it_must_be_is_the_tasks_choice() -> None:
    district, street = (kinds.reader(kinds.ADDRESS, {"least": least}) for least in ("district", "street"))
    assert wrong(district, [("杭州市西湖区", "杭州市西湖区"), ("杭州市", "? incomplete district")], asked=True) == {}
    assert (
        wrong(
            street, [("杭州市西湖区文三路", "杭州市西湖区文三路"), ("杭州市西湖区", "? incomplete street")], asked=True
        )
        == {}
    )


@pytest.mark.parametrize(
    ("earlier", "text", "value"),
    [
        ("杭州市西湖区", "文三路1号", "杭州市西湖区文三路1号"),
        ("杭州市西湖区文三路", "1号", "杭州市西湖区文三路1号"),
        ("杭州市西湖区", HOME, HOME),
    ],
)
def test_the_missing_part_completes_what_was_said_before(earlier: str, text: str, value: str) -> None:
    found = completed(READ, earlier, text, Context(TUESDAY, asked=True)).reading
    assert isinstance(found, Found)
    assert (found.value, text[found.span.start : found.span.end]) == (value, text)


def test_what_was_read_is_the_address_and_nothing_beside_it() -> None:
    assert said(READ, "寄到杭州市 西湖区 文三路1号，电话13812345678") == "杭州市 西湖区 文三路1号"
