"""The parts of a Chinese address in the order in which they are written. Works on text without separators."""

import re
from dataclasses import dataclass

from yizhan.dialogue.tasks.slots.provinces import MUNICIPALITIES, PROVINCES

CITY, DISTRICT, STREET, NUMBER = "city", "district", "street", "number"
"""What can be missing."""

_HAN = "[\u3400-\u9fff〇]"
_NUMERAL = "[0-9零〇一二三四五六七八九十百]"
_PROVINCE = re.compile("|".join(sorted(PROVINCES, key=lambda name: (-len(name), name))))
_CITY = re.compile(f"{_HAN}{{2,9}}?(?:自治州|地区|市(?!场|辖|民|政)|盟|州市|州(?=.{{1,8}}?[市县区]))")
_DISTRICT = re.compile(
    f"{_HAN}{{1,10}}?(?:新区|高新技术开发区|经济技术开发区|经济开发区|开发区|高新区|工业园区|自治县|自治旗|林区|特区|矿区"
    "|(?<!小)(?<!园)(?<!社)(?<!住宅)(?<!生活)区(?!别|域|间)|县(?!城)|旗|(?<![超城门上夜菜])市(?!场|民))"
)
_TOWN = re.compile(f"{_HAN}{{1,8}}?(?:街道(?:办事处)?|镇|乡(?!下)|苏木)")
_ESTATE_NAME = "小区|校区|厂区|片区|花园|家园|苑|公寓|大厦|广场|中心|大楼|园区|科技园|工业园|产业园|软件园|创业园|新村|村|社区|山庄|别墅|大院|学院|大学|中学|小学|医院|宿舍|城|府|湾|里|庄|屯|组|队|邨|坊|庭|轩|居"
_STREET = re.compile(
    f"(?:{_HAN}|[0-9a-z]){{1,12}}?(?:大道|大街|公路|胡同|路|街|巷|(?<![知味])道(?!理|歉)|环线?|条|桥|堤|线)(?:(?:[东西南北中]|{_NUMERAL}{{1,3}})(?:段|路|街|巷|里|弄|条|区))?"
)
_ESTATE = re.compile(f"(?:{_HAN}|[0-9a-z](?!号)){{1,15}}?(?:{_ESTATE_NAME})")
_DETAIL = re.compile(
    f"(?:(?:甲|乙|丙|附|第|[东西南北]|地下|负)?(?:{_NUMERAL}|[a-z]){{1,6}}(?:[-—之](?:{_NUMERAL}|[a-z]){{1,5}}){{0,4}}"
    "(?:号|弄|栋|幢|座|塔|楼|单元|层|室|房|门|户|院|组|期|区|#|铺|店|柜|[^0-9a-z\u3400-\u9fff])?(?:内|旁|旁边|对面|门口|底商|大门|附近|前台|楼下)?)"
)
_TAIL = re.compile(
    f"(?:{_HAN}|[0-9a-z]){{1,12}}?(?:快递柜|驿站|丰巢|门卫|物业|前台|超市|便利店|店|部|处|科|办公室|公司|厂|仓库|(?=(?:[0-9]{{1,4}}|[a-z])(?:座|塔|栋|幢|号楼|单元|层|楼|室))|内|旁|旁边|对面|门口|底商)"
)
_LONE = re.compile("[零〇一二三四五六七八九十百]{1,6}")
_MOST_DETAILS = 12
_STREET_REST = 2
"""学府路 is a street and not the estate 学府 before a 路."""


@dataclass(frozen=True, slots=True)
class Parts:
    """Which parts there are, and where the address ends in the text that was given."""

    province: str = ""
    city: bool = False
    district: bool = False
    street: bool = False
    number: bool = False
    end: int = 0

    @property
    def levels(self) -> int:
        """How many of the four parts there are."""
        return sum((self.city, self.district, self.street, self.number))

    def missing(self, least: str) -> tuple[str, ...]:
        """The parts that an address of this exactness ("door", "street", "district") wants and that are not there."""
        wanted = [(CITY, self.city), (DISTRICT, self.district), (STREET, self.street), (NUMBER, self.number)]
        depth = {"district": 2, "street": 3}.get(least, 4)
        return tuple(name for name, there in wanted[:depth] if not there)


def parts(text: str) -> Parts:
    """Read the parts one after another from the beginning of the text."""
    at = 0
    province = _PROVINCE.match(text)
    name = PROVINCES[province.group()] if province else ""
    municipal = name in MUNICIPALITIES
    if province:
        at = province.end()
        if municipal and text.startswith(name, at):  # 北京市北京市朝阳区, as shop platforms write
            again = _PROVINCE.match(text, at)
            at = again.end() if again else at
    at, city = _city(text, at, municipal=municipal)
    at, district, unmarked = _district(text, at, city=city)
    town = _TOWN.match(text, at)
    if town and not _swallows_street(town.group()):
        at = town.end()
    at, street, number = _door(text, at)
    return Parts(name, city or unmarked, district or (city and town is not None), street, number, at or 0)


def _city(text: str, at: int, *, municipal: bool) -> tuple[int, bool]:
    if municipal:
        return at, True
    found = _CITY.match(text, at)
    if found is None or re.search("[区县路街镇号]", found.group()[:-1]):
        return at, False
    return found.end(), True


def _district(text: str, at: int, *, city: bool) -> tuple[int, bool, bool]:
    """The end, whether there is a district, and whether an unmarked city stands before its name (杭州西湖区)."""
    found = _DISTRICT.match(text, at)
    if found is None or re.search("[路街镇号弄栋]", found.group()[:-1]):
        return at, False, False
    name = re.sub("(?:新|开发|高新|自治)?[区县旗市]$", "", found.group())
    zone = found.group().endswith(("高新区", "开发区"))  # every city has one, so it is named after the city
    unmarked = len(name) >= (2 if zone else 4) and not found.group().endswith("市")
    return found.end(), True, not city and unmarked


def _swallows_street(town: str) -> bool:
    """建国路街道: only a road with 街道 after it; a name with 路 inside is a street first."""
    return re.search("[路街号](?!道)", town[:-2]) is not None


def _detail(text: str, at: int) -> re.Match[str] | None:
    """A number with or without its suffix; a lone Chinese numeral (一 of 一直) is none."""
    found = _DETAIL.match(text, at)
    return None if found is None or not found.group() or _LONE.fullmatch(found.group()) else found


def _door(text: str, at: int) -> tuple[int, bool, bool]:
    """Streets, estates and numbers in any order until something else follows: the end, whether there is a street, a number."""
    street = number = False
    for _ in range(_MOST_DETAILS):
        found = _STREET.match(text, at)
        estate = _ESTATE.match(text, at)
        detail = _detail(text, at)
        if detail and (number or street):
            at, number = detail.end(), number or not detail.group().endswith(("区", "期"))
        elif found and (estate is None or found.end() <= estate.end() + _STREET_REST):
            at, street = found.end(), True
        elif estate:
            at, street = estate.end(), True
        elif detail:
            at, number = detail.end(), True
        elif (street or number) and (tail := _TAIL.match(text, at)):
            at = tail.end()
        else:
            break
    return at, street, number
