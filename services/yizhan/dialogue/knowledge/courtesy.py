"""Words around a question that say nothing about what is asked: greetings, thanks, modal particles.

The rules work on folded text without spaces between Chinese characters (see ``normalise.fold``).
"""

import re

_BOUND = r"(?![a-z0-9])"

_OPENINGS = re.compile(
    r"^(?:"
    r"(?:你们?好|您们?好|早上好|上午好|中午好|下午好|晚上好|大家好)(?:[啊呀哦哇亲]|店家|老板)*"
    r"|(?:嗨|哈喽|哈啰|哈罗|喂)+(?=.)"
    rf"|(?:hi|hello|hey|hallo|dear|excuse me|good (?:morning|afternoon|evening)){_BOUND}"
    r"|(?:客服|亲|老板|店家|店主|掌柜的?|小二|小姐姐|小哥哥|小哥)(?=你好|您好|在吗|在么|在不在|请问|问一?下|我想|我要)"
    r"|亲(?:们|亲|爱的)*(?=请问|问|我|你|帮|麻烦|怎|为|什么|啥|能|可|有)"
    r"|(?:有人)?在[吗么嘛](?:亲|客服)?|在不在(?=.{2})"
    r"|(?:我)?(?:就)?(?:想要?|要|来)?(?:请问|请教|咨询|打听|问)(?:一?[下哈个]|问)(?:你们?|您|客服|大家)?"
    r"|(?:我)?(?:想|要)(?:请问|请教|咨询|打听|问|知道|了解)(?:一?[下哈个])?(?:你们?|您)?"
    r"|请问(?:你们?|您)?|请教"
    r"|麻烦(?=问|帮|你|您|查|给|再)(?:你们?|您)?|打扰(?:了|一?下)"
    r"|(?:那个|内个|额|呃|嗯|哦|噢|唉|哎|诶)+(?=.{2})"
    r"|(?:please|pls|plz|kindly)(?![a-z0-9])"
    r"|(?:could|can|would) you (?:please |kindly )?(?:tell me|help me(?: with)?|let me know|explain)(?![a-z0-9])"
    r"|(?:i (?:would like|want|need|d like) to know|i was wondering|just wondering|tell me|quick question)(?![a-z0-9])"
    r")"
)

_CLOSINGS = re.compile(
    r"(?:"
    r"(?:非常|十分|太|很)?(?:(?:谢谢|多谢|感谢|谢了|拜托)(?:了|啦|你们?|您|哈|啊|哦|亲|各位)*|麻烦(?:了|啦|你们?了?|您了?))"
    r"|(?<![a-z0-9])(?:thanks(?: a lot| so much| in advance)?|thank you(?: so much| very much| in advance)?|thx|pls|plz|please)"
    r"|(?<=.)(?:啊|呀|呐|哦|噢|喔|哟|嘛|呢|吗|咧|捏|哩|诶|亲|亲们)"
    r"|(?<=[^什怎那这多要])么"
    r"|(?<=[^网酒贴氧水])吧"
    r"|(?<=[^哈嘻])哈"
    r")$"
)


def stripped(text: str) -> str:
    """The text without courtesies at either end; the text itself when nothing else is in it."""
    rest = text
    while True:
        shorter = _CLOSINGS.sub("", _OPENINGS.sub("", rest, count=1).strip(), count=1).strip()
        if shorter == rest:
            return rest
        if not shorter:
            return text
        rest = shorter
