"""The same connection for the dbt platform (dbt Cloud): what to put into each field of its forms. Pure.

The platform's connection form asks for host, port and database, the credentials of an environment for user, password
and schema; IAM goes through extended attributes only, with an access key (docs.getdbt.com, Connect Redshift).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

Field = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Forms:
    """Names and values of the fields, form by form. `extended_attributes` is YAML, empty where none is needed."""

    connection: tuple[Field, ...]
    credentials: tuple[Field, ...]
    extended_attributes: str
    variables: tuple[Field, ...]

    def document(self) -> dict[str, Any]:
        """The forms as JSON."""
        return {
            "connection": dict(self.connection),
            "credentials": dict(self.credentials),
            "extended_attributes": self.extended_attributes,
            "environment_variables": dict(self.variables),
        }


def forms(
    fields: Mapping[str, Any],
    *,
    user: str,
    password: str,
    target: str,
    threads: int,
    attributes: str,
    variables: Mapping[str, str],
) -> Forms:
    """The forms for a target with these `fields`; `attributes` go beside them, `variables` say what each one holds.

    `password` is what to type there, in words.
    """
    return Forms(
        connection=(
            ("Host Name", str(fields["host"])),
            ("Port", str(fields["port"])),
            ("Database", str(fields["dbname"])),
        ),
        credentials=(
            ("Username", user),
            ("Password", password),
            ("Schema", str(fields["schema"])),
            ("Target Name", target),
            ("Threads", str(threads)),
        ),
        extended_attributes=attributes,
        variables=tuple(variables.items()),
    )
