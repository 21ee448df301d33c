"""Who comes into a game of baseball and who leaves for him: how a lineup changes, and how that is taken back."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace

from errors import RuleViolation
from models.baseball_lineups import Lineup, LineupEntry, LineupEntryDraft, plays_for
from models.baseball_states import GameState, check_open

MAX_ENTRIES_AT_ONCE = 100
MAX_ENTRIES = 1_000
"""Of one game, those who have left included."""
MAX_POSITION = 40
"""Characters; a position is free text, such as `SS` or `left field`."""
LAST_IN_ORDER = 9


def substitute(
    lineup: Lineup,
    state: GameState,
    entries: Sequence[LineupEntryDraft],
    play_number: int,
    *,
    game_id: str,
    sequence: int,
) -> tuple[Lineup, GameState]:
    """The lineup and the state after these came in together, starters as well as substitutes.

    `play_number` is that of the last play that stands, 0 before the first. The new entries are the last of the
    lineup, in their order. Who replaces a runner stands on his base, and is no starter whatever his draft says.

    RuleViolation: the game has ended; no entries, or too many; a team that does not play; an id that the lineup has
    already, be it of one who has left; a batting order that is not 1 to 9 or null; a position without text or with
    too much; one replaced who is no active entry of the same team, or is replaced twice; and afterwards two active
    entries of a team with the same batting order.
    """
    check_open(state)
    _check_amount(lineup, entries)
    for draft in entries:
        _check_entry(lineup, state, draft)
    _check_distinct(lineup, entries)
    leaving = {draft.replaces_id for draft in entries}
    stayed = tuple(replace(each, left_at_play=play_number) if each.id in leaving else each for each in lineup)
    entered = tuple(_entered(draft, game_id, sequence, play_number) for draft in entries)
    _check_slots(stayed + entered)
    return stayed + entered, _on_bases(state, [(each.replaces_id, each.id) for each in entered])


def revert_substitution(
    lineup: Lineup, state: GameState, entry_ids: Collection[str]
) -> tuple[Lineup, GameState]:
    """The lineup and the state as if these entries had never come in: the inverse of `substitute`.

    They are the newest of the lineup, of one substitution or of several on end. Plays made since the oldest of them
    are to be reverted first.
    """
    undone = [each for each in reversed(lineup) if each.id in entry_ids]
    returning = {each.replaces_id for each in undone}
    before = tuple(
        replace(each, left_at_play=None) if each.id in returning else each
        for each in lineup
        if each.id not in entry_ids
    )
    return before, _on_bases(state, [(each.id, each.replaces_id) for each in undone])


def _entered(draft: LineupEntryDraft, game_id: str, sequence: int, play_number: int) -> LineupEntry:
    return LineupEntry(
        id=draft.id,
        game_id=game_id,
        sequence=sequence,
        team_id=draft.team_id,
        card=draft.card,
        position=draft.position,
        batting_order=draft.batting_order,
        is_starter=draft.is_starter and draft.replaces_id is None,
        entered_at_play=play_number,
        replaces_id=draft.replaces_id,
    )


def _on_bases(state: GameState, swaps: Iterable[tuple[str | None, str | None]]) -> GameState:
    bases = state.bases
    for leaves, enters in swaps:
        if leaves is not None and enters is not None:
            bases = bases.swapped(leaves, enters)
    return replace(state, bases=bases)


def _check_amount(lineup: Lineup, entries: Sequence[LineupEntryDraft]) -> None:
    if not 1 <= len(entries) <= MAX_ENTRIES_AT_ONCE:
        raise RuleViolation(f"entries: {len(entries)} given, 1 to {MAX_ENTRIES_AT_ONCE} are allowed.")
    if len(lineup) + len(entries) > MAX_ENTRIES:
        raise RuleViolation(f"entries: a game has {MAX_ENTRIES} at most, and {len(lineup)} are there.")


def _check_entry(lineup: Lineup, state: GameState, draft: LineupEntryDraft) -> None:
    if draft.team_id not in {state.home_team_id, state.away_team_id}:
        raise RuleViolation(f"teamId: team {draft.team_id} does not play in this game.")
    if not draft.position.strip() or len(draft.position) > MAX_POSITION:
        raise RuleViolation(f"position: 1 to {MAX_POSITION} characters are allowed, and not only blanks.")
    if draft.batting_order is not None and not 1 <= draft.batting_order <= LAST_IN_ORDER:
        raise RuleViolation(
            f"battingOrder: {draft.batting_order} given, 1 to {LAST_IN_ORDER} or null are allowed."
        )
    if draft.replaces_id is not None and not plays_for(lineup, draft.replaces_id, draft.team_id):
        raise RuleViolation(f"replacesId: this is no active lineup entry of team {draft.team_id}.")


def _check_distinct(lineup: Lineup, entries: Sequence[LineupEntryDraft]) -> None:
    entering = [draft.id for draft in entries]
    if len({*entering, *(each.id for each in lineup)}) < len(entering) + len(lineup):
        raise RuleViolation("An entry of this id is in the lineup already: who comes back needs a new one.")
    leaving = [draft.replaces_id for draft in entries if draft.replaces_id is not None]
    if len(set(leaving)) < len(leaving):
        raise RuleViolation("replacesId: an entry is replaced once only.")


def _check_slots(lineup: Lineup) -> None:
    taken: set[tuple[int, int]] = set()
    for each in lineup:
        if not each.is_active or each.batting_order is None:
            continue
        if (each.team_id, each.batting_order) in taken:
            raise RuleViolation(
                f"Team {each.team_id} has somebody else in place {each.batting_order} of its order."
            )
        taken.add((each.team_id, each.batting_order))
