"""Pictures for everything the simulator shows: a coloured shape with the initials of what it stands for."""

import re
from hashlib import blake2b
from html import escape

_WORDS = re.compile(r"[A-Za-z0-9]+")


def picture(path: str) -> str:
    """The SVG at `path` (".../ana.svg"): always the same for the same path."""
    name = path.rpartition("/")[2].rpartition(".")[0] or path
    digest = blake2b(path.encode(), digest_size=4).digest()
    hue, shape = (digest[0] << 8 | digest[1]) % 360, digest[2] % 3
    initials = "".join(word[0] for word in _WORDS.findall(name)[:2]).upper() or "?"
    fill = f"hsl({hue} 55% 45%)"
    shapes = (
        f'<circle cx="64" cy="64" r="60" fill="{fill}"/>',
        f'<rect x="6" y="6" width="116" height="116" rx="22" fill="{fill}"/>',
        f'<path d="M64 4 124 64 64 124 4 64Z" fill="{fill}"/>',
    )
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 128 128" width="128" height="128" role="img">'
        f"<title>{escape(name)}</title>{shapes[shape]}"
        '<text x="64" y="80" font-family="sans-serif" font-size="44" font-weight="bold" fill="#fff"'
        f' text-anchor="middle">{initials}</text></svg>'
    )
