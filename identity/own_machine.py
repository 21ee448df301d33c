"""Whether a request is one of this machine: what `local`, which takes every caller for the owner, asks of each.

A browser sends to 127.0.0.1 whatever a page of anywhere asks for, and a page may have its own name lead to 127.0.0.1,
which makes it one of this server's own to the browser. The names in Host and Origin are what no page can change.
"""

import re
from collections.abc import Mapping

from errors import Forbidden
from identity.addresses import is_loopback

_AUTHORITY = re.compile(r"(?:\[(?P<six>[0-9a-f:.]+)]|(?P<plain>[a-z0-9.-]+))(?::[0-9]{1,5})?")
_PASSED_ON = (b"x-forwarded-for", b"x-forwarded-host", b"x-real-ip")
_OTHER_MODES = "AUTH_MODE=local is for this machine alone; set AUTH_MODE=public or jwt for others"


def check_own_machine(headers: Mapping[bytes, bytes], origins: frozenset[str]) -> None:
    """Raises Forbidden for a request to another name than one of this machine, from a page of another place that is
    not among `origins`, or passed on by a proxy for another machine.

    `headers` have names in lower case. Without an Origin, or with one of no web page (an extension, an app), it is
    somebody whom the owner let in.
    """
    if not _is_own(_text(headers, b"host")):
        raise Forbidden(f"Ask by the name 127.0.0.1 or localhost ({_OTHER_MODES}).")
    origin = _text(headers, b"origin")
    scheme, _, authority = origin.partition("://")
    if origin and origin not in origins and _is_of_the_web(scheme) and not _is_own(authority):
        raise Forbidden("A page of another place may not ask here, unless ALLOWED_ORIGINS names it.")
    if not all(_is_own(each.strip()) for each in _passed_on(headers)):
        raise Forbidden(f"A proxy passed this on for another machine ({_OTHER_MODES}).")


def _is_of_the_web(scheme: str) -> bool:
    # Frames that a page puts into a sandbox say "null".
    return scheme in ("http", "https", "null")


def _is_own(authority: str) -> bool:
    found = _AUTHORITY.fullmatch(authority)
    if found is None:
        # Proxies write an IPv6 address without brackets.
        return is_loopback(authority)
    name = found["six"] or found["plain"]
    return is_loopback(name) or name.endswith(".localhost")


def _passed_on(headers: Mapping[bytes, bytes]) -> list[str]:
    return [each for name in _PASSED_ON if name in headers for each in _text(headers, name).split(",")]


def _text(headers: Mapping[bytes, bytes], name: bytes) -> str:
    return headers.get(name, b"").decode("latin-1").lower()
