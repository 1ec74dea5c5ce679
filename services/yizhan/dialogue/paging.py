"""Finding entries by words and category, and turning pages of what was found."""

from collections.abc import Sequence

import grpc

from yizhan.core.runtime.grpc import RpcProblem
from yizhan.dialogue.knowledge.entry import Entry

MOST_ROWS = 200


def searched(entries: Sequence[Entry], words: str, category: str) -> Sequence[Entry]:
    """Those with the words, in small letters, in any of their texts."""

    def fits(entry: Entry) -> bool:
        if category and entry.category != category:
            return False
        texts = (entry.id, *entry.phrasings, *entry.texts)
        return not words or any(words in text.lower() for text in texts)

    return [entry for entry in entries if fits(entry)]


def offset_of(token: str) -> int:
    """Where a page begins. Raises RpcProblem for a token that is none of ours."""
    if not token:
        return 0
    if not (token.isascii() and token.isdigit()) or len(token) > 9:
        raise RpcProblem("bad_page_token", grpc.StatusCode.INVALID_ARGUMENT)
    return int(token)
