"""Where the saved pages of Blizzard's are: beside the repository, never in it. Tests that read them skip without."""

from pathlib import Path

import pytest

BLIZZARD = Path(__file__).resolve().parents[2] / "shared" / "blizzard"

needs_pages = pytest.mark.skipif(
    not (BLIZZARD / "pages").is_dir(),
    reason="the saved upstream pages (../shared/blizzard) are not here; everything else runs without them",
)


def page(name: str) -> str:
    """The text of a saved page or expected answer, by its path under the folder of pages."""
    return (BLIZZARD / name).read_text(encoding="utf-8")
