"""Records as bytes: nothing is lost, damage is noticed, and a small record cannot claim a huge memory."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import pytest
import zstandard

from models.catalog import HERO, HEROES, CatalogKind
from models.hero_usage import HeroUsage
from models.players import Career, PlayerSource
from storage.codec import (
    MAX_DECODED_BYTES,
    Undecodable,
    decode_career,
    decode_facts,
    decode_or_none,
    decode_page,
    decode_profile,
    encode_entry,
    encode_player,
)
from tests.storage.made import made_career, made_player, made_profile
from tests.storage.made_catalog import Cards, made_cards, made_entry, made_list, made_page

Decode = Callable[[bytes], object]
DECODERS: list[Decode] = [decode_profile, decode_career, decode_page, partial(decode_facts, HEROES)]


def _pack(plain: bytes, *, write_content_size: bool = True) -> bytes:
    return zstandard.ZstdCompressor(write_content_size=write_content_size).compress(plain)


def test_a_player_comes_back_as_it_was_but_for_the_battletag() -> None:
    player = made_player(battletag="Ana-1234", source=PlayerSource("<p>测试 🦊</p>", None))

    encoded = encode_player(player)

    assert decode_profile(encoded.profile) == replace(player.profile, battletag=None)
    assert decode_career(encoded.career) == player.career
    assert decode_page(encoded.page) == "<p>测试 🦊</p>"


def test_numbers_keep_their_kind() -> None:
    career = decode_career(encode_player(made_player()).career)

    assert career.pc is not None
    assert career.pc.quickplay is not None
    values = [stat.value for stat in career.pc.quickplay.career_stats[0].categories[0].stats]
    assert [(value, type(value)) for value in values] == [(7, int), (41.5, float), (None, type(None))]


def test_equal_facts_have_equal_hashes_whatever_page_and_battletag() -> None:
    first = encode_player(made_player())

    second = encode_player(
        made_player(battletag="Ana-1234", source=PlayerSource("other", None), fetched_at=1)
    )

    assert first.facts_hash == second.facts_hash


@pytest.mark.parametrize(
    "changed",
    [
        replace(made_player(), profile=replace(made_profile(), title=None)),
        replace(made_player(), profile=replace(made_profile(), last_updated_at=1)),
        replace(made_player(), career=made_career(8)),
        replace(made_player(), career=Career()),
    ],
    ids=["title", "last updated", "a statistic", "no career"],
)
def test_other_facts_have_another_hash(changed: object) -> None:
    assert encode_player(changed).facts_hash != encode_player(made_player()).facts_hash  # type: ignore[arg-type]


def test_an_entry_comes_back_as_it_was() -> None:
    encoded = encode_entry(made_entry(made_page(), source="<p>测试 🦊</p>"))

    assert decode_facts(HERO, encoded.facts) == made_page()
    assert decode_page(encoded.source) == "<p>测试 🦊</p>"


def test_equal_facts_of_an_entry_have_equal_hashes_whatever_text_and_time() -> None:
    assert (
        encode_entry(made_list()).facts_hash
        == encode_entry(made_list(source="other", fetched_at=1)).facts_hash
    )


@pytest.mark.parametrize("facts", [made_cards("Amari"), made_cards()[::-1], made_cards()[:1], ()])
def test_other_facts_of_an_entry_have_another_hash(facts: Cards) -> None:
    assert encode_entry(made_entry(facts)).facts_hash != encode_entry(made_list()).facts_hash


def test_facts_are_decoded_as_those_of_the_kind_asked_for() -> None:
    kept = encode_entry(made_list()).facts

    assert decode_facts(HEROES, kept) == made_cards()
    with pytest.raises(Undecodable):
        decode_facts(CatalogKind(HEROES.name, tuple[HeroUsage, ...]), kept)


def test_damage_is_none_where_one_record_must_not_cost_the_others() -> None:
    kept = encode_entry(made_list()).facts

    assert decode_or_none(partial(decode_facts, HEROES), kept, key="en-us") == made_cards()
    assert decode_or_none(partial(decode_facts, HEROES), kept[:-5], key="en-us") is None


@pytest.mark.parametrize("decode", DECODERS)
@pytest.mark.parametrize(
    "kept",
    [b"", b"no frame at all", encode_player(made_player()).career[:-5], _pack(b"\xff\xfe{")],
    ids=["empty", "no frame", "cut short", "no text"],
)
def test_damaged_bytes_are_undecodable(decode: Decode, kept: bytes) -> None:
    with pytest.raises(Undecodable):
        decode(kept)


def test_another_shape_of_facts_is_undecodable() -> None:
    with pytest.raises(Undecodable):
        decode_profile(_pack(b'{"name": 5}'))


def test_a_page_at_the_limit_is_read() -> None:
    assert len(decode_page(_pack(b"a" * MAX_DECODED_BYTES))) == MAX_DECODED_BYTES


def test_a_page_beyond_the_limit_is_refused() -> None:
    with pytest.raises(Undecodable, match="size"):
        decode_page(_pack(b"a" * (MAX_DECODED_BYTES + 1)))


def test_a_frame_that_hides_its_size_is_refused() -> None:
    with pytest.raises(Undecodable, match="size"):
        decode_page(_pack(b"a" * 100, write_content_size=False))
