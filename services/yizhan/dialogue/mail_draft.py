"""The answer to a mail as the assistant would have written it, where it was not sure enough to send it. Pure.

A draft for the agent, who changes what is wrong: to each thing that is asked the answer that comes nearest, as one letter.
"""

from collections.abc import Sequence
from datetime import datetime

from yizhan.dialogue.conversation import Conversation
from yizhan.dialogue.mail_words import salutation, sentences_of
from yizhan.dialogue.misses.suggesting import LastWords, Suggested, near
from yizhan.dialogue.served import Served
from yizhan.dialogue.texts import Texts

MOST_SENTENCES = 12
MOST_ANSWERS = 3


def drafted(
    served: Served,
    conversation: Conversation,
    words: LastWords,
    suggested: Sequence[Suggested],
    texts: Texts,
    at: datetime,
) -> str:
    """Empty where nothing comes near. ``suggested``: what is suggested for the mail as a whole, best first."""
    answers = _answers(served, conversation, words, at) or [one.answer.text for one in suggested[:1]]
    if not answers:
        return ""
    whole = "\n\n".join(answers)
    closing = texts.mail_signed.format(name=conversation.agent_name)
    return f"{salutation(texts, conversation.customer_name)}\n\n{whole}\n\n{closing}"


def _answers(served: Served, conversation: Conversation, words: LastWords, at: datetime) -> Sequence[str]:
    """Of a mail that asks several things: the nearest answer to each, in its order. Empty where it is one thing."""
    sentences = sentences_of(words.texts[-1])[:MOST_SENTENCES]
    if len(sentences) < 2:
        return []
    found = [near(served, sentence, channel=conversation.address.channel, at=at) for sentence in sentences]
    return list(dict.fromkeys(one.answer.text for one in found if one is not None))[:MOST_ANSWERS]
