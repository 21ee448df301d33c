"""Adds messages without end to conversations of the given file or server, and prints what was acknowledged.

Run as `python -m tests.storage.talking_child TARGET`. A line is `message SPEAKER SEQUENCE`.
"""

import asyncio
import itertools
import sys

import structlog

from clock import SystemClock
from metrics import Metrics
from storage import Storage, open_storage
from tests.storage.made_conversations import (
    append,
    made_conversation_draft,
    made_id,
    made_message_draft,
    start,
)
from tests.storage.targets import options_of

CONVERSATIONS = 2
SPEAKERS = 4
MESSAGES = 1_000_000


def conversation_of(speaker: int) -> str:
    """The conversation that a speaker talks in, as others do."""
    return made_id(speaker % CONVERSATIONS)


async def speak(storage: Storage, speaker: int) -> None:
    parent_id: str | None = None
    for number in itertools.count(1):
        own_id = (speaker + 1) * MESSAGES + number
        draft = made_message_draft(own_id, "🦊" * number, parent_id=parent_id, client_key=str(own_id))
        appended = await append(storage, draft, conversation_of(speaker), limit=MESSAGES)
        print("message", f"speaker{speaker}", appended.message.sequence, flush=True)
        parent_id = draft.id


async def talk(target: str) -> None:
    async with open_storage(options_of(target), clock=SystemClock(), metrics=Metrics()) as storage:
        for number in range(CONVERSATIONS):
            await start(storage, made_conversation_draft(made_id(number)))
        async with asyncio.TaskGroup() as group:
            for speaker in range(SPEAKERS):
                group.create_task(speak(storage, speaker))


if __name__ == "__main__":
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))  # stdout is for the answers
    asyncio.run(talk(sys.argv[1]))
