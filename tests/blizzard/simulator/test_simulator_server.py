"""The simulator over a real socket: redirects, refusals above the pace, and everything that goes wrong on purpose."""

import asyncio
from collections.abc import AsyncIterator
from time import perf_counter

import httpx2
import pytest

from blizzard.parsers.hero_lists import read_hero_list
from blizzard.parsers.players import read_career_page
from blizzard.simulator import RESERVED_NAMES, Fault, Faults, PlayerKind, Simulator
from tests.blizzard.simulator.facts import career_facts
from tests.clock import FrozenClock

SEARCH = "/en-us/search/account-by-name/otter/"
HEROES = "/en-us/heroes/"


@pytest.fixture
def clock() -> FrozenClock:
    return FrozenClock()


@pytest.fixture
async def simulator(clock: FrozenClock) -> AsyncIterator[Simulator]:
    async with Simulator(seed=7, players=100, clock=clock) as opened:
        yield opened


@pytest.fixture
async def client() -> AsyncIterator[httpx2.AsyncClient]:
    async with httpx2.AsyncClient(trust_env=False, follow_redirects=True) as opened:
        yield opened


async def statuses(client: httpx2.AsyncClient, *urls: str) -> list[int]:
    return [(await client.get(url)).status_code for url in urls]


async def test_it_starts_and_ends_in_well_under_half_a_second() -> None:
    started = perf_counter()

    async with Simulator(players=1_000_000):
        seconds = perf_counter() - started

    assert seconds < 0.5


async def test_a_battletag_leads_to_the_page_of_its_player(
    simulator: Simulator, client: httpx2.AsyncClient
) -> None:
    player = simulator.players.first(PlayerKind.RANKED)

    answer = await client.get(f"{simulator.url}/en-us/career/Otter-1042/")

    assert [each.status_code for each in answer.history] == [302]
    assert str(answer.url) == f"{simulator.url}/en-us/career/{player.blizzard_id.replace('|', '%7C')}/"
    assert read_career_page(answer.text) == career_facts(7, player, 0, f"{simulator.url}/images")
    assert simulator.requests == 2


async def test_pictures_are_at_their_addresses_and_are_not_counted(
    simulator: Simulator, client: httpx2.AsyncClient
) -> None:
    cards = read_hero_list((await client.get(simulator.url + HEROES)).text)

    picture = await client.get(cards[0].portrait or "")

    assert (picture.status_code, picture.headers["content-type"]) == (200, "image/svg+xml")
    assert picture.text.startswith("<svg")
    assert simulator.requests == 1


async def test_what_is_not_there_has_status_404(simulator: Simulator, client: httpx2.AsyncClient) -> None:
    answer = await client.get(f"{simulator.url}/en-us/career/Nobody-1/")

    assert answer.status_code == 404
    assert read_career_page(answer.text) is None


async def test_a_profile_changes_with_the_clock(
    simulator: Simulator, client: httpx2.AsyncClient, clock: FrozenClock
) -> None:
    path = f"{simulator.url}/en-us/career/Lynx-1042/"
    texts = [(await client.get(path)).text]

    clock.advance(59.999)
    texts.append((await client.get(path)).text)
    clock.advance(0.001)
    texts.append((await client.get(path)).text)

    assert texts[0] == texts[1] != texts[2]


async def test_two_simulators_of_one_seed_and_time_send_the_same_bytes(client: httpx2.AsyncClient) -> None:
    async with (
        Simulator(seed=7, clock=FrozenClock()) as first,
        Simulator(seed=7, clock=FrozenClock()) as second,
    ):
        pages = [
            (await client.get(f"{each.url}/en-us/career/Otter-1042/")).content.replace(each.url.encode(), b"")
            for each in (first, second)
        ]

    assert pages[0] == pages[1]


async def test_requests_above_the_pace_are_refused_until_the_window_has_passed(
    client: httpx2.AsyncClient, clock: FrozenClock
) -> None:
    faults = Faults(pace=3, pace_seconds=2.0, retry_after=9)
    async with Simulator(faults=faults, clock=clock) as simulator:
        first = await statuses(client, *[simulator.url + SEARCH] * 4)
        refused = await client.get(simulator.url + SEARCH)
        picture = await client.get(f"{simulator.url}/images/heroes/ana.svg")
        clock.advance(1.999)
        still = await statuses(client, simulator.url + SEARCH)
        clock.advance(0.001)
        then = await statuses(client, simulator.url + SEARCH)

    assert first == [200, 200, 200, 403]
    assert refused.headers["retry-after"] == "9"
    assert picture.status_code == 200
    assert (still, then) == ([403], [200])


async def test_a_slow_answer_is_slow_by_the_clock(client: httpx2.AsyncClient, clock: FrozenClock) -> None:
    faults = Faults(shares={Fault.SLOW: 1.0}, slow_seconds=4.5)
    async with Simulator(faults=faults, clock=clock) as simulator:
        answer = await client.get(simulator.url + SEARCH)

    assert answer.status_code == 200
    assert clock.slept == [4.5]


@pytest.mark.parametrize(("fault", "status"), [(Fault.ERROR, 500), (Fault.REFUSED, 403)])
async def test_a_status_can_be_had_for_every_request(
    client: httpx2.AsyncClient, fault: Fault, status: int
) -> None:
    async with Simulator(faults=Faults(shares={fault: 1.0})) as simulator:
        assert await statuses(client, simulator.url + SEARCH, simulator.url + HEROES) == [status, status]


@pytest.mark.parametrize("fault", [Fault.DROPPED, Fault.CUT])
async def test_a_connection_can_break(client: httpx2.AsyncClient, fault: Fault) -> None:
    async with Simulator(faults=Faults(shares={fault: 1.0})) as simulator:
        with pytest.raises(httpx2.RemoteProtocolError):
            await client.get(simulator.url + HEROES)


@pytest.mark.parametrize(
    "fault", [Fault.TRUNCATED, Fault.OVERSIZED, Fault.MISSING, Fault.REORDERED, Fault.MISTYPED]
)
async def test_a_reserved_name_has_its_fault_on_its_career_page_alone(
    simulator: Simulator, client: httpx2.AsyncClient, fault: Fault
) -> None:
    name = fault.name.capitalize()
    player = simulator.players.by_battletag(f"{name}-1000")
    assert player is not None

    found = await client.get(f"{simulator.url}/en-us/search/account-by-name/{name}/")
    damaged = await client.get(f"{simulator.url}/en-us/career/{name}-1000/")

    assert [row["name"] for row in found.json()] == [name]
    assert damaged.status_code == 200
    assert damaged.text != simulator.site.career_text(player, simulator.moment())


@pytest.mark.parametrize(("name", "status"), [("Error", 500), ("Refused", 403), ("Slow", 200)])
async def test_a_reserved_name_has_its_status(
    simulator: Simulator, client: httpx2.AsyncClient, name: str, status: int
) -> None:
    assert await statuses(client, f"{simulator.url}/en-us/career/{name}-1000/") == [status]


def test_every_fault_has_a_name() -> None:
    assert set(RESERVED_NAMES.values()) == set(Fault)


@pytest.mark.parametrize(
    "sent",
    [
        b"POST /en-us/ HTTP/1.1\r\n\r\n",
        b"nonsense\r\n\r\n",
        b"GET http://other.example/ HTTP/1.1\r\n\r\n",
        b"GET /" + b"x" * 100_000 + b" HTTP/1.1\r\n\r\n",
    ],
)
async def test_what_is_no_request_for_a_page_is_refused_and_the_connection_closed(
    simulator: Simulator, sent: bytes
) -> None:
    host, port = simulator.url.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(sent)

    answer = await reader.read()
    writer.close()
    await writer.wait_closed()

    assert answer.startswith(b"HTTP/1.1 400 ")
    assert simulator.requests == 0


async def test_it_closes_while_somebody_is_connected() -> None:
    async with Simulator() as simulator:
        host, port = simulator.url.removeprefix("http://").split(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        writer.write(b"GET /en-us/ HTTP/1.1\r\n\r\n")
        await reader.readuntil(b"\r\n\r\n")

    await reader.read()
    assert reader.at_eof()
    writer.close()
    await writer.wait_closed()
