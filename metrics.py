"""Every metric, named once, behind one small class with its own registry. Labels are bounded: they never hold ids."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest

_SECONDS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class Metrics:
    """The process's figures. Make one per app and hand it down; `render` is the body of /metrics."""

    content_type = CONTENT_TYPE_PLAIN_0_0_4

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._add_operations()
        self._add_refreshes()
        self._add_storage()

    def _add_operations(self) -> None:
        self.operations = self._counter(
            "graphql_operations", "GraphQL operations answered.", "kind", "outcome"
        )
        self.operation_seconds = self._histogram(
            "graphql_operation_seconds", "Time from reading a GraphQL request to its answer.", "kind"
        )
        self.errors = self._counter("graphql_errors", "Errors sent to clients, by code.", "code")
        self.refused_tokens = self._counter(
            "refused_tokens", "Tokens of callers that were not taken, by what was wrong with them.", "reason"
        )
        self.stream_connections = self._gauge(
            "stream_connections", "Open WebSockets and streamed answers.", "transport"
        )
        self.subscriptions = self._gauge("subscriptions", "Subscriptions under way.", "transport")
        self.stream_events = self._counter(
            "stream_events", "Results sent over WebSockets and in streamed answers.", "transport"
        )
        self.stream_closes = self._counter(
            "stream_closes", "WebSockets and streamed answers that ended, by reason.", "transport", "reason"
        )
        self.upstream_requests = self._counter(
            "upstream_requests", "Requests sent to Blizzard.", "page", "status"
        )
        self.upstream_seconds = self._histogram(
            "upstream_request_seconds",
            "Time of one request to Blizzard, waiting for its turn excluded.",
            "page",
        )
        self.throttle_delay = self._gauge(
            "upstream_throttle_delay_seconds", "Present distance between two requests to Blizzard."
        )
        self.throttle_penalty_end = self._gauge(
            "upstream_throttle_penalty_end_seconds",
            "When the last penalty ends or ended, in seconds since 1970; 0 while there was none.",
        )
        self.throttle_shared = self._gauge(
            "upstream_throttle_shared",
            "1 while turns towards Blizzard are taken together with other processes.",
        )
        self.throttle_conflicts = self._counter(
            "upstream_throttle_conflicts", "Changes of the shared pace that another process was quicker with."
        )
        self.turn_seconds = self._histogram(
            "upstream_turn_seconds", "Time waited for a turn towards Blizzard, by who asked.", "priority"
        )
        self.parse_seconds = self._histogram(
            "parse_seconds", "Time to turn a page of Blizzard's into facts.", "page"
        )
        self.parse_failures = self._counter(
            "parse_failures", "Pages of Blizzard's that could not be read.", "page"
        )

    def _add_refreshes(self) -> None:
        self.flights = self._gauge(
            "refresh_flights", "Fetches from Blizzard under way or waiting for a turn."
        )
        self.refresh_asked = self._counter(
            "refresh_asked", "Stale records that were asked to be fetched again in the background.", "kind"
        )
        self.refresh_dropped = self._counter(
            "refresh_dropped",
            "Stale records that were not asked for, by what was in the way.",
            "kind",
            "reason",
        )
        self.jobs = self._gauge("jobs", "Background jobs kept, when last counted.", "kind", "state")
        self.job_runs = self._counter(
            "job_runs", "Runs of background jobs, by how they ended.", "kind", "outcome"
        )
        self.jobs_running = self._gauge("jobs_running", "Background jobs under way in this process.")
        self.job_crashes = self._counter(
            "job_crashes", "Errors in background work that nobody raised on purpose.", "kind"
        )
        self.player_answers = self._counter(
            "player_answers", "Players answered, by the state they were in.", "state"
        )

    def _add_storage(self) -> None:
        self.storage_reads = self._counter("storage_reads", "Read statements sent to storage.", "repository")
        self.storage_writes = self._counter(
            "storage_writes", "Write transactions sent to storage.", "repository"
        )
        self.storage_errors = self._counter("storage_errors", "Storage calls that failed.", "repository")
        self.storage_cache_hits = self._counter(
            "storage_cache_hits", "Records that were read from a copy.", "repository"
        )
        self.storage_cache_misses = self._counter(
            "storage_cache_misses", "Records that had no usable copy.", "repository"
        )
        self.breaker_open = self._gauge(
            "breaker_open", "1 while calls to a server are refused after it failed.", "server"
        )
        self.breaker_refusals = self._counter(
            "breaker_refusals", "Calls refused without a try, as the server had just failed.", "server"
        )
        self.storage_health = self._gauge(
            "storage_health", "1 for the state storage was in when last looked at.", "state"
        )
        self.storage_entries = self._gauge("storage_entries", "Records kept, when last counted.", "kind")
        self.storage_bytes = self._gauge(
            "storage_bytes", "Bytes that the records hold, when last counted.", "kind"
        )
        self.storage_connections_in_use = self._gauge(
            "storage_connections_in_use", "Connections to storage that calls hold at this moment."
        )
        self.storage_connections_limit = self._gauge(
            "storage_connections_limit", "Most connections to storage that calls may hold at a time."
        )

    def render(self) -> bytes:
        """All figures in the Prometheus text format."""
        return generate_latest(self.registry)

    def _counter(self, name: str, text: str, *labels: str) -> Counter:
        return Counter(f"playgraph_{name}", text, labels, registry=self.registry)

    def _gauge(self, name: str, text: str, *labels: str) -> Gauge:
        return Gauge(f"playgraph_{name}", text, labels, registry=self.registry)

    def _histogram(self, name: str, text: str, *labels: str) -> Histogram:
        return Histogram(f"playgraph_{name}", text, labels, registry=self.registry, buckets=_SECONDS)
