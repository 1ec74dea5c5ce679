"""Why a model gave nothing: a closed set. None of them is the customer's concern; each means the approved text is sent."""

from typing import ClassVar


class ModelError(Exception):
    """``reason`` is a static name, for logs and figures; there is never any text of a customer or a model in it."""

    outcome: ClassVar[str]
    """The class of error as a static name, the label of figures."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class ModelUnavailable(ModelError):
    """It cannot be reached, refuses, or is being left alone after it failed too often."""

    outcome = "unavailable"


class ModelTooSlow(ModelError):
    """It did not finish in the time there was."""

    outcome = "too_slow"


class ModelRateLimited(ModelError):
    """It asks to be left alone; ``after`` is for how many seconds, None when it does not say."""

    outcome = "rate_limited"

    def __init__(self, after: float | None) -> None:
        super().__init__("rate_limited")
        self.after = after


class ModelNonsense(ModelError):
    """What it said is not what was asked for: not JSON, cut off, another dimension, an entry that was not offered."""

    outcome = "nonsense"


class BudgetSpent(ModelError):
    """The day's tokens are spent."""

    outcome = "budget_spent"

    def __init__(self) -> None:
        super().__init__("budget_spent")
