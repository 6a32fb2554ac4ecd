"""Sends every request to AWS: paced, counted, retried where that helps, with AWS's errors translated into ours."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any

from botocore import xform_name

from wharfinger.adapters.aws.clients import Aws, counted
from wharfinger.adapters.aws.errors import Finding, Place, is_from_aws, of_aws
from wharfinger.adapters.aws.limiter import Limiter
from wharfinger.core.errors import Unavailable
from wharfinger.core.session import Stopped, Usage

_LOST = frozenset({"connection-dropped", "aws-internal-error"})
"""Causes after which it is unknown whether the service did what was asked."""


class AnswerLost(Unavailable):
    """No attempt was answered, and at least one may have taken effect."""


def wait_unless_stopped(seconds: float, stop: threading.Event) -> None:
    """Wait; raises Stopped as soon as `stop` is set."""
    if stop.wait(seconds):
        raise Stopped


@dataclass(frozen=True, slots=True)
class Backoff:
    """How long to wait before the next attempt: full jitter under a bound that doubles from `first` to `longest`.

    Both in seconds.
    """

    first: float = 0.2
    longest: float = 8.0
    wait: Callable[[float, threading.Event], None] = wait_unless_stopped

    def pause(self, attempt: int, stop: threading.Event) -> None:
        """Wait after failed attempt number `attempt` (from 1). Raises Stopped."""
        bound = min(self.longest, self.first * 2 ** (attempt - 1))
        self.wait(random.uniform(0, bound), stop)  # noqa: S311


@dataclass(slots=True)
class AwsCalls:
    """Makes calls for one piece of work: `usage` counts every attempt, and its `stop` event ends them."""

    aws: Aws
    limiter: Limiter
    usage: Usage
    place: Place
    backoff: Backoff = Backoff()
    stop: threading.Event = field(init=False)

    def __post_init__(self) -> None:
        self.stop = self.usage.stop

    def ignoring_stop(self) -> AwsCalls:
        """The same calls, ignoring `stop`: for calls that cancel something."""
        calls = replace(self)
        calls.stop = threading.Event()
        return calls

    def __call__(self, service: str, operation: str, /, **members: Any) -> dict[str, Any]:
        """The answer to `operation` (as `ExecuteStatement`) of `service` (as `redshift-data`).

        A member `ClientToken` stays the same over all attempts. A failure whose cause allows N attempts uses 1/N of the
        budget, so that few failures of one cause do not use up the attempts of another. Raises our errors: Unavailable
        when the budget is used up, AnswerLost (an Unavailable) when the call may have taken effect, Stopped.
        """
        lost = False
        attempt, spent = 0, Fraction()
        while True:
            attempt += 1
            generation = self.aws.generation
            try:
                return self._attempt(service, operation, members)
            except Exception as error:
                if not is_from_aws(error):
                    raise
                found = of_aws(error, self.place)
            lost = lost or found.cause.id in _LOST
            if found.cause.expired:
                self.aws.renew(generation)
            if found.cause.throttled:
                self.limiter.slow(operation)
            spent += Fraction(1, found.cause.attempts)
            if spent >= 1:
                raise self._error(found, operation, lost=lost)
            self.backoff.pause(attempt, self.stop)

    def has_member(self, service: str, operation: str, member: str) -> bool:
        """Whether the installed service model knows `member` of `operation`'s request."""
        with self._counted(), self._our_errors():
            model = self.aws.client(service).meta.service_model.operation_model(operation)
        return member in model.input_shape.members

    def _attempt(self, service: str, operation: str, members: dict[str, Any]) -> dict[str, Any]:
        self.limiter.acquire(operation, self.stop)
        with self._counted():
            client = self.aws.client(service)
            self.usage.add(api_calls=1)
            answer: dict[str, Any] = getattr(client, xform_name(operation))(**members)
            return answer

    @contextmanager
    def _counted(self) -> Iterator[None]:
        mark = counted.set(self.usage)
        try:
            yield
        finally:
            counted.reset(mark)

    @contextmanager
    def _our_errors(self) -> Iterator[None]:
        try:
            yield
        except Exception as error:
            if is_from_aws(error):
                raise of_aws(error, self.place).error(self.place.target) from None
            raise

    def _error(self, found: Finding, operation: str, *, lost: bool) -> Exception:
        error = found.error(f"{operation} on {self.place.target}")
        if lost and isinstance(error, Unavailable):
            return AnswerLost(
                error.what,
                subject=error.subject,
                why=error.why,
                next_step=error.next_step,
                check=error.check,
                fields=error.fields,
                call=error.call,
            )
        return error
