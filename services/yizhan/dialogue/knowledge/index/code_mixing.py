"""Reads a Chinese question with English words in it all in Chinese: coupon用不了 is 优惠券用不了.

Customers mix (code-switch) in nouns and verbs of buying; knowledge is written in one language or the other. What a word is
read as must be a word of the release, so that nothing is read into a question that the knowledge does not speak of.
"""

import re
from collections.abc import Callable, Mapping, Sequence

from yizhan.dialogue.knowledge.normalise import CJK
from yizhan.dialogue.knowledge.tokens import stem

_GLOSSARY = """
order=订单|下单 pay=支付|付款 payment=支付|付款 checkout=结算|结账 price=价格|价钱 cost=费用|价格 fee=费用|手续费 free=免费
ship=发货|寄出 shipped=发货|寄出 delivered=送到|签收 shipping=配送|物流|运费 shipment=发货|包裹 delivery=配送|送货|快递 deliver=送到|配送 express=快递|物流 courier=快递|快递员
package=包裹|快递 parcel=包裹|快递 track=查物流|物流|查询 tracking=物流|快递 postage=运费|邮费
return=退货 refund=退款 exchange=换货 cancel=取消 change=修改|更换 update=更新|修改 upgrade=升级 replace=更换|换货 wrong=错了|发错
broken=坏了|破损 damaged=破损|坏了 defective=质量问题 repair=维修 fix=维修|修理 warranty=保修|质保 fail=失败 error=报错|出错|失败
coupon=优惠券 voucher=优惠券|代金券 discount=折扣|优惠|打折 promotion=活动|促销 promo=优惠|活动 sale=促销|活动|打折 deal=优惠|活动 gift=礼物|赠品
member=会员 membership=会员 vip=会员 points=积分 point=积分 level=等级 benefit=权益|福利 birthday=生日
invoice=发票 receipt=收据|发票 company=公司|企业 title=抬头 tax=税号|税 stamp=盖章
account=账号|账户 login=登录 register=注册 password=密码 phone=手机|电话 mobile=手机 number=号码|单号|号 email=邮箱 mail=邮件|邮箱 address=地址
code=验证码|码 security=安全 delete=删除 close=注销|关闭 reset=重置|找回 forget=忘记|忘了
customer=客户|顾客 service=服务|客服 agent=客服|人工 hotline=热线|电话 contact=联系 complain=投诉 complaint=投诉 english=英语|英文 chinese=中文
store=门店|实体店 shop=店铺|门店 mall=商场 open=营业|开门 pickup=自提 stock=库存|有货 size=尺寸|尺码|大小 color=颜色 colour=颜色 brand=品牌
product=产品|商品 item=商品 sample=样品|试用 quality=质量 material=材质 capacity=容量 weight=重量 original=正品|原装 new=新
tea=茶叶|茶 teapot=茶壶|壶 cup=杯子|杯 mug=马克杯|杯子|杯 bottle=瓶|杯 kettle=水壶|烧水壶|壶 coffee=咖啡 microwave=微波炉 dishwasher=洗碗机 filter=滤网|滤芯
day=天|日 days=天|日 week=周|星期 month=月|个月 hour=小时 today=今天 tomorrow=明天 weekend=周末 holiday=节假日
card=卡|银行卡 credit=信用 bank=银行 cash=现金 installment=分期 wechat=微信 alipay=支付宝 huabei=花呗 app=客户端
bulk=批量|批发 wholesale=批发 custom=定制 logo=标志|商标 sf=顺丰 international=国际 overseas=海外|国外 abroad=国外|海外 customs=海关|清关
status=状态|进度 confirm=确认 apply=申请 review=评价 comment=评价 submit=提交 online=在线|线上 link=链接 photo=照片|图片 picture=图片|照片
"""
_PHRASES = """
credit card=信用卡|银行卡 working days=工作日|天 business days=工作日|天 tracking number=物流单号|快递单号|运单号|物流 order number=订单号 customer service=客服
gift card=礼品卡 promo code=优惠码|优惠券 discount code=优惠码|优惠券 phone number=手机号|电话 verification code=验证码 tax number=税号
company title=公司抬头|抬头 invoice title=发票抬头|抬头 bank card=银行卡 delivery fee=运费 shipping fee=运费 shipping cost=运费 free shipping=包邮
return policy=退货 opening hours=营业时间 size chart=尺码表|尺码 black friday=黑五 log in=登录 sign in=登录 sign up=注册 check out=结算 pick up=自提
"""

_CHINESE = re.compile(rf"[{CJK}]")
_LATIN = re.compile(r"[a-z]+(?: [a-z]+)*")
_NEXT_TO_CHINESE = re.compile(rf"(?<=[{CJK}]) | (?=[{CJK}])")


def _stems(words: Sequence[str]) -> str:
    return " ".join(map(stem, words))


def _read(glossary: str) -> dict[str, tuple[str, ...]]:
    pairs = re.findall(r"([a-z]+(?: [a-z]+)?)=(\S+)", glossary)
    written = {words: tuple(readings.split("|")) for words, readings in pairs}
    return {_stems(words.split()): readings for words, readings in written.items()} | written


_CHINESE_OF: Mapping[str, tuple[str, ...]] = _read(_GLOSSARY) | _read(_PHRASES)
_DONE_WITHOUT = frozenset({"a", "an", "the", "my", "your", "is", "of", "to"})
_MOST = 4
"""English words in a row. More of them are English, of which a word-by-word reading makes nothing."""


def in_chinese(text: str, known: Callable[[str], bool]) -> str:
    """The normalised text with English words as the Chinese words that are ``known``; itself where it is not mixed."""
    if not _CHINESE.search(text):
        return text
    return _NEXT_TO_CHINESE.sub("", _LATIN.sub(lambda found: _run(found.group(), known), text))


def _run(run: str, known: Callable[[str], bool]) -> str:
    words = run.split()
    if len(words) > _MOST:
        return run
    out: list[str] = []
    while words:
        read = next(((n, said) for n in (2, 1) if (said := _reading(words[:n], known))), (1, words[0]))
        out.append(read[1])
        words = words[read[0] :]
    if out == run.split():
        return run
    return " ".join(word for word in out if word not in _DONE_WITHOUT)


def _reading(words: list[str], known: Callable[[str], bool]) -> str:
    readings = _CHINESE_OF.get(" ".join(words)) or _CHINESE_OF.get(_stems(words), ())
    return next((word for word in readings if known(word)), "")
