"""A process killed while it adds messages loses none that it acknowledged, and leaves no gap."""

import os
import random
from pathlib import Path

import pytest

from metrics import Metrics
from storage import open_storage
from tests.clock import FrozenClock
from tests.storage.children import child
from tests.storage.killing import kill_after
from tests.storage.made_conversations import append, made_id, made_message_draft, messages_in
from tests.storage.own_targets import TARGETS, own_target
from tests.storage.talking_child import CONVERSATIONS, MESSAGES, SPEAKERS, conversation_of
from tests.storage.targets import options_of

ROUNDS = int(os.environ.get("KILL_ROUNDS", "2"))


@pytest.mark.parametrize("seed", range(ROUNDS))
@pytest.mark.parametrize("backend", TARGETS)
async def test_a_kill_loses_no_acknowledged_message_and_leaves_no_gap(
    tmp_path: Path, clock: FrozenClock, metrics: Metrics, backend: str, seed: int
) -> None:
    speakers = {f"speaker{number}" for number in range(SPEAKERS)}
    async with own_target(backend, tmp_path) as target:
        async with child("talking_child", target) as process:
            lines = random.Random(seed).randrange(8, 200)
            acknowledged = await kill_after(process, lines, of=speakers)

        async with open_storage(options_of(target), clock=clock, metrics=metrics) as storage:
            kept = [await messages_in(storage, made_id(number)) for number in range(CONVERSATIONS)]
            later = [
                await append(storage, made_message_draft(number), made_id(number), limit=MESSAGES)
                for number in range(CONVERSATIONS)
            ]
            problems = await storage.check()

    counts = {made_id(number): len(messages) for number, messages in enumerate(kept)}
    assert acknowledged.keys() == speakers
    assert {
        speaker: sequence
        for speaker, sequence in acknowledged.items()
        if sequence > counts[conversation_of(int(speaker.removeprefix("speaker")))]
    } == {}
    assert [[message.sequence for message in messages] for messages in kept] == [
        list(range(1, count + 1)) for count in counts.values()
    ]
    assert [each.message.sequence for each in later] == [count + 1 for count in counts.values()]
    assert list(problems) == []
