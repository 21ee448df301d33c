"""What every backend says when it refuses a change of a conversation."""

from errors import LimitExceeded, NotFound, RuleViolation


def no_conversation() -> NotFound:
    """It never was, is gone, or is another caller's: no telling which."""
    return NotFound("There is no such conversation.")


def no_parent() -> RuleViolation:
    """What a message answers is not in its conversation."""
    return RuleViolation("The parent is no message of this conversation.")


def message_id_taken() -> RuleViolation:
    """Another conversation has a message of this id."""
    return RuleViolation("There is a message of this id already.")


def too_many_messages(limit: int) -> LimitExceeded:
    """The conversation is full."""
    return LimitExceeded(f"A conversation has at most {limit} messages.", limit=limit)


def too_many_conversations(limit: int) -> LimitExceeded:
    """The caller's quota is used up."""
    return LimitExceeded(f"A caller has at most {limit} conversations at a time.", limit=limit)
