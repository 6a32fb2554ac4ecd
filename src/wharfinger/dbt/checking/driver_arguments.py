"""The arguments with which dbt-redshift calls its driver for a target, so that we sign in exactly as dbt does. Pure.

Source: redshift-facts §3.3, dbt-redshift 1.11.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from wharfinger.dbt.profiles_yml.fields import DATABASE, IAM, IDENTITY_CENTER

DEFAULT_PORT = 5439

_AMAZON = re.compile(
    r"(?:.+\.)?(?P<name>[^.]+)\.[^.]+\.(?P<region>[^.]+)\.redshift(?:-serverless)?(?:-dev)?\.amazonaws\.com"
)


@dataclass(frozen=True, slots=True)
class Login:
    """A sign-in: the driver's arguments (they hold secrets), and the role and query group that dbt sets after it."""

    arguments: Mapping[str, Any] = field(repr=False)
    role: str = ""
    query_group: str = ""

    @property
    def place(self) -> str:
        """Database, host and port, for messages."""
        return f"{self.arguments['database']} at {self.arguments['host']}:{self.arguments['port']}"


def login_for(target: Mapping[str, Any]) -> Login:
    """The sign-in for a target's checked and rendered fields, under their own names and not their aliases."""
    arguments = _base(target)
    method = target.get("method", DATABASE)
    if method == DATABASE:
        arguments |= {"user": target["user"], "password": target["password"]}
    else:
        arguments |= _temporary(target)
        if method == IAM:
            arguments |= _identity(target) | {"db_user": target["user"]}
        else:
            arguments |= {"db_user": None, "group_federation": not is_serverless(target)}
            if target.get("iam_profile"):
                arguments["profile"] = target["iam_profile"]
    return Login(arguments, str(target.get("role") or ""), str(target.get("query_group") or ""))


def can_be_tried(target: Mapping[str, Any]) -> bool:
    """Whether the profile and AWS suffice to sign in: Identity Center also needs a browser or a token service."""
    return target.get("method", DATABASE) not in IDENTITY_CENTER


def is_serverless(target: Mapping[str, Any]) -> bool:
    """Whether dbt treats the target as a workgroup: because of its field, or of the word in its host."""
    return "serverless" in target["host"] or target.get("is_serverless") is True


def host_names(host: str) -> tuple[str, str]:
    """The cluster or workgroup and the region in the name of an AWS endpoint; both empty for any other host."""
    found = _AMAZON.match(host)
    if found is None:
        return "", ""
    return host.split(".", 1)[0], found["region"]


def _base(target: Mapping[str, Any]) -> dict[str, Any]:
    mode = target.get("sslmode", "prefer")
    arguments = {
        "host": target["host"],
        "port": int(target["port"]) or DEFAULT_PORT,
        "database": target["database"],
        "region": target.get("region"),
        "auto_create": target.get("autocreate", False),
        "db_groups": target.get("db_groups", []),
        "timeout": target.get("connect_timeout"),
        "is_serverless": is_serverless(target),
        "ssl": mode != "disable",
        "sslmode": {"disable": None, "verify-full": "verify-full"}.get(mode, "verify-ca"),
    }
    if target.get("tcp_keepalive", True):
        keepalive = {name: target.get(f"tcp_keepalive_{name}") for name in ("idle", "interval", "count")}
        arguments["tcp_keepalive"] = True
        arguments |= {f"tcp_keepalive_{name}": value for name, value in keepalive.items() if value is not None}
    return arguments


def _temporary(target: Mapping[str, Any]) -> dict[str, Any]:
    serverless = is_serverless(target)
    return {
        "iam": True,
        "user": "",
        "password": "",
        "cluster_identifier": None if serverless else target.get("cluster_id"),
        "serverless_work_group": target.get("serverless_work_group") if serverless else None,
        "serverless_acct_id": target.get("serverless_acct_id") if serverless else None,
    }


def _identity(target: Mapping[str, Any]) -> dict[str, Any]:
    if target.get("access_key_id"):
        return {"access_key_id": target["access_key_id"], "secret_access_key": target["secret_access_key"]}
    return {"profile": target.get("iam_profile")}
