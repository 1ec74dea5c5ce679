"""What is personal in a text, by pattern: literal tables, Chinese and English. They rather take too much than too little.

They are matched against a text whose digits and full-width letters were made ASCII one for one, so that positions stay.
"""

import re
from enum import StrEnum


class Private(StrEnum):
    """What a placeholder stands for; the model is told the kind and nothing else."""

    EMAIL = "EMAIL"
    ID_CARD = "IDCARD"
    BANK_CARD = "CARD"
    PHONE = "PHONE"
    ORDER = "ORDER"
    ACCOUNT = "ACCOUNT"
    PLATE = "PLATE"
    ADDRESS = "ADDRESS"
    NAME = "NAME"
    NUMBER = "NUMBER"


_GAP = r"[\s\-‐-―.·/_()（）\u00ad\u180e\u200b-\u200f\u2060\ufeff]{0,3}"
"""What people (and those who want to get past a filter) put between digits."""


def _spread(count: str) -> str:
    return rf"\d(?:{_GAP}\d){count}"


_HAN = "\u3400-\u4dbf\u4e00-\u9fff"
_NUMERALS = "零〇一二三四五六七八九幺两壹贰叁肆伍陆柒捌玖"
_SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭"
    "陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤欧阳"
)
_NAME_ZH = rf"(?!什么|啥|谁|哪|可以|能)[{_HAN}·]{{2,4}}?(?=$|[^{_HAN}·]|的|，|是|电话|手机|住|今年|在|想|要|订|买|家|和|寄|收|请|麻烦|谢|您)"
_NAME_EN = r"[A-Z][\w'’-]+(?:\s+[A-Z][\w'’-]+){0,3}"
_ROAD = "路|街|大道|道|巷|弄|胡同|里|村|屯|庄|小区|花园|苑|公寓|大厦|广场|社区|新城|园区?|城|组|坊"
_NUMBER_OF_HOUSE = rf"[\d{_NUMERALS}十百A-Za-z\-–—]{{1,8}}(?:号楼?|弄|栋|幢|座|单元|室|楼|层|门|户|组)"
_STREET = (
    "Street|St|Road|Rd|Avenue|Ave|Lane|Ln|Drive|Dr|Boulevard|Blvd|Court|Ct|Way|Place|Pl|Square|Sq|Terrace|Crescent"
)

PATTERNS: tuple[tuple[Private, re.Pattern[str]], ...] = (
    (
        Private.EMAIL,
        re.compile(
            rf"[^\s@<>,;:，。；：、（）()\[\]{_HAN}]{{1,64}}\s?@\s?[A-Za-z0-9\-]{{1,64}}(?:\.[A-Za-z0-9\-]{{1,32}}){{1,4}}"
        ),
    ),
    (
        Private.EMAIL,
        re.compile(r"[\w.+\-]{1,64}\s?(?:\(at\)|\[at\]|#)\s?[\w\-]{1,64}\.(?:com|cn|net|org)\b", re.IGNORECASE),
    ),
    (
        Private.ORDER,
        re.compile(
            r"(?:(?:订单|运单|快递|物流|单据|退款|流水|交易|发票|工单|合同|保单)(?:编号|单号|号码|号)?|单号"
            r"|order\s*(?:number|no\.?|id|#)?|tracking\s*(?:number|no\.?|id)?)"
            r"\s*(?:是|为|:|：|#|is)?\s*(?P<personal>(?=[A-Za-z\-]{0,40}\d)[A-Za-z0-9][A-Za-z0-9\-]{4,39})",
            re.IGNORECASE,
        ),
    ),
    (Private.ID_CARD, re.compile(rf"(?<!\d){_spread('{16}')}{_GAP}[\dXx](?!\d)")),
    (Private.BANK_CARD, re.compile(rf"(?<!\d){_spread('{15,18}')}(?!\d)")),
    (Private.PHONE, re.compile(rf"(?<!\d)(?:\+|00)?(?:86{_GAP})?1[3-9](?:{_GAP}\d){{9}}(?!\d)")),
    (
        Private.PHONE,
        re.compile(rf"(?<!\d)(?:\+\d{{1,3}}{_GAP}|\(?0\d{{2,3}}\)?{_GAP}|[48]00{_GAP}){_spread('{5,9}')}(?!\d)"),
    ),
    (
        Private.ORDER,
        re.compile(r"(?<![A-Za-z0-9])(?=(?:[A-Za-z\-]{0,12}\d){5})[A-Za-z][A-Za-z0-9\-]{6,39}"),
    ),
    (Private.NUMBER, re.compile(rf"\d(?:{_GAP}\d){{6,}}")),
    (Private.NUMBER, re.compile(rf"[{_NUMERALS}](?:{_GAP}[{_NUMERALS}]){{6,}}")),
    (
        Private.ACCOUNT,
        re.compile(
            r"(?:微信号?|vx|wx|wechat|QQ号?|账号|用户名|支付宝账?号?|username|account)\s*(?:是|为|:|：|is)\s*"
            r"(?P<personal>[A-Za-z0-9][\w\-]{3,39})",
            re.IGNORECASE,
        ),
    ),
    (Private.ACCOUNT, re.compile(r"(?<![A-Za-z0-9])(?:[EGDSPH]\d{8}|[A-Z]{2}\d{7})(?!\d)")),
    (
        Private.PLATE,
        re.compile(r"[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼][A-Z]·?[A-Z0-9]{5,6}(?![A-Z0-9])"),
    ),
    (
        Private.ADDRESS,
        re.compile(
            rf"(?=(?P<within>(?:[{_HAN}]{{2,7}}?(?:省|自治区|市|区|县|旗|镇|乡|街道|开发区)){{0,5}}))(?P=within)"
            rf"[{_HAN}A-Za-z\d]{{1,12}}?(?:{_ROAD})\s?(?:{_NUMBER_OF_HOUSE}\s?){{1,5}}(?:[\d\-]{{2,6}})?"
        ),
    ),
    (
        Private.ADDRESS,
        re.compile(
            rf"(?<!\d)\d{{1,5}}[A-Za-z]?,?\s+(?:[A-Z][\w'.]+\s+){{1,4}}(?:{_STREET})\b(?:,?\s*(?:Apt|Unit|#)\s*\w+)?"
        ),
    ),
    (
        Private.NAME,
        re.compile(
            rf"(?:我叫|我的名字叫?是?|名字[叫是]|姓名|收[件货]人|联系人|持卡人|本人叫)\s*(?:是|为|叫|:|：)?\s*(?P<personal>{_NAME_ZH}|{_NAME_EN})"
        ),
    ),
    (
        Private.NAME,
        re.compile(rf"(?P<personal>[{_SURNAMES}][{_HAN}]{{0,2}})(?=先生|女士|小姐|太太|阿姨|老师|同学|师傅)"),
    ),
    (
        Private.NAME,
        re.compile(
            rf"(?:(?i:my name is|i am called|name:|recipient:|mr\.?|mrs\.?|ms\.?|dear))\s+(?P<personal>{_NAME_EN})"
        ),
    ),
)
"""In the order in which they are tried. Where a pattern has a group ``personal``, only that is.

What was once found ``within`` a place's name is not tried otherwise: looked at ahead and taken as it is, which bounds the
work on any text. An atomic group would say so more plainly, but Python before 3.11.5 then misses addresses.
"""
