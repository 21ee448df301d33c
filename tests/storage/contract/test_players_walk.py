"""Random walks through the repository, compared after each step with a model of plain dictionaries."""

import random
from dataclasses import dataclass, field, replace

import pytest

from models.history import HistoryPage, HistoryRequest, ProfileSnapshot
from models.players import Career, FetchedPlayer, KeptPlayer, PlayerRecord, PlayerSource, UnknownPlayer
from storage import Storage
from tests.storage.made import NOW, made_note, made_player, made_record
from tests.storage.made_history import made_snapshot
from tests.storage.probes import walk_differences

BLIZZARD_IDS = ["a1|1", "b2|2", "c3|3"]
NAMES = ["Ana-1111", "Bob-2222", "Cat-3333", "Dan-4444"]
IDS = [*BLIZZARD_IDS, *NAMES]
STEPS = 150


@dataclass
class Model:
    """What the contract says, in dictionaries."""

    records: dict[str, PlayerRecord] = field(default_factory=dict)
    careers: dict[str, Career] = field(default_factory=dict)
    sources: dict[str, PlayerSource] = field(default_factory=dict)
    owners: dict[str, str] = field(default_factory=dict)
    notes: dict[str, UnknownPlayer] = field(default_factory=dict)
    histories: dict[str, list[ProfileSnapshot]] = field(default_factory=dict)

    def save(self, player: FetchedPlayer, player_ids: list[str]) -> PlayerRecord:
        key = player.profile.blizzard_id
        old = self.records.get(key)
        if old is None or player.fetched_at >= old.fetched_at:
            self.records[key] = self._following(old, player)
            self.careers[key], self.sources[key] = player.career, player.source
            snapshot = made_snapshot(player, self.records[key].version)
            history = self.histories.setdefault(key, [])
            if not history or replace(history[0], version=0, taken_at=0) != replace(
                snapshot, version=0, taken_at=0
            ):
                history.insert(0, snapshot)
        self._remember(key, player.fetched_at, player_ids)
        return self.records[key]

    def confirm(self, key: str, fetched_at: int, player_ids: list[str]) -> PlayerRecord | None:
        if key not in self.records:
            return None
        old = self.records[key]
        self.records[key] = replace(old, fetched_at=max(old.fetched_at, fetched_at))
        self._remember(key, fetched_at, player_ids)
        return self.records[key]

    def save_unknown(self, note: UnknownPlayer, expected_count: int) -> UnknownPlayer:
        key = self.owners.get(note.player_id, note.player_id)
        if (self.notes[key].check_count if key in self.notes else 0) == expected_count:
            self.notes[key] = replace(note, player_id=key)
        nothing = UnknownPlayer(note.player_id, 0, note.checked_at, note.checked_at)
        return self.notes.get(key, nothing)

    def prune_history(self, taken_before: int) -> int:
        before = sum(map(len, self.histories.values()))
        for key, (newest, *others) in self.histories.items():
            self.histories[key] = [newest, *(each for each in others if each.taken_at >= taken_before)]
        return before - sum(map(len, self.histories.values()))

    def page(self, request: HistoryRequest) -> HistoryPage:
        listed = [
            each
            for each in self.histories.get(request.blizzard_id, [])
            if (request.since is None or each.taken_at >= request.since)
            and (request.until is None or each.taken_at < request.until)
        ]
        between = [
            each
            for each in listed
            if (request.newer_than is None or each.version > request.newer_than)
            and (request.older_than is None or each.version < request.older_than)
        ]
        taken = between[::-1][: request.limit][::-1] if request.from_oldest else between[: request.limit]
        ahead = [
            each for each in listed if request.older_than is not None and each.version >= request.older_than
        ]
        start = len(ahead) + (len(between) - len(taken) if request.from_oldest else 0)
        return HistoryPage(tuple(taken), len(listed), start > 0, start + len(taken) < len(listed))

    def get_many(self) -> dict[str, KeptPlayer]:
        leads = {player_id: self.owners.get(player_id, player_id) for player_id in IDS}
        return {
            player_id: KeptPlayer(
                self.records.get(key) if player_id in self.owners else None, self.notes.get(key)
            )
            for player_id, key in leads.items()
            if player_id in self.owners or key in self.notes
        }

    def _following(self, old: PlayerRecord | None, player: FetchedPlayer) -> PlayerRecord:
        if old is None:
            return made_record(player)
        is_equal = old.hero_totals == player.profile.hero_totals
        battletag = player.profile.battletag or old.battletag
        return made_record(player, version=old.version + (not is_equal), battletag=battletag)

    def _remember(self, key: str, fetched_at: int, player_ids: list[str]) -> None:
        for player_id in {key, *player_ids}:
            self.owners[player_id] = key
            if player_id in self.notes and (player_id != key or self.notes[key].checked_at <= fetched_at):
                del self.notes[player_id]


@dataclass
class Walk:
    """One walk; the seed decides every step."""

    storage: Storage
    draw: random.Random
    model: Model = field(default_factory=Model)

    async def differences(self) -> list[str]:
        """Take all steps; what storage answered otherwise than the model."""
        return await walk_differences(STEPS, self._step, self._is_equal)

    async def _step(self) -> tuple[str, object, object]:
        key, at = self.draw.choice(BLIZZARD_IDS), NOW + self.draw.randrange(20)
        aliases = self.draw.sample(NAMES, self.draw.randrange(3))
        match self.draw.choice(["save", "save", "confirm", "prune_history", "save_unknown", "save_unknown"]):
            case "prune_history":
                gone = await self.storage.history.prune(at, 1_000)
                return "prune_history", self.model.prune_history(at), gone
            case "save":
                player = self._player(key, at)
                return (
                    "save",
                    self.model.save(player, aliases),
                    await self.storage.players.save(player, aliases),
                )
            case "confirm":
                actual = await self.storage.players.confirm(key, at, aliases)
                return "confirm", self.model.confirm(key, at, aliases), actual
            case _:
                expected_count = self.draw.randrange(3)
                note = made_note(self.draw.choice(IDS), expected_count + 1, at)
                unknown = await self.storage.players.save_unknown(note, expected_count)
                return "save_unknown", self.model.save_unknown(note, expected_count), unknown

    def _player(self, key: str, at: int) -> FetchedPlayer:
        return made_player(
            key,
            eliminations=self.draw.randrange(3),
            battletag=self.draw.choice([None, *NAMES]),
            fetched_at=at,
            source=PlayerSource(f"page {self.draw.random()}", self.draw.choice([None, "{}"])),
        )

    async def _is_equal(self) -> bool:
        players = self.storage.players
        whole = [HistoryRequest(key, 1_000) for key in BLIZZARD_IDS]
        requests = [*whole, *(self._request(key) for key in BLIZZARD_IDS)]
        return (
            await players.get_many(IDS) == self.model.get_many()
            and await players.get_careers(BLIZZARD_IDS) == self.model.careers
            and await players.get_sources(BLIZZARD_IDS) == self.model.sources
            and await self.storage.history.pages(requests)
            == {each: self.model.page(each) for each in requests}
        )

    def _request(self, key: str) -> HistoryRequest:
        return HistoryRequest(
            key,
            self.draw.randrange(6),
            self.draw.choice([None, NOW + self.draw.randrange(20)]),
            self.draw.choice([None, NOW + self.draw.randrange(20)]),
            self.draw.choice([None, self.draw.randrange(12)]),
            self.draw.choice([None, self.draw.randrange(12)]),
            self.draw.choice([True, False]),
        )


@pytest.mark.parametrize("seed", range(5))
async def test_a_random_walk_agrees_with_plain_dictionaries(storage: Storage, seed: int) -> None:
    walk = Walk(storage, random.Random(seed))

    differences = await walk.differences()

    assert differences == []
    assert walk.model.records.keys() == set(BLIZZARD_IDS)
    assert all(walk.model.histories.values())
