"""Errors on their way out: coded when raised on purpose, masked when not."""

from graphql import GraphQLError
from structlog.testing import capture_logs

import errors
from schema.errors import PlayerNotFound, UpstreamUnavailable
from schema.faults import as_members, format_error

NOW = 1_800_000_000_000


def test_where_no_union_stands_the_wait_travels_in_the_extensions() -> None:
    cause = errors.StorageUnavailable("The database is away.", now=NOW, next_check_at=NOW + 30_000)

    entry = format_error(
        GraphQLError("The database is away.", path=["player", "careerStats"], original_error=cause)
    )

    assert entry == {
        "message": "The database is away.",
        "path": ["player", "careerStats"],
        "extensions": {
            "code": "STORAGE_UNAVAILABLE",
            "retryAfter": 30,
            "nextCheckAt": "2027-01-15T08:00:30.000Z",
        },
    }


def test_an_unknown_player_brings_its_count_along() -> None:
    cause = errors.PlayerNotFound("Nobody-1234", check_count=3, now=NOW, next_check_at=NOW + 1)

    entry = format_error(GraphQLError(cause.message, original_error=cause))

    assert entry["extensions"]["checkCount"] == 3
    assert entry["extensions"]["retryAfter"] == 1


def test_what_was_not_raised_on_purpose_is_masked_and_its_reference_is_in_the_log() -> None:
    with capture_logs() as lines:
        entry = format_error(
            GraphQLError("secret /etc/passwd", original_error=ValueError("secret /etc/passwd"))
        )

    [line] = lines
    assert "secret" not in str(entry)
    assert entry["extensions"] == {"code": "INTERNAL_SERVER_ERROR"}
    assert line["reference"] in entry["message"]
    assert str(line["exc_info"]) == "secret /etc/passwd"


def test_an_argument_that_cannot_be_read_is_the_callers() -> None:
    assert format_error(GraphQLError("bad argument"))["extensions"] == {"code": "BAD_USER_INPUT"}


def test_members_keep_their_place_and_errors_become_types() -> None:
    unknown = errors.PlayerNotFound("Nobody-1234", check_count=1, now=NOW, next_check_at=NOW + 600_000)
    limited = errors.UpstreamRateLimited("Wait.", now=NOW, next_check_at=NOW + 5_000)

    first, second, third = as_members(["a player", unknown, limited])

    assert first == "a player"
    assert isinstance(second, PlayerNotFound)
    assert (second.player_id, second.retry_after) == ("Nobody-1234", 600)
    assert isinstance(third, UpstreamUnavailable)
    assert third.code is errors.ErrorCode.UPSTREAM_RATE_LIMITED
