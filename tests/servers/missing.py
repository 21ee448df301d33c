"""What to do where a server that tests need is not there: skip loudly, or fail where none may be skipped."""

import os

import pytest

MISSING = "a server is missing: "


def require(complaint: str | None) -> None:
    """Skip the test, or fail it with REQUIRE_BACKENDS=all, when there is a complaint."""
    if complaint is None:
        return
    if os.environ.get("REQUIRE_BACKENDS") == "all":
        pytest.fail(complaint)
    pytest.skip(MISSING + complaint)


def say_what_was_missing(terminalreporter: pytest.TerminalReporter) -> None:
    """One loud line at the end of the run for each complaint."""
    skipped = [str(report.longrepr) for report in terminalreporter.stats.get("skipped", [])]
    complaints = [text.partition(MISSING)[2].rstrip("')") for text in skipped if MISSING in text]
    for complaint in sorted(set(complaints)):
        count = complaints.count(complaint)
        terminalreporter.write_line(f"{count} tests skipped: {complaint}", red=True, bold=True)
