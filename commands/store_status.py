"""`python app.py store status`: what is kept, how old it is, and whether the database is well."""

import argparse
import json
from collections.abc import Sequence
from typing import Any

from clock import SystemClock
from commands.store_target import add_url_to, opened, running
from metrics import Metrics
from models.storage import KindStatistics, StorageHealth, StorageStatus
from settings import Settings
from storage import StatusReader

# An operator waits for as long as it takes to count.
_PATIENCE_SECONDS = 600.0


def add_to(actions: Any) -> None:
    """Make the action known to the command line."""
    parser = actions.add_parser("status", help="tell what is kept; works while a server runs")
    add_url_to(parser)
    parser.add_argument("--json", action="store_true", help="for machines: one JSON object")
    parser.set_defaults(run=running(_status))


async def _status(options: argparse.Namespace, settings: Settings) -> int:
    async with opened(options.url, settings, read_only=True) as storage:
        reader = StatusReader(storage, SystemClock(), Metrics())
        try:
            status = await reader.read(0, _PATIENCE_SECONDS)
        finally:
            await reader.close()
        notes = [*([trouble] if (trouble := storage.trouble()) else []), *storage.notes]
    print(_as_json(status, notes) if options.json else _as_text(status, notes))
    return 1 if status.health is StorageHealth.DOWN else 0


def _as_json(status: StorageStatus, notes: Sequence[str]) -> str:
    return json.dumps(
        {
            "backend": status.backend,
            "health": status.health.value,
            "server_version": status.server_version,
            "schema_version": status.schema_version,
            "kinds": [_kind_as_json(kind) for kind in status.kinds],
            "notes": list(notes),
        },
        indent=2,
    )


def _kind_as_json(kind: KindStatistics) -> dict[str, object]:
    ages = kind.ages and {"p50": kind.ages.p50, "p90": kind.ages.p90, "p99": kind.ages.p99}
    return {"kind": kind.kind, "count": kind.count, "bytes": kind.size, "age_seconds": ages}


def _as_text(status: StorageStatus, notes: Sequence[str]) -> str:
    lines = [
        f"backend  {status.backend}",
        f"health   {status.health.value}",
        f"server   {status.server_version}",
        f"schema   {status.schema_version}",
        *(f"note     {note}" for note in notes),
        "",
        f"{'kind':<16}{'count':>12}{'size':>12}{'age p50':>10}{'p90':>10}{'p99':>10}",
        *(_row(kind) for kind in status.kinds),
    ]
    return "\n".join(lines)


def _row(kind: KindStatistics) -> str:
    ages = (kind.ages.p50, kind.ages.p90, kind.ages.p99) if kind.ages else ()
    shown = "".join(f"{_span(age):>10}" for age in ages)
    return f"{kind.kind:<16}{kind.count:>12,}{_size(kind.size):>12}{shown}"


def _size(size: float) -> str:
    for unit in ("B", "kB", "MB"):
        if size < 1000:
            return f"{size:.0f} {unit}" if unit == "B" else f"{size:.1f} {unit}"
        size /= 1000
    return f"{size:.1f} GB"


def _span(seconds: float) -> str:
    for unit, length in (("d", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= length:
            return f"{seconds / length:.1f} {unit}"
    return f"{seconds:.1f} s"
