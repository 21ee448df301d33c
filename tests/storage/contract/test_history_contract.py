"""What `storage.protocols.History` promises, and what saving a player adds to it, on every backend."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise

import pytest

from metrics import Metrics
from models.history import HistoryPage, HistoryRequest
from models.players import (
    CompetitiveRanks,
    Endorsement,
    FetchedPlayer,
    HeroTotals,
    PlatformRanks,
    PlayerProfile,
    Privacy,
    Rank,
)
from storage import Storage
from storage.items import SnapshotItem
from tests.storage.made import ID, NOW, OTHER, made_player
from tests.storage.made_history import (
    endorsed,
    history_of,
    made_snapshot,
    made_snapshot_item,
    versions_of,
)
from tests.storage.made_items import items_of, made_player_item
from tests.storage.probes import ODD_NAMES, ODD_TEXTS, counted


async def page_of(storage: Storage, request: HistoryRequest) -> HistoryPage:
    return (await storage.history.pages([request]))[request]


async def keep_changes(storage: Storage, count: int, blizzard_id: str = ID) -> None:
    """So many snapshots: version 1 taken at NOW, each next one ten milliseconds later."""
    for number in range(count):
        await storage.players.save(endorsed(number, 10 * number, blizzard_id), [])


def changed(profile: PlayerProfile, **facts: object) -> FetchedPlayer:
    return replace(made_player(fetched_at=NOW + 9), profile=replace(profile, **facts))  # type: ignore[arg-type]


async def test_a_player_not_kept_has_an_empty_history(storage: Storage) -> None:
    request = HistoryRequest(ID, 20)

    assert await storage.history.pages([request]) == {request: HistoryPage((), 0, False, False)}
    assert await storage.history.pages([]) == {}


async def test_the_first_save_is_the_first_snapshot(storage: Storage) -> None:
    player = made_player()

    await storage.players.save(player, [])

    snapshot = made_snapshot(player, version=1)
    assert await page_of(storage, HistoryRequest(ID, 20)) == HistoryPage((snapshot,), 1)
    assert (snapshot.games_played, snapshot.time_played, snapshot.endorsement) == (20, 3600, 3)
    assert (snapshot.winrate, snapshot.kda, snapshot.taken_at) == (60.0, 3.0, NOW)


def with_totals(profile: PlayerProfile, **figures: int) -> FetchedPlayer:
    (totals,) = profile.hero_totals
    return changed(profile, hero_totals=(replace(totals, **figures),))  # type: ignore[arg-type]


def with_rank(profile: PlayerProfile, **facts: object) -> FetchedPlayer:
    ranks = profile.competitive
    assert ranks is not None
    assert ranks.pc is not None
    assert ranks.pc.tank is not None
    tank = replace(ranks.pc.tank, **facts)  # type: ignore[arg-type]
    return changed(profile, competitive=replace(ranks, pc=replace(ranks.pc, tank=tank)))


FIGURES: dict[str, Callable[[PlayerProfile], FetchedPlayer]] = {
    "games": lambda profile: with_totals(profile, games_played=21),
    "time": lambda profile: with_totals(profile, time_played=3601),
    "win rate": lambda profile: with_totals(profile, games_won=13),
    "kda": lambda profile: with_totals(profile, deaths=4),
    "division": lambda profile: with_rank(profile, division="platinum"),
    "tier": lambda profile: with_rank(profile, tier=None),
    "season": lambda profile: changed(profile, competitive=CompetitiveRanks(PlatformRanks(13), None)),
    "no ranks": lambda profile: changed(profile, competitive=None),
    "endorsement": lambda profile: endorsed(4, 9),
    "nothing played": lambda profile: changed(profile, hero_totals=()),
}


@pytest.mark.parametrize("change", FIGURES.values(), ids=FIGURES)
async def test_other_figures_are_the_next_snapshot(
    storage: Storage, change: Callable[[PlayerProfile], FetchedPlayer]
) -> None:
    first = made_player()
    await storage.players.save(first, [])
    second = change(first.profile)

    record = await storage.players.save(second, [])

    assert record.version == 2
    assert await history_of(storage) == [made_snapshot(second, 2), made_snapshot(first, 1)]


OTHER_FACTS: dict[str, Callable[[PlayerProfile], FetchedPlayer]] = {
    "title": lambda profile: changed(profile, title="Legend"),
    "frame of the same level": lambda profile: changed(
        profile, endorsement=Endorsement(3, "https://moved.svg")
    ),
    "picture of the same rank": lambda profile: with_rank(profile, rank_icon="https://moved.png"),
    "healing": lambda profile: with_totals(profile, healing=6),
}


@pytest.mark.parametrize("change", OTHER_FACTS.values(), ids=OTHER_FACTS)
async def test_other_facts_are_a_version_without_a_snapshot(
    storage: Storage, change: Callable[[PlayerProfile], FetchedPlayer]
) -> None:
    first = made_player()
    await storage.players.save(first, [])

    record = await storage.players.save(change(first.profile), [])

    assert record.version == 2
    assert await history_of(storage) == [made_snapshot(first, 1)]


async def test_what_changes_nothing_adds_nothing(storage: Storage) -> None:
    await storage.players.save(made_player(), [])

    await storage.players.save(made_player(fetched_at=NOW + 1), [])
    await storage.players.confirm(ID, NOW + 2, [])
    await storage.players.save(endorsed(5, 1), [])

    assert await history_of(storage) == [made_snapshot(made_player(), 1)]


async def test_figures_that_come_back_are_a_snapshot_again(storage: Storage) -> None:
    for at, level in enumerate([1, 2, 1]):
        await storage.players.save(endorsed(level, at), [])

    assert [(each.version, each.endorsement) for each in await history_of(storage)] == [
        (3, 1),
        (2, 2),
        (1, 1),
    ]


async def test_a_change_after_versions_without_one_has_the_version_of_the_record(storage: Storage) -> None:
    await storage.players.save(endorsed(1, 0), [])
    await storage.players.save(endorsed(1, 1, title="Second"), [])
    await storage.players.save(endorsed(2, 2, title="Third"), [])

    assert await versions_of(storage) == [3, 1]


async def test_a_profile_made_private_and_public_again_shows_what_was_visible_when(storage: Storage) -> None:
    public = made_player()
    hidden = replace(
        made_player(fetched_at=NOW + 1),
        profile=replace(public.profile, privacy=Privacy.PRIVATE, competitive=None, hero_totals=()),
    )
    again = made_player(fetched_at=NOW + 2)

    for player in (public, hidden, again):
        await storage.players.save(player, [])

    shown, between, first = await history_of(storage)
    assert (shown, first) == (made_snapshot(again, 3), made_snapshot(public, 1))
    assert (between.competitive, between.games_played, between.time_played) == (None, None, None)
    assert (between.winrate, between.kda, between.endorsement) == (None, None, 3)


async def test_a_newer_parser_that_sees_other_figures_adds_a_snapshot_of_the_same_time(
    storage: Storage,
) -> None:
    await storage.players.save(endorsed(1), [])

    await storage.players.save(replace(endorsed(2), parser_version=5), [])

    assert await history_of(storage) == [made_snapshot(endorsed(2), 2), made_snapshot(endorsed(1), 1)]


async def test_twenty_writers_of_one_change_add_one_snapshot(storage: Storage) -> None:
    await storage.players.save(endorsed(1), [])

    records = await asyncio.gather(
        *(storage.players.save(endorsed(2, 5 + number % 3), []) for number in range(20))
    )

    assert {record.version for record in records} <= {1, 2}
    newest, first = await history_of(storage)
    assert (newest.version, newest.endorsement) == (2, 2)
    assert first == made_snapshot(endorsed(1), 1)


async def test_twenty_writers_of_changes_each_leave_no_two_snapshots_alike(storage: Storage) -> None:
    await asyncio.gather(*(storage.players.save(endorsed(number % 4, number), []) for number in range(20)))

    found = await history_of(storage)
    assert found[0].endorsement == 19 % 4
    assert all(one.endorsement != other.endorsement for one, other in pairwise(found))
    assert [each.taken_at for each in found] == sorted((each.taken_at for each in found), reverse=True)
    assert [each.version for each in found] == list(range(len(found), 0, -1))


@pytest.mark.parametrize(
    ("request_", "versions", "has_newer", "has_older"),
    [
        (HistoryRequest(ID, 2), [5, 4], False, True),
        (HistoryRequest(ID, 5), [5, 4, 3, 2, 1], False, False),
        (HistoryRequest(ID, 0), [], False, True),
        (HistoryRequest(ID, 0, older_than=3), [], True, True),
        (HistoryRequest(ID, 2, older_than=4), [3, 2], True, True),
        (HistoryRequest(ID, 9, older_than=3), [2, 1], True, False),
        (HistoryRequest(ID, 9, older_than=1), [], True, False),
        (HistoryRequest(ID, 9, older_than=99), [5, 4, 3, 2, 1], False, False),
        (HistoryRequest(ID, 2, from_oldest=True), [2, 1], True, False),
        (HistoryRequest(ID, 2, newer_than=2, from_oldest=True), [4, 3], True, True),
        (HistoryRequest(ID, 9, newer_than=3), [5, 4], False, True),
        (HistoryRequest(ID, 9, newer_than=5, from_oldest=True), [], False, True),
        (HistoryRequest(ID, 9, newer_than=1, older_than=5), [4, 3, 2], True, True),
        (HistoryRequest(ID, 1, newer_than=1, older_than=5), [4], True, True),
        (HistoryRequest(ID, 9, newer_than=3, older_than=4), [], True, True),
        (HistoryRequest(ID, 9, newer_than=4, older_than=3), [], True, True),
    ],
    ids=str,
)
@pytest.mark.parametrize("bounded", [False, True])
async def test_a_page_is_newest_first_and_knows_what_is_around_it(
    storage: Storage,
    request_: HistoryRequest,
    versions: list[int],
    has_newer: bool,
    has_older: bool,
    bounded: bool,
) -> None:
    await keep_changes(storage, 5)
    await keep_changes(storage, 3, OTHER)
    asked = replace(request_, since=NOW, until=NOW + 1_000) if bounded else request_

    page = await page_of(storage, asked)

    assert [each.version for each in page.snapshots] == versions
    assert (page.total, page.has_newer, page.has_older) == (5, has_newer, has_older)


@pytest.mark.parametrize(
    ("since", "until", "versions"),
    [
        (NOW, None, [5, 4, 3, 2, 1]),
        (NOW + 1, None, [5, 4, 3, 2]),
        (NOW + 10, None, [5, 4, 3, 2]),
        (NOW + 40, None, [5]),
        (NOW + 41, None, []),
        (None, NOW, []),
        (None, NOW + 1, [1]),
        (None, NOW + 40, [4, 3, 2, 1]),
        (None, NOW + 41, [5, 4, 3, 2, 1]),
        (NOW + 10, NOW + 30, [3, 2]),
        (NOW + 10, NOW + 10, []),
        (NOW + 30, NOW + 10, []),
        (-62_135_596_800_000, 253_402_300_799_999, [5, 4, 3, 2, 1]),
    ],
)
async def test_since_is_inclusive_and_until_exclusive(
    storage: Storage, since: int | None, until: int | None, versions: list[int]
) -> None:
    await keep_changes(storage, 5)

    page = await page_of(storage, HistoryRequest(ID, 20, since, until))

    assert [each.version for each in page.snapshots] == versions
    assert (page.total, page.has_newer, page.has_older) == (len(versions), False, False)


async def test_cursors_go_on_within_a_list_that_time_bounds(storage: Storage) -> None:
    await keep_changes(storage, 9)
    request = HistoryRequest(ID, 2, NOW + 10, NOW + 70)

    first = await page_of(storage, request)
    second = await page_of(storage, replace(request, older_than=first.snapshots[-1].version))
    last = await page_of(storage, replace(request, from_oldest=True))

    assert [[each.version for each in page.snapshots] for page in (first, second, last)] == [
        [7, 6],
        [5, 4],
        [3, 2],
    ]
    assert [(page.total, page.has_newer, page.has_older) for page in (first, second, last)] == [
        (6, False, True),
        (6, True, True),
        (6, True, False),
    ]


async def test_pages_of_a_hundred_players_are_one_read(storage: Storage, metrics: Metrics) -> None:
    players = [f"{number:x}|{number}" for number in range(100)]
    for number, blizzard_id in enumerate(players):
        await keep_changes(storage, 1 + number % 3, blizzard_id)
    asked = [HistoryRequest(blizzard_id, 2) for blizzard_id in [*players, "nobody|1"]]
    before = counted(metrics, "reads", "history")

    pages = await storage.history.pages([*asked, *asked])

    assert counted(metrics, "reads", "history") == before + 1
    assert list(pages) == asked
    assert [page.total for page in pages.values()] == [1 + number % 3 for number in range(100)] + [0]
    assert [[each.version for each in page.snapshots] for page in pages.values()][:4] == [
        [1],
        [2, 1],
        [3, 2],
        [1],
    ]


async def test_more_requests_than_one_statement_takes_are_all_answered(storage: Storage) -> None:
    await keep_changes(storage, 2)
    asked = [
        HistoryRequest(ID, 1),
        *(HistoryRequest(f"no|{number}", 1) for number in range(2_500)),
        HistoryRequest(ID, 2),
    ]

    pages = await storage.history.pages(asked)

    assert list(pages) == asked
    assert sum(page.total for page in pages.values()) == 4


async def test_one_player_can_be_asked_for_in_many_ways_at_once(storage: Storage) -> None:
    await keep_changes(storage, 4)
    asked = [
        HistoryRequest(ID, 1),
        HistoryRequest(ID, 1, from_oldest=True),
        HistoryRequest(ID, 9, until=NOW + 20),
        HistoryRequest(ID, 1, older_than=4),
    ]

    pages = await storage.history.pages(asked)

    assert [[each.version for each in pages[request].snapshots] for request in asked] == [
        [4],
        [1],
        [2, 1],
        [3],
    ]


async def test_ten_versions_are_in_the_order_of_numbers(storage: Storage) -> None:
    await keep_changes(storage, 12)

    assert await versions_of(storage) == list(range(12, 0, -1))


async def test_pruning_takes_the_oldest_and_leaves_the_newest_of_each_player(storage: Storage) -> None:
    await keep_changes(storage, 4)
    await keep_changes(storage, 2, OTHER)
    await keep_changes(storage, 1, "z|z")

    gone = [await storage.history.prune(NOW + 1_000, limit) for limit in (1, 2, 10, 10)]

    assert gone == [1, 2, 1, 0]
    assert await versions_of(storage) == [4]
    assert await versions_of(storage, OTHER) == [2]
    assert await versions_of(storage, "z|z") == [1]


async def test_pruning_leaves_what_was_taken_at_that_time_or_later(storage: Storage) -> None:
    await keep_changes(storage, 4)

    gone = await storage.history.prune(NOW + 20, 10)

    assert gone == 2
    assert await versions_of(storage) == [4, 3]
    assert await storage.history.prune(NOW + 20, 10) == 0


async def test_history_goes_on_after_pruning(storage: Storage) -> None:
    await keep_changes(storage, 3)
    await storage.history.prune(NOW + 1_000, 10)

    await storage.players.save(endorsed(2, 500, title="Same figures"), [])
    await storage.players.save(endorsed(9, 600), [])
    pruned = await storage.history.prune(NOW + 1_000, 10)

    assert pruned == 1
    assert await versions_of(storage) == [5]


async def test_many_pruners_count_each_snapshot_once(storage: Storage) -> None:
    await keep_changes(storage, 13)

    gone = await asyncio.gather(*(storage.history.prune(NOW + 1_000, 5) for _ in range(10)))

    assert sum(gone) == 12
    assert await versions_of(storage) == [13]


async def test_a_pruned_player_has_no_history_and_begins_anew(storage: Storage) -> None:
    await keep_changes(storage, 3)
    await keep_changes(storage, 2, OTHER)
    await storage.players.confirm(OTHER, NOW + 5_000, [])

    assert await storage.players.prune(NOW + 1_000, 10) == 1
    emptied = await history_of(storage)
    await storage.players.save(endorsed(7, 6_000), [])

    assert emptied == []
    assert await history_of(storage) == [made_snapshot(endorsed(7, 6_000), 1)]
    assert await versions_of(storage, OTHER) == [2, 1]


async def test_a_player_put_in_the_place_of_a_kept_one_keeps_the_history(storage: Storage) -> None:
    await keep_changes(storage, 3)

    await storage.archives["players"].put_many([made_player_item(ID)])

    assert await versions_of(storage) == [3, 2, 1]


async def test_a_cleared_player_leaves_no_history(storage: Storage) -> None:
    await keep_changes(storage, 3)

    await storage.archives["players"].clear(1)

    assert await history_of(storage) == []
    assert await storage.archives["player_history"].count() == 0


async def test_a_saved_snapshot_comes_out_whole(storage: Storage) -> None:
    await storage.players.save(endorsed(3), [])
    await storage.players.save(endorsed(4, 10), [])

    items = await items_of(storage.archives["player_history"])

    expected = [made_snapshot_item(ID, 1), made_snapshot_item(ID, 2, at=10, level=4)]
    assert items == {item.key: item for item in expected}


async def test_a_put_snapshot_is_found_as_a_saved_one(storage: Storage) -> None:
    await storage.archives["players"].put_many([made_player_item(ID)])

    await storage.archives["player_history"].put_many(
        [
            made_snapshot_item(ID, 2, at=10, level=4),
            made_snapshot_item(ID, 1),
            made_snapshot_item(ID, 3, at=20),
        ]
    )

    assert await history_of(storage) == [
        made_snapshot(endorsed(3, 20), 3),
        made_snapshot(endorsed(4, 10), 2),
        made_snapshot(endorsed(3), 1),
    ]
    assert await storage.history.prune(NOW + 1_000, 10) == 2


async def test_a_put_snapshot_takes_the_place_of_that_of_its_version(storage: Storage) -> None:
    await keep_changes(storage, 2)
    item = made_snapshot_item(ID, 2, at=700, level=5)

    await storage.archives["player_history"].put_many([item])

    assert await storage.archives["player_history"].get_many([item.key]) == {item.key: item}
    assert await history_of(storage) == [made_snapshot(endorsed(5, 700), 2), made_snapshot(endorsed(0), 1)]


async def test_a_snapshot_of_a_player_not_kept_is_left_out(storage: Storage) -> None:
    await storage.archives["players"].put_many([made_player_item(ID)])

    await storage.archives["player_history"].put_many([made_snapshot_item(OTHER), made_snapshot_item(ID)])

    assert list(await items_of(storage.archives["player_history"])) == [f"{ID}/1"]
    assert await history_of(storage, OTHER) == []


async def test_a_change_after_an_older_record_was_put_ends_the_past_it_had_not(storage: Storage) -> None:
    # What a copy with --merge leaves: snapshots of versions that the record has not reached.
    await keep_changes(storage, 4)
    await storage.archives["players"].put_many([made_player_item(ID, fetched_at=NOW, version=1)])

    for turn in range(3):
        await storage.players.save(endorsed(7, 100 + turn), [])

    found = await history_of(storage)
    assert [(each.version, each.endorsement) for each in found] == [(2, 7), (1, 0)]


async def test_a_snapshot_whose_bytes_are_damaged_is_missing_and_counted(storage: Storage) -> None:
    await keep_changes(storage, 3)
    archive = storage.archives["player_history"]
    (kept,) = (await archive.get_many([f"{ID}/2"])).values()
    assert isinstance(kept, SnapshotItem)
    for damaged in (
        replace(kept, figures=b"?\0?"),
        replace(kept, figures=b""),
        replace(kept, figures=kept.figures[:-4]),
        replace(kept, data_version=99),
    ):
        await archive.put_many([damaged])

        page = await page_of(storage, HistoryRequest(ID, 20))

        assert [each.version for each in page.snapshots] == [3, 1]
        assert (page.total, page.has_newer, page.has_older) == (3, False, False)
        assert await archive.get_many([damaged.key]) == {damaged.key: damaged}


async def test_a_damaged_latest_snapshot_does_not_stop_the_next_one(storage: Storage) -> None:
    await keep_changes(storage, 1)
    (kept,) = (await items_of(storage.archives["player_history"])).values()
    assert isinstance(kept, SnapshotItem)
    await storage.archives["player_history"].put_many([replace(kept, figures=b"?", figures_hash="?")])

    await storage.players.save(endorsed(5, 10), [])

    assert await history_of(storage) == [made_snapshot(endorsed(5, 10), 2)]


@pytest.mark.parametrize("text", ODD_TEXTS, ids=ODD_NAMES)
async def test_odd_text_is_kept_as_it_is(storage: Storage, text: str) -> None:
    # An index entry has its limits: no id of ours is near them.
    blizzard_id = text[:500]
    ranks = CompetitiveRanks(PlatformRanks(1, open=Rank(text, 1, text, None, None)), None)
    player = made_player(blizzard_id)
    player = replace(player, profile=replace(player.profile, competitive=ranks))
    neighbours = [f"{blizzard_id}/", f"{blizzard_id}0", f"{blizzard_id}/1"]
    for neighbour in neighbours:
        await storage.players.save(made_player(neighbour), [])

    await storage.players.save(player, [])

    assert await history_of(storage, blizzard_id) == [made_snapshot(player, 1)]
    assert [await versions_of(storage, each) for each in neighbours] == [[1], [1], [1]]
    assert f"{blizzard_id}/1" in await items_of(storage.archives["player_history"], limit=1)


async def test_sums_at_the_limit_of_numbers_are_kept(storage: Storage) -> None:
    (totals,) = made_player().profile.hero_totals
    great: HeroTotals = replace(totals, games_played=2**40, time_played=2**40)
    player = changed(made_player().profile, hero_totals=(great, great))

    await storage.players.save(player, [])

    (snapshot,) = await history_of(storage)
    assert (snapshot.games_played, snapshot.time_played) == (2**31 - 1, 2**31 - 1)


async def test_statistics_follow_every_change(storage: Storage) -> None:
    archive = storage.archives["player_history"]
    await keep_changes(storage, 3)
    await keep_changes(storage, 2, OTHER)
    await archive.put_many([made_snapshot_item(ID, 2, level=5), made_snapshot_item(ID, 9)])
    await storage.history.prune(NOW + 5, 1)
    await archive.clear(1)

    found = await archive.statistics(NOW)

    items = [item for item in (await items_of(archive)).values() if isinstance(item, SnapshotItem)]
    assert (found.count, found.size, found.ages) == (4, sum(len(item.figures) for item in items), None)
    assert len(items) == 4


async def test_reading_and_pruning_are_a_read_and_a_write(storage: Storage, metrics: Metrics) -> None:
    await keep_changes(storage, 2)
    writes = counted(metrics, "writes", "players")
    history = counted(metrics, "reads", "history"), counted(metrics, "writes", "history")

    await storage.players.save(endorsed(9, 90), [])
    await storage.history.pages([HistoryRequest(ID, 2)])
    await storage.history.prune(NOW, 10)

    assert counted(metrics, "writes", "players") == writes + 1
    assert (counted(metrics, "reads", "history"), counted(metrics, "writes", "history")) == (
        history[0] + 1,
        history[1] + 1,
    )
