"""How each server of a run is started."""

from pathlib import Path

from bench.children import ROOT, Server

GRAPHQL = "/graphql"
PROBE = (GRAPHQL, '{"query":"{ gamemode(key: \\"escort\\") { name } }"}')


def upstream(folder: Path, players: int) -> Server:
    """The stand-in for Blizzard's site, with the pages of so many players ready."""
    arguments = ["-m", "bench.upstream", "{port}", str(players)]
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


def _settings(folder: Path, upstream_port: int, storage: str) -> dict[str, str]:
    return {
        "BLIZZARD_URL": f"http://127.0.0.1:{upstream_port}",
        "STORAGE_PATH": str(folder / storage),
        "THROTTLE_START_DELAY": "0",
        "THROTTLE_MIN_DELAY": "0",
        "COLD_READ_DEADLINE": "60",
        "LOG_LEVEL": "ERROR",
    }
