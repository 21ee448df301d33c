"""Reading the text of a key set, from a file and from an address."""

from pathlib import Path

import pytest

from identity.key_places import MAX_BYTES, UnreadableKeysError, fetch, read_file
from tests.identity.provider import Provider


def test_a_file_gives_its_text(tmp_path: Path) -> None:
    (tmp_path / "keys.json").write_bytes(b"text")

    assert read_file(tmp_path / "keys.json") == b"text"


def test_a_file_that_cannot_be_read_says_why(tmp_path: Path) -> None:
    with pytest.raises(UnreadableKeysError, match="No such file or directory"):
        read_file(tmp_path / "keys.json")
    with pytest.raises(UnreadableKeysError, match="Is a directory"):
        read_file(tmp_path)


def test_a_file_of_1_mib_is_read_and_a_longer_one_is_not(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    path.write_bytes(b"x" * MAX_BYTES)
    read = read_file(path)
    path.write_bytes(b"x" * (MAX_BYTES + 1))

    assert len(read) == MAX_BYTES
    with pytest.raises(UnreadableKeysError, match="longer than 1048576 bytes"):
        read_file(path)


def test_an_address_gives_its_text(provider: Provider) -> None:
    provider.text = b"text"

    assert fetch(provider.url) == b"text"


@pytest.mark.parametrize("status", [404, 500, 503])
def test_an_answer_without_success_is_no_text(provider: Provider, status: int) -> None:
    provider.status = status

    with pytest.raises(UnreadableKeysError, match=f"the answer was {status}"):
        fetch(provider.url)


def test_a_redirect_is_not_followed(provider: Provider) -> None:
    provider.status, provider.location = 302, "/other"

    with pytest.raises(UnreadableKeysError, match="the answer was 302"):
        fetch(provider.url)

    assert provider.asked == ["/jwks.json"]


def test_an_answer_of_1_mib_is_read_and_a_longer_one_is_not(provider: Provider) -> None:
    provider.text = b"x" * MAX_BYTES
    read = fetch(provider.url)
    provider.text = b"x" * (MAX_BYTES + 1)

    assert len(read) == MAX_BYTES
    with pytest.raises(UnreadableKeysError, match="longer than 1048576 bytes"):
        fetch(provider.url)


def test_an_address_where_nobody_listens_says_so() -> None:
    with pytest.raises(UnreadableKeysError, match="refused"):
        fetch("http://127.0.0.1:1/jwks.json")
