"""Which requests `local` takes for the owner's: by the name that was asked, the page that asks, and proxies between."""

import pytest

from errors import Forbidden
from identity.own_machine import check_own_machine

OWN = {b"host": b"127.0.0.1:8000"}
NONE: frozenset[str] = frozenset()


def refusal(headers: dict[bytes, bytes], origins: frozenset[str] = NONE) -> str:
    with pytest.raises(Forbidden) as refused:
        check_own_machine(headers, origins)
    return refused.value.message


@pytest.mark.parametrize(
    "host",
    [
        b"127.0.0.1",
        b"127.0.0.1:8000",
        b"127.1.2.3:1",
        b"localhost:65535",
        b"LocalHost",
        b"[::1]",
        b"[::1]:8000",
        b"playgraph.localhost:8000",
    ],
)
def test_names_of_this_machine_are_its_own(host: bytes) -> None:
    check_own_machine({b"host": host}, NONE)


@pytest.mark.parametrize(
    "host",
    [
        b"evil.example",
        b"evil.example:8000",
        b"127.0.0.1.evil.example",
        b"localhost.evil.example:8000",
        b"evillocalhost",
        b"0.0.0.0:8000",
        b"[::]:8000",
        b"192.168.0.2:8000",
        b"127.0.0.1:8000,evil.example",
        b"evil.example,a.localhost",
        b"evil.example@127.0.0.1",
        b"127.0.0.1@evil.example",
        b"evil.example/.localhost",
        b"127.0.0.1:x",
        b"[127.0.0.1",
        b" 127.0.0.1",
        b"\xff.localhost",
        b"",
    ],
)
def test_any_other_name_is_refused(host: bytes) -> None:
    assert refusal({b"host": host}) == (
        "Ask by the name 127.0.0.1 or localhost (AUTH_MODE=local is for this machine alone; "
        "set AUTH_MODE=public or jwt for others)."
    )


def test_without_a_name_it_is_refused() -> None:
    assert refusal({}).startswith("Ask by the name 127.0.0.1 or localhost ")


@pytest.mark.parametrize(
    "origin",
    [
        b"http://127.0.0.1:8000",
        b"http://localhost:5173",
        b"https://[::1]",
        b"https://tool.example",
        b"chrome-extension://abcdefgh",
        b"file://",
        b"",
    ],
)
def test_pages_of_this_machine_those_that_are_named_and_installed_programs_may_ask(origin: bytes) -> None:
    check_own_machine(OWN | {b"origin": origin}, frozenset({"https://tool.example"}))


@pytest.mark.parametrize(
    "origin",
    [
        b"http://evil.example",
        b"http://evil.example:8000",
        b"https://127.0.0.1.evil.example",
        b"https://tool.example:8443",
        b"http://tool.example",
        b"HTTP://EVIL.EXAMPLE",
        b"null",
        b"http://",
        b"http://localhost,http://evil.example",
    ],
)
def test_any_other_page_is_refused(origin: bytes) -> None:
    message = refusal(OWN | {b"origin": origin}, frozenset({"https://tool.example"}))

    assert message == "A page of another place may not ask here, unless ALLOWED_ORIGINS names it."


@pytest.mark.parametrize(
    ("name", "value"),
    [
        (b"x-forwarded-for", b"127.0.0.1"),
        (b"x-forwarded-for", b"::1, 127.0.0.1"),
        (b"x-forwarded-for", b"[::1]:5000"),
        (b"x-real-ip", b"::1"),
        (b"x-forwarded-host", b"localhost:3000"),
    ],
)
def test_what_a_proxy_passes_on_for_this_machine_is_its_own(name: bytes, value: bytes) -> None:
    check_own_machine(OWN | {name: value}, NONE)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        (b"x-forwarded-for", b"203.0.113.7"),
        (b"x-forwarded-for", b"127.0.0.1, 203.0.113.7"),
        (b"x-forwarded-for", b"203.0.113.7,127.0.0.1"),
        (b"x-forwarded-for", b"unknown"),
        (b"x-real-ip", b"2001:db8::1"),
        (b"x-forwarded-host", b"games.example.org"),
    ],
)
def test_what_a_proxy_passes_on_for_others_is_refused(name: bytes, value: bytes) -> None:
    message = refusal(OWN | {name: value})

    assert message == (
        "A proxy passed this on for another machine (AUTH_MODE=local is for this machine alone; "
        "set AUTH_MODE=public or jwt for others)."
    )
