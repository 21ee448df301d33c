"""What `storage.protocols.Players` promises, sentence by sentence, on every backend."""

import asyncio
from dataclasses import replace

import pytest

from metrics import Metrics
from models.players import Career, KeptPlayer, PlayerSource
from storage import Storage
from tests.storage.made import ID, NOW, OTHER, made_career, made_note, made_player, made_record
from tests.storage.probes import ODD_NAMES, ODD_TEXTS, counted, take_turns


async def test_nothing_is_kept_at_first(storage: Storage) -> None:
    assert await storage.players.get_many([ID, "Ana-1234"]) == {}
    assert await storage.players.get_careers([ID]) == {}
    assert await storage.players.get_sources([ID]) == {}


async def test_no_ids_give_nothing_and_ask_nothing(storage: Storage, metrics: Metrics) -> None:
    before = counted(metrics, "reads", "players")

    assert await storage.players.get_many([]) == {}
    assert await storage.players.get_careers([]) == {}
    assert await storage.players.get_sources([]) == {}
    assert counted(metrics, "reads", "players") == before


async def test_the_first_save_is_version_one(storage: Storage) -> None:
    player = made_player(battletag="Ana-1234")

    record = await storage.players.save(player, ["Ana-1234"])

    assert record == made_record(player, version=1)
    assert await storage.players.get_many([ID]) == {ID: KeptPlayer(record)}
    assert await storage.players.get_careers([ID]) == {ID: player.career}
    assert await storage.players.get_sources([ID]) == {ID: player.source}


async def test_a_player_is_found_under_every_alias(storage: Storage) -> None:
    record = await storage.players.save(made_player(), ["Ana-1234", "ana-1234"])

    kept = await storage.players.get_many(["Ana-1234", "ana-1234", ID, "ANA-1234"])

    assert kept == dict.fromkeys(["Ana-1234", "ana-1234", ID], KeptPlayer(record))


async def test_careers_and_sources_are_found_under_blizzards_id_alone(storage: Storage) -> None:
    await storage.players.save(made_player(), ["Ana-1234"])

    assert await storage.players.get_careers(["Ana-1234"]) == {}
    assert await storage.players.get_sources(["Ana-1234"]) == {}


async def test_equal_facts_keep_the_version_and_move_fetched_at(storage: Storage) -> None:
    await storage.players.save(made_player(), [])
    later = made_player(fetched_at=NOW + 1)

    record = await storage.players.save(later, [])

    assert record == made_record(later, version=1)
    assert await storage.players.get_many([ID]) == {ID: KeptPlayer(record)}


async def test_a_changed_profile_is_the_next_version(storage: Storage) -> None:
    first = made_player()
    await storage.players.save(first, [])
    later = replace(first, profile=replace(first.profile, title="Legend"), fetched_at=NOW + 1)

    record = await storage.players.save(later, [])

    assert record == made_record(later, version=2)


async def test_a_changed_career_is_the_next_version(storage: Storage) -> None:
    first = made_player()
    await storage.players.save(first, [])
    later = replace(first, career=made_career(8), fetched_at=NOW + 1)

    record = await storage.players.save(later, [])

    assert record.version == 2
    assert await storage.players.get_careers([ID]) == {ID: made_career(8)}


async def test_a_new_page_with_equal_facts_replaces_the_page(storage: Storage) -> None:
    await storage.players.save(made_player(), [])
    source = PlayerSource("<main>newer</main>", None)

    record = await storage.players.save(made_player(source=source, fetched_at=NOW + 1), [])

    assert record.version == 1
    assert await storage.players.get_sources([ID]) == {ID: source}


async def test_an_answer_of_the_same_moment_replaces_the_kept_one(storage: Storage) -> None:
    await storage.players.save(made_player(), [])

    record = await storage.players.save(made_player(eliminations=8), [])

    assert record == made_record(made_player(eliminations=8), version=2)


async def test_an_older_answer_changes_nothing_but_the_aliases(storage: Storage) -> None:
    kept = await storage.players.save(made_player(), [])
    older = made_player(
        eliminations=1,
        fetched_at=NOW - 1,
        battletag="Old-1111",
        source=PlayerSource("<main>old</main>", None),
    )

    record = await storage.players.save(older, ["Old-1111"])

    assert record == kept
    assert await storage.players.get_many([ID, "Old-1111"]) == dict.fromkeys(
        [ID, "Old-1111"], KeptPlayer(kept)
    )
    assert await storage.players.get_careers([ID]) == {ID: made_career()}
    assert await storage.players.get_sources([ID]) == {ID: made_player().source}


async def test_a_battletag_once_known_is_not_forgotten(storage: Storage) -> None:
    await storage.players.save(made_player(battletag="Ana-1234"), [])
    later = made_player(fetched_at=NOW + 1)

    record = await storage.players.save(later, [])

    assert record == made_record(later, version=1, battletag="Ana-1234")


async def test_a_battletag_learnt_later_is_kept_and_is_no_new_version(storage: Storage) -> None:
    await storage.players.save(made_player(), [])
    later = made_player(battletag="Ana-1234", fetched_at=NOW + 1)

    record = await storage.players.save(later, ["Ana-1234"])

    assert record == made_record(later, version=1)
    assert await storage.players.get_many(["Ana-1234"]) == {"Ana-1234": KeptPlayer(record)}


async def test_a_new_battletag_replaces_the_known_one(storage: Storage) -> None:
    await storage.players.save(made_player(battletag="Ana-1234"), [])

    record = await storage.players.save(made_player(battletag="Amari-1234", fetched_at=NOW + 1), [])

    assert record.battletag == "Amari-1234"


async def test_an_alias_moves_to_the_player_last_saved_with_it(storage: Storage) -> None:
    first = await storage.players.save(made_player(ID), ["Ana-1234", "Ana-5678"])

    second = await storage.players.save(made_player(OTHER), ["Ana-1234"])

    assert await storage.players.get_many([ID, "Ana-5678", "Ana-1234", OTHER]) == {
        ID: KeptPlayer(first),
        "Ana-5678": KeptPlayer(first),
        "Ana-1234": KeptPlayer(second),
        OTHER: KeptPlayer(second),
    }


async def test_saving_drops_the_notes_about_its_ids_and_no_other(storage: Storage) -> None:
    await storage.players.save_unknown(made_note("Ana-1234"), 0)
    await storage.players.save_unknown(made_note(ID), 0)
    other = await storage.players.save_unknown(made_note("Bob-9999"), 0)

    record = await storage.players.save(made_player(), ["Ana-1234"])

    kept = await storage.players.get_many([ID, "Ana-1234", "Bob-9999"])
    assert kept == {
        ID: KeptPlayer(record),
        "Ana-1234": KeptPlayer(record),
        "Bob-9999": KeptPlayer(unknown=other),
    }


@pytest.mark.parametrize(("checked_at", "is_kept"), [(NOW, False), (NOW + 1, True)])
async def test_a_note_given_after_the_answer_outlives_reading_its_page_again(
    storage: Storage, checked_at: int, is_kept: bool
) -> None:
    await storage.players.save(made_player(), [])
    await storage.players.save_unknown(made_note(ID, checked_at=checked_at), 0)

    await storage.players.save(replace(made_player(), parser_version=5), [ID])

    kept = (await storage.players.get_many([ID]))[ID]
    assert kept.record == replace(made_record(made_player()), parser_version=5)
    assert (kept.unknown is not None) is is_kept


async def test_confirming_moves_fetched_at_and_nothing_else(storage: Storage) -> None:
    player = made_player()
    await storage.players.save(player, [])

    record = await storage.players.confirm(ID, NOW + 1, ["Ana-1234"])

    assert record == replace(made_record(player), fetched_at=NOW + 1)
    assert await storage.players.get_many(["Ana-1234"]) == {"Ana-1234": KeptPlayer(record)}
    assert await storage.players.get_careers([ID]) == {ID: player.career}
    assert await storage.players.get_sources([ID]) == {ID: player.source}


async def test_confirming_never_moves_fetched_at_back(storage: Storage) -> None:
    await storage.players.save(made_player(), [])

    record = await storage.players.confirm(ID, NOW - 1, [])

    assert record == made_record(made_player())


async def test_confirming_drops_the_notes_about_its_ids(storage: Storage) -> None:
    await storage.players.save(made_player(), [])
    await storage.players.save_unknown(made_note(ID), 0)
    await storage.players.save_unknown(made_note("Ana-1234"), 0)

    record = await storage.players.confirm(ID, NOW + 1, ["Ana-1234"])

    assert await storage.players.get_many([ID, "Ana-1234"]) == dict.fromkeys(
        [ID, "Ana-1234"], KeptPlayer(record)
    )


async def test_confirming_a_player_not_kept_writes_nothing(storage: Storage) -> None:
    note = await storage.players.save_unknown(made_note("Ana-1234"), 0)

    assert await storage.players.confirm(ID, NOW, ["Ana-1234"]) is None
    assert await storage.players.get_many([ID, "Ana-1234"]) == {"Ana-1234": KeptPlayer(unknown=note)}


async def test_the_first_note_needs_no_note_before(storage: Storage) -> None:
    note = made_note("Ana-1234", check_count=1)

    assert await storage.players.save_unknown(note, 0) == note
    assert await storage.players.get_many(["Ana-1234"]) == {"Ana-1234": KeptPlayer(unknown=note)}


async def test_a_note_replaces_one_with_the_expected_count(storage: Storage) -> None:
    await storage.players.save_unknown(made_note("Ana-1234", 1), 0)
    second = made_note("Ana-1234", 2, NOW + 600_000)

    assert await storage.players.save_unknown(second, 1) == second
    assert await storage.players.get_many(["Ana-1234"]) == {"Ana-1234": KeptPlayer(unknown=second)}


@pytest.mark.parametrize("expected_count", [0, 1, 3])
async def test_a_note_whose_expected_count_is_not_the_kept_one_is_not_written(
    storage: Storage, expected_count: int
) -> None:
    await storage.players.save_unknown(made_note("Ana-1234", 2), 0)

    kept = await storage.players.save_unknown(made_note("Ana-1234", 9, NOW + 1), expected_count)

    assert kept == made_note("Ana-1234", 2)
    assert await storage.players.get_many(["Ana-1234"]) == {"Ana-1234": KeptPlayer(unknown=kept)}


async def test_a_note_that_expects_one_where_none_is_kept_is_not_written(storage: Storage) -> None:
    kept = await storage.players.save_unknown(made_note("Ana-1234", 2), 1)

    assert (kept.check_count, kept.retry_at) == (0, NOW)
    assert await storage.players.get_many(["Ana-1234"]) == {}


async def test_fifty_callers_count_one_check_once(storage: Storage) -> None:
    await storage.players.save_unknown(made_note("Ana-1234", 1), 0)
    notes = [made_note("Ana-1234", 2, NOW + number) for number in range(50)]

    answers = await asyncio.gather(*(storage.players.save_unknown(note, 1) for note in notes))

    kept = (await storage.players.get_many(["Ana-1234"]))["Ana-1234"].unknown
    assert set(answers) == {kept}
    assert kept in notes


async def test_a_note_leaves_the_kept_profile_as_it_is(storage: Storage) -> None:
    record = await storage.players.save(made_player(), [])
    note = made_note(ID)

    await storage.players.save_unknown(note, 0)

    assert await storage.players.get_many([ID]) == {ID: KeptPlayer(record, note)}
    assert await storage.players.get_careers([ID]) == {ID: made_career()}


@pytest.mark.parametrize("asked", [ID, "Ana-1234", "Ana-5678"])
async def test_a_note_about_one_alias_is_seen_under_all(storage: Storage, asked: str) -> None:
    record = await storage.players.save(made_player(), ["Ana-1234", "Ana-5678"])

    note = await storage.players.save_unknown(made_note("Ana-1234"), 0)

    assert note == made_note(ID)
    assert await storage.players.get_many([asked]) == {asked: KeptPlayer(record, note)}


async def test_aliases_count_the_checks_together(storage: Storage) -> None:
    await storage.players.save(made_player(), ["Ana-1234", "Ana-5678"])
    await storage.players.save_unknown(made_note("Ana-1234", 1), 0)

    kept = await storage.players.save_unknown(made_note("Ana-5678", 1), 0)
    second = await storage.players.save_unknown(made_note("Ana-5678", 2), 1)

    assert (kept.check_count, second.check_count) == (1, 2)


async def test_a_hundred_ids_are_one_read(storage: Storage, metrics: Metrics) -> None:
    record = await storage.players.save(made_player(), ["Ana-1234"])
    note = await storage.players.save_unknown(made_note("Nobody-1111"), 0)
    before = counted(metrics, "reads", "players")
    asked = [
        "Ana-1234",
        ID,
        "Nobody-1111",
        "Ana-1234",
        *(f"Missing-{number}" for number in range(1000, 1096)),
    ]

    kept = await storage.players.get_many(asked)

    assert kept == {
        "Ana-1234": KeptPlayer(record),
        ID: KeptPlayer(record),
        "Nobody-1111": KeptPlayer(unknown=note),
    }
    assert len(asked) == 100
    assert counted(metrics, "reads", "players") == before + 1


async def test_careers_and_sources_of_many_players_are_one_read_each(
    storage: Storage, metrics: Metrics
) -> None:
    await storage.players.save(made_player(ID, eliminations=1), [])
    await storage.players.save(made_player(OTHER, eliminations=2), [])
    before = counted(metrics, "reads", "players")

    careers = await storage.players.get_careers([ID, OTHER, ID, "0|0"])
    sources = await storage.players.get_sources([ID, OTHER, ID, "0|0"])

    assert careers == {ID: made_career(1), OTHER: made_career(2)}
    assert sources == dict.fromkeys([ID, OTHER], made_player().source)
    assert counted(metrics, "reads", "players") == before + 2


async def test_each_write_is_one_transaction(storage: Storage, metrics: Metrics) -> None:
    before = counted(metrics, "writes", "players")

    await storage.players.save(made_player(), ["Ana-1234", "ana-1234"])
    await storage.players.confirm(ID, NOW + 1, ["Ana-5678"])
    await storage.players.save_unknown(made_note("Nobody-1111"), 0)

    assert counted(metrics, "writes", "players") == before + 3


async def test_more_ids_than_one_statement_takes_are_all_answered(storage: Storage) -> None:
    record = await storage.players.save(made_player(), ["Last-1111"])
    asked = [*(f"Missing-{number}" for number in range(40_000)), "Last-1111"]

    assert await storage.players.get_many(asked) == {"Last-1111": KeptPlayer(record)}


@pytest.mark.parametrize("text", ODD_TEXTS, ids=ODD_NAMES)
async def test_text_is_kept_unchanged(storage: Storage, text: str) -> None:
    plain = made_player(source=PlayerSource(text, text))
    player = replace(
        plain,
        profile=replace(plain.profile, username=text, title=text, battletag=text),
        career=made_career(label=text),
    )

    record = await storage.players.save(player, [text])

    assert record == made_record(player)
    assert await storage.players.get_many([text]) == {text: KeptPlayer(record)}
    assert await storage.players.get_careers([ID]) == {ID: player.career}
    assert await storage.players.get_sources([ID]) == {ID: player.source}


async def test_a_player_without_any_statistics_is_kept(storage: Storage) -> None:
    plain = made_player(source=PlayerSource("", None))
    bare = replace(plain.profile, competitive=None, endorsement=None, hero_totals=(), last_updated_at=None)
    player = replace(plain, profile=bare, career=Career())

    record = await storage.players.save(player, [])

    assert record == made_record(player)
    assert await storage.players.get_careers([ID]) == {ID: Career()}
    assert await storage.players.get_sources([ID]) == {ID: PlayerSource("", None)}


async def test_twenty_writers_of_one_player_lose_no_version(storage: Storage) -> None:
    players = [made_player(eliminations=number) for number in range(20)]

    records = await asyncio.gather(
        *(storage.players.save(player, [f"Ana-{number}"]) for number, player in enumerate(players))
    )

    assert sorted(record.version for record in records) == list(range(1, 21))
    last = max(records, key=lambda record: record.version)
    aliases = [f"Ana-{number}" for number in range(20)]
    assert await storage.players.get_many(aliases) == dict.fromkeys(aliases, KeptPlayer(last))
    assert await storage.players.get_careers([ID]) == {ID: made_career(last.hero_totals[0].eliminations)}


@pytest.mark.parametrize("turns", [0, 1, 2, 3, 5, 8, 13, 30, 100, 1000])
async def test_a_cancelled_save_happens_whole_or_not_at_all(storage: Storage, turns: int) -> None:
    saving = asyncio.create_task(storage.players.save(made_player(), ["Ana-1234"]))
    await take_turns(turns)

    saving.cancel()
    await asyncio.wait([saving])

    # Storage takes writes in turn: once this one is answered, the cancelled one is over.
    await storage.players.save_unknown(made_note("Nobody-1111"), 0)
    kept = await storage.players.get_many([ID, "Ana-1234"])
    careers, sources = await storage.players.get_careers([ID]), await storage.players.get_sources([ID])
    assert (len(kept), len(careers), len(sources)) in {(0, 0, 0), (2, 1, 1)}


async def test_a_cancelled_read_harms_no_other(storage: Storage) -> None:
    record = await storage.players.save(made_player(), [])
    reads = [asyncio.create_task(storage.players.get_many([ID])) for _ in range(20)]
    await take_turns(2)

    cancelled = [read.cancel() for read in reads[::2]]
    answers = await asyncio.gather(*reads[1::2])
    # A call is over when its task is: a cancelled one first leaves its connection fit for the next.
    await asyncio.wait(reads)

    assert cancelled == [True] * 10
    assert answers == [{ID: KeptPlayer(record)}] * 10
