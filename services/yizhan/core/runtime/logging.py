"""Logs: static event names with ids as keywords, one line each, to standard error, without secrets or customer text.

Everybody else calls ``structlog.get_logger``; what libraries write through the standard ``logging`` goes the same way.
"""

import logging
import sys
from collections.abc import Callable, MutableMapping
from typing import Any, Literal, TextIO

import structlog
from structlog.typing import Processor, WrappedLogger

from yizhan.core.runtime.redaction import redact
from yizhan.core.runtime.tracebacks import as_text, describe

Level = Literal["debug", "info", "warning", "error"]
Format = Literal["console", "json"]

_QUIET = ("aio_pika", "aiormq", "aiosqlite", "asyncio", "grpc", "alembic", "sqlalchemy")
"""Libraries whose ``info`` is about their own insides."""

_NEWLINES = str.maketrans({"\n": "\\n", "\r": "\\r", "\x1b": "\\x1b"})


def configure(level: Level = "info", format: Format = "console", *, stream: TextIO | None = None) -> None:
    """Set up logging for the process. Calling it again replaces what was there."""
    out = stream if stream is not None else sys.stderr
    number = logging.getLevelNamesMapping()[level.upper()]
    last = [_exception(format), _redacted, _renderer(format, out)]
    first: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[*first, *last],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.WriteLoggerFactory(file=out),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(out)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*first, _logger_name],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(number)
    handler.setLevel(number)  # some libraries set the level of their own loggers
    for name in _QUIET:
        logging.getLogger(name).setLevel(max(number, logging.WARNING))
    logging.getLogger("aiohttp.server").filters[:] = [_no_garbage]
    logging.captureWarnings(True)


def _no_garbage(record: logging.LogRecord) -> bool:
    """Requests that are no HTTP get their 400; a line with a traceback for each would let anybody fill the log."""
    return not (record.exc_info and type(record.exc_info[1]).__module__ == "aiohttp.http_exceptions")


def _logger_name(_logger: WrappedLogger, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    record = event.get("_record")
    event["logger"] = record.name if record is not None else None
    return event


def _exception(format: Format) -> Processor:
    """Puts ``exception`` in place of ``exc_info``: a list for machines, lines for people, and never local variables."""
    shape: Callable[[BaseException], object] = describe if format == "json" else as_text

    def process(_logger: WrappedLogger, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        error = _error_of(event.pop("exc_info", None))
        event.pop("stack_info", None)
        event.pop("exception", None)
        if error is not None:
            event["exception"] = shape(error)
        return event

    return process


def _error_of(exc_info: object) -> BaseException | None:
    """What ``exc_info`` stands for: an exception, the triple of ``sys.exc_info``, or True for the one being handled."""
    match exc_info:
        case BaseException():
            return exc_info
        case (_, BaseException() as error, _):
            return error
        case True:
            return sys.exception()
        case _:
            return None


def _redacted(_logger: WrappedLogger, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Everything but the exception, whose messages are clean already and whose lines are wanted whole."""
    exception = event.pop("exception", None)
    clean = redact(event)
    if exception is not None:
        clean["exception"] = exception
    return clean


def _renderer(format: Format, out: TextIO) -> Processor:
    if format == "json":
        return structlog.processors.JSONRenderer(ensure_ascii=False)
    return _OneLine(structlog.dev.ConsoleRenderer(colors=out.isatty(), pad_event_to=28, sort_keys=False))


class _OneLine:
    """Keeps a value with a line break in it from looking like a line of its own."""

    def __init__(self, renderer: structlog.dev.ConsoleRenderer) -> None:
        self._renderer = renderer

    def __call__(self, _logger: WrappedLogger, _method: str, event: MutableMapping[str, Any]) -> str:
        for key, value in event.items():
            if isinstance(value, str) and key != "exception":
                event[key] = value.translate(_NEWLINES)
        return self._renderer(_logger, _method, event)
