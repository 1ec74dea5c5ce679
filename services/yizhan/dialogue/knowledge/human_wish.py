"""The wish for a person, as customers write it. Rules on folded text (see ``normalise.fold``), Chinese and English.

Every repetition is bounded: a rule must cost little on any message, however it is put together.
"""

import re


def _any(words: str) -> str:
    """One of the words, the longest first; an underscore stands for a space."""
    ranked = sorted(words.split(), key=lambda word: (-len(word), word))
    return "(?:" + "|".join(re.escape(word.replace("_", " ")) for word in ranked) + ")"


def _some(words: str) -> str:
    """Up to four of the words in a row."""
    return _any(words) + "{0,4}"


_PERSON = _any("人工客服 人工服务 人工座席 人工坐席 人工 真人客服 真人 活人 人类客服 真的人")
_NOT_A_PERSON = (
    "(?!"
    # artificial things and work by hand
    + _any(
        """
        智能 费 成本 价 安装 调节 操作 合成 草 降雨 呼吸 培育 培养 养殖 种植 采摘 采 制作 制造 炒 检查 审核 打磨 授粉 牛黄 心脏 湖
        林 岛 钻石 宝石 皮 色素 香精 香料 关节 受孕 流产 翻译 手动 染色 添加 雕 缝 打造 生成 养 饲养 秀 版 cs 手办 试穿 试戴 出镜 实拍 电影 照片 比例 模特
        """
    )
    + "|"
    # questions about the service that knowledge answers
    + _any("几点 上班 下班 工作时间 什么时候 啥时候 时间 电话 热线 收费 多少钱 贵")
    + ")"
)
_STAFF = _any("客服 客服人员 客服小姐姐 专员 主管 经理 领导 负责人 店长 老板")
_NOT_A_QUESTION_ABOUT_STAFF = "(?!" + _any("电话 微信 邮箱 热线 号码 吗 多久 要多久") + ")"
_ONE = "一下 一个 一位 下 个 位 到 给 去 至 成 我 你 你们 你们的 您 您的 你家 贵司 在线 在线的 的 点 赶紧 马上 快"
_TRANSFER = _any("转接 转到 转给 转去 转至 转成 转 切换到 切换 切到 切 接入 接通 接")
_ASK = _any(
    "找 要 换成 换 叫 联系 呼叫 召唤 请 让 喊 来 见 需要 想要 求 给 有没有 有 跟 和 与 同 去 安排 咨询 可以 能 能不能 可不可以"
)
_COMPLAIN = _any("投诉 举报 维权 起诉")
_REGULATOR = _any("12315 消协 消费者协会 工商 工商局 平台 市场监管 市场监管局 你们领导 你们老板 总部")
_EN_ONE = "(?: (?:an?|the|your|some|any|one of your))? "
_EN_STAFF = _any("human real_person agent operator representative rep manager supervisor")
_EN_PERSON = _any(
    "human person someone somebody agent operator representative rep manager supervisor staff customer_service support"
)

_DECLINED = re.compile(
    # 不要给我转人工, 不想投诉
    _any("不要 不用 不想 不需要 不必 无需 无须 别 勿 先不 暂时不 暂不 不是要 不是想 没想 没想要 没要 没有要 没有想 没说要 没打算 不打算 没让 没让你 取消")
    + _some("再 给我 帮我 跟我 把我 要 急着 老是 总是 总 一直 每次都 都 就 你 联系")
    + f"{_TRANSFER}?{_ASK}?"
    + _some("一个 个 一下 到 给 成")
    + f"(?:{_PERSON}|客服|投诉|举报|起诉|维权)"
    + _some("客服 服务 了 啦 吧")
    # 不转人工, and nothing else
    + "|^不(?:转|找|要|用)(?:人工|真人)" + _some("客服 服务 了 吧 啊 谢谢") + "$"
    # don't transfer me to an agent
    + r"|\b" + _any("dont do_not no_need_to not never without stop rather_not")
    + "(?: " + _any("want need wish have like to speak talk chat with transfer transferring connect switch me a an the any") + "){0,8} "
    + "(?:human|agent|real person|live agent|representative|operator|person)(?: agent| support)?"
    # are you a human? am I talking to a real person? Only these words: "are you a bot? I want a human" is a wish
    + r"|\b(?:(?:are|r|is|be) (?:you|u|this|it)|(?:you|u|this|it) (?:are|r|is|be)|youre|like"
    + r"|am i (?:talking|speaking|chatting) (?:to|with))"
    + r"(?: " + _any("a an or and the really right now actual actually computer robot bot ai machine human being real live person agent just") + r"\b){1,9}"
    # do I have to speak to an agent to change my address?
    + r"|\b(?:do|will|would|must) (?:i|we|you) (?:really )?(?:(?:need|have) to )?(?:speak|talk|chat) (?:to|with)" + _EN_ONE + _EN_PERSON
)  # fmt: skip
_WISHES = (
    # 转人工, 帮我转一下客服
    f"{_TRANSFER}{_some(_ONE)}(?:{_PERSON}|客服|专员|主管|经理){_NOT_A_PERSON}",
    # 找真人, 有没有人工, 想跟真人聊
    f"{_ASK}{_some(_ONE)}{_PERSON}{_NOT_A_PERSON}",
    # 人工, 人工客服在吗, and nothing else
    f"^我?[只就]?[要想]?{_PERSON}{{1,9}}{_NOT_A_PERSON}"
    + _some("客服 服务 吧 啊 呀 呢 吗 谢谢 快 快点 快来 在吗 在不在 在哪 在哪里 回复 接待 处理 出来 在线 咨询 客服")
    + "$",
    f"{_PERSON}(?:客服)?" + _any("在哪 在哪里 在吗 在不在 在线吗 处理 解决 接待 回复我 来一下 来下 出来 呢"),
    # 帮我联系客服, 我要找你们领导
    _any("我要 我想 帮我 给我 要 想 麻烦 请")
    + _any("找 联系 呼叫 转 叫")
    + f"{_some(_ONE)}(?:{_STAFF}|售后){_NOT_A_QUESTION_ABOUT_STAFF}",
    # 找客服, 叫你们经理来, and nothing else
    "^" + _any("找 叫 呼叫 联系 我要 要") + f"{_some(_ONE)}{_STAFF}" + _some("来 过来 出来 吧 啊 处理") + "$",
    "(?:找|叫|喊|换)(?:个|一个)?(?:懂的|管事的|能做主的|能处理的|能办事的)?人(?:过?来|出来|处理|回复|跟我说)",
    "客服(?:人呢|在哪|去哪了|死哪)" + _some("快 赶紧 给我 啊 呢 了") + "(?:出来|回复|说话|$)",
    "^(?:我要|我想|要|想)找(?:个|一个)?人$|^(?:不要|别用|不用|不想要|拒绝)ai(?:客服|回复|回答|聊天|了|$)",
    "(?:想|要|能)(?:和|跟|与)人(?:说话|聊|沟通|对话|讲)|转r工|zhuan ?(?:人工|ren ?gong)|转ren ?gong",
    "^(?:你们)?(?:客服)?人呢$|^别(?:再)?(?:用)?机器人了$",
    "(?:负责人|领导|经理|主管|老板)(?:直接|马上|立刻|尽快|亲自)?(?:给我打电话|给我回电|联系我|回复我)",
    "接线员|^(?:请|快)?(?:叫|换|找)(?:个|一个)人(?:来|跟我说|回复|处理|$)|有没有人(?:能|可以)?(?:帮我|管|处理|回复我)",
    # 客服呢, and nothing else
    "^(?:在线)?客服" + _some("人员 小姐姐 呢 出来 快来 来") + "$",
    # 别让机器人回复, 机器人听不懂
    _any("不要 不想要 不想 别 讨厌 不喜欢 不用")
    + _some("再 跟 和 与 用 让 你这个 这个 个 智能 聊天 ai")
    + "机器人(?:客服)?(?:聊|说|对话|沟通|回复|回答|了|转|$)",
    _any("智障 弱智 傻") + "机器人|机器人" + _any("听不懂 不懂 没用 太蠢 太笨 解决不了"),
    # 我要投诉, 再不发货我就去12315投诉
    "(?<!不)" + _any("我要 我想 我得 要求 必须 一定要 准备 肯定 就 马上 要")
    + _some("去 到 向 给 打 在 找")
    + f"{_REGULATOR}?{_some('去 到')}{_COMPLAIN}(?!" + _any("电话 渠道 热线 方式 邮箱 流程") + ")",
    "^投诉(?:你们?|他们?|客服|商家|店家|卖家|快递|平台|一下|了|$)",
    _any("投诉你们 举报你们 打12315 消费者协会 找消协 曝光你们"),
    # a real person, speak to an agent
    r"\b(?:human|live|real|actual) (?:agent|person|being|operator|representative|rep|support|assistance|customer service)s?\b",
    r"\b(?:speak|talk|chat)(?: to| with)?" + _EN_ONE + _EN_PERSON + r"s?\b",
    r"\b(?:connect|transfer|switch|pass|put)(?: me| us)(?: over| through)?(?: to| with)?" + _EN_ONE + _EN_PERSON + r"s?\b",
    r"\b(?:get|give|put|call|hand)(?: me)?(?: over| through)?(?: to)?" + _EN_ONE + _EN_STAFF + r"s?\b",
    r"\b(?:can|could) an? (?:human|real person|agent|person (?:help|call|talk|answer|reply|contact)) ",
    r"^(?:an? )?(?:(?:customer (?:service|support)|support|human|live) )?(?:human|agent|operator|representative|rep|real person|customer service|support)(?: please| now){0,3}$",
    r"\b(?:want|need|wanna) (?:an? )?(?:human|agent|operator|representative|real person|manager|supervisor)\b",
    r"\b(?:make|file|lodge|submit) (?:an? )?(?:formal )?complaint\b",
    r"\bi (?:want|would like|d like|wanna|am going|need) to complain\b",
)  # fmt: skip
_WISH = re.compile("|".join(f"(?:{wish})" for wish in _WISHES))
_PERHAPS = re.compile(
    "人|客服|专员|主管|经理|领导|店长|老板|售后|接线员|投诉|举报|维权|起诉|12315|消协|消费者协会|曝光|ai|ren|r工"
    "|human|someone|somebody|person|agent|operator|rep|manager|supervisor|staff|support|service|compla"
)
"""One of these is in every wish; most messages have none, and need no closer look."""


def perhaps(folded: str) -> bool:
    """Whether there can be a wish in the text at all: a quick look."""
    return _PERHAPS.search(folded) is not None


def wished(folded: str) -> bool:
    """Whether the folded text asks for a person, where it does not decline one."""
    return _WISH.search(_DECLINED.sub(" ", folded)) is not None
