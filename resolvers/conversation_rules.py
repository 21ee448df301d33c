"""What conversations may hold, how long they stay, and what their callers may write."""

from dataclasses import dataclass

from errors import BadUserInput, LimitExceeded

MAX_NAME = 255
MAX_HISTORY = 100


@dataclass(frozen=True, slots=True)
class ConversationRules:
    """The limits of the settings. `ttl_seconds` 0: conversations stay for ever."""

    ttl_seconds: float
    max_messages: int
    max_conversations: int
    max_bytes: int
    max_answer_bytes: int

    def expires_at(self, now: int) -> int | None:
        """When a conversation that is active now is gone; None: never."""
        return now + round(1000 * self.ttl_seconds) if self.ttl_seconds > 0 else None

    def checked_content(self, content: str) -> str:
        """The content of a message. BadUserInput when there is none, LimitExceeded when it is too long."""
        if not content:
            raise BadUserInput("content: a message says something.")
        # Bytes are what is kept, and a character may take four of them.
        if (size := len(content.encode())) > self.max_bytes:
            message = f"content: {size} bytes of UTF-8 given, at most {self.max_bytes} are kept."
            raise LimitExceeded(message, limit=self.max_bytes)
        return content


def checked_name(text: str, argument: str) -> str:
    """A name of the caller's own: for a user, a channel, or a request."""
    if not 1 <= len(text) <= MAX_NAME:
        raise BadUserInput(f"{argument}: {len(text)} characters given, 1 to {MAX_NAME} are allowed.")
    return text


def checked_filter(text: str | None, argument: str) -> str | None:
    """The same where None means any."""
    return None if text is None else checked_name(text, argument)
