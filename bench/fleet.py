"""How each server of a run is started."""

from pathlib import Path
from urllib.parse import parse_qsl, urlencode, urlsplit

from bench.children import ROOT, Program, Server
from storage import StorageOptions

GRAPHQL = "/graphql"
PROBE = (GRAPHQL, '{"query":"{ gamemode(key: \\"escort\\") { name } }"}')


def upstream(folder: Path, players: int) -> Server:
    """The stand-in for Blizzard's site, with the pages of so many players ready."""
    arguments = ["-m", "bench.upstream", "{port}", str(players)]
    return Server(arguments, folder, ("/en-us/heroes/", ""))


def drifted(folder: Path, players: int) -> Server:
    """The stand-in at which players have moved on since they were kept."""
    arguments = ["-m", "bench.drifted", "{port}", str(players)]
    return Server(arguments, folder, ("/en-us/heroes/", ""))


def bare(folder: Path, answers: Path) -> Server:
    """The limit; the files in `answers` are what it answers."""
    (answers / "probe").write_bytes(b"{}")
    return Server(["-m", "bench.bare", "{port}", str(answers)], folder, ("/probe", ""))


def playgraph(folder: Path, upstream_port: int, storage: str) -> Server:
    """Playgraph as anyone starts it, without any pace towards the stand-in; `storage` names its database."""
    arguments = [str(ROOT / "app.py"), "serve", "--host", "127.0.0.1", "--port", "{port}"]
    return Server(arguments, folder, PROBE, _settings(folder, upstream_port, storage))


def stock(folder: Path, upstream_port: int) -> Server:
    """Strawberry's own view over the same code and a database of its own."""
    settings = _settings(folder, upstream_port, "stock.db")
    return Server(["-m", "bench.stock", "{port}"], folder, PROBE, settings)


def worker(folder: Path, upstream_port: int, storage: StorageOptions) -> Program:
    """A worker as anyone starts it on hybrid storage, without any pace towards the stand-in."""
    assert storage.postgres is not None
    assert storage.redis is not None
    settings = {
        "STORAGE_TYPE": "hybrid",
        "DATABASE_URL": _durable(storage.postgres.url),
        "REDIS_URL": storage.redis.url,
        "REDIS_KEY_PREFIX": storage.redis.key_prefix,
        # A machine that is busy for a while must not change how often upstream is asked.
        "UPSTREAM_TIMEOUT": "60",
        "STORAGE_ACQUIRE_TIMEOUT": "60",
        "POSTGRES_STATEMENT_TIMEOUT": "60",
        # The catalog is no part of this: nothing is kept of it that could be refreshed.
        "STALE_CATALOG_INTERVAL": "0",
        "NEW_HEROES_INTERVAL": "0",
    }
    without_pace = _settings(folder, upstream_port, "unused.db")
    return Program("worker", [str(ROOT / "app.py"), "worker"], folder, {**without_pace, **settings})


def _durable(url: str) -> str:
    """The database with commits that wait for the disk, as users' do. Those of tests need not."""
    parts = urlsplit(url)
    asked = [(name, value) for name, value in parse_qsl(parts.query) if name != "synchronous_commit"]
    return parts._replace(query=urlencode(asked)).geturl()


def _settings(folder: Path, upstream_port: int, storage: str) -> dict[str, str]:
    return {
        "BLIZZARD_URL": f"http://127.0.0.1:{upstream_port}",
        "STORAGE_PATH": str(folder / storage),
        "THROTTLE_START_DELAY": "0",
        "THROTTLE_MIN_DELAY": "0",
        "COLD_READ_DEADLINE": "60",
        "LOG_LEVEL": "ERROR",
    }
