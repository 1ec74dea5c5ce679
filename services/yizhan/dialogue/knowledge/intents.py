"""What a message wants besides an answer: a person, a hello, a goodbye. Rules on folded text, Chinese and English.

A wish for a person wins over everything else, so it is read generously, but never out of words that only look
alike (人工智能, 手工), nor when it is declined (不要转人工).
"""

import re

from yizhan.dialogue.knowledge.normalise import fold

_PERSON = r"(?:人工客服|人工服务|人工座席|人工坐席|人工|真人客服|真人|活人|人类客服|真的人)"
_NOT_A_PERSON = (
    r"(?!智能|费|成本|价|安装|调节|操作|合成|草|降雨|呼吸|培育|培养|养殖|种植|采摘|采|制作|制造|炒|检查|审核|打磨|"
    r"授粉|牛黄|心脏|湖|林|岛|钻石|宝石|皮|色素|香精|香料|关节|受孕|流产|翻译|手动|染色|添加|雕|缝|打造|生成|养|饲养|"
    r"秀|版|cs|电影|照片|比例|模特|几点|上班|下班|工作时间|什么时候|啥时候|时间|电话|热线|收费|多少钱|贵)"
)
_DECLINED = re.compile(
    r"(?:不要|不用|不想|不需要|不必|无需|无须|别|勿|先不|暂时不|暂不|不是要|不是想|没想|没想要|没要|没说要|没让你?|取消)"
    r"(?:再|给我|帮我|跟我|把我|要|急着|老是|总是|总|一直|每次都|都|就|你|联系)*"
    rf"(?:转接|转到|转给|转|找|接入|接|叫|换|用|联系)*(?:一?个|一下|到|给|成)?(?:{_PERSON}|客服|投诉)(?:客服|服务|了|啦|吧)*"
    r"|^不(?:转|找|要|用)(?:人工|真人)(?:客服|服务)?(?:了|吧|啊|谢谢)*$"
    r"|(?:dont|do not|no need to|not|never|without|stop|rather not) (?:(?:want|need|wish|have|like) )?(?:to )?(?:(?:speak|talk|chat) (?:to|with) )?"
    r"(?:(?:transfer|connect|switch)(?:ring|ing)?(?: me)? (?:to|with) )?(?:an?|the|any)?\s?"
    r"(?:human|agent|real person|live agent|representative|operator|person)(?: agent| support)?"
    r"|(?:are|r) (?:you|u|this) (?:an? )?(?:human|real|robot|bot|person|live)[a-z ]*|is (?:this|it) (?:an? )?(?:human|real|robot|bot|person|live)[a-z ]*"
)
_ASKS = r"(?:转接|转到|转给|转去|转至|转成|转|切换到|切换|切到|切|接入|接通|接|找|要|换成|换|叫|联系|呼叫|召唤|请|让|喊|来|见|需要|想要|求|给|有没有|有|跟|和|与|同|去)"
_BETWEEN = r"(?:我|一下|一个|一位|个|位|下|到|给|你们的?|您的?|贵司的?|在线的?|的|点|赶紧|马上|快)*"
_WANTS = re.compile(
    rf"(?:转接|转|切换|切)(?:一下|一个|个|下|到|给|去|至|成|我|你们的?)*(?:{_PERSON}|客服|专员|主管|经理){_NOT_A_PERSON}"
    rf"|{_ASKS}{_BETWEEN}{_PERSON}{_NOT_A_PERSON}"
    rf"|^(?:我)?(?:只|就)?(?:要|想)?(?:{_PERSON})+{_NOT_A_PERSON}(?:客服|服务|吧|啊|呀|呢|吗|谢谢|快|快点|快来|在吗|在不在|在哪里?|呢快点|回复|接待|处理|出来)*$"
    rf"|{_PERSON}(?:客服)?(?:在哪里?|在吗|在不在|处理|解决|接待|回复我|来一?下|出来|呢)"
    r"|(?:我要|我想|帮我|给我|要|想|麻烦|请)(?:找|联系|呼叫|转|叫)(?:一?下|一?个|到|你们的?|你家)*(?:客服|客服人员|客服小姐姐|售后|专员|主管|经理|领导|负责人|店长|老板)(?!电话|微信|邮箱|热线|号码)"
    r"|^(?:找|叫|呼叫|转|联系|我要|要)(?:一?下|一?个|你们的?)*(?:客服|客服人员|主管|经理|领导|负责人|店长|老板)(?:来|过来|出来|吧|啊|处理)*$"
    r"|^(?:在线)?客服(?:人员|小姐姐)?(?:呢|出来|快来|来)*$"
    r"|(?:不要|不想要|不想|别|不要再|讨厌|不喜欢)(?:跟|和|与|用|让|再)*(?:你这个|这个|个)?(?:智能|聊天|ai)?机器人(?:客服)?(?:聊|说|对话|沟通|回复|回答|了|$)"
    r"|(?:智障|弱智|傻)机器人|机器人(?:听不懂|不懂|没用|太蠢|太笨|解决不了)"
    r"|(?<!不)(?:我要|我想|我得|要求|必须|一定要|准备|肯定|就|马上|要)(?:去|到|向|给|打|在|找)*(?:12315|消协|消费者协会|工商局?|平台|市场监管局?|你们领导|你们老板|总部)*(?:投诉|举报|维权|起诉)(?!电话|渠道|热线|方式|邮箱|流程)"
    r"|^投诉(?:你们?|他们?|客服|商家|店家|卖家|快递|平台|一下|了|$)|投诉你们|举报你们|打12315|消费者协会|找消协|曝光你们"
)
_WANTS_EN = re.compile(
    r"\b(?:human|live|real|actual) (?:agent|person|being|operator|representative|rep|support|assistance|customer service)s?\b"
    r"|\b(?:speak|talk|chat|connect|transfer|switch|put|get|pass|hand)(?: me)?(?: over| through)?(?: to| with)? "
    r"(?:an?|the|your|some|any|one of your)?\s?(?:human|person|someone|somebody|agent|operator|representative|rep|manager|supervisor|staff|customer service|support)s?\b"
    r"|^(?:an? )?(?:human|agent|operator|representative|real person|customer service|support)(?: please| now)*$"
    r"|\b(?:i )?(?:want|need|wanna) (?:an? )?(?:human|agent|operator|representative|real person|manager|supervisor)\b"
    r"|\b(?:make|file|lodge|submit) (?:an? )?(?:formal )?complaint\b|\bi (?:want|would like|d like|wanna|am going|need) to complain\b"
)

_HELLO = (
    r"(?:你们?好|您们?好|大家好|哈喽|哈啰|哈罗|嗨|嘿|喂|早上好|上午好|中午好|下午好|晚上好|早安|午安|晚安|早|亲爱的|亲亲|亲"
    r"|(?:客服|有人|老板|店家|你们?|您)?(?:还)?(?:在吗|在么|在嘛|在不在|在不|在没)|有人吗|有人么|有没有人|客服|老板|店家"
    r"|hi|hello|hey|hallo|yo|good (?:morning|afternoon|evening|day)|anyone (?:here|there)|anybody (?:here|there)|are you there|(?<=\s)there)"
)
_FILLER = r"(?:[啊呀哦噢呢吗嘛哈哟啦]|\s)*"
_GREETING = re.compile(rf"{_FILLER}(?:{_HELLO}{_FILLER})+")
_ALONE = re.compile(r"(?:客服|老板|店家)+")

_POLITE = r"(?:好的?|嗯+|哦|噢|行|可以|ok|okay|okk|知道了|明白了?|了解了?|收到|懂了|清楚了|非常|十分|太|真的|真是|那|先|就|你们?|您|啦|了|哈|啊|呀|哦|呢|亲|very much|so much|a lot|\s)*"
_THANK = (
    r"(?:谢谢|多谢|感谢|谢了|谢啦|谢过|辛苦|麻烦你|麻烦您|3q|thx|thanks|thank you|thank u|tks|ty|appreciate it|cheers)"
)
_THANKS = re.compile(rf"{_POLITE}{_THANK}(?:{_POLITE}{_THANK})*{_POLITE}")
_BYE = (
    r"(?:再见|拜拜|拜|88|886|回见|回聊|下次再聊|没事了|没有了|没别的了|没有别的了|没什么了|没啥了|没问题了|没有问题了|没其他问题了?|没有其他问题了?|没别的问题了?"
    r"|不用了|不需要了|就这样吧?|先这样吧?|就这些|解决了|已经解决|问题解决|bye|bye bye|goodbye|good bye|see you|no thanks|thats all|that is all|nothing else)"
)
_GOODBYE = re.compile(
    rf"{_POLITE}{_BYE}(?:{_POLITE}(?:{_BYE}|{_THANK}))*{_POLITE}|{_POLITE}{_THANK}{_POLITE}{_BYE}{_POLITE}"
)


def wants_human(text: str) -> bool:
    """The customer asks for a person, or complains so that a person must answer."""
    rest = _DECLINED.sub(" ", fold(text))
    return bool(_WANTS.search(rest) or _WANTS_EN.search(rest))


def greeting(text: str) -> bool:
    """The message is a greeting and nothing else."""
    folded = fold(text)
    return bool(_GREETING.fullmatch(folded)) and not _ALONE.fullmatch(folded)


def thanks(text: str) -> bool:
    """The message says thank you and nothing else."""
    return bool(_THANKS.fullmatch(fold(text)))


def goodbye(text: str) -> bool:
    """The customer says that there is nothing more."""
    return bool(_GOODBYE.fullmatch(fold(text)))
