"""Why something about customers is refused: a closed set."""


class CustomerProblem(Exception):
    """Something was refused, and nothing was changed. ``code`` is for programs."""

    code = "refused"


class UnknownCustomer(CustomerProblem):
    """The workspace has no such customer."""

    code = "unknown_customer"


class UnknownIdentity(CustomerProblem):
    """The workspace has no such identity."""

    code = "unknown_identity"


class UnknownConversation(CustomerProblem):
    """The workspace has no such conversation."""

    code = "unknown_conversation"


class AlreadyLinked(CustomerProblem):
    """The identity belongs to that customer already."""

    code = "already_linked"


class NotLinked(CustomerProblem):
    """There is no link of the identity left to take back."""

    code = "not_linked"


class SameAccount(CustomerProblem):
    """Both customers have an identity on one account of a channel; only force links them."""

    code = "same_account"


class ReasonMissing(CustomerProblem):
    """Force needs a reason."""

    code = "reason_missing"


class TooMany(CustomerProblem):
    """A customer would have more identities, tags, attributes or notes than are allowed."""

    code = "too_many"


class BadValue(CustomerProblem):
    """A tag, an attribute or a note is empty, too long or oddly named."""

    code = "bad_value"
