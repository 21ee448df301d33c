"""Keys that are read again: rotation, a provider that is down, and how often it is asked."""

import asyncio
from dataclasses import replace
from functools import partial
from pathlib import Path
from threading import enumerate as enumerate_threads

import pytest
from jwt import PyJWK
from structlog.testing import capture_logs

from identity.key_places import fetch, read_file
from identity.key_rings import OF_FILE, OF_URL, KeptKeys
from identity.key_sets import read_key_set
from identity.refused_tokens import Reason, RefusedTokenError
from tests.identity.made_tokens import jwks, rsa_key, rsa_member
from tests.identity.provider import Provider
from tests.refresh.held_clock import HeldClock

FIRST, SECOND = rsa_member(rsa_key(), kid="first"), rsa_member(rsa_key("second"), kid="second")


@pytest.fixture
def keys(provider: Provider, clock: HeldClock) -> KeptKeys:
    """Those of a provider that has the first key; not read yet."""
    provider.text = jwks(FIRST)
    return KeptKeys(partial(fetch, provider.url), OF_URL, clock)


async def found(keys: KeptKeys, *key_ids: str | None) -> list[str | None]:
    """The ids of what is found."""
    each = [await keys.find(key_id) for key_id in key_ids]
    return [key.key_id if isinstance(key, PyJWK) else None for key in each]


async def settled(keys: KeptKeys) -> None:
    """Return when nothing is being read."""
    if reading := keys.begin():
        await reading


async def test_keys_are_read_at_the_first_need_and_kept(keys: KeptKeys, provider: Provider) -> None:
    assert await found(keys, "first", "first", "first") == ["first"] * 3
    assert len(provider.asked) == 1


async def test_many_who_need_keys_at_once_share_one_reading(keys: KeptKeys, provider: Provider) -> None:
    answers = await asyncio.gather(*(keys.find("first") for _ in range(20)))

    assert {answer.key_id for answer in answers if answer} == {"first"}
    assert len(provider.asked) == 1


async def test_an_unknown_id_has_the_keys_read_again_at_most_once_a_minute(
    keys: KeptKeys, provider: Provider, clock: HeldClock
) -> None:
    await found(keys, "first")
    provider.text = jwks(FIRST, SECOND)

    clock.advance(59.999)
    early = await found(keys, "second", "made up", "second")
    asked_early = len(provider.asked)
    clock.advance(0.001)
    in_time = await found(keys, "second", "first", "made up")

    assert (early, asked_early) == ([None, None, None], 1)
    assert (in_time, len(provider.asked)) == (["second", "first", None], 2)


async def test_a_key_that_was_withdrawn_goes_ten_minutes_later(
    keys: KeptKeys, provider: Provider, clock: HeldClock
) -> None:
    await found(keys, "first")
    provider.text = jwks(SECOND)

    clock.advance(599.999)
    before = await found(keys, "first")
    asked_before = len(provider.asked)
    clock.advance(0.001)
    at_the_moment = await found(keys, "first")
    await settled(keys)

    # Whoever asks at that moment does not wait; the next one gets what is there now.
    assert (before, asked_before, at_the_moment) == (["first"], 1, ["first"])
    assert await found(keys, "first", "second") == [None, "second"]
    assert len(provider.asked) == 2


async def test_after_a_long_silence_no_withdrawn_key_is_taken_even_once(
    keys: KeptKeys, provider: Provider, clock: HeldClock
) -> None:
    await found(keys, "first")
    provider.text = jwks(SECOND)
    clock.advance(1200)

    at_once = list(await asyncio.gather(keys.find("first"), keys.find("first")))

    assert at_once == [None, None]
    assert len(provider.asked) == 2


async def test_before_a_long_silence_a_known_key_waits_for_nobody(
    keys: KeptKeys, provider: Provider, clock: HeldClock
) -> None:
    await found(keys, "first")
    provider.open.clear()
    clock.advance(1199.999)

    assert await found(keys, "first") == ["first"]
    provider.open.set()
    await settled(keys)


async def test_after_a_long_silence_of_a_provider_too_the_old_keys_stay_good(
    keys: KeptKeys, provider: Provider, clock: HeldClock
) -> None:
    await found(keys, "first")
    provider.status = 500
    clock.advance(1200)

    assert await found(keys, "first", "first") == ["first", "first"]
    assert len(provider.asked) == 2


@pytest.mark.parametrize(("status", "text"), [(500, b""), (200, b"<html>"), (200, b'{"keys": []}')])
async def test_while_the_provider_is_down_the_old_keys_stay_good(
    keys: KeptKeys, provider: Provider, clock: HeldClock, status: int, text: bytes
) -> None:
    await found(keys, "first")
    provider.status, provider.text = status, text
    clock.advance(600)

    with capture_logs() as logs:
        await found(keys, "first")
        await settled(keys)

    assert await found(keys, "first", "second") == ["first", None]
    assert [(line["event"], line["kept"]) for line in logs] == [("keys_not_read", 1)]
    assert len(provider.asked) == 2


async def test_a_provider_that_was_down_is_asked_again_after_a_minute(
    keys: KeptKeys, provider: Provider, clock: HeldClock
) -> None:
    await found(keys, "first")
    provider.status = 500
    clock.advance(600)
    await found(keys, "first")
    await settled(keys)
    provider.status, provider.text = 200, jwks(SECOND)

    clock.advance(59.999)
    await found(keys, "first")
    asked_early = len(provider.asked)
    clock.advance(0.001)
    await found(keys, "first")
    await settled(keys)

    assert (asked_early, len(provider.asked)) == (2, 3)
    assert await found(keys, "second", "first") == ["second", None]


async def test_keys_that_were_never_read_refuse_tokens_and_are_tried_again_after_a_minute(
    keys: KeptKeys, provider: Provider, clock: HeldClock
) -> None:
    provider.status = 503
    with pytest.raises(RefusedTokenError) as refused:
        await keys.find("first")
    provider.status = 200
    with pytest.raises(RefusedTokenError):
        await keys.find("first")
    asked_early = len(provider.asked)

    clock.advance(60)

    assert await found(keys, "first") == ["first"]
    assert (refused.value.reason, asked_early) == (Reason.NO_KEYS, 1)


async def test_who_goes_away_does_not_end_the_reading_for_the_others(
    keys: KeptKeys, provider: Provider
) -> None:
    provider.open.clear()
    impatient = asyncio.create_task(keys.find("first"))
    patient = asyncio.create_task(keys.find("first"))
    await asyncio.sleep(0)

    impatient.cancel()
    await asyncio.gather(impatient, return_exceptions=True)
    provider.open.set()
    key = await patient

    assert key is not None
    assert (key.key_id, len(provider.asked)) == ("first", 1)


async def test_known_keys_are_found_while_the_provider_hangs(
    keys: KeptKeys, provider: Provider, clock: HeldClock
) -> None:
    await found(keys, "first")
    clock.advance(600)
    provider.open.clear()
    waiting = asyncio.create_task(keys.find("second"))
    await asyncio.sleep(0)

    meanwhile = await found(keys, "first")
    was_waiting = not waiting.done()
    provider.open.set()

    assert (meanwhile, was_waiting, await waiting) == (["first"], True, None)


async def test_a_provider_that_never_ends_its_answer_is_waited_for_no_longer_than_patience_lasts(
    provider: Provider, clock: HeldClock
) -> None:
    provider.text = jwks(FIRST)
    provider.open.clear()
    impatient = replace(OF_URL, patience_seconds=0.01)
    keys = KeptKeys(partial(fetch, provider.url), impatient, clock)

    with capture_logs() as logs, pytest.raises(RefusedTokenError) as refused:
        await keys.find("first")
    clock.advance(60)
    with capture_logs() as later, pytest.raises(RefusedTokenError):
        await keys.find("first")

    assert refused.value.reason is Reason.NO_KEYS
    assert [line["reason"] for line in (*logs, *later)] == [
        "it took too long",
        "the try before has not ended",
    ]


async def test_the_end_of_the_server_waits_for_no_reading(keys: KeptKeys, provider: Provider) -> None:
    provider.open.clear()
    keys.begin()
    await asyncio.sleep(0)

    threads = [thread for thread in enumerate_threads() if thread.name == "reading keys"]
    await keys.close()

    assert {thread.daemon for thread in threads} == {True}


async def test_closing_ends_a_reading_under_way(keys: KeptKeys, provider: Provider) -> None:
    provider.open.clear()
    reading = keys.begin()
    await asyncio.sleep(0)

    await keys.close()
    provider.open.set()

    assert reading is not None
    assert reading.cancelled()


# ------------------------------------------------------------------------------------------------------ files


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "keys.json"
    path.write_bytes(jwks(FIRST))
    return path


@pytest.fixture
def of_file(path: Path, clock: HeldClock) -> KeptKeys:
    return KeptKeys(partial(read_file, path), OF_FILE, clock, read_key_set(path.read_bytes()))


def rewrite(path: Path, text: bytes | None) -> None:
    """Put a text into the file; None removes it."""
    path.unlink() if text is None else path.write_bytes(text)


async def test_a_key_that_comes_into_a_file_is_found_at_once(of_file: KeptKeys, path: Path) -> None:
    rewrite(path, jwks(FIRST, SECOND))

    assert await found(of_file, "second", "first") == ["second", "first"]


async def test_a_key_that_goes_from_a_file_is_gone_a_second_later(
    of_file: KeptKeys, path: Path, clock: HeldClock
) -> None:
    rewrite(path, jwks(SECOND))

    clock.advance(0.999)
    before = await found(of_file, "first")
    clock.advance(0.001)
    await found(of_file, "first")
    await settled(of_file)

    assert before == ["first"]
    assert await found(of_file, "first", "second") == [None, "second"]


async def test_a_file_that_is_gone_or_half_written_leaves_the_old_keys(
    of_file: KeptKeys, path: Path, clock: HeldClock
) -> None:
    rewrite(path, jwks(SECOND)[:-5])
    half = await found(of_file, "second", "first")
    rewrite(path, None)
    clock.advance(1)

    gone = await found(of_file, "second", "first")

    assert (half, gone) == ([None, "first"], [None, "first"])
