"""Every environment variable: name, type, default, meaning. Read once, checked at start."""

from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from errors import StartRefused


def _http_url(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("must be an address like https://example.org")
    return value.rstrip("/")


HttpUrl = Annotated[str, AfterValidator(_http_url)]
Seconds = Annotated[float, Field(ge=0, allow_inf_nan=False)]
SomeSeconds = Annotated[float, Field(gt=0, allow_inf_nan=False)]
Count = Annotated[int, Field(ge=1)]


class Settings(BaseSettings):
    """The settings of a process, from the environment or a file `.env`; explicit arguments win over both."""

    model_config = SettingsConfigDict(env_file=".env", env_file_encoding="utf-8", extra="ignore", frozen=True)

    host: Annotated[str, Field(description="Address to listen on.")] = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535, description="Port to listen on; 0 takes a free one.")] = 8000
    log_level: Annotated[
        Literal["DEBUG", "INFO", "WARNING", "ERROR"], Field(description="Least severe log lines to print.")
    ] = "INFO"
    log_format: Annotated[
        Literal["text", "json"], Field(description="`text` for people, `json` for machines.")
    ] = "text"

    storage_type: Annotated[
        Literal["sqlite"], Field(description="Where facts are kept; `sqlite` needs nothing but a file.")
    ] = "sqlite"
    storage_path: Annotated[Path, Field(description="The SQLite file; its folder is made if missing.")] = (
        Path("data/playgraph.db")
    )
    storage_readers: Annotated[int, Field(ge=1, le=64, description="Read-only SQLite connections.")] = 4

    database_url: Annotated[
        str | None,
        Field(description="PostgreSQL server, for the storage types that use one; not read by `sqlite`."),
    ] = None
    redis_url: Annotated[
        str | None,
        Field(description="Redis server, for the storage types that use one; not read by `sqlite`."),
    ] = None

    blizzard_url: Annotated[
        HttpUrl, Field(description="Upstream: Blizzard's site, or a stand-in for it.")
    ] = "https://overwatch.blizzard.com"
    upstream_contact: Annotated[
        str, Field(max_length=200, description="E-mail or address named to Blizzard in each request.")
    ] = ""
    upstream_timeout: Annotated[
        SomeSeconds, Field(description="Seconds one request to upstream may take.")
    ] = 10.0
    upstream_retries: Annotated[
        int,
        Field(ge=0, le=10, description="Further attempts after a time-out or an answer of 500 and above."),
    ] = 2
    upstream_body_limit: Annotated[
        Count, Field(description="Largest page taken from upstream, in bytes.")
    ] = 16_777_216
    static_base_url: Annotated[
        HttpUrl | None,
        Field(description="Where pictures of maps and gamemodes are served; without it they are null."),
    ] = None

    throttle_start_delay: Annotated[Seconds, Field(description="First distance between two requests.")] = 2.0
    throttle_min_delay: Annotated[Seconds, Field(description="Shortest distance between two requests.")] = 0.1
    throttle_max_delay: Annotated[Seconds, Field(description="Longest distance between two requests.")] = 30.0
    throttle_slow_start_successes: Annotated[
        Count, Field(description="Good answers after which the distance is halved in slow start.")
    ] = 10
    throttle_linear_successes: Annotated[
        Count, Field(description="Good answers after which the distance shrinks a step, past slow start.")
    ] = 20
    throttle_linear_step: Annotated[Seconds, Field(description="That step, at least.")] = 0.05
    throttle_penalty_delay: Annotated[
        Seconds, Field(description="Least distance after Blizzard refused a request (403, 429).")
    ] = 10.0
    throttle_penalty_duration: Annotated[
        Seconds, Field(description="How long nothing is asked after a refusal.")
    ] = 60.0
    throttle_hold_duration: Annotated[
        Seconds, Field(description="How long a pace that proved good is kept before a quicker one is tried.")
    ] = 600.0
    throttle_max_hold_duration: Annotated[
        Seconds, Field(description="Longest such time; it doubles each time the quicker pace is refused.")
    ] = 14_400.0

    player_stale_after: Annotated[Seconds, Field(description="Age at which a player is due.")] = 1800.0
    player_expired_after: Annotated[Seconds, Field(description="Age at which a player must be fetched.")] = (
        3600.0
    )
    catalog_stale_after: Annotated[
        Seconds, Field(description="Age at which pages about heroes and roles are due.")
    ] = 86_400.0
    usage_stale_after: Annotated[Seconds, Field(description="Age at which pick and win rates are due.")] = (
        3600.0
    )
    search_stale_after: Annotated[Seconds, Field(description="Age at which a player search is due.")] = 600.0
    catalog_hold_duration: Annotated[
        Seconds, Field(description="How long bundled facts are served at once after a page did not come.")
    ] = 60.0
    cold_read_deadline: Annotated[
        Seconds, Field(description="How long a query waits for upstream when nothing fresh is kept.")
    ] = 5.0
    cold_fetch_queue: Annotated[Count, Field(description="Players that may wait for upstream at a time.")] = (
        200
    )

    unknown_player_initial_retry: Annotated[
        SomeSeconds, Field(description="Wait after Blizzard first said that there is no such player.")
    ] = 600.0
    unknown_player_retry_multiplier: Annotated[
        float, Field(ge=1, le=100, description="What each further check multiplies that wait with.")
    ] = 3.0
    unknown_player_max_retry: Annotated[SomeSeconds, Field(description="Longest such wait.")] = 21_600.0

    graphql_body_limit: Annotated[Count, Field(description="Largest request body, in bytes.")] = 1_048_576
    graphql_max_tokens: Annotated[Count, Field(description="Most tokens in a GraphQL document.")] = 2_000
    graphql_max_nesting: Annotated[
        Count, Field(description="Most brackets open at a time in a document.")
    ] = 50
    graphql_max_depth: Annotated[
        Count, Field(description="Deepest selection, introspection not counted.")
    ] = 12
    graphql_max_cost: Annotated[
        Count, Field(description="Most fields that an answer could have, counted before it is made.")
    ] = 300_000
    graphql_max_aliases: Annotated[Count, Field(description="Most aliases in a document.")] = 30


def load_settings(**given: object) -> Settings:
    """The settings; StartRefused with one line per wrong variable, its name first, when any cannot be used."""
    try:
        return Settings(**given)  # type: ignore[arg-type]
    except ValidationError as error:
        lines = [f"{str(each['loc'][0]).upper()}: {_said(each['msg'])}" for each in error.errors()]
        raise StartRefused("; ".join(lines)) from None


def _said(message: str) -> str:
    return message.removeprefix("Value error, ")
