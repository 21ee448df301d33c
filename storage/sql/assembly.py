"""The repositories of an SQL database, built once for all of them."""

from functools import partial

from metrics import Metrics
from storage.protocols import EventBus, Storage
from storage.sql.archives import check_sql, sql_archives, sql_snapshot
from storage.sql.box_scores import SqlBoxScores
from storage.sql.cache import SqlCache
from storage.sql.catalog import SqlCatalog
from storage.sql.conversations import SqlConversations
from storage.sql.counters import SqlCounters
from storage.sql.database import Database
from storage.sql.ephemeral import ephemeral_statistics, sweep
from storage.sql.game_records import SqlGameRecords
from storage.sql.games import SqlGames
from storage.sql.history import SqlHistory
from storage.sql.job_claims import SqlJobClaims
from storage.sql.jobs import SqlJobs
from storage.sql.leases import SqlLeases
from storage.sql.migrate import read_migrations
from storage.sql.players import SqlPlayers


def sql_storage(backend: str, database: Database, metrics: Metrics, bus: EventBus) -> Storage:
    """The storage on an open database whose tables are current."""
    return Storage(
        backend=backend,
        server_version=database.server_version,
        schema_version=read_migrations()[-1].number,
        players=SqlPlayers(database, metrics),
        history=SqlHistory(database, metrics),
        catalog=SqlCatalog(database, metrics),
        conversations=SqlConversations(database, metrics),
        games=SqlGames(database, metrics),
        game_records=SqlGameRecords(database, metrics),
        box_scores=SqlBoxScores(database, metrics),
        jobs=SqlJobs(database, metrics),
        job_claims=SqlJobClaims(database, metrics),
        cache=SqlCache(database, metrics),
        counters=SqlCounters(database, metrics),
        leases=SqlLeases(database, metrics),
        bus=bus,
        ping=partial(_ping, database),
        archives=sql_archives(database, metrics),
        snapshot=partial(sql_snapshot, database),
        check=partial(check_sql, database),
        trouble=lambda: None,
        sweep=partial(sweep, database),
        ephemeral_statistics=partial(ephemeral_statistics, database),
        connections_in_use=lambda: database.connections_in_use,
    )


async def _ping(database: Database) -> None:
    await database.fetch("SELECT number FROM schema_migrations WHERE number = 1")
