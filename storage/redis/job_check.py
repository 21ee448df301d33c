"""Whether the tables of jobs on Redis fit together: every job, and every list that names it."""

from dataclasses import fields

from models.jobs import JobState
from storage.redis.connection import RedisServer
from storage.redis.records import signed
from storage.redis.script import read_script

_PAGE = 1_000
_CHECK = read_script("check_jobs", "parts", "jobs")
_TABLE_SIZES = read_script("table_sizes")

# Tables that together have as many entries as others have together.
_ALIKE = (
    (("records",), ("queued", "running", "succeeded", "failed")),
    (("heads", "follow_ups"), ("queued", "running")),
    (("heads",), ("later", "ready")),
    (("ends",), ("succeeded", "failed")),
    (("past",), ("succeeded", "failed")),
)


async def check_jobs(server: RedisServer) -> list[str]:
    """What is wrong, a line each. Looks at a page at a time, so that others go on."""
    problems: list[str] = []
    tables = server.keys.jobs().all()
    for state in JobState:
        after: str | None = None
        while True:
            values = (state.value, signed(after), _PAGE)
            found, last = await server.run(_CHECK, tables, values, patient=True)
            problems += [line.decode() for line in found]
            if last is None:
                break
            after = last.decode()
    return problems + await _differences(server)


async def _differences(server: RedisServer) -> list[str]:
    keys = server.keys.jobs()
    names = [field.name for field in fields(keys)]
    size = dict(zip(names, map(int, await server.run(_TABLE_SIZES, keys.all())), strict=True))
    return [
        f"jobs: {' and '.join(some)} have {sum(map(size.__getitem__, some))} entries, "
        f"{' and '.join(others)} have {sum(map(size.__getitem__, others))}"
        for some, others in _ALIKE
        if sum(map(size.__getitem__, some)) != sum(map(size.__getitem__, others))
    ]
