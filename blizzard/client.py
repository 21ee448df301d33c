"""HTTP towards Blizzard: time-outs, retries, redirects, and one named error for whatever goes wrong."""

import asyncio
import codecs
import math
import random
import ssl
import zlib
from collections.abc import Callable, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from http.cookiejar import CookieJar, DefaultCookiePolicy
from types import TracebackType
from typing import Self

import httpx2

from blizzard.precedence import is_in_background
from blizzard.throttle import Throttle
from clock import Clock
from errors import UpstreamUnavailable
from metrics import Metrics

RETRY_AFTER = 30
"""Seconds a client is asked to wait when upstream gave no usable answer and named no time."""

MAX_REDIRECTS = 5
BACKOFF_SECONDS = 0.5
MAX_BACKOFF_SECONDS = 5.0

_CHARSETS = frozenset({"utf-8", "ascii", "iso8859-1", "cp1252"})


@dataclass(frozen=True, slots=True)
class UpstreamSettings:
    """How to speak to upstream. Spans in seconds, `body_limit` in bytes after decompression.

    `total_timeout` covers one attempt with its redirects, waiting for the turn excluded. `contact` is an e-mail
    address or a URL at which Blizzard can reach whoever runs this server. `proxy` is a proxy's URL.
    """

    base_url: str = "https://overwatch.blizzard.com"
    version: str = "0"
    contact: str = ""
    total_timeout: float = 10.0
    connect_timeout: float = 5.0
    read_timeout: float = 10.0
    retries: int = 2
    body_limit: int = 16_777_216
    connections: int = 10
    proxy: str | None = None


@dataclass(frozen=True, slots=True)
class UpstreamPage:
    """An answer: status 200 or 404, the final URL after redirects, and the text."""

    status: int
    url: str
    text: str


class _NoAnswerError(Exception):
    """An attempt without a usable answer. `label` is the metric's; `is_passing` says that a retry may help."""

    def __init__(self, label: str, message: str, *, is_passing: bool = False) -> None:
        super().__init__(message)
        self.label = label
        self.message = message
        self.is_passing = is_passing


class _RefusedError(Exception):
    """Upstream answered 403 or 429; `retry_after` is its header in seconds, None without one."""

    def __init__(self, status: int, retry_after: float | None) -> None:
        super().__init__(status)
        self.status = status
        self.retry_after = retry_after


class Upstream:
    """The one client of Blizzard's pages. An async context manager: it connects at the first request, closes at exit.

    `jitter` gives a number from 0 to 1 and spreads retries; `tls` replaces the default TLS settings.
    """

    def __init__(
        self,
        settings: UpstreamSettings,
        throttle: Throttle,
        clock: Clock,
        metrics: Metrics,
        *,
        jitter: Callable[[], float] = random.random,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self.clock = clock
        self.metrics = metrics
        self.throttle = throttle
        self._settings = settings
        self._jitter = jitter
        self._tls = tls
        self._base = settings.base_url.rstrip("/")
        self._client: httpx2.AsyncClient | None = None

    async def __aenter__(self) -> Self:
        self._client = await _open_client(self._settings, self._tls).__aenter__()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        client, self._client = self._client, None
        if client is not None:
            await client.__aexit__(kind, error, traceback)

    async def get(
        self,
        path: str,
        *,
        page: str,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> UpstreamPage:
        """The answer of upstream to a GET of `path` (encoded, from `/` on); `page` names its kind in the metrics.

        Only 200 and 404 are answers. A 403 or 429, and any request during the penalty they start, raise
        `UpstreamRateLimited`; all else raises `UpstreamUnavailable`. Time-outs, broken connections and
        answers of 500 and above are retried, each time in a turn of its own. No more than 5 redirects are
        followed, none of them to another origin.
        """
        failures = 0
        while True:
            await self.throttle.turn(is_background=is_in_background())
            try:
                return await self._attempt(path, page, params, headers)
            except _RefusedError as refused:
                await self.throttle.refuse(refused.retry_after)
                raise self.throttle.refusal() from None
            except _NoAnswerError as failure:
                failures += 1
                if not failure.is_passing or failures > self._settings.retries:
                    raise self.unavailable(failure.message) from failure
            ceiling = min(MAX_BACKOFF_SECONDS, BACKOFF_SECONDS * 2 ** (failures - 1))
            await self.clock.sleep(self._jitter() * ceiling)

    def unavailable(self, message: str) -> UpstreamUnavailable:
        """The error for an answer that is no use, with the usual time to wait."""
        now = self.clock.now()
        return UpstreamUnavailable(message, now=now, next_check_at=now + RETRY_AFTER * 1000)

    async def _attempt(
        self, path: str, page: str, params: Mapping[str, str] | None, headers: Mapping[str, str] | None
    ) -> UpstreamPage:
        """One request with its redirects, counted and timed."""
        started_at = self.clock.now()
        label = "cancelled"
        try:
            answer = await self._guarded(path, params, headers)
            label = str(answer.status)
        except _RefusedError as refused:
            label = str(refused.status)
            raise
        except _NoAnswerError as failure:
            label = failure.label
            raise
        finally:
            self.metrics.upstream_requests.labels(page, label).inc()
            self.metrics.upstream_seconds.labels(page).observe((self.clock.now() - started_at) / 1000)
        await self.throttle.record(answer.status)
        return answer

    async def _guarded(
        self, path: str, params: Mapping[str, str] | None, headers: Mapping[str, str] | None
    ) -> UpstreamPage:
        """As `_follow`, in the time allowed and with every error of the HTTP client named."""
        try:
            async with asyncio.timeout(self._settings.total_timeout):
                return await self._follow(path, params, headers)
        except (TimeoutError, httpx2.TimeoutException) as error:
            raise _NoAnswerError("timeout", "Blizzard did not answer in time.", is_passing=True) from error
        except (httpx2.NetworkError, httpx2.RemoteProtocolError, zlib.error, OSError) as error:
            message = "The connection to Blizzard failed or broke off."
            raise _NoAnswerError("error", message, is_passing=True) from error
        except (httpx2.RequestError, httpx2.InvalidURL, httpx2.StreamError) as error:
            raise _NoAnswerError("error", "Blizzard could not be asked.") from error

    async def _follow(
        self, path: str, params: Mapping[str, str] | None, headers: Mapping[str, str] | None
    ) -> UpstreamPage:
        """Send the request and what it is redirected to."""
        if self._client is None:
            raise RuntimeError("the upstream client is used outside its context")
        request = self._client.build_request("GET", f"{self._base}{path}", params=params, headers=headers)
        for _ in range(MAX_REDIRECTS + 1):
            response = await self._client.send(request, stream=True, follow_redirects=False)
            async with aclosing(response):
                if not response.has_redirect_location:
                    return await self._read_answer(response)
                # Read to the end, so that the connection can be used again.
                await _read_body(response, self._settings.body_limit)
            request = _redirected(request, response)
        raise _NoAnswerError("error", "Blizzard redirects in a circle.")

    async def _read_answer(self, response: httpx2.Response) -> UpstreamPage:
        status = response.status_code
        if status in {403, 429}:
            retry_after = _retry_after(response.headers.get("Retry-After"), self.clock.now())
            raise _RefusedError(status, retry_after)
        if status not in {200, 404}:
            await self.throttle.record(status)
            label = "5xx" if status >= 500 else "error"
            raise _NoAnswerError(label, f"Blizzard answered with status {status}.", is_passing=status >= 500)
        body = await _read_body(response, self._settings.body_limit)
        # What a 404 says does not matter, so its text need not be readable.
        text = _decode(body, response.charset_encoding, "strict" if status == 200 else "replace")
        return UpstreamPage(status, str(response.url), text)


def _open_client(settings: UpstreamSettings, tls: ssl.SSLContext | None) -> httpx2.AsyncClient:
    return httpx2.AsyncClient(
        http2=True,
        verify=True if tls is None else tls,
        headers=_headers(settings),
        # No cookie is ever taken: requests for one player must not be tied to those for another.
        cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
        timeout=httpx2.Timeout(
            settings.total_timeout, connect=settings.connect_timeout, read=settings.read_timeout
        ),
        limits=httpx2.Limits(
            max_connections=settings.connections,
            max_keepalive_connections=settings.connections,
            keepalive_expiry=60.0,
        ),
        proxy=settings.proxy,
        trust_env=False,
    )


def _headers(settings: UpstreamSettings) -> dict[str, str]:
    """Who asks. gzip is the one compression that is unpacked here, within the limit of the body's size."""
    agent = f"Playgraph/{settings.version}"
    named = {"Accept-Encoding": "gzip"}
    if "@" in settings.contact:
        return {**named, "User-Agent": agent, "From": settings.contact}
    return {**named, "User-Agent": f"{agent} (+{settings.contact})" if settings.contact else agent}


def _redirected(request: httpx2.Request, response: httpx2.Response) -> httpx2.Request:
    """The request that a redirect asks for, if it stays at the same origin."""
    following = response.next_request
    if following is None or following.url.origin != request.url.origin or following.url.userinfo:
        raise _NoAnswerError("error", "Blizzard redirects to another site.")
    return following


async def _read_body(response: httpx2.Response, limit: int) -> bytes:
    """The body, unpacked. Stops as soon as more than `limit` bytes have come, packed or unpacked."""
    unpack = _unpacker(response.headers.get("Content-Encoding", ""))
    body = bytearray()
    received = 0
    async with aclosing(response.aiter_raw()) as chunks:
        async for chunk in chunks:
            received += len(chunk)
            body += chunk if unpack is None else unpack.decompress(chunk, limit + 1 - len(body))
            if max(received, len(body)) > limit:
                raise _NoAnswerError("error", "Blizzard's answer is too large.")
    if unpack is not None and received and (not unpack.eof or unpack.unused_data):
        raise _NoAnswerError("error", "Blizzard's answer is cut short.", is_passing=True)
    return bytes(body)


def _unpacker(encoding: str) -> "zlib._Decompress | None":
    match encoding.strip().lower():
        case "" | "identity":
            return None
        case "gzip" | "x-gzip":
            return zlib.decompressobj(zlib.MAX_WBITS | 16)
    raise _NoAnswerError("error", "Blizzard's answer is packed in a way that was not asked for.")


def _decode(body: bytes, charset: str | None, errors: str) -> str:
    try:
        name = codecs.lookup(charset or "utf-8").name
        if name not in _CHARSETS:
            raise LookupError(name)
        return body.decode(name, errors).removeprefix("\ufeff")
    except (LookupError, UnicodeDecodeError, ValueError) as error:
        raise _NoAnswerError("error", "Blizzard's answer is not readable text.") from error


def _retry_after(header: str | None, now: int) -> float | None:
    """Seconds that a `Retry-After` header asks for, from a number or a date; None when it says nothing usable."""
    if header is None:
        return None
    try:
        seconds = float(header)
    except ValueError:
        try:
            seconds = parsedate_to_datetime(header).timestamp() - now / 1000
        except (ValueError, OverflowError):
            return None
    return max(0.0, seconds) if math.isfinite(seconds) else None
