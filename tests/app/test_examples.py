"""Each example runs as it is, and does what its heading says."""

import pytest

from tests.app.server import Server
from tests.architecture.sources import ROOT
from tests.replay import Replay
from tests.synthetic import career_page

EXAMPLES = {
    path.name: path.read_text(encoding="utf-8") for path in sorted((ROOT / "examples").glob("*.graphql"))
}


@pytest.mark.parametrize("name", EXAMPLES)
async def test_an_example_runs(server: Server, replay: Replay, name: str) -> None:
    replay.careers["TeKrop-2217"] = career_page(name="TeKrop")

    answer = await server.data(EXAMPLES[name])

    assert all(answer.values())


async def test_the_example_of_many_players_shows_two_outcomes(server: Server, replay: Replay) -> None:
    replay.careers["TeKrop-2217"] = career_page(name="TeKrop")

    answer = await server.data(EXAMPLES["05-players.graphql"])

    assert [each["__typename"] for each in answer["players"]] == ["Player", "PlayerNotFound"]


def test_readme_names_every_example() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")

    assert [name for name in EXAMPLES if name not in readme] == []
