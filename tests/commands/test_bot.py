"""The example bot against a demo of its own, as somebody who tries it runs both; and what it does in trouble."""

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import httpx2
import pytest

from examples.bot import ATTEMPTS, Bot, Line, Playgraph, Refused, follow
from tests.app.fleet import fleet
from tests.app.server import DEADLINE, Server, served
from tests.app.subscribing import on_a_socket
from tests.app.talking import ADD, DELETE, START, ask, read, said, start
from tests.architecture.sources import ROOT
from tests.commands.test_demo import address, welcome
from tests.commands.test_demo import start as start_demo
from tests.servers.waiting import free_port

HELLO = Line("1", "general", "ada", "Hello!")


def test_the_bot_talks_to_everybody_and_answers_no_line_twice(tmp_path: Path) -> None:
    with start_demo(tmp_path) as demo:
        url = address(welcome(demo))
        done = subprocess.run(
            [sys.executable, "examples/bot.py", url],
            cwd=ROOT,
            env={**os.environ, "PYTHONWARNINGS": "error"},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        demo.kill()

    said = done.stdout.splitlines()
    assert (done.returncode, done.stderr) == (0, "")
    assert [line for line in said if line.startswith("general/ada ")] == [
        "general/ada #1 user: Hello!",
        "general/ada #2 to 1 assistant: You asked 1 of me; of 'Hello!' I know nothing.",
        "general/ada #3 user: Who is the oldest hero?",
        "general/ada #4 to 3 assistant: You asked 2 of me; of 'Who is the oldest hero?' I know nothing.",
    ]
    assert [line for line in said if line.startswith("general/ben ")] == [
        "general/ben #1 user: Who heals best?",
        "general/ben #2 to 1 assistant: You asked 1 of me; of 'Who heals best?' I know nothing.",
    ]
    assert len(said) == 6


class LosingAnswers(httpx2.AsyncBaseTransport):
    """Hands requests on, and loses the answers to all but each `every`th of them."""

    def __init__(self, server: Server, every: int) -> None:
        self._inner = httpx2.ASGITransport(app=server.app)
        self._every = every
        self.requests = 0

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        response = await self._inner.handle_async_request(request)
        self.requests += 1
        if self.requests % self._every:
            raise httpx2.ReadError("the connection broke")
        return response


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    async with served("http://127.0.0.1:9") as server:
        yield server


async def no_wait(_: float) -> None:
    await asyncio.sleep(0)


async def test_answers_that_are_lost_make_no_second_message(server: Server) -> None:
    async with httpx2.AsyncClient(
        transport=LosingAnswers(server, ATTEMPTS), base_url="http://localhost"
    ) as http:
        conversation_id = await Bot(Playgraph(http, no_wait)).hear(HELLO)

    history = (await read(server, conversation_id))["history"]
    assert [(message["sequence"], message["content"]) for message in history] == [
        (1, "Hello!"),
        (2, "You asked 1 of me; of 'Hello!' I know nothing."),
    ]


async def test_a_server_that_never_answers_is_given_up(server: Server) -> None:
    losing = LosingAnswers(server, 1_000)
    async with httpx2.AsyncClient(transport=losing, base_url="http://localhost") as http:
        with pytest.raises(Refused) as refused:
            await Bot(Playgraph(http, no_wait)).hear(HELLO)

    assert str(refused.value) == f"no answer after {ATTEMPTS} attempts: the connection broke"
    assert losing.requests == ATTEMPTS


async def test_a_conversation_that_is_gone_is_begun_anew(server: Server) -> None:
    bot = Bot(Playgraph(server.client, no_wait))
    first = await bot.hear(HELLO)
    await ask(server, DELETE, id=first)

    second = await bot.hear(Line("2", "general", "ada", "Anybody?"))

    assert second != first
    assert [each["sequence"] for each in (await read(server, second))["history"]] == [1, 2]


async def test_a_conversation_that_expires_while_the_model_thinks_is_begun_anew(server: Server) -> None:
    thinking = iter([1800, 0])

    def model(_: object) -> str:
        server.clock.advance(next(thinking))
        return "Hm."

    before = await start(server, "general", userId="ada")
    bot = Bot(Playgraph(server.client, no_wait), model, {("general", "ada"): before})
    after = await bot.hear(HELLO)

    assert await read(server, before) is None
    assert [each["content"] for each in (await read(server, after))["history"]] == ["Hello!", "Hm."]


async def test_who_follows_goes_on_when_the_server_has_started_again(tmp_path: Path) -> None:
    env = {"PORT": str(free_port()), "STORAGE_PATH": str(tmp_path / "kept.db"), "JOB_CONCURRENCY": "0"}
    async with (
        fleet("sqlite", "http://127.0.0.1:9") as processes,
        httpx2.AsyncClient(trust_env=False) as http,
    ):
        before = await processes.serve(**env)
        started = await before.answer(http, START, input={"channelId": "general"})
        written = {"conversationId": started["startConversation"]["conversation"]["id"], "role": "USER"}
        await before.answer(http, ADD, input={**written, "content": "one"})
        following = follow(before.url, "", written["conversationId"], no_wait)
        first = await anext(following)
        waiting = asyncio.ensure_future(anext(following))
        status = await before.end()
        after = await processes.serve(**env)
        await after.answer(http, ADD, input={**written, "content": "two"})
        async with asyncio.timeout(DEADLINE):
            second = await waiting
        await following.aclose()

    assert status == 0
    assert [(each["sequence"], each["content"]) for each in (first, second)] == [(1, "one"), (2, "two")]


async def test_who_follows_ends_when_the_conversation_is_gone(server: Server) -> None:
    conversation_id = await start(server)
    await said(server, conversation_id, "Hello!")
    async with on_a_socket(server) as url:
        following = follow(url, "", conversation_id, no_wait)
        first = await anext(following)
        await ask(server, DELETE, id=conversation_id)
        async with asyncio.timeout(DEADLINE):
            rest = [each async for each in following]

    assert (first["content"], rest) == ("Hello!", [])
