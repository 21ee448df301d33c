"""What a process that a test starts is told to open: the path of a file, or the URLs of servers."""

from pathlib import Path

from storage import PostgresOptions, RedisOptions, SqliteOptions, StorageOptions


def options_of(target: str) -> StorageOptions:
    """The options for a file of SQLite or, when the target is a URL, a server of PostgreSQL or Redis. That of Redis
    ends in a hash sign and the key prefix. Both, with a space between them, are hybrid."""
    if " redis" in target:
        both = [options_of(each) for each in target.split()]
        return StorageOptions("hybrid", postgres=both[0].postgres, redis=both[1].redis)
    if target.startswith("postgresql://"):
        return StorageOptions("postgres", postgres=PostgresOptions(target))
    if target.startswith("redis"):
        url, _, key_prefix = target.partition("#")
        return StorageOptions("redis", redis=RedisOptions(url, key_prefix=key_prefix))
    return StorageOptions("sqlite", SqliteOptions(Path(target)))
