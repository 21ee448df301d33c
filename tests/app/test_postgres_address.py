"""From POSTGRES_* to an address: what kinds of host there are, and what counts as none."""

import pytest

from options import storage_options
from settings import load_settings


def address(host: str) -> str | None:
    given = {
        "postgres_host": host,
        "postgres_user": "me",
        "postgres_password": "p@s/s",
        "postgres_port": 5433,
    }
    postgres = storage_options(load_settings(_env_file=None, **given)).postgres
    return postgres.url if postgres else None


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("db.example.org", "postgresql://me:p%40s%2Fs@db.example.org:5433/playgraph"),
        ("::1", "postgresql://me:p%40s%2Fs@[::1]:5433/playgraph"),
        ("/run/postgresql", "postgresql://me:p%40s%2Fs@/playgraph?host=/run/postgresql&port=5433"),
        ("", None),
    ],
)
def test_a_host_is_a_name_an_address_or_the_folder_of_a_socket(
    host: str, url: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)

    made = address(host)

    assert made == url
