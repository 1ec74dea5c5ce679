"""Yes or no, as the answer to a question that was just asked."""

import re
from itertools import pairwise

from yizhan.dialogue.tasks.slots.reading import Context, Found, Reading, Reason, Unclear
from yizhan.dialogue.tasks.slots.spelling import spell

YES, NO = "yes", "no"
MIXED = Reason.MIXED.value


def _set(words: str) -> frozenset[str]:
    """Words in lines; an underscore stands for a space."""
    return frozenset(word.replace("_", " ") for word in words.split())


_YES = _set(
    """
    好 好的 好啊 好呀 好哒 好滴 好嘞 好吧 可以 可以的 可以啊 可 行 行的 行吧 行啊 中 成 嗯 嗯嗯 恩 恩恩 嗯呢 嗯哼 是 是的 是啊 是滴 是哒 对 对的 对呀 对啊 没错 没错的
    正确 准确 确定 确认 确认预约 确认申请 确认办理 全对 要 要的 需要 同意 没问题 没有问题 没毛病 就这样 就这么办 提交 办吧 当然 必须的 无误 信息无误 都对 妥 有 有的 想 愿意
    ok okay okk okey yes yeah yep yup ya y sure of_course correct right that's_right thats_right that_is_right that's_correct
    thats_correct confirm confirmed fine sounds_good looks_good go_ahead absolutely definitely yes_please
    confirm_it submit submit_it all_good book_it do_it perfect
    """
)
_NO = _set(
    """
    不 不是 不是的 不要 不要了 不用 不用了 不需要 不需要了 不必 不必了 不对 不行 不可以 不好 不太对 不太行 不太好 不太合适 不合适 不想 不了 不同意 不确定 不正确 没有 没 没有的 否 错 错了 有误 有错 有错误 有问题 算了 取消 别 别了 免了 不提交 不愿意
    no nope nah n not_really no_thanks no_thank_you not absolutely_not definitely_not of_course_not wrong incorrect never don't dont cancel not_now never_mind nevermind that's_wrong thats_wrong
    """
)
_AROUND = _set(
    """
    你好 您好 的 了 啦 吧 啊 呀 呢 哈 哦 噢 喔 哟 嘛 哒 滴 呗 诶 那 就 我 都 这样 这个 谢谢 谢谢你 谢谢您 多谢 麻烦 麻烦了 您 你 亲 先 吗_ 请 信息 全部 完全 非常 绝对 真的 其实
    please thanks thank_you it's its it_is that's that_is i_am i'm so then well oh um yes_it_is it_is_not it_isn't indeed
    """
)
_DOUBLE = _set("不是 没有 不用 不要 不 没 别 not don't")
_SIGNS = {"👍": YES, "👌": YES, "✅": YES, "👎": NO, "❌": NO}
_WORDS = {**_SIGNS} | {word: kind for kind, words in (("", _AROUND), (NO, _NO), (YES, _YES)) for word in words}
_LONGEST_WORD = max(map(len, _WORDS))
_CLAUSE = re.compile(r"[,，.。!！~;；、\n…]++")
_BUT = re.compile("[,，.。!！~;；、 ]{0,3}(?:但|不过|可是|只是|就是|除了|but|except|however|only)")
_QUESTION = re.compile("[?？]|[吗嘛么]$|([是对行好要能])不\\1|可不可以")


def read(text: str, context: Context) -> Reading:
    """``yes`` or ``no`` where it was asked for; yes and no together, and doubled negations, are Unclear.

    What follows a clear first word (好的，帮我改成明天) is left to others: the span ends with the clause.
    """
    if not context.asked:
        return None
    spelled = spell(text)
    kinds: list[str] = []
    end = start = 0
    for first, last in _clauses(spelled.text):
        kind = _kind(spelled.text[first:last])
        if kind is None:
            break
        start = first if not kinds and kind else start
        if kind:
            kinds.append(kind)
            end = last
    if not kinds or _QUESTION.search(spelled.text[start:end].strip() + spelled.text[end : end + 1]):
        return None
    span = spelled.span(start, end)
    if Reason.MIXED in kinds or (YES in kinds and _BUT.match(spelled.text, end)) or len(set(kinds)) > 1:
        return Unclear(Reason.MIXED, span)
    return Found(kinds[0], _shown(kinds[0], context), span)


def whole(text: str) -> str:
    """What a message of nothing but such words says: yes, no, or mixed; empty when it says anything else."""
    spelled = spell(text).text
    kinds = [_kind(spelled[first:last]) for first, last in _clauses(spelled)]
    if None in kinds or _QUESTION.search(spelled.strip()):
        return ""
    said = {kind for kind in kinds if kind}
    return MIXED if len(said) > 1 or Reason.MIXED in said else next(iter(said), "") or ""


def _shown(kind: str, context: Context) -> str:
    if context.language == "en":
        return kind
    return "是" if kind == YES else "否"


def _clauses(text: str) -> list[tuple[int, int]]:
    clauses: list[tuple[int, int]] = []
    at = 0
    for mark in (*_CLAUSE.finditer(text), None):
        end = len(text) if mark is None else mark.start()
        if text[at:end].strip():
            clauses.append((at, end))
        at = end if mark is None else mark.end()
    return clauses


def _kind(clause: str) -> str | None:
    """What a clause of nothing but such words says: yes, no, "" (only a word around), mixed; None when it says more."""
    words = _words(clause)
    if words is None:
        return None
    said = [word for word in words if _WORDS[word]]
    kinds = {_WORDS[word] for word in said}
    doubled = any(first in _DOUBLE and _WORDS[second] == NO and first != second for first, second in pairwise(said))
    denied = any(first in _DOUBLE and _WORDS[second] == YES for first, second in pairwise(said))
    if doubled:
        return Reason.MIXED
    if denied and len(said) == 2:
        return NO
    if len(kinds) > 1:
        return Reason.MIXED
    return kinds.pop() if kinds else ""


def _words(clause: str) -> list[str] | None:
    """The clause cut into known words, the longest first; None when something else is in it."""
    words: list[str] = []
    at = 0
    while at < len(clause):
        if clause[at] in _SIGNS:
            words.append(clause[at])
            at += 1
            continue
        if not clause[at].isalnum() and clause[at] != "'":
            at += 1
            continue
        word = next(
            (
                clause[at : at + size]
                for size in range(min(_LONGEST_WORD, len(clause) - at), 0, -1)
                if _known(clause, at, size)
            ),
            None,
        )
        if word is None:
            return None
        words.append(word)
        at += len(word)
    return words


def _known(clause: str, at: int, size: int) -> bool:
    """A Latin word is known only as a whole: "no" is not the beginning of "not"."""
    if clause[at : at + size] not in _WORDS:
        return False
    after = clause[at + size : at + size + 1]
    return not (clause[at].isascii() and after.isascii() and (after.isalnum() or after == "'"))
