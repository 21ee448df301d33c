"""Every metric, named once, behind one small class with its own registry. Labels are bounded: they never hold ids."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest

_SECONDS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class Metrics:
    """The process's figures. Make one per app and hand it down; `render` is the body of /metrics."""

    content_type = CONTENT_TYPE_PLAIN_0_0_4

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.operations = self._counter(
            "graphql_operations", "GraphQL operations answered.", "kind", "outcome"
        )
        self.operation_seconds = self._histogram(
            "graphql_operation_seconds", "Time from reading a GraphQL request to its answer.", "kind"
        )
        self.errors = self._counter("graphql_errors", "Errors sent to clients, by code.", "code")
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
        self.parse_seconds = self._histogram(
            "parse_seconds", "Time to turn a page of Blizzard's into facts.", "page"
        )
        self.parse_failures = self._counter(
            "parse_failures", "Pages of Blizzard's that could not be read.", "page"
        )
        self.flights = self._gauge(
            "refresh_flights", "Fetches from Blizzard under way or waiting for a turn."
        )
        self.player_answers = self._counter(
            "player_answers", "Players answered, by the state they were in.", "state"
        )
        self.storage_reads = self._counter("storage_reads", "Read statements sent to storage.", "repository")
        self.storage_writes = self._counter(
            "storage_writes", "Write transactions sent to storage.", "repository"
        )
        self.storage_errors = self._counter("storage_errors", "Storage calls that failed.", "repository")

    def render(self) -> bytes:
        """All figures in the Prometheus text format."""
        return generate_latest(self.registry)

    def _counter(self, name: str, text: str, *labels: str) -> Counter:
        return Counter(f"playgraph_{name}", text, labels, registry=self.registry)

    def _gauge(self, name: str, text: str, *labels: str) -> Gauge:
        return Gauge(f"playgraph_{name}", text, labels, registry=self.registry)

    def _histogram(self, name: str, text: str, *labels: str) -> Histogram:
        return Histogram(f"playgraph_{name}", text, labels, registry=self.registry, buckets=_SECONDS)
