"""A person's name, where it was asked for: 张三, 我叫欧阳娜娜, 李女士, "John Smith", 阿卜杜拉·买买提."""

import re

from yizhan.dialogue.knowledge.function_words import EMPTY_LATIN
from yizhan.dialogue.tasks.slots.reading import Context, Found, Reading, Reason, Unclear, one_of
from yizhan.dialogue.tasks.slots.spelling import Spelled, spell

_HAN = "[\u3400-\u9fff〇\U00020000-\U0003ffff]"
_LEAD = re.compile(
    "^[ ,]{0,3}(?:(?:好的?|嗯|您好|你好|哦)[,。! ]{0,2})?(?:"
    "(?P<told>(?:请|可以|就)?叫我(?:就是|就)?|(?:我的?|本人|他的?|她的?|收件人|联系人|预约人|就诊人)?(?:的?(?:姓名|名字|全名|真实姓名)|叫做?|大名|收件人|联系人)(?: ?(?:是|叫|为|:|=))? ?)"
    "|(?P<am>(?:我是|我姓|姓|免贵姓|本人)) ?"
    r"|(?P<english>(?:my (?:full )?name is|name ?:|name's|i am|i'm|this is|it's|call me) )"
    ")?"
)
_TOLD = re.compile(
    "(?:^|(?<=[ ,，。;!?、\n]))(?:我?(?:就)?叫|(?:我的|联系人|收件人|预约人)?姓名(?:是|叫|:)?|(?:我的)?名字(?:是|叫|:)|(?:联系人|收件人|预约人)(?:是|叫|:)?|(?:my name is|name ?:))"
    r" ?(?P<name>[\u3400-\u9fff·]{2,10}|[a-z][a-z'\-]{1,30}(?: [a-z][a-z'.\-]{0,30}){0,3})(?![\u3400-\u9fffa-z])"
)
_TRAIL = re.compile(r"[ ,。.!~]{0,3}(?:谢谢|吧|啊|哈|呀|的|哦)?[ ,。.!~]{0,3}$")
_CUT = re.compile(f"([^,，、(/]{{1,60}}?)(?:[,，、(/]|(?<={_HAN}) )")
_TITLE = re.compile("(?:先生|女士|小姐|太太|同学|老师|医生|阿姨|叔叔)$")
_CHINESE = re.compile(f"{_HAN}{{2,4}}")
_LONG_NAME = re.compile(f"{_HAN}{{1,12}}(?:[·•・‧.]{_HAN}{{1,12}}){{1,3}}")
_LATIN = re.compile(
    r"[a-z\u00c0-\u024f][a-z\u00c0-\u024f'.\-]{0,30}(?: [a-z\u00c0-\u024f][a-z\u00c0-\u024f'.\-]{0,30}){0,3}"
)
_SURNAMES = frozenset(
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林罗高郑梁谢宋唐许韩邓冯曹彭曾肖田董潘袁蔡蒋余于杜叶程魏苏吕丁任卢姚沈钟姜崔谭陆范汪廖石金韦贾夏付方邹熊白孟秦邱侯江尹薛闫段雷"
    "龙黎史陶贺毛郝顾龚邵万覃武钱戴严莫孔向常汤康易乔赖文施洪季庄柯章牛葛谷邢骆柳岳梅翟华左颜舒倪鲁傅齐纪焦柴鲍聂裴阮祝涂游屈耿欧米盛费艾关霍殷尤包司岑俞佟冷凌辛管"
    "项楚安蓝甘温宁车房滕喻童闵卞詹苗单解边蒙丘冼佘昌仇连尚池隋褚娄荣鄢芦靳植占乐应冉臧祁云郎戚成和全班党卓商景麦区沙古桂宫符卜麻桑佘农侍宗习"
)
_DOUBLE = (
    "欧阳",
    "上官",
    "司马",
    "诸葛",
    "皇甫",
    "司徒",
    "东方",
    "慕容",
    "夏侯",
    "尉迟",
    "长孙",
    "端木",
    "令狐",
    "公孙",
    "宇文",
    "百里",
    "南宫",
)
_NOT_NAMES = re.compile(
    "什么|怎么|为何|不知|不想|不说|不要|不用|不是|可以|没有|好的|谢谢|你好|您好|人工|客服|订单|退|换货|快递|发货|电话|手机|地址|明天|今天|后天|随便|保密|匿名|和上|同上|一样|一下|取消|算了"
    "|需要|知道|问题|这个|那个|多少|时候|方便|安全|成功|全部|完成|应该|关于|单号|和谁|向你|任何|何时|高兴|方法|易碎|白色|黄色|金额|牛仔|马上|连衣|常用|包邮|费用|万一|于是|温度|[吗呢吧么]$|^周[一二三四五六日末]$"
)
_NOT_LATIN_NAMES = EMPTY_LATIN | frozenset(
    ["no", "yes", "ok", "okay", "hi", "hello", "why", "what", "how", "when", "where", "who", "thanks", "please", "cancel", "stop", "none", "nothing", "sure", "order", "help", "refund", "idk", "never", "not", "a", "the", "i", "my", "is", "it"]
)  # fmt: skip


def read(text: str, context: Context) -> Reading:
    """The name as typed. A bare word counts only when it begins with a known surname; after 我叫 any does.

    In passing only a known surname after 我叫 or the like counts, and "my name is" with any.
    """
    spelled = spell(text)
    if not context.asked:
        return _in_passing(spelled)
    lead = _LEAD.match(spelled.text)
    start = lead.end() if lead else 0
    trail = _TRAIL.search(spelled.text, start, min(len(spelled.text), start + 80))
    end = trail.start() if trail and len(spelled.text) <= start + 80 else len(spelled.text)
    told = bool(lead and (lead["told"] or lead["english"]))
    start, end = _trimmed(spelled.text, start, end)
    cut = _CUT.match(spelled.text, start, end)
    end = cut.end(1) if cut else end
    if end <= start:
        return None
    return _judged(spelled, start, end, told=told, surname=bool(lead and lead["am"]))


def _in_passing(spelled: Spelled) -> Reading:
    found = [
        reading
        for match in _TOLD.finditer(spelled.text)
        if isinstance(reading := _judged(spelled, *match.span("name"), told=True, surname=False), Found)
        and (match["name"].isascii() or match["name"].startswith((*_SURNAMES, *_DOUBLE)))
    ]
    return one_of(found)


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and text[start] in " ,:\"'“”「」。.!":
        start += 1
    while end > start and text[end - 1] in " ,:\"'“”「」。.!":
        end -= 1
    return start, end


def _judged(spelled: Spelled, start: int, end: int, *, told: bool, surname: bool) -> Reading:
    name = spelled.text[start:end]
    span = spelled.span(start, end)
    value = " ".join(spelled.plain[start:end].split())
    found = Found(value, value, span, private=True)
    if _NOT_NAMES.search(name):
        return None
    if _LATIN.fullmatch(name):
        words = name.split()
        plain = not told and value == name  # in small letters, and nothing says that it is a name
        wrong = (
            any(word.strip(".") in _NOT_LATIN_NAMES for word in words) or len(name) < 2 or (plain and len(words) > 2)
        )
        return None if wrong else found
    if _LONG_NAME.fullmatch(name):
        return found
    known = name[:1] in _SURNAMES or name.startswith(_DOUBLE)
    if known and (name in _SURNAMES or name in _DOUBLE):
        return Unclear(Reason.SURNAME_ONLY, span)
    titled = _TITLE.search(name)
    if titled:
        return found if known else None
    if not _CHINESE.fullmatch(name):
        return None
    return found if known or told else Unclear(Reason.NOT_A_NAME, span) if surname or len(name) <= 3 else None
