"""A server process with the schema of tests/execution, for clients of other people."""

from collections.abc import AsyncIterator

import pytest

from tests.clients.node_clients import MISSING
from tests.execution.processes import Running, running


@pytest.fixture
async def server() -> AsyncIterator[Running]:
    async with running() as server:
        yield server


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    skipped = [
        report for report in terminalreporter.stats.get("skipped", []) if MISSING in str(report.longrepr)
    ]
    if skipped:
        terminalreporter.write_line(f"{len(skipped)} tests skipped: {MISSING}", red=True, bold=True)
