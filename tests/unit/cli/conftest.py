"""A command sets up logging for its process; run inside the tests' own, that must not outlive it."""

import logging
from collections.abc import Iterator

import pytest
import structlog


@pytest.fixture(autouse=True)
def logging_as_before() -> Iterator[None]:
    root = logging.getLogger()
    settings, handlers, level = structlog.get_config(), root.handlers[:], root.level
    yield
    structlog.configure(**settings)
    root.handlers[:] = handlers
    root.setLevel(level)
    logging.captureWarnings(False)
