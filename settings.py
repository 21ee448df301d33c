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


def _origins(value: str) -> str:
    """Origins as browsers write them: lower case, no path, the usual ports left out."""
    return ",".join(sorted({_origin(each) for each in value.split(",") if each.strip()}))


def _origin(value: str) -> str:
    parts = urlsplit(value.strip().lower())
    usual = {"http": ":80", "https": ":443"}.get(parts.scheme)
    if usual is None or not parts.hostname or "@" in parts.netloc or parts.path.strip("/") or parts.query:
        raise ValueError("must be origins like https://example.org, with commas between them")
    return f"{parts.scheme}://{parts.netloc.removesuffix(usual)}"


HttpUrl = Annotated[str, AfterValidator(_http_url)]
Seconds = Annotated[float, Field(ge=0, allow_inf_nan=False)]
SomeSeconds = Annotated[float, Field(gt=0, allow_inf_nan=False)]
Count = Annotated[int, Field(ge=1)]
# More than a century is as good as never, and stays a date that can be written.
_CENTURY = 3_155_760_000


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

    auth_mode: Annotated[
        Literal["local", "public", "jwt"],
        Field(
            description="Who callers are: `local` the owner, on loopback alone; `public` nobody; `jwt` as tokens say."
        ),
    ] = "local"
    jwt_secret: Annotated[
        str | None,
        Field(repr=False, description="What tokens are signed with by HS256, of 32 bytes at least."),
    ] = None
    jwt_keys: Annotated[
        str | None,
        Field(description="JWKS to check tokens of RS256 and ES256 with: an https address, or a file."),
    ] = None
    jwt_issuer: Annotated[
        str | None, Field(description="The `iss` that tokens must have; without it any is taken.")
    ] = None
    jwt_audience: Annotated[
        str | None, Field(description="The `aud` that tokens must have; without it they must have none.")
    ] = None
    jwt_leeway: Annotated[
        float, Field(ge=0, le=600, description="Seconds that clocks of issuers may be off.")
    ] = 30.0

    storage_type: Annotated[
        Literal["sqlite", "postgres", "redis", "hybrid"],
        Field(description="Where facts are kept; `sqlite` needs nothing but a file."),
    ] = "sqlite"
    storage_path: Annotated[Path, Field(description="The SQLite file; its folder is made if missing.")] = (
        Path("data/playgraph.db")
    )
    storage_readers: Annotated[int, Field(ge=1, le=64, description="Read-only SQLite connections.")] = 2
    storage_acquire_timeout: Annotated[
        SomeSeconds, Field(description="Seconds a call waits for a free connection of SQLite or PostgreSQL.")
    ] = 5.0

    database_url: Annotated[
        str | None,
        Field(description="PostgreSQL server, `postgresql://user:password@host/db`; wins over POSTGRES_*."),
    ] = None
    database_direct_url: Annotated[
        str | None,
        Field(description="The same server past a pooler, for LISTEN; DATABASE_URL when not set."),
    ] = None
    postgres_host: Annotated[
        str | None, Field(description="PostgreSQL server, where DATABASE_URL is not set.")
    ] = None
    postgres_port: Annotated[int, Field(ge=1, le=65535, description="Its port.")] = 5432
    postgres_db: Annotated[str, Field(description="Its database.")] = "playgraph"
    postgres_user: Annotated[str, Field(description="The user to connect as.")] = "playgraph"
    postgres_password: Annotated[str, Field(repr=False, description="The user's password.")] = ""
    postgres_pool_min: Annotated[
        int, Field(ge=0, le=1000, description="PostgreSQL connections kept open.")
    ] = 1
    postgres_pool_max: Annotated[
        int, Field(ge=1, le=1000, description="Most PostgreSQL connections of this process.")
    ] = 10
    postgres_pgbouncer: Annotated[
        bool, Field(description="Whether DATABASE_URL is a pgbouncer in transaction mode.")
    ] = False
    postgres_statement_timeout: Annotated[
        SomeSeconds, Field(description="Seconds one statement may take in PostgreSQL.")
    ] = 10.0

    redis_url: Annotated[
        str | None,
        Field(
            description="Redis or Valkey: `redis://`, `rediss://`, `redis+cluster://`, `redis+sentinel://`."
        ),
    ] = None
    redis_key_prefix: Annotated[
        str, Field(pattern=r"^[^{}]{0,64}$", description="What every key in Redis begins with; no braces.")
    ] = "playgraph:"
    redis_timeout: Annotated[SomeSeconds, Field(description="Seconds one call to Redis may take.")] = 2.0
    storage_cache_ttl: Annotated[
        SomeSeconds, Field(description="Seconds that `hybrid` keeps a copy of a record in Redis.")
    ] = 300.0
    storage_start_timeout: Annotated[
        Seconds,
        Field(description="Seconds to go on trying at start while PostgreSQL or Redis does not answer."),
    ] = 30.0

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
    upstream_daily_limit: Annotated[
        int,
        Field(ge=0, description="Most requests to upstream in a day of UTC, by all processes; 0 = no limit."),
    ] = 0
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
    player_max_age: Annotated[
        Seconds, Field(description="Age at which a player not fetched since is pruned; 0 = never.")
    ] = 604_800.0
    player_history_max_age: Annotated[
        Seconds,
        Field(
            description="Age at which snapshots in a player's history are pruned, the newest aside; 0 = never."
        ),
    ] = 31_536_000.0
    catalog_stale_after: Annotated[
        Seconds, Field(description="Age at which pages about heroes and roles are due.")
    ] = 86_400.0
    catalog_expired_after: Annotated[
        Seconds, Field(description="Age at which pages about heroes and roles must be fetched.")
    ] = 604_800.0
    usage_stale_after: Annotated[Seconds, Field(description="Age at which pick and win rates are due.")] = (
        3600.0
    )
    usage_expired_after: Annotated[
        Seconds, Field(description="Age at which pick and win rates must be fetched.")
    ] = 86_400.0
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

    conversation_ttl: Annotated[
        float,
        Field(
            ge=0,
            le=_CENTURY,
            description="Seconds after its last activity at which a conversation is gone; 0 = never.",
        ),
    ] = 1800.0
    # They go in one transaction, or one script: of so many, that takes seconds.
    conversation_max_messages: Annotated[
        int, Field(ge=1, le=100_000, description="Most messages of a conversation.")
    ] = 10_000
    caller_max_conversations: Annotated[
        int, Field(ge=1, le=1_000_000_000, description="Most living conversations of one caller.")
    ] = 1_000
    message_max_bytes: Annotated[
        int, Field(ge=1, le=16_777_216, description="Longest message, in bytes of UTF-8.")
    ] = 32_768
    answer_max_bytes: Annotated[
        Count,
        Field(description="Most bytes of messages in one answer, each counted as often as it stands there."),
    ] = 16_777_216

    refresh_cooldown: Annotated[
        Seconds, Field(description="Seconds between two refreshes of one player that somebody asks for.")
    ] = 60.0
    refresh_queue: Annotated[
        Count, Field(description="Stale records that a process keeps in mind as asked for; more are dropped.")
    ] = 10_000
    follow_tick: Annotated[
        SomeSeconds,
        Field(description="Seconds after which a subscription looks without having heard anything."),
    ] = 15.0
    shutdown_drain: Annotated[
        Seconds,
        Field(description="Seconds to go on serving after SIGTERM, unready, so that balancers turn away."),
    ] = 0.0

    job_concurrency: Annotated[
        int,
        Field(ge=0, description="Background jobs that run at a time in a process; 0 = none are run there."),
    ] = 4
    job_lease_duration: Annotated[
        SomeSeconds, Field(description="How long a job stays with a worker that gives no sign of life.")
    ] = 60.0
    job_tick: Annotated[
        SomeSeconds, Field(description="Seconds between two looks for background jobs that nobody announced.")
    ] = 5.0
    job_time_limit: Annotated[SomeSeconds, Field(description="Longest that one background job may run.")] = (
        300.0
    )
    job_max_attempts: Annotated[
        Count, Field(description="How often a background job is tried before it is a dead letter.")
    ] = 5
    job_initial_retry: Annotated[
        SomeSeconds,
        Field(
            description="Wait before a second attempt where the error does not say when; it doubles each time."
        ),
    ] = 10.0
    job_max_retry: Annotated[SomeSeconds, Field(description="Longest such wait.")] = 600.0
    job_stop_timeout: Annotated[
        Seconds, Field(description="How long jobs may go on at shutdown before they are given back.")
    ] = 10.0
    job_retention: Annotated[
        SomeSeconds, Field(description="How long ended jobs can be read, dead letters too.")
    ] = 86_400.0
    schedule_tick: Annotated[
        SomeSeconds, Field(description="Seconds between two looks at the work that comes round.")
    ] = 30.0
    stale_catalog_interval: Annotated[
        Seconds, Field(description="How often stale pages about heroes and roles are looked for; 0 = never.")
    ] = 600.0
    new_heroes_interval: Annotated[
        Seconds, Field(description="How often the list of heroes is looked at for new ones; 0 = never.")
    ] = 3600.0
    prune_interval: Annotated[
        Seconds,
        Field(
            description="How often what is past PLAYER_MAX_AGE and PLAYER_HISTORY_MAX_AGE is pruned; 0 = never."
        ),
    ] = 3600.0
    sweep_interval: Annotated[
        Seconds,
        Field(
            description="How often what is past its time is removed (jobs, conversations, ...); 0 = never."
        ),
    ] = 300.0

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

    allowed_origins: Annotated[
        str,
        AfterValidator(_origins),
        Field(description="Pages that may open a WebSocket here beside our own; commas between them."),
    ] = ""
    max_streams: Annotated[
        Count,
        Field(description="Most WebSockets and streamed answers that are open at a time in one process."),
    ] = 10_000
    websocket_init_timeout: Annotated[
        float,
        Field(gt=0, le=15, description="Seconds a WebSocket has to say `connection_init`."),
    ] = 10.0
    websocket_max_operations: Annotated[
        Count, Field(description="Most operations that run at a time on one WebSocket.")
    ] = 100
    stream_heartbeat: Annotated[
        float,
        Field(gt=0, le=15, description="Seconds between two signs of life of a streamed answer."),
    ] = 10.0
    stream_waiting_events: Annotated[
        Count, Field(description="Most events of a subscription that wait for a slow client.")
    ] = 100
    stream_slow_timeout: Annotated[
        SomeSeconds,
        Field(description="Seconds for which that many may wait before the client is closed as too slow."),
    ] = 10.0
    stream_send_timeout: Annotated[
        SomeSeconds, Field(description="Seconds one message may take to leave before the client is cut off.")
    ] = 10.0


def load_settings(**given: object) -> Settings:
    """The settings; StartRefused with one line per wrong variable, its name first, when any cannot be used."""
    try:
        return Settings(**given)  # type: ignore[arg-type]
    except ValidationError as error:
        lines = [f"{str(each['loc'][0]).upper()}: {_said(each['msg'])}" for each in error.errors()]
        raise StartRefused("; ".join(lines)) from None
    except UnicodeDecodeError:
        raise StartRefused(".env is no text in UTF-8: save it as UTF-8.") from None
    except OSError as error:
        raise StartRefused(
            f".env cannot be read ({error.strerror}); give it to the user who starts this."
        ) from None


def _said(message: str) -> str:
    return message.removeprefix("Value error, ")
