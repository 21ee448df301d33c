"""Every way in which a token can be wrong, and what is taken."""

import hmac
import json
from hashlib import sha256

import jwt
import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from identity.callers import Caller
from identity.key_rings import KeptKeys, Rereading, SharedSecret
from identity.key_sets import KeySet, read_key_set
from identity.refused_tokens import Reason, RefusedTokenError
from identity.tokens import MAX_LENGTH, TokenRules, Tokens
from tests.identity.made_tokens import (
    CLAIMS,
    NOW,
    SECRET,
    ec_key,
    ec_member,
    es256,
    jwks,
    part,
    rs256,
    rsa_key,
    rsa_member,
    signed,
    unsigned,
)
from tests.refresh.held_clock import HeldClock

HS256 = {"alg": "HS256"}
ANA = Caller("ana", frozenset(), (NOW + 3600 + 30) * 1000)


@pytest.fixture
def tokens(clock: HeldClock) -> Tokens:
    """By secret, with nothing else asked for."""
    return Tokens(SharedSecret(SECRET), TokenRules(), clock)


def by_keys(clock: HeldClock, text: bytes) -> Tokens:
    """By the keys of a JWKS that cannot be read again."""

    def read() -> bytes:
        return text

    kept = KeptKeys(read, Rereading(keep_seconds=600, pause_seconds=60), clock, read_key_set(text))
    return Tokens(kept, TokenRules(), clock)


def ruled(clock: HeldClock, **rules: str) -> Tokens:
    return Tokens(SharedSecret(SECRET), TokenRules(**rules), clock)  # type: ignore[arg-type]


async def refusal(tokens: Tokens, token: str) -> Reason:
    with pytest.raises(RefusedTokenError) as refused:
        await tokens.caller(token)
    return refused.value.reason


async def test_a_good_token_tells_its_caller(tokens: Tokens) -> None:
    assert await tokens.caller(signed()) == ANA


async def test_a_token_signed_with_another_secret_is_refused(tokens: Tokens) -> None:
    assert await refusal(tokens, signed(secret="t" * 32)) is Reason.SIGNATURE


async def test_a_token_whose_claims_were_changed_is_refused(tokens: Tokens) -> None:
    header, _, signature = signed().split(".")

    changed = f"{header}.{part(CLAIMS | {'sub': 'mercy'})}.{signature}"

    assert await refusal(tokens, changed) is Reason.SIGNATURE


async def test_a_token_without_its_signature_is_refused(tokens: Tokens) -> None:
    header, claims, _ = signed().split(".")

    assert await refusal(tokens, f"{header}.{claims}.") is Reason.SIGNATURE


@pytest.mark.parametrize("alg", ["none", "None", "NONE", "nOnE", "", None, 5, ["HS256"], {"HS256": 1}])
async def test_a_token_that_says_it_needs_no_signature_is_refused(tokens: Tokens, alg: object) -> None:
    assert await refusal(tokens, unsigned({"alg": alg})) is Reason.ALGORITHM


async def test_a_token_without_an_algorithm_is_refused(tokens: Tokens) -> None:
    assert await refusal(tokens, unsigned({"typ": "JWT"})) is Reason.ALGORITHM


@pytest.mark.parametrize("algorithm", ["HS384", "HS512"])
async def test_a_longer_hash_than_was_agreed_on_is_refused(tokens: Tokens, algorithm: str) -> None:
    assert await refusal(tokens, signed(secret=SECRET * 2, algorithm=algorithm)) is Reason.ALGORITHM


@pytest.mark.parametrize(
    "token",
    [
        "",
        "abc",
        "a.b",
        "a.b.c",
        "a.b.c.d",
        "..",
        "a b.c.d",
        "ä.b.c",
        unsigned(b"[]"),
        unsigned(b"{"),
        unsigned(b"\xff"),
        unsigned(b"[" * 3000),
        unsigned({"alg": "HS256", "kid": 5}),
        unsigned({"alg": "HS256", "crit": ["exp"]}),
        unsigned({"alg": "HS256", "b64": False, "crit": ["b64"]}),
    ],
)
async def test_what_is_no_token_is_refused(tokens: Tokens, token: str) -> None:
    assert await refusal(tokens, token) is Reason.MALFORMED


def json_of(claims: dict[str, object]) -> bytes:
    return json.dumps(claims).encode()


def handmade(payload: bytes) -> str:
    """A token with any payload, signed as it should be."""
    text = f"{part(HS256)}.{part(payload)}"
    return f"{text}.{part(hmac.new(SECRET.encode(), text.encode(), sha256).digest())}"


@pytest.mark.parametrize(
    "payload",
    [b"", b"[]", b"5", b'"ana"', b"null", b"{", b"\xff", b"[" * 3000, b'{"exp":' + b"9" * 5000 + b"}"],
)
async def test_a_payload_that_holds_no_claims_is_refused(tokens: Tokens, payload: bytes) -> None:
    assert await refusal(tokens, handmade(payload)) is Reason.MALFORMED


async def test_a_token_of_8_kib_is_read_and_a_longer_one_is_not(tokens: Tokens) -> None:
    free = MAX_LENGTH - len(signed(CLAIMS | {"x": ""}))
    # Base64 writes three bytes as four characters.
    longest = signed(CLAIMS | {"x": "y" * (free // 4 * 3)})
    longer = longest + "A" * (MAX_LENGTH + 1 - len(longest))

    assert MAX_LENGTH - 4 < len(longest) <= MAX_LENGTH
    assert await tokens.caller(longest) == ANA
    assert await refusal(tokens, longer[:MAX_LENGTH]) is not Reason.TOO_LONG
    assert await refusal(tokens, longer) is Reason.TOO_LONG


async def test_the_end_of_a_token_is_that_of_the_clock_that_was_handed_in(
    tokens: Tokens, clock: HeldClock
) -> None:
    clock.advance(3600 + 29.999)
    before = await tokens.caller(signed())
    clock.advance(0.001)

    assert before == ANA
    assert await refusal(tokens, signed()) is Reason.EXPIRED


@pytest.mark.parametrize(
    "issuer", [None, "https://b.example", "https://a.example/", 5, ["https://a.example"]]
)
async def test_another_issuer_is_refused_and_the_right_one_taken(clock: HeldClock, issuer: object) -> None:
    strict = ruled(clock, issuer="https://a.example")

    good = await strict.caller(signed(CLAIMS | {"iss": "https://a.example"}))
    # The library that signs takes no issuer that is not a text; one made by hand may have any.
    other = handmade(json_of(CLAIMS | {"iss": issuer}))

    assert good == ANA
    assert await refusal(strict, other) is Reason.ISSUER
    assert await refusal(strict, signed()) is Reason.ISSUER


async def test_without_an_issuer_of_ours_any_is_taken(tokens: Tokens) -> None:
    assert await tokens.caller(signed(CLAIMS | {"iss": "https://b.example"})) == ANA


@pytest.mark.parametrize("audience", ["playgraph", ["playgraph"], ["other", "playgraph"]])
async def test_a_token_for_us_among_others_is_taken(clock: HeldClock, audience: object) -> None:
    strict = ruled(clock, audience="playgraph")

    assert await strict.caller(signed(CLAIMS | {"aud": audience})) == ANA


@pytest.mark.parametrize("audience", [None, "", [], "other", ["other"], 5, ["playgraph", 5], "playgraph2"])
async def test_a_token_for_somebody_else_is_refused(clock: HeldClock, audience: object) -> None:
    strict = ruled(clock, audience="playgraph")

    assert await refusal(strict, signed(CLAIMS | {"aud": audience})) is Reason.AUDIENCE
    assert await refusal(strict, signed()) is Reason.AUDIENCE


async def test_without_an_audience_of_ours_a_token_for_somebody_is_not_for_us(tokens: Tokens) -> None:
    assert await refusal(tokens, signed(CLAIMS | {"aud": "other"})) is Reason.AUDIENCE


# ------------------------------------------------------------------------------------------------ public keys


async def test_both_kinds_of_public_keys_are_taken_by_their_ids(clock: HeldClock) -> None:
    tokens = by_keys(clock, jwks(rsa_member(rsa_key(), kid="r"), ec_member(ec_key(), kid="e")))

    assert await tokens.caller(rs256(rsa_key(), "r")) == ANA
    assert await tokens.caller(es256(ec_key(), "e")) == ANA


async def test_an_only_key_needs_no_id(clock: HeldClock) -> None:
    tokens = by_keys(clock, jwks(rsa_member(rsa_key())))

    assert await tokens.caller(rs256(rsa_key())) == ANA


async def test_a_token_without_an_id_is_refused_where_there_are_two_keys(clock: HeldClock) -> None:
    tokens = by_keys(clock, jwks(rsa_member(rsa_key(), kid="a"), rsa_member(rsa_key("second"), kid="b")))

    assert await refusal(tokens, rs256(rsa_key())) is Reason.UNKNOWN_KEY


async def test_a_key_that_is_not_in_the_set_is_refused(clock: HeldClock) -> None:
    tokens = by_keys(clock, jwks(rsa_member(rsa_key(), kid="a")))

    assert await refusal(tokens, rs256(rsa_key("second"), "a")) is Reason.SIGNATURE
    assert await refusal(tokens, rs256(rsa_key("second"), "b")) is Reason.UNKNOWN_KEY


def with_public_key_as_secret(public: bytes) -> str:
    """HS256 with what everybody knows in the place of the secret."""
    text = f"{part({'alg': 'HS256', 'kid': 'a'})}.{part(CLAIMS)}"
    return f"{text}.{part(hmac.new(public, text.encode(), sha256).digest())}"


@pytest.mark.parametrize("form", [PublicFormat.SubjectPublicKeyInfo, PublicFormat.PKCS1])
async def test_a_public_key_is_never_taken_for_a_secret(clock: HeldClock, form: PublicFormat) -> None:
    tokens = by_keys(clock, jwks(rsa_member(rsa_key(), kid="a")))

    forged = with_public_key_as_secret(rsa_key().public_key().public_bytes(Encoding.PEM, form))

    assert await refusal(tokens, forged) is Reason.ALGORITHM


async def test_the_algorithm_is_that_of_the_key_whatever_the_token_says(clock: HeldClock) -> None:
    tokens = by_keys(clock, jwks(rsa_member(rsa_key(), kid="a"), ec_member(ec_key(), kid="e")))

    assert await refusal(tokens, es256(ec_key(), "a")) is Reason.ALGORITHM
    assert await refusal(tokens, rs256(rsa_key(), "e")) is Reason.ALGORITHM


@pytest.mark.parametrize("algorithm", ["RS384", "RS512", "PS256"])
async def test_other_algorithms_of_the_same_key_are_refused(clock: HeldClock, algorithm: str) -> None:
    tokens = by_keys(clock, jwks(rsa_member(rsa_key(), kid="a")))

    token = jwt.encode(CLAIMS, rsa_key(), algorithm=algorithm, headers={"kid": "a"})

    assert await refusal(tokens, token) is Reason.ALGORITHM


async def test_a_key_that_a_token_brings_itself_is_not_looked_at(clock: HeldClock) -> None:
    own = rsa_key("second")
    tokens = by_keys(clock, jwks(rsa_member(rsa_key(), kid="a")))

    headers = {"kid": "a", "jwk": rsa_member(own), "jku": "http://127.0.0.1:1/"}
    token = jwt.encode(CLAIMS, own, algorithm="RS256", headers=headers)

    assert await refusal(tokens, token) is Reason.SIGNATURE


async def test_a_token_by_secret_is_refused_where_keys_are_used(clock: HeldClock) -> None:
    tokens = by_keys(clock, jwks(rsa_member(rsa_key(), kid="a")))

    assert await refusal(tokens, signed()) is Reason.ALGORITHM


async def test_a_token_by_key_is_refused_where_a_secret_is_used(tokens: Tokens) -> None:
    assert await refusal(tokens, rs256(rsa_key())) is Reason.ALGORITHM


def test_an_empty_set_has_no_only_key() -> None:
    assert KeySet().find(None) is None
