"""A chatbot whose memory is Playgraph. Start `make demo`, then run this beside it:

    .venv/bin/python examples/bot.py http://127.0.0.1:8000

The channel and the model are stand-ins; put Discord in the place of the one and a chat-completion call in that of the
other. A token, where the server wants one, is read from PLAYGRAPH_TOKEN.
"""

import asyncio
import json
import os
import sys
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx2
from websockets.asyncio.client import connect
from websockets.exceptions import WebSocketException
from websockets.typing import Subprotocol

START = """
  mutation Start($input: StartConversationInput!) { startConversation(input: $input) {
    __typename
    ... on StartConversationPayload { resumed conversation { id } }
    ... on Error { code message }
    ... on RetryableError { retryAfter }
  } }
"""
ADD = """
  mutation Add($input: AddMessageInput!) { addMessage(input: $input) {
    __typename
    ... on AddMessagePayload {
      added: message { id sequence content }
      conversation { history(last: 10) { role: chatRole content } }
    }
    ... on Error { code message }
    ... on RetryableError { retryAfter }
  } }
"""
FOLLOW = """
  subscription Follow($id: ID!, $after: Int!) { messageAdded(conversationId: $id, after: $after) {
    sequence chatRole content parent { sequence }
  } }
"""
ATTEMPTS = 5


@dataclass(frozen=True)
class Line:
    """What somebody wrote. `id` is the channel's own: the same line, told twice, has it twice."""

    id: str
    channel: str
    user: str
    text: str


LINES = (
    Line("1", "general", "ada", "Hello!"),
    Line("2", "general", "ben", "Who heals best?"),
    Line("3", "general", "ada", "Who is the oldest hero?"),
    # Channels tell a line again after they were cut off. It is not answered twice.
    Line("3", "general", "ada", "Who is the oldest hero?"),
)


async def fake_channel(lines: Sequence[Line]) -> AsyncIterator[Line]:
    """The lines as people would write them."""
    for line in lines:
        yield line
        await asyncio.sleep(0)


def fake_model(history: Sequence[Mapping[str, str]]) -> str:
    """The answer to the last message of a history that a chat-completion model would take as it is."""
    asked = [message["content"] for message in history if message["role"] == "user"]
    return f"You asked {len(asked)} of me; of {asked[-1]!r} I know nothing."


class Refused(Exception):
    """The server said no, and saying the same again does not help."""


class Gone(Refused):
    """The conversation has expired, or was deleted."""


class Playgraph:
    """Asks a server, and asks again when it does not answer. Every write has a client key, so that is safe."""

    def __init__(self, http: httpx2.AsyncClient, sleep: Callable[[float], Awaitable[None]]) -> None:
        self._http = http
        self._sleep = sleep

    async def ask(self, query: str, asked: Mapping[str, object]) -> dict[str, Any]:
        """What the one field of a mutation gives."""
        trouble = ""
        for attempt in range(ATTEMPTS):
            wait = float(2**attempt)
            try:
                answer = await self._http.post(
                    "/graphql", json={"query": query, "variables": {"input": asked}}
                )
                if answer.status_code < 500:
                    found = _found(answer.json())
                    if "retryAfter" not in found:
                        return found
                    wait, trouble = float(found["retryAfter"]), found["message"]
            except httpx2.TransportError as error:
                # Perhaps it was written, perhaps not: the client key makes that the same.
                trouble = str(error) or type(error).__name__
            await self._sleep(wait)
        raise Refused(f"no answer after {ATTEMPTS} attempts: {trouble}")


def _found(answer: Mapping[str, Any]) -> dict[str, Any]:
    if answer.get("errors"):
        raise Refused(answer["errors"][0]["message"])
    found: dict[str, Any] = next(iter(answer["data"].values()))
    if found.get("code") == "NOT_FOUND":
        raise Gone(found["message"])
    if "code" in found and "retryAfter" not in found:
        raise Refused(found["message"])
    return found


@dataclass
class Bot:
    """Answers lines. `conversations` has the last conversation of each channel and user, `said` the sequence of the
    last message of each conversation."""

    server: Playgraph
    model: Callable[[Sequence[Mapping[str, str]]], str] = fake_model
    conversations: dict[tuple[str, str], str] = field(default_factory=dict)
    said: dict[str, int] = field(default_factory=dict)

    async def hear(self, line: Line) -> str:
        """Answer a line; the id of the conversation it belongs to."""
        try:
            return await self._answer(line)
        except Gone:
            # It expired between two of the requests: the line begins a new one.
            return await self._answer(line)

    async def _answer(self, line: Line) -> str:
        place = (line.channel, line.user)
        asked = {
            "channelId": line.channel,
            "userId": line.user,
            "conversationId": self.conversations.get(place),
        }
        started = await self.server.ask(START, asked)
        conversation_id = str(started["conversation"]["id"])
        self.conversations[place] = conversation_id
        heard = await self._add(conversation_id, "USER", line.text, f"line:{line.id}")
        text = self.model(heard["conversation"]["history"])
        parent_id = heard["added"]["id"]
        answered = await self._add(conversation_id, "ASSISTANT", text, f"answer:{line.id}", parent_id)
        self.said[conversation_id] = max(self.said.get(conversation_id, 0), answered["added"]["sequence"])
        return conversation_id

    async def _add(
        self, conversation_id: str, role: str, content: str, client_key: str, parent_id: str | None = None
    ) -> dict[str, Any]:
        return await self.server.ask(
            ADD,
            {
                "conversationId": conversation_id,
                "role": role,
                "content": content,
                "parentId": parent_id,
                "clientKey": client_key,
            },
        )


async def follow(
    url: str, token: str, conversation_id: str, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
) -> AsyncGenerator[dict[str, Any], None]:
    """Each message of a conversation once, in order, until it is gone, however often the connection breaks."""
    after = 0
    while True:
        try:
            async for message in _followed(url, token, conversation_id, after):
                after = message["sequence"]
                yield message
        except Gone:
            return
        except (WebSocketException, OSError, EOFError):
            pass
        # A server that stops completes what it tells, as it does when a conversation is gone: asking again tells which.
        await sleep(1)


async def _followed(url: str, token: str, conversation_id: str, after: int) -> AsyncIterator[dict[str, Any]]:
    address = url.replace("http", "ws", 1) + "/graphql"
    subprotocol = Subprotocol("graphql-transport-ws")
    async with connect(address, subprotocols=[subprotocol], proxy=None) as socket:
        init = {"Authorization": f"Bearer {token}"} if token else {}
        await socket.send(json.dumps({"type": "connection_init", "payload": init}))
        asked = {"query": FOLLOW, "variables": {"id": conversation_id, "after": after}}
        await socket.send(json.dumps({"type": "subscribe", "id": "1", "payload": asked}))
        async for text in socket:
            told = json.loads(text)
            if told["type"] == "next":
                yield told["payload"]["data"]["messageAdded"]
            elif told["type"] == "ping":
                await socket.send('{"type": "pong"}')
            elif told["type"] == "error":
                error = told["payload"][0]
                is_gone = error["extensions"]["code"] == "NOT_FOUND"
                raise (Gone if is_gone else Refused)(error["message"])
            elif told["type"] == "complete":
                return


class Transcript:
    """Prints what is said, as it is heard from the server."""

    def __init__(self, url: str, token: str) -> None:
        self._url = url
        self._token = token
        self._heard: dict[str, int] = {}
        self._changed = asyncio.Condition()

    async def listen(self, conversation_id: str, name: str) -> None:
        """Print the messages of a conversation, until it is gone."""
        async for message in follow(self._url, self._token, conversation_id):
            parent = message["parent"]
            to = f" to {parent['sequence']}" if parent else ""
            print(
                f"{name} #{message['sequence']}{to} {message['chatRole']}: {message['content']}", flush=True
            )
            async with self._changed:
                self._heard[conversation_id] = message["sequence"]
                self._changed.notify_all()

    async def has_heard(self, conversation_id: str, sequence: int) -> None:
        """Return when the conversation was printed that far."""
        async with self._changed:
            await self._changed.wait_for(lambda: self._heard.get(conversation_id, 0) >= sequence)


async def main(url: str, token: str) -> None:
    """Answer the lines of the channel; a task beside it tells what is said in each conversation."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    transcript = Transcript(url, token)
    listeners: dict[str, asyncio.Task[None]] = {}
    async with (
        httpx2.AsyncClient(base_url=url, headers=headers, trust_env=False) as http,
        asyncio.TaskGroup() as tasks,
    ):
        bot = Bot(Playgraph(http, asyncio.sleep))
        async for line in fake_channel(LINES):
            conversation_id = await bot.hear(line)
            if conversation_id not in listeners:
                name = f"{line.channel}/{line.user}"
                listeners[conversation_id] = tasks.create_task(transcript.listen(conversation_id, name))
        for conversation_id, sequence in bot.said.items():
            await transcript.has_heard(conversation_id, sequence)
        for listener in listeners.values():
            listener.cancel()


if __name__ == "__main__":
    address = sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8000"
    asyncio.run(main(address.rstrip("/"), os.environ.get("PLAYGRAPH_TOKEN", "")))
