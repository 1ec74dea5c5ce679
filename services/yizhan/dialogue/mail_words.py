"""What a mail asks, and how one begins. Pure."""

import re
from collections.abc import Sequence
from typing import Final

from yizhan.core.messages import content as c
from yizhan.dialogue.texts import Texts

_MOST_NAME = 40

_END: Final = re.compile(r"(?<=[。！？!?；;])|(?<=[.])\s+|\n+")
_SALUTES: Final = re.compile(
    r"\s*(?:尊敬的.{0,12}|亲爱的.{0,12}|各位.{0,6}|您好|你好|hi|hello|hey|dear\b.{0,40}|(?:hi|hello|hey)\s\w{1,20}|good (?:morning|day|afternoon))"
    r"\s*[,，:：!！。.]*\s*",
    re.IGNORECASE,
)
_SEE_SUBJECT: Final = re.compile(
    r"\s*(?:如题|如標題|如标题|见主题|见标题|see (?:the )?subject|as (?:per )?(?:the )?subject)\s*[。.!！]*\s*",
    re.IGNORECASE,
)
_PLAIN_NAME: Final = re.compile(r"[^\W\d_][\w .'’·-]*")


def words_of(content: c.Text) -> str:
    """What is asked: the words, or the subject where they only point at it."""
    mail = content.mail
    if mail is not None and mail.subject and _SEE_SUBJECT.fullmatch(content.text):
        return mail.subject
    return content.text


def sentences_of(words: str) -> Sequence[str]:
    """What is said in it, sentence by sentence, without its salutation."""
    sentences = [piece.strip() for piece in _END.split(words) if piece and piece.strip()]
    return [piece for piece in sentences if not _SALUTES.fullmatch(piece)]


def salutation(texts: Texts, name: str) -> str:
    """By name only where it is one: names in mails are whatever their senders put there."""
    plain = " ".join(name.split())
    if not plain or len(plain) > _MOST_NAME or not _PLAIN_NAME.fullmatch(plain):
        return texts.mail_salutation
    return texts.mail_salutation_named.format(name=plain)
