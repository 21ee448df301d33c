"""Commands are packed in C, into the very bytes that the driver itself would send."""

import pytest
from redis.asyncio import Connection, Redis

from storage.redis.clients import close_client, make_client

COMMANDS = [
    ("GET", "key"),
    ("MGET", *(f"key {number}" for number in range(200))),
    ("EVALSHA", "0" * 40, 2, "{players}:a", "{players}:b", 0, -1, 2**63 - 1, "", b"", "Ana 🦊 é"),
    ("SET", "key", b"\x00\r\n\xff" * 30_000),
    ("CONFIG GET", "appendonly"),
]


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command[0])
async def test_commands_are_packed_as_the_driver_packs_them(command: tuple[str | bytes | int, ...]) -> None:
    client = make_client("redis://127.0.0.1:1/0", connect_seconds=1, max_connections=1)
    assert isinstance(client, Redis)
    ours = client.connection_pool.make_connection()  # type: ignore[no-untyped-call]
    packed = b"".join(ours.pack_command(*command))
    expected = b"".join(map(bytes, Connection().pack_command(*command)))
    await close_client(client)

    assert packed == expected
    assert type(ours) is not Connection
