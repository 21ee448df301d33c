"""Reads the address of a PostgreSQL server: what to tell people of it, and what a pooler must not be told."""

from dataclasses import dataclass
from urllib.parse import SplitResult, parse_qsl, quote, urlencode, urlsplit

from errors import StartRefused


@dataclass(frozen=True, slots=True)
class PostgresUrl:
    """`place` is host, port and database, without user or password. `driver_url` is for the driver; `search_path` is
    what was taken out of it, None when it stands in it or nowhere."""

    place: str
    driver_url: str
    search_path: str | None = None
    has_application_name: bool = False


def read_url(url: str, *, pooled: bool) -> PostgresUrl:
    """Take a URL apart. `pooled`: pgbouncer refuses settings of the session, so `search_path` is taken out, to be
    set in each transaction. Raises `StartRefused`, repeating nothing of a URL that may hold a password."""
    try:
        parts = urlsplit(url)
        many = "," in parts.netloc
        port = None if many else parts.port
    except ValueError:
        raise _unreadable() from None
    if parts.scheme not in ("postgresql", "postgres") or _is_cut_short(parts):
        raise _unreadable()
    query = dict(parse_qsl(parts.query, keep_blank_values=True))
    host = parts.hostname or query.get("host") or "localhost"
    host = f"[{host}]" if ":" in host else host
    place = parts.netloc.rpartition("@")[2] if many else f"{host}:{port or query.get('port') or 5432}"
    search_path = query.pop("search_path", None) if pooled else None
    return PostgresUrl(
        place=f"{place}{parts.path}",
        driver_url=parts._replace(query=urlencode(query, quote_via=quote)).geturl(),
        search_path=search_path,
        has_application_name="application_name" in query,
    )


def _is_cut_short(parts: SplitResult) -> bool:
    """Whether a password with one of `/ ? #` in it seems to end there: then its first signs look like a port or host,
    and are told to everybody as such."""
    return "@" in parts.path + parts.fragment + parts.query.partition("=")[0]


def _unreadable() -> StartRefused:
    return StartRefused(
        "The address of PostgreSQL cannot be read. Write it as postgresql://user:password@host:port/database, with "
        "signs like / ? # @ : in the password written as %2F %3F %23 %40 %3A."
    )
