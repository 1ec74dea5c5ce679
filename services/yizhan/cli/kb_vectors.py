"""What the command line says of the vectors of a release."""

_WHY = {
    "deadline": "the endpoint did not answer in time",
    "unreachable": "the endpoint could not be reached",
    "connection_lost": "the connection to the endpoint was lost again and again",
    "key_refused": "the endpoint refused the key",
    "not_there": "the endpoint does not know the address or the model",
    "http_3xx": "the endpoint points to another address",
    "http_4xx": "the endpoint refused what it was asked",
    "http_5xx": "the endpoint had an error of its own",
    "rate_limited": "the endpoint asked to be left alone",
    "budget_spent": "the day's budget of YIZHAN_MODELS_DAILY_BUDGET was spent",
    "budget_late": "the database was too slow",
    "budget_unknown": "the database did not answer",
}
_NONSENSE = "the endpoint's answer was not what it should be"


def vectors_line(model: str, failed: str, *, takes_part: bool = True) -> str:
    """For a list of releases; empty where no model is set. ``failed``: the reason as the release keeps it."""
    if failed:
        return f"words alone: {_WHY.get(failed, _NONSENSE)} ({failed})"
    if model:
        return f"embedding model {model}" if takes_part else f"embedding model {model} (finds no more than words do)"
    return ""


def vectors_lines(model: str, failed: str, *, takes_part: bool) -> list[str]:
    """For the report of a release: what it means for the answers as well, and what to do."""
    if failed:
        advice = (
            "build again tomorrow, or allow more"
            if failed == "budget_spent"
            else "see `yizhan doctor`, and build again"
        )
        return [
            f"the embedding model failed ({failed}): {_WHY.get(failed, _NONSENSE)}",
            f"  words are compared alone, so questions in other words may go unanswered: {advice}",
        ]
    if model:
        return [
            f"the embedding model {model} {'takes part' if takes_part else 'finds no more than words do, and takes no part'}"
        ]
    return []
