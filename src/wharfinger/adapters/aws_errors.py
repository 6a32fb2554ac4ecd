"""Turns what AWS, the engine and the wire driver say into our errors: what, which, why, and the next step.

The knowledge is in `causes` and `engine_causes`; here it is applied. The other side's words stay in `why`, but never a
secret or a value from a table.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from botocore.exceptions import BotoCoreError, ClientError, ParamValidationError

from wharfinger.adapters.causes import AWS_CAUSES, Cause
from wharfinger.adapters.engine_causes import ENGINE_CAUSES, WIRE_CAUSES
from wharfinger.adapters.engine_words import engine_words
from wharfinger.core.errors import Failed, WharfingerError
from wharfinger.core.names import display_part

MAX_WORDS = 600
"""Characters of the other side's words that an error keeps."""

_OTHER = Cause("other", Failed, "AWS refuses the request", "")


@dataclass(frozen=True, slots=True)
class Place:
    """Where something went wrong, in words for people: `target` as `cluster demo` or `workgroup demo`."""

    target: str = "warehouse"
    region: str = ""
    database: str = ""
    host: str = ""
    user: str = ""

    def words(self) -> dict[str, str]:
        """The words that the table's texts may use."""
        return {
            "target": self.target,
            "region": self.region or "this region",
            "database": self.database,
            "host": self.host,
            "grantee": display_part(self.user) if self.user else "this database user",
        }


@dataclass(frozen=True, slots=True)
class Finding:
    """A cause that was found, with the other side's words and what its texts need."""

    cause: Cause
    said: str
    words: Mapping[str, str]

    def error(self, subject: str) -> WharfingerError:
        """The error to raise, about `subject`."""
        return self.cause.kind(
            self.cause.what.format_map(self.words),
            subject=subject,
            why=self.said,
            next_step=self.cause.next_step.format_map(self.words),
            check=self.cause.check,
        )


def is_from_aws(error: Exception) -> bool:
    """Whether `of_aws` is for this exception; boto3 has a bare ValueError for a malformed endpoint URL."""
    return isinstance(error, BotoCoreError | ClientError) or (
        isinstance(error, ValueError) and str(error).startswith("Invalid endpoint")
    )


def of_aws(error: Exception, place: Place) -> Finding:
    """What an exception of boto3 means (redshift-facts §1.9, §7)."""
    if isinstance(error, ClientError):
        details = error.response.get("Error", {})
        code, said = str(details.get("Code", "")), str(details.get("Message", ""))
        status = str(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", ""))
        found = _find(AWS_CAUSES, {code, status}, said, place)
        said = _VALUE_AT.sub("… at '", f"{code}: {said}" if said else code)
    else:
        said = _without_values(error) if isinstance(error, ParamValidationError) else str(error)
        found = _find(AWS_CAUSES, {kind.__name__ for kind in type(error).__mro__}, said, place)
    cause, words = found or (_OTHER, place.words())
    return Finding(cause, _first_line(said), words)


def of_engine(text: str, place: Place, *, sqlstate: str = "", sql: str = "") -> Finding:
    """What an error text of the engine means: a FAILED statement's `Error`, or a message of the wire.

    `sql` helps to name a table with its schema in the GRANT that is the next step; it is not quoted otherwise.
    """
    said = _cut(engine_words(text))
    cause, words = _find(ENGINE_CAUSES, {sqlstate}, said, place) or (ENGINE_CAUSES[-1], place.words())
    if "name" in words:
        words = words | {"relation": _qualified(words["name"], sql), "name": display_part(words["name"])}
    position = _POSITION.search(text)
    return Finding(cause, f"{said} ({position.group(1)})" if position else said, words)


def of_wire(error: Exception, place: Place, *, sql: str = "") -> Finding:
    """What an exception of redshift_connector means: the engine's own error, or a connection that failed."""
    message = error.args[0] if error.args else ""
    if isinstance(message, dict):
        severity = f"{message.get('S', 'ERROR')}: "
        return of_engine(severity + str(message.get("M", "")), place, sqlstate=str(message.get("C", "")), sql=sql)
    said = ": ".join(str(part) for part in error.args if part)
    cause, words = _find(WIRE_CAUSES, set(), said, place) or (WIRE_CAUSES[-1], place.words())
    return Finding(cause, _first_line(said), words)


_POSITION = re.compile(r"^\s*(Position: \d+)\s*$", re.IGNORECASE | re.MULTILINE)
_VALUE_AT = re.compile(r"(?<=value )'.*' at '", re.IGNORECASE | re.DOTALL)
"""How AWS repeats a member that it does not take: `Value 'select …' at 'sql' failed to satisfy constraint`."""

_PARAMETER = re.compile(r"parameter(?: in input)?:? \"?(?P<name>[\w.\[\]]+)")


def _without_values(error: ParamValidationError) -> str:
    """botocore's report repeats what it was given; the first parameter it names comes before any value."""
    head, _, report = str(error).partition("\n")
    named = _PARAMETER.search(report)
    return f"{head} {named['name']}" if named else head


def _find(causes: Iterable[Cause], codes: set[str], said: str, place: Place) -> tuple[Cause, dict[str, str]] | None:
    for cause in causes:
        if cause.codes and not cause.codes & codes:
            continue
        match = cause.text.search(said) if cause.text else None
        if cause.text and match is None:
            continue
        named = {name: value for name, value in match.groupdict().items() if value} if match else {}
        return cause, {"resource": "it", "action": "it", **place.words(), **named}
    return None


def _qualified(name: str, sql: str) -> str:
    """`name` with the schema that `sql` gives it, each part as people write it; alone where `sql` gives none."""
    quoted = '"' + name.replace('"', '""') + '"'
    match = re.search(rf'("(?:[^"]|"")+"|\w+)\.(?:{re.escape(quoted)}|{re.escape(name)}\b)', sql, re.IGNORECASE)
    if match is None:
        return display_part(name)
    schema = match[1][1:-1].replace('""', '"') if match[1].startswith('"') else match[1]
    return f"{display_part(schema)}.{display_part(name)}"


def _first_line(text: str) -> str:
    return _cut(text.strip().split("\n", 1)[0])


def _cut(text: str) -> str:
    return text if len(text) <= MAX_WORDS else text[: MAX_WORDS - 1] + "…"
