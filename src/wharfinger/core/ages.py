"""Ages as people write them: a number and a unit, such as `12h` or `7d`."""

from __future__ import annotations

import re
from datetime import timedelta

from wharfinger.core.errors import Invalid

_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


def age(text: str, field: str) -> timedelta:
    """The time span that `text` names: up to five digits and m, h, d or w (minutes, hours, days, weeks).

    Raises Invalid for any other text; `field` is the input field that it comes from.
    """
    found = re.fullmatch(r"([0-9]{1,5})([mhdw])", text)
    if found is None:
        raise Invalid(
            "Not an age",
            subject=text,
            next_step="Write a number of up to 5 digits and m, h, d or w, as in 12h or 7d",
            fields=(field,),
        )
    return timedelta(**{_UNITS[found[2]]: int(found[1])})
