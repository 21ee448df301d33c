"""An upstream in which every example finds what it asks for: a player, a hero's page, roles, rates, a search."""

from tests.replay import Replay
from tests.synthetic import Gamemode, View, career_page, search_row
from tests.synthetic_heroes import hero_card, hero_list, hero_page, home_page, usage_answer, usage_row

CAREER = "/en-us/career/TeKrop-2217/"
BLIZZARD_ID = "7e11|9a3c"


def inhabit(replay: Replay) -> None:
    """Give `replay` the pages that the examples lead to."""
    view = View(quickplay=Gamemode(), competitive=Gamemode(), season=21, ranks={"support": ("Gold", 2)})
    page = career_page("TeKrop", pc=view)
    replay.careers |= {"TeKrop-2217": page, BLIZZARD_ID: page}
    replay.search["TeKrop"] = [
        search_row("TeKrop", BLIZZARD_ID, last_updated=1_790_000_000),
        search_row("TeKrop", "5d02|11ee", last_updated=1_780_000_000, is_public=False),
    ]
    replay.pages |= {
        "/en-us/": home_page(),
        "/en-us/heroes/": hero_list(
            hero_card("ana", "Ana", role="support", subrole="tactician"),
            hero_card("mercy", "Mercy", role="support", subrole="medic"),
        ),
        "/en-us/heroes/ana/": hero_page(),
        "/en-us/rates/data/": usage_answer(
            [
                usage_row("ana", 22.5, 50.5, role="SUPPORT"),
                usage_row("mercy", 18, 53.25, role="SUPPORT"),
                usage_row("tracer", 4.5, 48, role="DAMAGE"),
            ],
            rq="1",
        ),
    }
