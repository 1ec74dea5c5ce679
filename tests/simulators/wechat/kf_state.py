"""service_state of a 微信客服 session and its allowed changes. Source: reference channels.md C.3."""

from enum import IntEnum


class State(IntEnum):
    """service_state of one customer's session."""

    NEW = 0
    ASSISTANT = 1
    POOL = 2
    HUMAN = 3
    ENDED = 4


MAY_SEND = frozenset({State.NEW, State.ASSISTANT})
TRANSITIONS: dict[State, frozenset[State]] = {
    State.NEW: frozenset({State.ASSISTANT, State.POOL, State.HUMAN, State.ENDED}),
    State.ASSISTANT: frozenset({State.POOL, State.HUMAN, State.ENDED}),
    State.POOL: frozenset({State.HUMAN, State.ENDED}),
    State.HUMAN: frozenset({State.POOL, State.HUMAN, State.ENDED}),
    State.ENDED: frozenset(),
}
