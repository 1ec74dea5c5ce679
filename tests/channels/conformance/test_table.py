"""What a channel says it cannot do is exactly what its harness has no means to try."""

import pytest

from tests.channels.conformance.cases import CHANNELS, HOOKS, absences
from tests.channels.conformance.harness import Harness

PAIRS = [pytest.param(kind, hook, id=f"{kind.name}-{hook.__name__}") for kind, hook in absences()]


@pytest.mark.parametrize(("kind", "hook"), PAIRS)
def test_a_hook_is_there_or_its_absence_has_a_reason(kind: type[Harness], hook: type) -> None:
    declared = hook in kind.inapplicable
    assert issubclass(kind, hook) != declared, (
        "declared as inapplicable and there" if declared else "missing, and no reason"
    )
    assert not declared or len(kind.inapplicable[hook]) > 20


@pytest.mark.parametrize("kind", CHANNELS, ids=lambda kind: kind.name)
def test_only_known_hooks_are_declared(kind: type[Harness]) -> None:
    assert set(kind.inapplicable) <= set(HOOKS)


def test_every_hook_is_had_by_some_channel() -> None:
    assert [hook for hook in HOOKS if all(hook in kind.inapplicable for kind in CHANNELS)] == []
