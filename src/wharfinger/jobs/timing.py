"""How long processes may be silent, and what happens then: settings, read from the environment."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields

from wharfinger.core.errors import Invalid

PREFIX = "WHARFINGER_"


@dataclass(frozen=True, slots=True)
class Timing:
    """All in seconds.

    `beat`: how often a process that takes part says that it lives. `silence`: without a beat for so long, a worker is
    not counted on for new work. `lease`: without a beat for so long, a process loses the work it has begun to others.
    `worker_start`: how long a new worker may take until it is ready. `idle`: how long a worker without work stays.
    """

    beat: float = 1.0
    silence: float = 15.0
    lease: float = 60.0
    worker_start: float = 120.0
    idle: float = 20.0

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Timing:
        """The settings `WHARFINGER_BEAT_SECONDS` and so on; what is not set has its default.

        Raises Invalid for what is no positive number, and for limits that a living process would exceed.
        """
        given = {one.name: name for one in fields(cls) if environment.get(name := variable(one.name))}
        timing = cls(**{field: _seconds(name, environment[name]) for field, name in given.items()})
        for shorter, longer in (("beat", "silence"), ("silence", "lease")):
            if getattr(timing, shorter) >= getattr(timing, longer):
                raise Invalid(
                    "The settings contradict each other",
                    subject=f"{variable(shorter)}, {variable(longer)}",
                    why=f"{getattr(timing, shorter):g} is not less than {getattr(timing, longer):g}",
                    next_step=f"Set {variable(longer)} to more than {variable(shorter)}",
                )
        return timing


def variable(field: str) -> str:
    """The environment variable of a setting."""
    return f"{PREFIX}{field.upper()}_SECONDS"


def _seconds(name: str, text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = math.nan
    if not 0 < seconds < math.inf:
        raise Invalid("The setting is not a number of seconds", subject=name, why=text, next_step="Set it to 60, say")
    return seconds
