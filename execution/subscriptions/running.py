"""Runs any operation as a stream of results, and says what went wrong as a client sees it."""

from collections.abc import Awaitable, Callable

from graphql import OperationType

from execution.admission import Admission
from execution.operations import Operation, Operations, Result, SubscriptionFailedError
from execution.refusals import RefusedError, unexpected
from execution.requests import GraphQLRequest
from execution.subscriptions.delivery import deliver
from execution.subscriptions.options import StreamOptions
from execution.visitors import Identified
from metrics import Metrics


class Runner:
    """What all streaming transports share: the operations of a schema, the limits, the figures, and the door."""

    def __init__(
        self,
        operations: Operations,
        options: StreamOptions,
        metrics: Metrics,
        admission: Admission | None = None,
    ) -> None:
        self._operations = operations
        self.admission = admission or Admission()
        self.options = options
        self.metrics = metrics

    def read(self, request: GraphQLRequest) -> Operation:
        """The operation a request asks for; raises RefusedError when it must not run."""
        try:
            return self._operations.read(request)
        except RefusedError as refused:
            self.metrics.operations.labels(refused.kind, "refused").inc()
            raise

    async def run(
        self, operation: Operation, identified: Identified, send: Callable[[Result], Awaitable[None]]
    ) -> None:
        """Send the one result of a query or mutation, or those of a subscription until it ends.

        Raises RefusedError and SubscriptionFailedError as Operations does, TooSlowError as `deliver` does.
        """
        sent = self.metrics.stream_events.labels(identified.transport.value)
        outcome = "ok"

        async def send_counted(result: Result) -> None:
            await send(result)
            sent.inc()

        try:
            if operation.kind is OperationType.SUBSCRIPTION:
                await self._run_subscription(operation, identified, send_counted)
            else:
                result = await self._operations.execute(operation, identified)
                outcome = result.outcome
                await send_counted(result)
        except RefusedError:
            outcome = "refused"
            raise
        except Exception:
            outcome = "errors"
            raise
        finally:
            self.metrics.operations.labels(operation.kind.value, outcome).inc()

    async def _run_subscription(
        self, operation: Operation, identified: Identified, send: Callable[[Result], Awaitable[None]]
    ) -> None:
        events = await self._operations.subscribe(operation, identified)
        with self.metrics.subscriptions.labels(identified.transport.value).track_inprogress():
            await deliver(events, send, self.options)

    def errors(self, error: Exception) -> tuple[dict[str, object], ...]:
        """What a client is told about an operation that ended with `error`; what nobody meant to raise is masked."""
        if isinstance(error, SubscriptionFailedError):
            return error.errors
        refused = error.refusal if isinstance(error, RefusedError) else unexpected(error)
        self._operations.count_errors(refused.errors)
        return refused.errors
