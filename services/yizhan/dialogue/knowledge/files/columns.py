"""Which column of a file is what, by the names that people give them in Chinese and English."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from yizhan.dialogue.knowledge.entry import CHANNELS
from yizhan.dialogue.knowledge.files import problems as p


class Field(StrEnum):
    """The English names of the columns, as they are written to JSONL. ``answer_…`` is for one kind of channel."""

    ID = "id"
    CATEGORY = "category"
    QUESTION = "question"
    PARAPHRASES = "paraphrases"
    ANSWER = "answer"
    ANSWER_WEBSITE = "answer_website"
    ANSWER_APP = "answer_app"
    ANSWER_WECHAT = "answer_wechat"
    ANSWER_ECOMMERCE = "answer_ecommerce"
    ANSWER_EMAIL = "answer_email"
    VALID_FROM = "valid_from"
    VALID_UNTIL = "valid_until"
    ATTACHMENTS = "attachments"


VARIANTS: Mapping[Field, str] = {Field[f"ANSWER_{channel.upper()}"]: channel for channel in CHANNELS}
"""The columns of answers for one kind of channel, and the channel."""

SEVERAL = (Field.PARAPHRASES, Field.ATTACHMENTS)
"""Fields that may stand in several columns."""


CHINESE: Mapping[Field, str] = {
    Field.ID: "编号",
    Field.CATEGORY: "分类",
    Field.QUESTION: "问题",
    Field.PARAPHRASES: "相似问法",
    Field.ANSWER: "答案",
    Field.ANSWER_WEBSITE: "网站答案",
    Field.ANSWER_APP: "App答案",
    Field.ANSWER_WECHAT: "微信答案",
    Field.ANSWER_ECOMMERCE: "电商答案",
    Field.ANSWER_EMAIL: "邮件答案",
    Field.VALID_FROM: "有效期起",
    Field.VALID_UNTIL: "有效期止",
    Field.ATTACHMENTS: "附件",
}
"""The Chinese names of the columns, as they are written to CSV."""


def _answers(*channels: str) -> str:
    """Every way to name the column of a channel's answers."""
    return " ".join(
        name
        for channel in channels
        for word in ("answer", "答案", "回复")
        for name in (f"{word}{channel}", f"{channel}{word}", f"{word}({channel})")
    )


_NAMES: Mapping[Field, str] = {
    Field.ID: "id 编号 序号 条目编号 问题编号 知识编号 entryid questionid faqid key",
    Field.CATEGORY: "category 分类 类别 类目 目录 分组 问题分类 知识分类 group categories topic",
    Field.QUESTION: "question 问题 标准问题 标准问 主问题 主问法 问句 提问 q standardquestion",
    Field.PARAPHRASES: (
        "paraphrases paraphrase similar similarquestion similarquestions variant variants alternative alternatives "
        "相似问法 相似问 相似问题 扩展问 扩展问法 扩展问题 同义问 同义问法 其他问法 问法"
    ),
    Field.ANSWER: "answer 答案 回复 回答 答复 标准答案 回复内容 a reply response",
    Field.ANSWER_WEBSITE: _answers("website", "网站", "网页", "web"),
    Field.ANSWER_APP: _answers("app"),
    Field.ANSWER_WECHAT: _answers("wechat", "微信", "weixin"),
    Field.ANSWER_ECOMMERCE: _answers("ecommerce", "电商", "电商平台"),
    Field.ANSWER_EMAIL: _answers("email", "邮件", "邮箱"),
    Field.VALID_FROM: "validfrom 有效期起 有效期始 有效期开始 生效日期 开始日期 起始日期 startdate",
    Field.VALID_UNTIL: "validuntil 有效期止 有效期至 有效期结束 截止日期 结束日期 enddate validto",
    Field.ATTACHMENTS: "attachments attachment 附件 卡片 链接 cards links",
}
_FIELD_OF = {name: field for field, names in _NAMES.items() for name in names.split()}
_DECORATION = re.compile(r"[\s_\-*:：]+|\((?:必填|选填|可选|required|optional)\)")
_NUMBER = re.compile(r"\d+$")
_MOST_NAME_CHARS = 100
MOST_COLUMNS = 256


@dataclass(frozen=True, slots=True)
class Column:
    """``verbatim``: each cell is one paraphrase as it stands; otherwise a cell of paraphrases holds several."""

    name: str
    field: Field
    verbatim: bool = False


def column(name: str) -> Column | None:
    """The column that a header cell or a JSON key names, or None. A numbered column (similar1) is verbatim."""
    if len(name) > _MOST_NAME_CHARS:
        return None
    plain = _DECORATION.sub("", unicodedata.normalize("NFKC", name).casefold())
    if plain in _FIELD_OF:
        return Column(name.strip(), _FIELD_OF[plain])
    numbered = _FIELD_OF.get(_NUMBER.sub("", plain))
    return Column(name.strip(), numbered, verbatim=True) if numbered in SEVERAL else None


def columns(header: Sequence[str], row: int, problems: p.Problems) -> tuple[Column | None, ...] | None:
    """What each cell of a header names; a nameless one is None. None altogether when it is no usable header."""
    found = tuple(column(name) for name in header)
    fields = [item.field for item in found if item is not None]
    if not fields:
        problems.add(row, "", p.NO_HEADER)
        return None
    for name, item in zip(header, found, strict=True):
        if item is None and name.strip():
            problems.add(row, name.strip(), p.UNKNOWN_COLUMN)
    for position, item in enumerate(found):
        if item is None or item.field in SEVERAL:
            continue
        if any(other is not None and other.field is item.field for other in found[:position]):
            problems.add(row, item.name, p.REPEATED_COLUMN)
    for field in (Field.QUESTION, Field.ANSWER):
        if field not in fields:
            problems.add(row, "", p.missing_column(CHINESE[field], field))
    return found
