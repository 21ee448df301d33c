"""The system's Chromium: where it is, how it is started, and what happens where there is none."""

import os
import shutil
from collections.abc import Callable, Mapping

import pytest

NAMES = ("chromium", "chromium-browser", "google-chrome")
FLAGS = (
    "--no-sandbox",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
MISSING = f"no browser: none of {', '.join(NAMES)} is on PATH, so the pages were not tried in one"


def executable(
    which: Callable[[str], str | None] = shutil.which, environ: Mapping[str, str] = os.environ
) -> str:
    """The browser's path. Without one the test is skipped, or fails where everything has to be there."""
    found = next(filter(None, map(which, NAMES)), None)
    if found is not None:
        return found
    if environ.get("CI") == "true" or environ.get("REQUIRE_BACKENDS") == "all":
        pytest.fail(MISSING)
    pytest.skip(MISSING)
