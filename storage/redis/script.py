"""The Lua scripts of this folder. A script is a transaction: nothing else runs on the server meanwhile."""

import hashlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_FOLDER = Path(__file__).with_name("scripts")


@dataclass(frozen=True, slots=True)
class Script:
    """A script's text and the digest by which the server knows it."""

    name: str
    text: str
    digest: str


@cache
def read_script(name: str, *before: str) -> Script:
    """The script of `scripts/<name>.lua`, with the functions of the scripts `before` put in front of it."""
    text = "\n".join((_FOLDER / f"{part}.lua").read_text(encoding="utf-8") for part in (*before, name))
    # The server's own choice of digest, not one for safety.
    return Script(name, text, hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest())
