"""Turns an exception of boto3 into our error: what, which, why, and the next step.

`causes` has the table. `why` holds AWS's message, without secrets and values from tables.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from botocore.exceptions import BotoCoreError, ClientError, ParamValidationError
from botocore.parsers import ResponseParserError

from wharfinger.adapters.aws.causes import AWS_CAUSES, Cause
from wharfinger.adapters.aws.regions import meant_region
from wharfinger.core.errors import Failed, WharfingerError
from wharfinger.core.names import display_part
from wharfinger.core.rights import MissingRight, grant
from wharfinger.core.verbs import Call

MAX_MESSAGE = 600
"""The most characters of a message of AWS or Redshift that an error holds."""

OTHER = Cause(
    "other",
    Failed,
    "AWS refuses the request",
    "Look AWS's error code up in the AWS documentation of the service",
)
"""The cause of an error that no row of the table matches."""


@dataclass(frozen=True, slots=True)
class Place:
    """The connection's target and user as errors name them: `target` is `cluster demo` or `workgroup demo`.

    `sign_in` is the connection's, empty where no connection signs in. `profile` is that of its identity.
    """

    target: str = "warehouse"
    region: str = ""
    database: str = ""
    host: str = ""
    user: str = ""
    sign_in: str = ""
    profile: str = ""

    def words(self) -> dict[str, str]:
        """The placeholders that the texts of the table may use, with their values.

        `region_name` is the region to look in next, which may be empty: a slip is not recommended again.
        """
        return {
            "target": self.target,
            "region": self.region or "this region",
            "region_name": meant_region(self.region),
            "database": self.database,
            "host": self.host,
            "profile": self.profile,
            "grantee": display_part(self.user) if self.user else "this database user",
        }


@dataclass(frozen=True, slots=True)
class Finding:
    """The cause of an exception: `message` is the message of AWS or Redshift, `words` fill the texts of the cause."""

    cause: Cause
    message: str
    words: Mapping[str, str]

    def error(self, subject: str) -> WharfingerError:
        """The error to raise about `subject`."""
        lacks = self._lacks()
        words = {**self.words, "grant": grant([lacks])} if lacks else self.words
        return self.cause.kind(
            self.cause.what.format_map(self.words),
            subject=subject,
            why=self.message,
            next_step=self.cause.next_step.format_map(words),
            check=self.cause.check,
            fields=self.cause.fields,
            call=self._call(),
            lacks=lacks,
        )

    def _lacks(self) -> MissingRight | None:
        if self.cause.lacks is None:
            return None
        privilege, kind, name = self.cause.lacks
        return MissingRight(privilege, kind, name.format_map(self.words), self.words["grantee"])

    def _call(self) -> Call | None:
        call = self.cause.call
        if call is None:
            return None
        filled = [(name, value.format_map(self.words)) for name, value in call.arguments if isinstance(value, str)]
        return Call(call.verb, tuple(filled))


def is_from_aws(error: Exception) -> bool:
    """Whether boto3 raised this exception. For a malformed endpoint URL it raises a bare ValueError."""
    return isinstance(error, BotoCoreError | ClientError | ResponseParserError) or (
        isinstance(error, ValueError) and str(error).startswith("Invalid endpoint")
    )


def of_aws(error: Exception, place: Place) -> Finding:
    """What an exception of boto3 means (redshift-facts §1.9, §7)."""
    if isinstance(error, ClientError):
        details = error.response.get("Error", {})
        code, message = str(details.get("Code", "")), str(details.get("Message", ""))
        status = str(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", ""))
        found = find(AWS_CAUSES, {code, f"{error.operation_name}:{code}", status}, message, place)
        message = _VALUE_AT.sub("… at '", f"{code}: {message}" if message else code)
    else:
        message = _message(error)
        found = find(AWS_CAUSES, {kind.__name__ for kind in type(error).__mro__}, message, place)
    cause, words = found or (OTHER, place.words())
    return Finding(cause, first_line(message), words)


_VALUE_AT = re.compile(r"(?<=value )'.*' at '", re.IGNORECASE | re.DOTALL)
"""How AWS repeats a member that it does not accept: `Value 'select …' at 'sql' failed to satisfy constraint`."""

_PARAMETER = re.compile(r"parameter(?: in input)?:? \"?(?P<name>[\w.\[\]]+)")


def _message(error: Exception) -> str:
    if isinstance(error, ParamValidationError):
        return _without_values(error)
    # The whole answer stands in this message, whoever sent it.
    return "the answer cannot be read" if isinstance(error, ResponseParserError) else str(error)


def _without_values(error: ParamValidationError) -> str:
    """The message without the values that botocore repeats: its head and the first parameter's name."""
    head, _, report = str(error).partition("\n")
    named = _PARAMETER.search(report)
    return f"{head} {named['name']}" if named else head


def find(causes: Iterable[Cause], codes: set[str], message: str, place: Place) -> tuple[Cause, dict[str, str]] | None:
    """The first of `causes` that matches one of `codes` and `message`, with the placeholders of its texts."""
    for cause in causes:
        if (cause.codes and not cause.codes & codes) or (cause.sign_in and cause.sign_in != place.sign_in):
            continue
        if cause.needs and not getattr(place, cause.needs):
            continue
        match = cause.text.search(message) if cause.text else None
        if cause.text and match is None:
            continue
        named = {name: value for name, value in match.groupdict().items() if value} if match else {}
        return cause, {"resource": "it", "action": "it", **place.words(), **named}
    return None


def first_line(text: str) -> str:
    """The first line of a message, shortened."""
    return shortened(text.strip().split("\n", 1)[0])


def shortened(text: str) -> str:
    """At most MAX_MESSAGE characters of a message."""
    return text if len(text) <= MAX_MESSAGE else text[: MAX_MESSAGE - 1] + "…"
