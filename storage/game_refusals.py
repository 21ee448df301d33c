"""What every backend says when it refuses a change of a game."""

from errors import LimitExceeded, NotFound, RuleViolation, VersionConflict


def no_game() -> NotFound:
    """There is none of this id."""
    return NotFound("There is no such game.")


def no_roster_entry() -> NotFound:
    """It never was, or was removed."""
    return NotFound("There is no such roster entry.")


def other_version(current: int) -> VersionConflict:
    """Somebody else was quicker."""
    return VersionConflict(f"The game is at version {current} by now.", current_version=current)


def key_taken() -> RuleViolation:
    """The caller has used the client key for another write."""
    return RuleViolation("This client key was used for another input.")


def game_taken() -> RuleViolation:
    """There is a game of this id, and it was created with other input."""
    return RuleViolation("There is another game of this id already.")


def id_taken(what: str) -> RuleViolation:
    """A play, an entry or a roll of this id is kept already."""
    return RuleViolation(f"There is a {what} of this id already.")


def past_the_end(to_play: int, play_count: int) -> RuleViolation:
    """A rollback to a play that does not stand."""
    return RuleViolation(f"toPlay: {to_play} given, 0 to {play_count} can be gone back to.")


def not_of_this_game(team_id: int) -> RuleViolation:
    """A roster entry for a third team."""
    return RuleViolation(f"teamId: team {team_id} does not play in this game.")


def roster_full(limit: int) -> RuleViolation:
    """The rosters of a game have had so many entries."""
    return RuleViolation(f"The rosters of a game take {limit} entries, those removed included.")


def too_many_versions(limit: int) -> LimitExceeded:
    """The log of the game is full."""
    return LimitExceeded(f"A game has at most {limit} versions.", limit=limit)


def too_many_rolls(limit: int) -> LimitExceeded:
    """The game has as many rolls as are kept."""
    return LimitExceeded(f"A game has at most {limit} dice rolls.", limit=limit)
