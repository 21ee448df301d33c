"""What PostgreSQL can say about the health of its own tables and indexes, without being stopped."""

from collections.abc import Awaitable, Callable, Sequence

import asyncpg

from storage.sql.database import Row
from storage.sql.postgres_errors import Refused

Fetch = Callable[..., Awaitable[Sequence[Row]]]
"""Runs a statement in a transaction of its own, with time enough to read whole tables. Its errors are judged."""

_INVALID_INDEXES = """
SELECT c.relname AS name FROM pg_catalog.pg_index i
JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = $1 AND NOT (i.indisvalid AND i.indisready)
ORDER BY c.relname
"""

_UNPROVED_CONSTRAINTS = """
SELECT k.conname AS name FROM pg_catalog.pg_constraint k
JOIN pg_catalog.pg_namespace n ON n.oid = k.connamespace
WHERE n.nspname = $1 AND NOT k.convalidated
ORDER BY k.conname
"""

_CHECKSUM_FAILURES = """
SELECT COALESCE(checksum_failures, 0) AS failures FROM pg_catalog.pg_stat_database
WHERE datname = current_database()
"""

# The functions of the extension amcheck, where it is installed and this user may call them.
_AMCHECK = """
SELECT n.nspname AS schema FROM pg_catalog.pg_extension e
JOIN pg_catalog.pg_namespace n ON n.oid = e.extnamespace
JOIN pg_catalog.pg_proc p ON p.pronamespace = n.oid AND p.proname = 'bt_index_check' AND p.pronargs = 2
WHERE e.extname = 'amcheck' AND has_function_privilege(p.oid, 'EXECUTE')
"""

_INDEXES = """
SELECT c.relname AS name, CAST(c.oid AS BIGINT) AS number FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
JOIN pg_catalog.pg_am a ON a.oid = c.relam
WHERE n.nspname = $1 AND c.relkind = 'i' AND a.amname = 'btree'
ORDER BY c.relname
"""


async def find_problems(fetch: Fetch, schema: str) -> Sequence[str]:
    """What is wrong in a schema, a line each.

    With the extension amcheck every index is held against its table, which reads both whole; without it only what the
    server noticed by itself is told.
    """
    problems = [f"the index {row['name']} is not valid" for row in await fetch(_INVALID_INDEXES, schema)]
    problems += [
        f"the constraint {row['name']} was never proved" for row in await fetch(_UNPROVED_CONSTRAINTS, schema)
    ]
    failures = sum(int(row["failures"]) for row in await fetch(_CHECKSUM_FAILURES))
    if failures:
        problems.append(f"{failures} pages of this database did not have the checksum they were written with")
    for row in await fetch(_AMCHECK):
        problems += await _damaged_indexes(fetch, schema, str(row["schema"]))
    return problems


async def _damaged_indexes(fetch: Fetch, schema: str, extension_schema: str) -> list[str]:
    quoted = '"' + extension_schema.replace('"', '""') + '"'
    found = []
    for row in await fetch(_INDEXES, schema):
        try:
            await fetch(f"SELECT {quoted}.bt_index_check($1::oid::regclass, true)", int(row["number"]))
        except Refused as error:
            cause = error.__cause__
            if not isinstance(cause, asyncpg.DataCorruptedError | asyncpg.IndexCorruptedError):
                raise
            found.append(f"the index {row['name']} is damaged: {cause}")
    return found
