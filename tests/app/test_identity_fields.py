"""Every root field, asked by everybody: who is answered, who is refused, and that a refusal costs and tells nothing."""

from collections.abc import AsyncIterator
from typing import Any, NamedTuple

import orjson
import pytest

from identity.callers import Scope
from schema import schema
from schema.access import ACCESS, Need
from tests.app.server import Server
from tests.app.tokens import bearer, serving_tokens, storage_calls
from tests.replay import Replay

# What each field is asked. A field without a line here fails the test below.
QUESTIONS = {
    "Query.node": '{ node(id: "TWFwOmJ1c2Fu") { id } }',
    "Query.nodes": '{ nodes(ids: ["TWFwOmJ1c2Fu"]) { id } }',
    "Query.hero": '{ hero(key: "ana") { key } }',
    "Query.heroes": "{ heroes { key } }",
    "Query.roles": "{ roles { key } }",
    "Query.map": '{ map(key: "busan") { key } }',
    "Query.maps": "{ maps { key } }",
    "Query.gamemode": '{ gamemode(key: "escort") { key } }',
    "Query.gamemodes": "{ gamemodes { key } }",
    "Query.heroUsage": "{ heroUsage(platform: PC, gamemode: COMPETITIVE, region: EUROPE) { pickrate } }",
    "Query.player": '{ player(playerId: "Somebody-1234") { __typename } }',
    "Query.players": '{ players(playerIds: ["Somebody-1234"]) { __typename } }',
    "Query.searchPlayers": '{ searchPlayers(name: "Somebody") { totalCount } }',
    "Query.conversation": '{ conversation(id: "00000000-0000-4000-8000-000000000000") { id } }',
    "Query.conversations": "{ conversations { totalCount } }",
    "Query.callerConversations": '{ callerConversations(caller: "mercy") { totalCount } }',
    "Query.storage": "{ storage { backend } }",
    "Mutation.refreshPlayer": (
        'mutation { refreshPlayer(input: {playerId: "Somebody-1234"}) { __typename ... on Error { code } } }'
    ),
    "Mutation.startConversation": (
        'mutation { startConversation(input: {channelId: "general"}) { __typename ... on Error { code } } }'
    ),
    "Mutation.addMessage": """mutation {
      addMessage(input: {
        conversationId: "00000000-0000-4000-8000-000000000000", role: USER, content: "Hello"
      }) { __typename ... on Error { code } }
    }""",
    "Mutation.deleteConversation": """mutation {
      deleteConversation(input: {conversationId: "00000000-0000-4000-8000-000000000000"}) {
        __typename ... on Error { code }
      }
    }""",
    "Mutation.eraseCaller": (
        'mutation { eraseCaller(input: {caller: "mercy"}) { __typename ... on Error { code } } }'
    ),
    "Subscription.messageAdded": """subscription {
      messageAdded(conversationId: "00000000-0000-4000-8000-000000000000") { id }
    }""",
    "Subscription.playerRefreshed": "subscription { playerRefreshed(playerIds: []) { __typename } }",
}
FIELDS = [
    f"{root.name}.{field}"
    for root in (schema._schema.query_type, schema._schema.mutation_type, schema._schema.subscription_type)
    if root is not None
    for field in root.fields
]
GUARDED = [field for field in FIELDS if ACCESS[field.partition(".")[0]][field.partition(".")[2]]]
ACCESS_CODES = {"UNAUTHENTICATED", "FORBIDDEN"}


class Told(NamedTuple):
    """What an asker is told about access: the status, and the codes wherever they stand."""

    status: int
    codes: list[str]


def need_of(field: str) -> Need:
    root, _, name = field.partition(".")
    return ACCESS[root][name]


def codes_in(answer: Any) -> list[str]:
    """Every code about access in an answer, in `errors` and in members of unions."""
    if isinstance(answer, dict):
        own = [answer["code"]] if answer.get("code") in ACCESS_CODES else []
        return own + [code for each in answer.values() for code in codes_in(each)]
    return [code for each in answer for code in codes_in(each)] if isinstance(answer, list) else []


async def ask(server: Server, field: str, authorization: str = "") -> Told:
    is_stream = field.startswith("Subscription.")
    accept = "text/event-stream" if is_stream else "application/json"
    answer = await server.client.post(
        "/graphql",
        json={"query": QUESTIONS[field]},
        headers={"Authorization": authorization, "Accept": accept},
    )
    lines = [line.removeprefix("data: ") for line in answer.text.splitlines() if line.startswith("data: ")]
    results = (
        [orjson.loads(line) for line in lines]
        if "event-stream" in answer.headers["content-type"]
        else answer.json()
    )
    return Told(answer.status_code, codes_in(results))


@pytest.fixture
async def server(somebody: Replay) -> AsyncIterator[Server]:
    async with serving_tokens(somebody) as server:
        yield server


def test_every_root_field_is_asked_and_no_other() -> None:
    assert sorted(QUESTIONS) == sorted(FIELDS)


@pytest.mark.parametrize("field", FIELDS)
async def test_a_wrong_token_is_refused_whatever_is_asked_and_reaches_nothing(
    server: Server, somebody: Replay, field: str
) -> None:
    calls = storage_calls(server)
    need = need_of(field) or Scope.GAMES

    wrong = await ask(server, field, bearer(need, secret="t" * 32))
    expired = await ask(server, field, bearer(need, seconds=-30))

    assert wrong == expired == Told(401, ["UNAUTHENTICATED"])
    assert (somebody.requests, storage_calls(server) - calls) == ([], 0)


@pytest.mark.parametrize("field", sorted(set(FIELDS) - set(GUARDED)))
async def test_what_is_public_is_answered_with_and_without_a_token(server: Server, field: str) -> None:
    assert await ask(server, field) == Told(200, [])
    assert await ask(server, field, bearer()) == Told(200, [])


@pytest.mark.parametrize("field", GUARDED)
async def test_what_needs_a_scope_is_refused_without_it_and_reaches_nothing(
    server: Server, somebody: Replay, field: str
) -> None:
    calls = storage_calls(server)
    others = [scope for scope in Scope if scope is not need_of(field)]

    nobody = await ask(server, field)
    unfit = await ask(server, field, bearer(*others))
    without_any = await ask(server, field, bearer())

    assert nobody == Told(200, ["UNAUTHENTICATED"])
    assert unfit == without_any == Told(200, ["FORBIDDEN"])
    assert (somebody.requests, storage_calls(server) - calls) == ([], 0)


@pytest.mark.parametrize("field", GUARDED)
async def test_what_needs_a_scope_is_answered_with_it(server: Server, field: str) -> None:
    need = need_of(field)
    assert need is not None
    calls = storage_calls(server)

    assert await ask(server, field, bearer(need)) == Told(200, [])
    assert storage_calls(server) > calls


async def test_nobody_is_told_in_errors_and_a_known_caller_by_the_type_of_the_union(server: Server) -> None:
    query = QUESTIONS["Mutation.refreshPlayer"]

    nobody = await server.answer(query)
    known = (
        await server.client.post("/graphql", json={"query": query}, headers={"Authorization": bearer()})
    ).json()

    [error] = nobody["errors"]
    assert (nobody["data"], error["path"]) == (None, ["refreshPlayer"])
    assert error["extensions"] == {"code": "UNAUTHENTICATED"}
    assert known == {"data": {"refreshPlayer": {"__typename": "Forbidden", "code": "FORBIDDEN"}}}
    assert await server.storage.jobs.counts() == {}


async def test_where_no_union_stands_both_are_told_in_errors_beside_their_neighbours(server: Server) -> None:
    query = '{ storage { backend } map(key: "busan") { key } }'

    nobody = await server.answer(query)
    known = (
        await server.client.post("/graphql", json={"query": query}, headers={"Authorization": bearer()})
    ).json()

    assert nobody["data"] == known["data"] == {"storage": None, "map": {"key": "busan"}}
    assert [error["extensions"] for error in nobody["errors"]] == [{"code": "UNAUTHENTICATED"}]
    assert [error["extensions"] for error in known["errors"]] == [{"code": "FORBIDDEN"}]


async def test_the_scope_admin_stands_for_no_other(server: Server) -> None:
    assert await ask(server, "Mutation.refreshPlayer", bearer(Scope.ADMIN)) == Told(200, ["FORBIDDEN"])


@pytest.mark.parametrize("field", GUARDED)
async def test_in_public_mode_what_needs_a_scope_is_for_nobody(somebody: Replay, field: str) -> None:
    async with serving_tokens(somebody, auth_mode="public", jwt_secret=None, host="0.0.0.0") as server:
        nobody = await ask(server, field)
        with_token = await ask(server, field, bearer(*Scope))

    assert nobody == with_token == Told(200, ["UNAUTHENTICATED"])


@pytest.mark.parametrize("field", FIELDS)
async def test_in_local_mode_everything_is_for_everybody(somebody: Replay, field: str) -> None:
    async with serving_tokens(somebody, auth_mode="local", jwt_secret=None) as server:
        assert await ask(server, field) == Told(200, [])
        assert await ask(server, field, "Bearer nonsense") == Told(200, [])


# ------------------------------------------------------------------------------------------------ nodes

JOB = "query ($ids: [ID!]!) { node(id: %s) { id } nodes(ids: $ids) { id } }"
NO_JOB = "UmVmcmVzaEpvYjpub25l"  # RefreshJob:none


async def read_job(server: Server, job_id: str, authorization: str) -> Any:
    body = {"query": JOB % orjson.dumps(job_id).decode(), "variables": {"ids": [job_id]}}
    return (await server.client.post("/graphql", json=body, headers={"Authorization": authorization})).json()


async def refresh_somebody(server: Server) -> str:
    query = 'mutation { refreshPlayer(input: {playerId: "Somebody-1234"}) { ... on RefreshQueued { job { id } } } }'
    headers = {"Authorization": bearer(Scope.REFRESH)}
    answer = (await server.client.post("/graphql", json={"query": query}, headers=headers)).json()
    return str(answer["data"]["refreshPlayer"]["job"]["id"])


async def test_a_refresh_is_read_by_its_id_by_those_who_may_ask_for_one(server: Server) -> None:
    job_id = await refresh_somebody(server)

    found = await read_job(server, job_id, bearer(Scope.REFRESH, subject="mercy"))

    assert found == {"data": {"node": {"id": job_id}, "nodes": [{"id": job_id}]}}


@pytest.mark.parametrize(
    "authorization", ["", bearer(), bearer(Scope.GAMES, Scope.CONVERSATIONS, Scope.ADMIN)]
)
async def test_for_others_a_refresh_is_like_one_that_does_not_exist(
    server: Server, authorization: str
) -> None:
    job_id = await refresh_somebody(server)
    calls = storage_calls(server)

    hidden = await read_job(server, job_id, authorization)
    absent = await read_job(server, NO_JOB, authorization)

    assert hidden == absent == {"data": {"node": None, "nodes": [None]}}
    assert storage_calls(server) == calls
