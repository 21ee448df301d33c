"""Node's clients, installed once for each lock file into pytest's cache folder; a loud line where there is no Node."""

import asyncio
import hashlib
import json
import os
import shutil
from pathlib import Path
from typing import Any

import pytest

MISSING = "no Node.js with npm was found; the tests with npm's clients need it"
_HERE = Path(__file__).parent
_INSTALLED = ".installed"


def found() -> tuple[str, str]:
    """The programs `node` and `npm`; skips the test where they are missing, and fails it where all must be there."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm:
        return node, npm
    if os.environ.get("REQUIRE_BACKENDS") == "all":
        pytest.fail(MISSING)
    pytest.skip(MISSING)


async def install(cache: pytest.Cache) -> Path:
    """A folder with the clients of the lock file and the scripts that use them."""
    _, npm = found()
    lock = (_HERE / "package-lock.json").read_bytes()
    folder = cache.mkdir(f"npm-clients-{hashlib.sha256(lock).hexdigest()[:12]}")
    for source in (*_HERE.glob("*.mjs"), *_HERE.glob("package*.json"), _HERE / ".npmrc"):
        shutil.copy(source, folder)
    if not (folder / _INSTALLED).exists():
        await _run(npm, "ci", "--ignore-scripts", folder=folder)
        (folder / _INSTALLED).touch()
    return folder


async def play(folder: Path, script: str, url: str) -> Any:
    """What a script printed as JSON."""
    node, _ = found()
    return json.loads(await _run(node, script, url, folder=folder))


async def _run(*command: str, folder: Path) -> bytes:
    process = await asyncio.create_subprocess_exec(
        *command, cwd=folder, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    try:
        async with asyncio.timeout(120):
            said, complained = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    assert process.returncode == 0, complained.decode()
    return said
