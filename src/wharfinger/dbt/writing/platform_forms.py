"""The same connection for the dbt platform (dbt Cloud): the value of each field of its forms. Pure.

The platform's connection form has host, port and database; the credentials of an environment have user, password and
schema; IAM works through extended attributes only, with an access key (docs.getdbt.com, Connect Redshift).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from wharfinger.dbt.profiles_yml.yaml_values import Value

Field = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Forms:
    """Names and values of the fields, form by form. `extended_attributes` is YAML, empty where none is needed."""

    connection: tuple[Field, ...]
    credentials: tuple[Field, ...]
    extended_attributes: str
    variables: tuple[Field, ...]


def forms(
    fields: Mapping[str, Value],
    *,
    user: str,
    password: str,
    target: str,
    threads: int,
    attributes: str,
    variables: Mapping[str, str],
) -> Forms:
    """The forms for a target with these `fields`.

    `password` describes in words what to type there. `attributes` is the YAML of the extended attributes. `variables`
    are environment variables, each with a description of its value.
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
