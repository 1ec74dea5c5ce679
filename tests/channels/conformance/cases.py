"""Which cases are run for which channel, and where. What does not apply is not made, so that nothing is ever skipped."""

from collections.abc import Iterator

import pytest

from tests.channels.conformance import harness as hooks
from tests.channels.conformance.app import AppHarness
from tests.channels.conformance.ecommerce import platform_harnesses
from tests.channels.conformance.email import EmailHarness
from tests.channels.conformance.harness import Harness
from tests.channels.conformance.website import WebsiteHarness
from tests.channels.conformance.wechat import MiniHarness, OfficialHarness
from tests.channels.conformance.wechat_kf import KfHarness

CHANNELS: tuple[type[Harness], ...] = (
    WebsiteHarness,
    AppHarness,
    OfficialHarness,
    MiniHarness,
    KfHarness,
    *platform_harnesses(),
    EmailHarness,
)

HOOKS: tuple[type, ...] = (
    hooks.Proves,
    hooks.Acknowledges,
    hooks.Rotates,
    hooks.Degrades,
    hooks.LinksFiles,
    hooks.AsksToRetry,
    hooks.ExpiresTokens,
    hooks.ClosesWindow,
    hooks.CountsMessages,
    hooks.Refuses,
    hooks.LosesAnswers,
)

PLACES = (
    pytest.param("embedded", id="embedded"),
    pytest.param("servers", id="rabbitmq-postgresql", marks=pytest.mark.real),
)


def every_channel(*needed: type) -> pytest.MarkDecorator:
    """The case is run for every channel that has these hooks, on both buses."""
    assert set(needed) <= set(HOOKS)
    found = [pytest.param(kind, id=kind.name) for kind in CHANNELS if not set(needed) & set(kind.inapplicable)]
    return pytest.mark.parametrize("kind", found)


def absences() -> Iterator[tuple[type[Harness], type]]:
    for kind in CHANNELS:
        for hook in HOOKS:
            yield kind, hook
