"""`python app.py demo`: serves invented heroes and players of a simulated upstream, and keeps nothing afterwards."""

import argparse
import asyncio
import contextlib
from collections.abc import Callable
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from blizzard.simulator import PlayerKind, Players, Simulator
from commands.log_output import configure_logging
from commands.serve import (
    add_address_to,
    check_address,
    end_in_order_when_told,
    given_address,
    serve,
)
from errors import StartRefused
from settings import Settings, load_settings

SEED = 1
MOST_PLAYERS = 10_000_000
_DEFAULT_PLAYERS = 1000

_QUICK: dict[str, object] = {
    # The stand-in needs no pace, and whoever tries it out should see its changes soon.
    "throttle_start_delay": 0,
    "throttle_min_delay": 0,
    "throttle_penalty_delay": 0,
    "throttle_penalty_duration": 5,
    "player_stale_after": 30,
    "player_expired_after": 60,
    "search_stale_after": 30,
    "unknown_player_initial_retry": 10,
    "storage_type": "sqlite",
    "log_level": "WARNING",
}


def add_to(commands: Any) -> None:
    """Make the command known to the command line."""
    parser = commands.add_parser("demo", help="serve invented players, without asking Blizzard anything")
    add_address_to(parser)
    parser.add_argument(
        "--players", default=str(_DEFAULT_PLAYERS), help="how many invented players there are"
    )
    parser.set_defaults(run=_run)


def _run(options: argparse.Namespace) -> None:
    players = _read_count(options.players)
    settings = load_settings(**given_address(options), **_QUICK)
    configure_logging(settings.log_level, settings.log_format)
    check_address(settings.host, settings.port)
    # A stopped demo shall take its folder with it, whoever stops it.
    end_in_order_when_told()
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_demo(settings, players))


def _read_count(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) < 9 and 1 <= int(text) <= MOST_PLAYERS):
        raise StartRefused(f"--players: must be a number from 1 to {MOST_PLAYERS}, not {text}.")
    return int(text)


async def _demo(settings: Settings, players: int) -> None:
    with TemporaryDirectory(prefix="playgraph-demo-") as folder:
        async with Simulator(seed=SEED, players=players) as simulator:
            simulated = settings.model_copy(
                update={"blizzard_url": simulator.url, "storage_path": Path(folder) / "demo.db"}
            )
            await serve(simulated, _welcome(simulator.players))


def _welcome(players: Players) -> Callable[[str], None]:
    return partial(_print_welcome, players)


def _print_welcome(players: Players, address: str) -> None:
    shown = [
        (player.battletag, _MEANINGS[kind])
        for kind in _MEANINGS
        if (player := players.first(kind)).number < players.count
    ]
    width = max(len(tag) for tag, _ in [*shown, ("Nobody-1000", "")])
    lines = [f"  {tag:<{width}}  {meaning}" for tag, meaning in [*shown, *_OTHERS]]
    print(
        f"Playgraph is at {address} and shows invented players; nothing of it is kept.",
        f"Explore it at  {address}/explorer",
        "",
        "Players to try:",
        *lines,
        "",
        "Ctrl-C ends it.",
        sep="\n",
        flush=True,
    )


_MEANINGS = {
    PlayerKind.RANKED: "a public profile, ranked on PC",
    PlayerKind.PRIVATE: "a private profile",
    PlayerKind.CONSOLE: "plays on console only",
    PlayerKind.RESTLESS: "changes every minute",
}
_OTHERS = (
    ("Nobody-1000", "does not exist"),
    ("Error-1000", "upstream fails whenever it is asked about this one"),
)
