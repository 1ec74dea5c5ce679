"""Words that ask for the same thing.

``QUESTIONS`` say which kind of answer is wanted (a time, a way, a place); ``CONCEPTS`` say about what. Only what holds
in any shop belongs here: what one business calls its own things belongs in its paraphrases.
"""

import re
from collections.abc import Mapping

QUESTIONS: Mapping[str, str] = {
    "when": "什么时候 啥时候 什么时间 啥时间 何时 几时 几点 几号 哪天 多会儿 哪一天 什么时 几月几号",
    "long": "多久 几天 多长时间 多少天 多长 几个工作日 几个小时 几日 好几天 多少时间 要多久",
    "how": "怎么样才能 怎样才能 怎么才能 怎么样 怎么 如何 咋样 咋 怎样 怎么弄 怎么操作 咋弄 如何操作 怎么做",
    "deal": "怎么办 咋办 怎么处理 如何处理 怎么解决 如何解决 怎么搞 咋整 咋处理 如何是好",
    "where": "在哪里 在哪儿 在哪 哪里 哪儿 去哪 到哪 啥地方 什么地方 哪个地方 何处 哪边 哪个页面",
    "much": "多少钱 几块钱 几元 几块 多少元 多贵 几个钱 贵不贵 怎么收费 如何收费 咋收费",
    "many": "多少 几个 几件 几次 几张 多少个 多少件 多大 几升 多高 多重",
    "which": "什么 啥 哪些 哪种 哪个 哪家 哪款 哪几 哪一种 哪一款 哪一个 哪",
    "why": "为什么 为啥 为何 咋回事 怎么回事 什么原因 什么情况 啥情况 凭什么 怎么就 怎么还",
    "may": "可不可以 可以不可以 能不能 是否可以 是否能 能否 可否 行不行 可以吗 可以不 行吗 可以 能够 支持 允许 不可以 会不会 有没有",
    "who": "谁 哪位 什么人 找谁",
}

CONCEPTS: Mapping[str, str] = {
    "parcel": "快递 物流 包裹 快件 货物 宅配 快递件 邮包 件儿 运单",
    "ship": "发货 发出 发出来 寄出 寄出来 寄出去 出货 发件 邮寄 寄送 发快递 出库 寄走 发走 寄过来 发过来 寄到 发到 安排发",
    "arrive": "收到 送到 到货 送达 能到 到达 到手 拿到 收到货",
    "signed": "签收 签收了 已签收",
    "postage": "运费 邮费 快递费 包邮 免邮 免运费 邮资 快递钱",
    "account": "账号 帐号 账户 帐户 用户名 我的号",
    "login": "登录 登陆 登入 登不上 登不了 登不进 登不上去",
    "pay": "付款 支付 付钱 给钱 结账 结帐 买单 付费 交钱 付完款 付了款",
    "charged": "扣款 扣钱 扣了钱 被扣 钱扣了 扣了",
    "refund": "退款 退钱 返款 退回来 退还 返还 退我钱",
    "return": "退货 退掉 退换 退换货 退东西 退了货 退回去 寄回 寄回去 退贷",
    "exchange": "换货 换一个 更换 调换 换新 换个",
    "buy": "购买 下单 拍下 订购 选购 买",
    "wholesale": "批发 批量 大量 大批量 团购 采购 量大 一批",
    "broken": "坏了 坏的 破了 碎了 碎的 损坏 破损 裂了 裂的 摔坏 烂了 压坏 破的 缺口 开裂 裂开",
    "fault": "故障 没反应 不工作 开不了 不通电 不加热 不亮",
    "defect": "质量问题 瑕疵 次品 残次 有问题 划痕 毛病",
    "repair": "维修 修理 报修 修一下 去修 修好",
    "warranty": "保修 质保 保修期 质保期 过保",
    "coupon": "优惠券 优惠卷 代金券 折扣码 优惠码 满减券 抵用券 券",
    "cheap": "便宜 优惠 打折 折扣 促销 降价 特价 少点钱 讲价 砍价 力度",
    "event": "活动 大促 促销活动 优惠活动",
    "invoice": "发票 开票 发漂 税票 票据 开张票 开个票",
    "change": "修改 更改 变更 改成 改一下 改 换成 改绑 换绑",
    "cancel": "取消 撤销 撤回 撤单 撤掉 退订",
    "unwanted": "不要了 不想要 不想要了 不喜欢",
    "delete": "删除 删掉 清空",
    "close": "注销 销户",
    "address": "地址 收货地址 收件地址 送货地址 收件人 收货人",
    "goods": "商品 东西 产品 宝贝 货品 物品",
    "lost": "丢了 丢失 不见了 丢件 弄丢 弄丢了 寄丢 找不到",
    "wrong": "错了 写错 填错 发错 弄错 搞错 选错 拍错 寄错 点错 发成 开错",
    "missing": "少了 漏发 少发 缺少 少一件 只收到 只来了",
    "store": "门店 实体店 线下店 专卖店 体验店 线下 店里 到店",
    "staff": "客服 人工 真人 客服人员",
    "company": "公司 企业 单位 对公 我司",
    "abroad": "国外 海外 境外 国际 出国",
    "complain": "投诉 举报 反映",
    "phone": "电话 手机号 手机号码 电话号码 热线",
    "password": "密码",
    "slow": "还没发 没发货 不发货 没动静 不更新 没更新 没变 不动 卡住 停在 没动 催催 催一下 催发货 加急 催单",
    "unsent": "未发货 没发货 还没发货 待发货 没发出来 还没寄出",
    "cod": "货到付款 先收货 到货再付 拿到货 货到",
    "gift": "礼物 送礼 送人 礼品 礼盒",
    "brand": "牌子 品牌",
    "genuine": "正品 真的 假的 假货 真货",
    "electronic": "电子 电子版",
    "stock": "补货 缺货 没货 有货 卖完 售罄 库存 断货",
    "recent": "最近 今天 现在 近期",
    "time-off": "周末 节假日 放假 春节 国庆 过年 星期六 星期天 星期日 礼拜天 假期",
    "late": "晚点 晚一点 晚几天 推迟 延迟 延后",
    "earn": "获得 得到 攒 赚取 怎么来",
    "expire": "过期 失效 到期 有效期 清零",
    "progress": "进度 进程 阶段 到哪一步 状态 处理到",
    "software": "软件 软体",
    "sms": "短信 简讯 信息",
    "e:ship": "ship shipping deliver delivery delivered shipment shipped dispatch",
    "e:parcel": "parcel package order item product goods",
    "e:refund": "refund refunded reimbursement",
    "e:broken": "broken damaged defective faulty cracked smashed broke",
    "e:abroad": "international internationally overseas abroad worldwide foreign",
    "e:coupon": "coupon coupons promo discount discounts voucher",
    "e:invoice": "invoice receipt bill",
    "e:cost": "cost costs price fee fees charge charges expensive",
    "e:pay": "pay payment payments paid paying",
    "e:phone": "phone call telephone",
}


def _index(groups: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for group, words in groups.items():
        for word in words.split():
            found.setdefault(word, []).append(group)
    return {word: tuple(names) for word, names in found.items()}


def _pattern(words: Mapping[str, object]) -> re.Pattern[str]:
    chinese = sorted((word for word in words if not word.isascii()), key=lambda word: (-len(word), word))
    return re.compile("|".join(map(re.escape, chinese)))


QUESTION_OF = _index(QUESTIONS)
QUESTION_WORDS = _pattern(QUESTION_OF)
CONCEPT_OF = _index(CONCEPTS)
CONCEPT_WORDS = _pattern(CONCEPT_OF)
