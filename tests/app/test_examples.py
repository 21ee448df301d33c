"""Each example runs as it is, and does what its heading says."""

from pathlib import Path

import pytest

from tests.app.server import Server
from tests.architecture.sources import ROOT
from tests.replay import Replay
from tests.synthetic import career_page

EXAMPLES = sorted((ROOT / "examples").glob("*.graphql"))


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
async def test_an_example_runs(server: Server, replay: Replay, example: Path) -> None:
    replay.careers["TeKrop-2217"] = career_page(name="TeKrop")

    answer = await server.data(example.read_text(encoding="utf-8"))

    assert all(answer.values())


async def test_the_example_of_many_players_shows_two_outcomes(server: Server, replay: Replay) -> None:
    replay.careers["TeKrop-2217"] = career_page(name="TeKrop")

    answer = await server.data((ROOT / "examples" / "05-players.graphql").read_text(encoding="utf-8"))

    assert [each["__typename"] for each in answer["players"]] == ["Player", "PlayerNotFound"]


def test_readme_names_every_example() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")

    assert [path.name for path in EXAMPLES if path.name not in readme] == []
