"""How log lines look: text for people or JSON for machines, the same for our own lines and those of libraries."""

import logging
import sys

import structlog


def configure_logging(level: str, style: str) -> None:
    """Send all log lines of `level` and above to standard error as `text` or `json`."""
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
    )
    lines = logging.StreamHandler(sys.stderr)
    lines.setFormatter(
        structlog.stdlib.ProcessorFormatter(foreign_pre_chain=shared, processors=_rendering(style))
    )
    logging.basicConfig(handlers=[lines], level=level, force=True)
    # They tell of each request to upstream and of each handshake, which the metrics count already.
    for name in ("httpx2", "uvicorn.error.websocket"):
        logging.getLogger(name).setLevel(logging.WARNING)


def _rendering(style: str) -> list[structlog.typing.Processor]:
    remove = structlog.stdlib.ProcessorFormatter.remove_processors_meta
    if style == "json":
        return [remove, structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
    return [remove, structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())]
