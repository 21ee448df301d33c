"""Heroes, roles, maps and gamemodes: filters, keys, relations both ways, and that they are bundled."""

from tests.app.server import Server


async def test_a_hero_with_its_relations(server: Server) -> None:
    answer = await server.data(
        """{ hero(key: "soldier-76") {
          id key name hitpoints { health armor shields total } role { key name } gamemodes { key }
          freshness { state fetchedAt staleAt refreshing }
        } }"""
    )

    assert answer["hero"] == {
        "id": "SGVybzpzb2xkaWVyLTc2",
        "key": "soldier-76",
        "name": "Soldier: 76",
        "hitpoints": {"health": 250, "armor": 0, "shields": 0, "total": 250},
        "role": {"key": "DAMAGE", "name": "Damage"},
        "gamemodes": [{"key": "quickplay"}, {"key": "stadium"}],
        "freshness": {"state": "BUNDLED", "fetchedAt": None, "staleAt": None, "refreshing": False},
    }


async def test_filters_of_heroes_are_met_together(server: Server) -> None:
    answer = await server.data(
        """{
          all: heroes { key }
          medics: heroes(role: SUPPORT, subrole: "medic") { key }
          none: heroes(role: TANK, subrole: "medic") { key }
          some: heroes(role: TANK, keys: ["winston", "ana", "nobody", "dva"]) { key }
          stadium: heroes(gamemode: "stadium") { key }
          nowhere: heroes(gamemode: "escort") { key }
        }"""
    )

    assert len(answer["all"]) == 52
    assert [hero["key"] for hero in answer["all"]] == sorted(hero["key"] for hero in answer["all"])
    assert {"key": "ana"} not in answer["none"]
    assert answer["none"] == []
    assert len(answer["medics"]) > 1
    assert answer["some"] == [{"key": "dva"}, {"key": "winston"}]
    assert len(answer["stadium"]) == 33
    assert answer["nowhere"] == []


async def test_roles_come_with_their_heroes(server: Server) -> None:
    answer = await server.data("{ roles { key name description heroes { role { key } } } }")

    assert [role["key"] for role in answer["roles"]] == ["TANK", "DAMAGE", "SUPPORT"]
    assert sum(len(role["heroes"]) for role in answer["roles"]) == 52
    assert {hero["role"]["key"] for hero in answer["roles"][0]["heroes"]} == {"TANK"}


async def test_maps_and_gamemodes_lead_to_each_other(server: Server) -> None:
    answer = await server.data(
        """{
          map(key: "kings-row") { name location countryCode screenshot gamemodes { key maps { key } } }
          maps { key }
          flashpoint: maps(gamemode: "flashpoint") { key }
          one: maps(gamemode: "flashpoint", keys: ["aatlis", "busan"]) { key }
          gamemodes { key }
          two: gamemodes(keys: ["escort", "quickplay", "push"]) { key }
        }"""
    )

    assert answer["map"]["name"] == "King’s Row"
    assert (answer["map"]["location"], answer["map"]["countryCode"]) == ("London, United Kingdom", "GB")
    assert answer["map"]["screenshot"] is None
    assert {"key": "kings-row"} in answer["map"]["gamemodes"][0]["maps"]
    assert len(answer["maps"]) == 58
    assert [each["key"] for each in answer["flashpoint"]] == ["aatlis", "new-junk-city", "suravasa"]
    assert answer["one"] == [{"key": "aatlis"}]
    assert len(answer["gamemodes"]) == 14
    assert answer["two"] == [{"key": "escort"}, {"key": "push"}]


async def test_quickplay_and_stadium_are_found_by_key_and_have_heroes_but_no_maps(server: Server) -> None:
    answer = await server.data(
        '{ quickplay: gamemode(key: "quickplay") { name description heroes { key } maps { key } }'
        ' stadium: gamemode(key: "stadium") { heroes { key } maps { key } } }'
    )

    assert len(answer["quickplay"]["heroes"]) == 52
    assert answer["quickplay"]["maps"] == []
    assert len(answer["stadium"]["heroes"]) == 33
