"""A made-up knowledge of any size: a department store's goods, and what is asked about each of them.

Entries about the same goods, and the same question about other goods, are near misses of each other, as they are in a
real shop of that size. Deterministic.
"""

import itertools
import random
from collections.abc import Iterator

from yizhan.dialogue.knowledge.entry import Entry

_MAKES = """
山居 云栖 青禾 松间 南屿 北辰 沐光 半夏 素年 望舒 听竹 拾光 木兮 知白 浮石 观澜 照野 初晴 长乐 远岫
"""
_KINDS = """
电热水壶 养生壶 保温杯 加湿器 香薰机 空气炸锅 电饭煲 破壁机 吸尘器 扫地机器人 台灯 落地灯 电风扇 取暖器 除湿机 吹风机 电动牙刷 剃须刀 按摩椅
颈椎枕 记忆枕 四件套 羽绒被 蚕丝被 毛巾 浴巾 窗帘 地毯 收纳箱 衣架 晾衣架 鞋柜 书桌 人体工学椅 沙发 茶几 床垫 茶具 玻璃杯 砂锅
"""
_MODELS = ["", "标准版", "旗舰版", "迷你款", "儿童款"]
_ASKED = [
    ("保修", ["{0}保修多久", "{0}质保几年", "{0}坏了保修吗", "买的{0}过了保修期怎么办", "{0}有没有质保", "{0}能保多长时间"]),
    ("清洗", ["{0}怎么清洗", "{0}脏了怎么洗", "{0}可以水洗吗", "{0}多久洗一次好", "清洁{0}要注意什么", "{0}洗的时候能用洗洁精吗"]),
    ("尺寸", ["{0}尺寸多大", "{0}有多高多宽", "{0}规格是多少", "{0}放得进柜子吗", "{0}占多大地方", "{0}的长宽高"]),
    ("颜色", ["{0}有什么颜色", "{0}有白色的吗", "{0}几种颜色可选", "{0}能选颜色吗", "{0}颜色和图片一样吗", "{0}哪个颜色好看"]),
    ("退货", ["{0}不喜欢能退吗", "{0}拆了还能退货吗", "{0}用过可以退吗", "{0}怎么退货", "{0}退货谁出运费", "买错了{0}想退"]),
]  # fmt: skip


def entries(count: int, phrasings: int = 6) -> list[Entry]:
    """As many entries, each with so many phrasings (at most six)."""
    made = itertools.islice(_made(), count)
    return [
        Entry(
            f"e{number}",
            texts[0].format(goods),
            tuple(text.format(goods) for text in texts[1:phrasings]),
            f"{goods}的{about}说明：请以商品详情页为准，编号{number}。",
            about,
        )
        for number, (goods, about, texts) in enumerate(made)
    ]


def questions(count: int, size: int, seed: int = 7) -> list[str]:
    """What customers might ask of a knowledge of ``size`` entries, in words that it does not have."""
    rng = random.Random(seed)
    made = list(itertools.islice(_made(), size))
    asked = []
    for _ in range(count):
        goods, _, texts = rng.choice(made)
        text = rng.choice(texts).format(goods)
        start = rng.choice(["请问", "你好，", "我上周买的，", "麻烦问下", ""])
        asked.append(start + text.replace("怎么", "咋") + rng.choice(["呀", "呢？", "", "啊亲"]))
    return asked


def _made() -> Iterator[tuple[str, str, list[str]]]:
    for model, make, kind, (about, texts) in itertools.product(_MODELS, _MAKES.split(), _KINDS.split(), _ASKED):
        yield f"{make}{kind}{model}", about, texts
