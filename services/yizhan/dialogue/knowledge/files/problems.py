"""What is wrong with a file, told so that the person who wrote the row can mend it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Reason:
    """The same sentence in Chinese and in English."""

    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class RowProblem:
    """``row`` as the editor counts, the header being row 1 (JSONL: the line); 0 for the file as a whole."""

    row: int
    column: str
    reason_zh: str
    reason_en: str


_COLUMN_CHARS = 60


class Problems:
    """Collects problems in the order in which they are found; beyond ``most`` they are only counted."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._found: list[RowProblem] = []
        self._more = 0

    def add(self, row: int, column: str, reason: Reason) -> None:
        if len(self._found) < self._most:
            self._found.append(RowProblem(row, column[:_COLUMN_CHARS], reason.zh, reason.en))
        else:
            self._more += 1

    def __bool__(self) -> bool:
        return bool(self._found)

    def listed(self) -> tuple[RowProblem, ...]:
        """By row; when some were only counted, a last line says how many."""
        listed = sorted(self._found, key=lambda problem: problem.row)
        if self._more:
            listed.append(
                RowProblem(0, "", f"…还有 {self._more} 个问题没有列出", f"…{self._more} more problems are not listed")
            )
        return tuple(listed)


# --- the whole file


def unknown_format(ending: str) -> Reason:
    return Reason(
        f"不支持 {ending or '没有扩展名的'} 文件，请上传 .csv、.xlsx、.jsonl 或 .md",
        f"{ending or 'a file without an ending'} is not supported; use .csv, .xlsx, .jsonl or .md",
    )


def unknown_questions_format(ending: str) -> Reason:
    return Reason(
        f"测试问题不支持 {ending or '没有扩展名的'} 文件，请上传 .csv 或 .xlsx",
        f"{ending or 'a file without an ending'} cannot hold test questions; use .csv or .xlsx",
    )


OLD_EXCEL = Reason(
    "不支持旧版 .xls 和加密的 Excel，请在 Excel 中取消密码并另存为 .xlsx",
    "old .xls and encrypted workbooks are not supported; remove the password and save it as .xlsx",
)
IS_EXCEL = Reason("内容是 Excel 工作簿，请把扩展名改为 .xlsx", "this is an Excel workbook; give it the ending .xlsx")
EMPTY_FILE = Reason("文件是空的", "the file is empty")
NO_ROWS = Reason("除表头外没有任何数据行", "there is no row below the header")
NO_HEADER = Reason(
    "第一行必须是表头，至少包含“问题”和“答案”两列",
    "the first row must be a header with at least the columns 'question' and 'answer'",
)
UNDECODABLE_FILE = Reason("无法识别文件编码，请另存为 UTF-8 格式", "the encoding is not known; save the file as UTF-8")
BROKEN_WORKBOOK = Reason("Excel 文件已损坏，无法读取", "the workbook is damaged and cannot be read")
LOCKED_WORKBOOK = Reason("Excel 文件已加密，请取消密码后再上传", "the workbook is encrypted; remove its password")
UNSAFE_WORKBOOK = Reason(
    "Excel 文件解压后过大或结构异常，已拒绝读取",
    "the workbook unpacks to too much or is built in a suspicious way, so it was not read",
)
NO_SHEET = Reason("Excel 文件里没有工作表", "the workbook has no worksheet")


def file_too_large(most: int) -> Reason:
    return Reason(f"文件超过 {most // 1_000_000} MB", f"the file is larger than {most // 1_000_000} MB")


def too_many_entries(most: int) -> Reason:
    return Reason(
        f"条目超过 {most} 条，从这一行起没有读取", f"more than {most} entries; nothing was read from this row on"
    )


def too_many_questions(most: int) -> Reason:
    return Reason(
        f"测试问题超过 {most} 条，从这一行起没有读取", f"more than {most} test questions; nothing was read from here on"
    )


def too_many_phrasings(most: int) -> Reason:
    return Reason(f"问法总数超过 {most} 条", f"more than {most} phrasings in the file")


# --- columns


def missing_column(zh: str, en: str) -> Reason:
    return Reason(f"缺少“{zh}”列", f"the column '{en}' is missing")


QUESTION_HEADER = Reason(
    "第一行必须是表头，只有“测试问题”和“条目编号”两列",
    "the first row must be a header with the two columns 'question' and 'entry'",
)
UNKNOWN_COLUMN = Reason(
    "不认识的列，可用的列：编号、分类、问题、相似问法、答案、各渠道答案（如“微信答案”）、有效期起、有效期止、附件",
    "unknown column; known are: id, category, question, paraphrases, answer, answer_<channel> (such as answer_wechat), "
    "valid_from, valid_until, attachments",
)
REPEATED_COLUMN = Reason("这一列出现了不止一次", "this column is there more than once")
NAMELESS_COLUMN = Reason("这个单元格所在的列没有表头", "the column of this cell has no name in the header")
TOO_MANY_CELLS = Reason(
    "这一行的单元格比表头多，含逗号的内容请用双引号括起来",
    "this row has more cells than the header; put text with separators in double quotes",
)

# --- cells

EMPTY_QUESTION = Reason("问题不能为空", "the question is empty")
EMPTY_ANSWER = Reason("答案不能为空", "the answer is empty")
WORDLESS = Reason("没有任何文字，无法匹配", "there is no word in it, so nothing could match it")
CONTROL_CHARACTERS = Reason("含有不可见的控制字符", "contains control characters")
UNDECODABLE_TEXT = Reason("含有无法识别的字符（编码错误）", "contains bytes that are no text in this encoding")
FORMULA = Reason("包含公式，请改为纯文本", "contains a formula; put plain text there")
ERROR_VALUE = Reason("是 Excel 错误值", "is an Excel error value")
NOT_TEXT = Reason("必须是文本", "must be text")
SPACE_IN_ID = Reason("编号里不能有空格或换行", "an id cannot contain spaces or line breaks")
RESERVED_ID = Reason("这个编号是系统保留的，请换一个", "this id is reserved; use another one")
NOT_A_DAY = Reason("不是日期，请写成 2026-11-22", "is not a day; write it as 2026-11-22")
ENDS_BEFORE_IT_BEGINS = Reason("早于“有效期起”", "is before the first day of validity")


def not_a_variable(shown: str) -> Reason:
    return Reason(
        f"“{shown}”不是变量，变量写成 {{{{名称}}}}；要显示大括号，请写 \\{{{{",
        f"'{shown}' is no variable; write one as {{{{name}}}}, and braces that are text as \\{{{{",
    )


def too_long(most: int, actual: int) -> Reason:
    return Reason(f"超过 {most} 个字（现有 {actual} 个）", f"longer than {most} characters (it has {actual})")


def cell_too_long(most: int) -> Reason:
    return Reason(f"单元格超过 {most} 个字，没有读取", f"a cell of more than {most} characters; it was not read")


def line_too_long(most: int) -> Reason:
    return Reason(f"这一行超过 {most} 个字，没有读取", f"a line of more than {most} characters; it was not read")


def too_many_lines(most: int) -> Reason:
    return Reason(
        f"一条知识超过 {most} 行，从这一行到下一个标题没有读取",
        f"more than {most} lines in one entry; nothing was read from here to the next heading",
    )


def too_many_paraphrases(most: int, actual: int) -> Reason:
    return Reason(f"相似问法超过 {most} 条（现有 {actual} 条）", f"more than {most} paraphrases (there are {actual})")


def too_many_attachments(most: int, actual: int) -> Reason:
    return Reason(f"附件超过 {most} 个（现有 {actual} 个）", f"more than {most} attachments (there are {actual})")


def repeated_id(row: int) -> Reason:
    return Reason(f"编号与第 {row} 行重复", f"the id is also that of row {row}")


def repeated_question(row: int) -> Reason:
    return Reason(f"与第 {row} 行是同一个问题", f"the same question as in row {row}")


def repeated_phrasing(phrasing: str, row: int) -> Reason:
    return Reason(
        f"问法“{phrasing}”与第 {row} 行另一条目的问法相同",
        f"the phrasing '{phrasing}' is also one of the entry in row {row}",
    )


# --- attachments

NOT_AN_ATTACHMENT = Reason(
    "附件每行一个：以 http:// 或 https:// 开头的网址，空格后可写标题；图片、文件和商品卡片写成 JSON 对象",
    "one attachment per line: a web address (http or https), then a blank and its title; pictures, files and goods as "
    "JSON objects",
)
ATTACHMENT_NOT_JSON = Reason("附件不是有效的 JSON 对象", "the attachment is not a valid JSON object")
UNKNOWN_ATTACHMENT = Reason(
    "附件的 type 只能是 link、image、file、goods", "the type of an attachment is one of link, image, file, goods"
)


def attachment_lacks(name: str) -> Reason:
    return Reason(f"附件缺少 {name}", f"the attachment lacks {name}")


def attachment_has_no(name: str) -> Reason:
    return Reason(f"这种附件没有 {name} 这一项", f"such an attachment has no {name}")


def attachment_too_long(name: str) -> Reason:
    return Reason(f"附件的 {name} 过长", f"the attachment's {name} is too long")


def attachment_wrong(name: str) -> Reason:
    return Reason(f"附件的 {name} 不对", f"the attachment's {name} is not valid")


# --- Markdown

BEFORE_FIRST_HEADING = Reason(
    "第一个“# 问题”标题之前不能有内容（# 后面要有空格）",
    "nothing may stand before the first '# question' heading (with a blank after #)",
)
NO_BLANK_AFTER_HASH = Reason(
    "标题的 # 后面要有空格；如果是答案的一部分，请写成 \\#",
    "a heading has a blank after #; write \\# where it is part of an answer",
)
DEEP_HEADING = Reason(
    "只有“# 问题”和“## 附件”“## 微信答案”这两级标题；如果是答案的一部分，请在行首加 \\",
    "there are only two levels of headings, '# question' and such as '## attachments'; begin the line with \\ where it is "
    "part of an answer",
)
UNKNOWN_SECTION = Reason(
    "“##”标题只能是附件或某个渠道的答案，如“## 微信答案”；如果是答案的一部分，请在行首加 \\",
    "a '##' heading is either attachments or the answer for a channel, such as '## answer_wechat'; begin the line with "
    "\\ where it is part of an answer",
)
UNKNOWN_NOTE = Reason(
    "“>”行只能是编号、分类、有效期起、有效期止，如“> 分类：售后”；如果是答案的一部分，请写成 \\>",
    "a '>' line is one of id, category, valid_from, valid_until, such as '> category: returns'; write \\> where it is "
    "part of an answer",
)
NO_BLANK_AFTER_DASH = Reason(
    "相似问法的 - 后面要有空格；如果是答案的一部分，请写成 \\-",
    "a paraphrase has a blank after -; write \\- where it is part of an answer",
)
PARAPHRASE_OF_TWO_LINES = Reason(
    "一条相似问法只能占一行；如果是答案，请去掉行首的空格",
    "a paraphrase has one line only; where this is the answer, take away the blanks before it",
)

# --- lines


def broken_csv(detail: Reason) -> Reason:
    return Reason(
        f"CSV 格式有误（{detail.zh}），从这里起没有读取", f"not valid CSV ({detail.en}); nothing was read from here on"
    )


NOT_JSON = Reason("不是有效的 JSON", "not valid JSON")
NOT_AN_OBJECT = Reason("每一行必须是一个 JSON 对象", "each line must be a JSON object")
