"""Brings the tables of a database up to this code: numbered files, applied once each and in order, never undone."""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from clock import Clock
from errors import StartRefused
from storage.sql.database import Database, Reads, Transaction

MIGRATIONS = Path(__file__).with_name("migrations")

_CREATE_TABLE = """
CREATE TABLE IF NOT EXISTS schema_migrations (
    number BIGINT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    checksum TEXT NOT NULL,
    applied_at BIGINT NOT NULL
)
"""
_APPLIED = "SELECT number, name, checksum FROM schema_migrations ORDER BY number"
_RECORD = "INSERT INTO schema_migrations (number, name, checksum, applied_at) VALUES ($1, $2, $3, $4)"


@dataclass(frozen=True, slots=True)
class Migration:
    """One file of changes. `checksum` is of its text with line ends as LF."""

    number: int
    name: str
    checksum: str
    statements: tuple[str, ...]


def read_migrations(folder: Path = MIGRATIONS) -> tuple[Migration, ...]:
    """The migrations `NNNN_name.sql` of a folder, by number."""
    return tuple(_read(path) for path in sorted(folder.glob("[0-9][0-9][0-9][0-9]_*.sql")))


async def migrate(database: Database, migrations: Sequence[Migration], clock: Clock) -> None:
    """Apply what is missing, each file in a transaction of its own. Any number of processes may do so at once.

    Raises `StartRefused`, with nothing changed, when the database was written by newer code or by files that
    read differently today.
    """
    known = await database.has_table("schema_migrations")
    if known and await _count_applied(database, migrations) == len(migrations):
        # Nobody is asked to wait for a start that changes nothing.
        return
    while await database.exclusive(_NextMigration(migrations, clock.now())):
        pass


async def require_current(database: Database, migrations: Sequence[Migration]) -> None:
    """For those who may only read: raises `StartRefused` unless exactly these migrations are applied."""
    known = await database.has_table("schema_migrations")
    if not known or await _count_applied(database, migrations) < len(migrations):
        raise StartRefused(
            "The database has older tables than this code reads. Start the server once; it brings them up to date."
        )


@dataclass(frozen=True, slots=True)
class _NextMigration:
    """The first migration that is missing, as the work of a transaction. Says whether there was one."""

    migrations: Sequence[Migration]
    now: int

    async def __call__(self, tx: Transaction) -> bool:
        # Looked at again under the lock: another process may have applied it meanwhile.
        await tx.execute(_CREATE_TABLE)
        missing = self.migrations[await _count_applied(tx, self.migrations) :]
        for migration in missing[:1]:
            for statement in migration.statements:
                await tx.execute(statement)
            await tx.execute(_RECORD, migration.number, migration.name, migration.checksum, self.now)
        return bool(missing)


async def _count_applied(reads: Reads, migrations: Sequence[Migration]) -> int:
    rows = await reads.fetch(_APPLIED)
    applied = [(int(row["number"]), str(row["name"]), str(row["checksum"])) for row in rows]
    if len(applied) > len(migrations):
        raise StartRefused(
            f"The database was written by a newer version (its migration {applied[-1][0]:04}_{applied[-1][1]} is "
            "not known here). Run that version or a later one, or restore a backup made before it."
        )
    for (number, name, checksum), migration in zip(applied, migrations, strict=False):
        if (number, name, checksum) != (migration.number, migration.name, migration.checksum):
            raise StartRefused(
                f"Migration {number:04}_{name} was applied with another text than it has now. Restore the file "
                "as it was released: tables change by a new migration only."
            )
    return len(applied)


def _read(path: Path) -> Migration:
    number, _, name = path.stem.partition("_")
    text = path.read_text(encoding="utf-8")
    return Migration(int(number), name, hashlib.sha256(text.encode()).hexdigest(), _split(text))


def _split(text: str) -> tuple[str, ...]:
    plain = re.sub(r"--[^\n]*", "", text)
    return tuple(statement.strip() for statement in plain.split(";") if statement.strip())
