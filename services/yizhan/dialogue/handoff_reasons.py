"""Why a conversation is given to the queue, besides what a guard's rule says: static names, kept and counted."""

REQUESTED = "requested"
NO_ANSWER = "no_answer"
UNREADABLE = "media"
TASK = "task"
TRANSFER = "transfer"
"""An agent gave the conversation away."""
