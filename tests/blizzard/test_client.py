"""The upstream client over real sockets: what is an answer, what is asked again, what each failure is called."""

import asyncio
import gzip
import ssl
import subprocess
import tracemalloc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path
from shutil import which

import h2.config
import h2.connection
import h2.events
import pytest

from blizzard.client import Upstream, UpstreamPage, UpstreamSettings
from blizzard.precedence import in_background
from blizzard.throttle import Throttle, ThrottleSettings
from errors import UpstreamRateLimited, UpstreamUnavailable
from metrics import Metrics
from tests.clock import FrozenClock
from tests.replay import Answer, Replay

PATH = "/en-us/heroes/"
NO_PACE = ThrottleSettings(start_delay=0, min_delay=0)


@pytest.fixture
def metrics() -> Metrics:
    return Metrics()


@pytest.fixture
def settings(replay: Replay) -> UpstreamSettings:
    return UpstreamSettings(base_url=replay.url, version="1.2.3")


@asynccontextmanager
async def opened(
    settings: UpstreamSettings,
    clock: FrozenClock,
    metrics: Metrics,
    *,
    pace: ThrottleSettings = NO_PACE,
    tls: ssl.SSLContext | None = None,
) -> AsyncIterator[Upstream]:
    throttle = Throttle(pace, clock, metrics)
    async with Upstream(settings, throttle, clock, metrics, jitter=lambda: 0.5, tls=tls) as upstream:
        yield upstream


@pytest.fixture
async def upstream(
    settings: UpstreamSettings, clock: FrozenClock, metrics: Metrics
) -> AsyncIterator[Upstream]:
    async with opened(settings, clock, metrics) as upstream:
        yield upstream


def counted(metrics: Metrics, status: str) -> float:
    labels = {"page": "heroes", "status": status}
    return metrics.registry.get_sample_value("playgraph_upstream_requests_total", labels) or 0.0


async def test_a_page_comes_with_its_status_address_and_text(
    upstream: Upstream, replay: Replay, metrics: Metrics
) -> None:
    replay.pages[PATH] = "Lúcio"

    answer = await upstream.get(PATH, page="heroes")

    assert answer == UpstreamPage(200, f"{replay.url}{PATH}", "Lúcio")
    assert counted(metrics, "200") == 1


async def test_a_404_is_an_answer_and_not_asked_again(
    upstream: Upstream, replay: Replay, metrics: Metrics
) -> None:
    answer = await upstream.get(PATH, page="heroes")

    assert answer.status == 404
    assert replay.requests == [PATH]
    assert counted(metrics, "404") == 1


async def test_paths_parameters_and_headers_are_sent_as_given(upstream: Upstream, replay: Replay) -> None:
    path = "/en-us/search/account-by-name/a%2Fb%20c/"

    await upstream.get(
        path, page="search", params={"map": "all-maps", "rq": "1"}, headers={"Accept": "text/html"}
    )
    await upstream.get("/en-us/career/a%2520b/", page="career")
    await upstream.get("/en-us/career/aa%7Cbb/", page="career")
    await upstream.get("/en-us/search/account-by-name//", page="search")

    assert replay.requests == [
        f"{path}?map=all-maps&rq=1",
        "/en-us/career/a%2520b/",
        "/en-us/career/aa%7Cbb/",
        "/en-us/search/account-by-name//",
    ]
    assert replay.headers[0]["accept"] == "text/html"


@pytest.mark.parametrize(
    ("contact", "agent", "sender"),
    [
        ("", "Playgraph/1.2.3", None),
        ("https://example.org/bot", "Playgraph/1.2.3 (+https://example.org/bot)", None),
        ("ops@example.org", "Playgraph/1.2.3", "ops@example.org"),
    ],
)
async def test_requests_say_who_asks(
    *,
    settings: UpstreamSettings,
    clock: FrozenClock,
    metrics: Metrics,
    replay: Replay,
    contact: str,
    agent: str,
    sender: str | None,
) -> None:
    async with opened(replace(settings, contact=contact), clock, metrics) as upstream:
        await upstream.get(PATH, page="heroes")

    assert replay.headers[0]["user-agent"] == agent
    assert replay.headers[0].get("from") == sender


async def test_connections_are_kept_and_cookies_are_not(upstream: Upstream, replay: Replay) -> None:
    replay.answers[PATH] = [Answer(200, b"a", {"Set-Cookie": "seen=1; Path=/"}), Answer(200, b"b")]

    await upstream.get(PATH, page="heroes")
    await upstream.get(PATH, page="heroes")

    assert replay.connections == 1
    assert "cookie" not in replay.headers[1]


async def test_nothing_connects_before_the_first_request(upstream: Upstream, replay: Replay) -> None:
    assert replay.connections == 0


@pytest.mark.parametrize("status", [500, 502, 503, 599])
async def test_a_server_error_is_asked_again(
    upstream: Upstream, replay: Replay, metrics: Metrics, clock: FrozenClock, status: int
) -> None:
    replay.answers[PATH] = [Answer(status), Answer(200, b"well")]

    answer = await upstream.get(PATH, page="heroes")

    assert answer.text == "well"
    assert replay.requests == [PATH, PATH]
    assert clock.slept == [0.25]
    assert (counted(metrics, "5xx"), counted(metrics, "200")) == (1, 1)


async def test_after_two_retries_it_gives_up(upstream: Upstream, replay: Replay, clock: FrozenClock) -> None:
    replay.status[PATH] = 500

    with pytest.raises(UpstreamUnavailable) as failed:
        await upstream.get(PATH, page="heroes")

    assert failed.value.retry_after == 30
    assert replay.requests == [PATH] * 3
    assert clock.slept == [0.25, 0.5]


@pytest.mark.parametrize("status", [204, 206, 304, 400, 401, 410])
async def test_other_statuses_are_no_answer_and_not_asked_again(
    upstream: Upstream, replay: Replay, metrics: Metrics, status: int
) -> None:
    replay.answers[PATH] = [Answer(status)]

    with pytest.raises(UpstreamUnavailable):
        await upstream.get(PATH, page="heroes")

    assert replay.requests == [PATH]
    assert counted(metrics, "error") == 1


async def test_every_attempt_takes_a_turn(
    settings: UpstreamSettings, clock: FrozenClock, metrics: Metrics, replay: Replay
) -> None:
    replay.status[PATH] = 500

    async with opened(settings, clock, metrics, pace=ThrottleSettings()) as upstream:
        with pytest.raises(UpstreamUnavailable):
            await upstream.get(PATH, page="heroes")

    assert clock.slept == [0.25, 1.75, 0.5, 1.5]


@pytest.mark.parametrize("status", [403, 429])
async def test_a_refusal_starts_a_penalty_and_nothing_more_is_asked(
    upstream: Upstream, replay: Replay, metrics: Metrics, status: int
) -> None:
    replay.answers[PATH] = [Answer(status)]

    with pytest.raises(UpstreamRateLimited) as refused:
        await upstream.get(PATH, page="heroes")
    with pytest.raises(UpstreamRateLimited) as refused_again:
        await upstream.get(PATH, page="heroes")

    assert (refused.value.retry_after, refused_again.value.retry_after) == (60, 60)
    assert replay.requests == [PATH]
    assert counted(metrics, str(status)) == 1


async def test_after_the_penalty_it_asks_again(
    upstream: Upstream, replay: Replay, clock: FrozenClock
) -> None:
    replay.answers[PATH] = [Answer(403), Answer(200, b"well")]
    with pytest.raises(UpstreamRateLimited):
        await upstream.get(PATH, page="heroes")
    clock.advance(60)

    answer = await upstream.get(PATH, page="heroes")

    assert answer.text == "well"


@pytest.mark.parametrize(
    ("header", "retry_after"),
    [
        ("90", 90),
        ("30", 60),
        ("-5", 60),
        ("nan", 60),
        ("inf", 60),
        ("soon", 60),
        ("99999", 3600),
        (format_datetime(datetime.fromtimestamp(1_800_000_120, UTC), usegmt=True), 120),
    ],
)
async def test_a_retry_after_of_upstream_is_kept(
    upstream: Upstream, replay: Replay, header: str, retry_after: int
) -> None:
    replay.answers[PATH] = [Answer(429, b"", {"Retry-After": header})]

    with pytest.raises(UpstreamRateLimited) as refused:
        await upstream.get(PATH, page="heroes")

    assert refused.value.retry_after == retry_after


async def test_a_refusal_during_retries_ends_them(upstream: Upstream, replay: Replay) -> None:
    replay.answers[PATH] = [Answer(500), Answer(403), Answer(200)]

    with pytest.raises(UpstreamRateLimited):
        await upstream.get(PATH, page="heroes")

    assert replay.requests == [PATH, PATH]


@pytest.mark.parametrize(("total", "read"), [(0.05, 10.0), (10.0, 0.05)])
async def test_a_late_answer_is_no_answer(
    *,
    settings: UpstreamSettings,
    clock: FrozenClock,
    metrics: Metrics,
    replay: Replay,
    total: float,
    read: float,
) -> None:
    replay.hold(PATH)

    async with opened(replace(settings, total_timeout=total, read_timeout=read), clock, metrics) as upstream:
        with pytest.raises(UpstreamUnavailable, match="did not answer in time") as failed:
            await upstream.get(PATH, page="heroes")

    assert failed.value.retry_after == 30
    assert replay.requests == [PATH] * 3
    assert counted(metrics, "timeout") == 3


async def test_a_refused_connection_is_no_answer(clock: FrozenClock, metrics: Metrics) -> None:
    async with Replay() as gone:
        url = gone.url

    async with opened(UpstreamSettings(base_url=url), clock, metrics) as upstream:
        with pytest.raises(UpstreamUnavailable, match="connection to Blizzard failed"):
            await upstream.get(PATH, page="heroes")

    assert counted(metrics, "error") == 3


@pytest.mark.parametrize("broken", [Answer(0), Answer(200, b"x" * 1000, sent=500)])
async def test_a_connection_that_breaks_off_is_tried_again(
    upstream: Upstream, replay: Replay, broken: Answer
) -> None:
    replay.answers[PATH] = [broken, broken, Answer(200, b"whole")]

    answer = await upstream.get(PATH, page="heroes")

    assert answer.text == "whole"
    assert replay.requests == [PATH] * 3


async def test_an_address_that_cannot_be_asked_is_no_answer(upstream: Upstream, replay: Replay) -> None:
    with pytest.raises(UpstreamUnavailable, match="could not be asked"):
        await upstream.get("/" + "a" * 70_000, page="heroes")

    assert replay.requests == []


async def test_redirects_at_the_same_site_are_followed_in_one_turn(
    settings: UpstreamSettings, clock: FrozenClock, metrics: Metrics, replay: Replay
) -> None:
    replay.redirects["Wanderer-1234"] = "0a1b|2c3d"
    replay.careers["0a1b|2c3d"] = "page"

    async with opened(settings, clock, metrics, pace=ThrottleSettings()) as upstream:
        answer = await upstream.get("/en-us/career/Wanderer-1234/", page="career")

    assert answer == UpstreamPage(200, f"{replay.url}/en-us/career/0a1b%7C2c3d/", "page")
    assert replay.requests == ["/en-us/career/Wanderer-1234/", "/en-us/career/0a1b%7C2c3d/"]
    assert clock.slept == []
    assert replay.connections == 1


@pytest.mark.parametrize(("hops", "is_followed"), [(5, True), (6, False)])
async def test_five_redirects_are_the_most(
    upstream: Upstream, replay: Replay, hops: int, is_followed: bool
) -> None:
    replay.redirects |= {f"Hop{n}-123": f"/en-us/career/Hop{n + 1}-123/" for n in range(hops)}
    replay.careers[f"Hop{hops}-123"] = "page"

    outcome = await asyncio.gather(
        upstream.get("/en-us/career/Hop0-123/", page="career"), return_exceptions=True
    )

    assert isinstance(outcome[0], UpstreamPage) is is_followed
    assert isinstance(outcome[0], UpstreamUnavailable) is not is_followed
    assert len(replay.requests) == 6


@pytest.mark.parametrize(
    "target",
    [
        "http://localhost:1/en-us/career/0a1b|2c3d/",
        "https://127.0.0.1/en-us/career/",
        "//example.invalid/",
        "http://user:secret@{here}/x/",
        "http://[/",
    ],
)
async def test_a_redirect_to_another_site_is_not_followed(
    upstream: Upstream, replay: Replay, metrics: Metrics, target: str
) -> None:
    replay.redirects["Wanderer-1234"] = target.format(here=replay.url.removeprefix("http://"))

    with pytest.raises(UpstreamUnavailable, match="another site"):
        await upstream.get("/en-us/career/Wanderer-1234/", page="heroes")

    assert replay.requests == ["/en-us/career/Wanderer-1234/"]
    assert counted(metrics, "error") == 1


@pytest.mark.parametrize(("size", "is_taken"), [(1_000, True), (1_001, False)])
@pytest.mark.parametrize("is_packed", [False, True])
async def test_a_body_up_to_the_limit_is_taken(
    *,
    settings: UpstreamSettings,
    clock: FrozenClock,
    metrics: Metrics,
    replay: Replay,
    size: int,
    is_taken: bool,
    is_packed: bool,
) -> None:
    plain = b"x" * size
    packed = Answer(200, gzip.compress(plain), {"Content-Encoding": "gzip"})
    replay.answers[PATH] = [packed if is_packed else Answer(200, plain)]

    async with opened(replace(settings, body_limit=1_000), clock, metrics) as upstream:
        outcome = await asyncio.gather(upstream.get(PATH, page="heroes"), return_exceptions=True)

    assert isinstance(outcome[0], UpstreamPage) is is_taken
    assert isinstance(outcome[0], UpstreamUnavailable) is not is_taken
    assert replay.requests == [PATH]


@pytest.mark.parametrize(
    "answer",
    [
        Answer(200, b"x" * 17_000_000),
        Answer(200, gzip.compress(b"\0" * 200_000_000, 1), {"Content-Encoding": "gzip"}),
    ],
    ids=["17 MB", "200 MB in 1 MB of gzip"],
)
async def test_a_body_beyond_sixteen_mebibytes_is_given_up(
    upstream: Upstream, replay: Replay, answer: Answer
) -> None:
    replay.answers[PATH] = [answer]

    with pytest.raises(UpstreamUnavailable, match="too large"):
        await upstream.get(PATH, page="heroes")

    assert replay.requests == [PATH]


async def test_a_bomb_of_gzip_is_not_unpacked_beyond_the_limit(
    settings: UpstreamSettings, clock: FrozenClock, metrics: Metrics, replay: Replay
) -> None:
    bomb = gzip.compress(b"\0" * 50_000_000, 1)
    replay.answers[PATH] = [Answer(200, bomb, {"Content-Encoding": "gzip"})]

    async with opened(replace(settings, body_limit=1_000_000), clock, metrics) as upstream:
        tracemalloc.start()
        with pytest.raises(UpstreamUnavailable, match="too large"):
            await upstream.get(PATH, page="heroes")
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()

    assert peak < 5_000_000


@pytest.mark.parametrize(
    "answer",
    [
        Answer(200, b"\xff\xfe\xfa", {"Content-Type": "text/html; charset=utf-8"}),
        Answer(200, b"caf\xe9"),
        Answer(200, b"x", {"Content-Type": "text/html; charset=klingon"}),
        Answer(200, b"x", {"Content-Type": "text/html; charset=utf-7"}),
        Answer(200, b"x", {"Content-Encoding": "br"}),
    ],
)
async def test_an_unreadable_body_is_no_answer(upstream: Upstream, replay: Replay, answer: Answer) -> None:
    replay.answers[PATH] = [answer]

    with pytest.raises(UpstreamUnavailable):
        await upstream.get(PATH, page="heroes")

    assert replay.requests == [PATH]


@pytest.mark.parametrize(
    "body", [gzip.compress(b"x" * 1000, mtime=0)[:-4], b"no gzip", gzip.compress(b"x", mtime=0) + b"more"]
)
async def test_a_packed_body_that_is_not_whole_is_asked_for_again(
    upstream: Upstream, replay: Replay, body: bytes
) -> None:
    replay.answers[PATH] = [Answer(200, body, {"Content-Encoding": "gzip"}), Answer(200, b"whole")]

    answer = await upstream.get(PATH, page="heroes")

    assert answer.text == "whole"


@pytest.mark.parametrize(
    ("body", "headers", "text"),
    [
        (b"caf\xe9", {"Content-Type": "text/html; charset=ISO-8859-1"}, "café"),
        (b"\xef\xbb\xbf[]", {}, "[]"),
        (b"", {"Content-Encoding": "gzip"}, ""),
        (gzip.compress("é".encode(), mtime=0), {"Content-Encoding": "gzip"}, "é"),
    ],
)
async def test_bodies_are_read_in_their_own_charset(
    upstream: Upstream, replay: Replay, body: bytes, headers: dict[str, str], text: str
) -> None:
    replay.answers[PATH] = [Answer(200, body, headers)]

    answer = await upstream.get(PATH, page="heroes")

    assert answer.text == text


async def test_the_text_of_a_404_need_not_be_readable(upstream: Upstream, replay: Replay) -> None:
    replay.answers[PATH] = [Answer(404, b"\xff")]

    answer = await upstream.get(PATH, page="heroes")

    assert answer.status == 404


async def test_what_upstream_says_in_an_error_is_never_passed_on(upstream: Upstream, replay: Replay) -> None:
    replay.answers[PATH] = [Answer(410, b"secret words")]

    with pytest.raises(UpstreamUnavailable) as failed:
        await upstream.get(PATH, page="heroes")

    assert failed.value.message == "Blizzard answered with status 410."


async def test_a_cancelled_request_leaves_the_client_working(upstream: Upstream, replay: Replay) -> None:
    hold = replay.hold(PATH)
    asked = asyncio.create_task(upstream.get(PATH, page="heroes"))
    await hold.arrived.wait()

    asked.cancel()
    await asyncio.gather(asked, return_exceptions=True)
    answer = await upstream.get("/other/", page="heroes")

    assert asked.cancelled()
    assert answer.status == 404


async def test_a_client_outside_its_context_says_so(
    settings: UpstreamSettings, clock: FrozenClock, metrics: Metrics
) -> None:
    upstream = Upstream(settings, Throttle(NO_PACE, clock, metrics), clock, metrics)

    with pytest.raises(RuntimeError, match="outside its context"):
        await upstream.get(PATH, page="heroes")


class Http2Server(asyncio.Protocol):
    """Answers every stream with the protocol that was agreed on."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._state = h2.connection.H2Connection(h2.config.H2Configuration(client_side=False))
        self._state.initiate_connection()
        transport.write(self._state.data_to_send())

    def data_received(self, received: bytes) -> None:
        agreed = self._transport.get_extra_info("ssl_object").selected_alpn_protocol()
        for event in self._state.receive_data(received):
            if isinstance(event, h2.events.RequestReceived):
                self._state.send_headers(event.stream_id, [(":status", "200")])
                self._state.send_data(event.stream_id, agreed.encode(), end_stream=True)
        self._transport.write(self._state.data_to_send())


@pytest.fixture
def certificate(tmp_path: Path) -> tuple[Path, Path]:
    """A key and a certificate for 127.0.0.1, made for this test."""
    key, chain = tmp_path / "key.pem", tmp_path / "chain.pem"
    command = (
        "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=replay"
    )
    names = ["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(key), "-out", str(chain)]
    subprocess.run([*command.split(), *names], check=True, capture_output=True)
    return key, chain


@pytest.mark.skipif(which("openssl") is None, reason="openssl, which makes the certificate, is not installed")
async def test_http_2_is_spoken_where_it_is_offered(
    certificate: tuple[Path, Path], clock: FrozenClock, metrics: Metrics
) -> None:
    key, chain = certificate
    served = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    served.load_cert_chain(chain, key)
    served.set_alpn_protocols(["h2", "http/1.1"])
    trusted = ssl.create_default_context(cafile=chain)
    loop = asyncio.get_running_loop()

    async with await loop.create_server(Http2Server, "127.0.0.1", 0, ssl=served) as server:
        port = server.sockets[0].getsockname()[1]
        settings = UpstreamSettings(base_url=f"https://127.0.0.1:{port}")
        async with opened(settings, clock, metrics, tls=trusted) as upstream:
            answer = await upstream.get(PATH, page="heroes")

    assert answer.text == "h2"


async def test_an_untrusted_certificate_is_no_answer(
    certificate: tuple[Path, Path], clock: FrozenClock, metrics: Metrics
) -> None:
    key, chain = certificate
    served = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    served.load_cert_chain(chain, key)

    async with Replay(tls=served) as replay:
        async with opened(UpstreamSettings(base_url=replay.url), clock, metrics) as upstream:
            with pytest.raises(UpstreamUnavailable):
                await upstream.get(PATH, page="heroes")

        assert replay.requests == []


async def test_what_a_job_asks_lets_people_go_first_in_every_task_that_it_starts(
    upstream: Upstream, replay: Replay, metrics: Metrics
) -> None:
    replay.answers[PATH] = [Answer(200)]

    async def ask() -> None:
        await upstream.get(PATH, page="heroes")

    with in_background():
        await asyncio.create_task(ask())
        await ask()
    await ask()

    turns = {
        priority: metrics.registry.get_sample_value(
            "playgraph_upstream_turn_seconds_count", {"priority": priority}
        )
        for priority in ("background", "person")
    }
    assert turns == {"background": 2.0, "person": 1.0}
