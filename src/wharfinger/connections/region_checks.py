"""The check `region`, and which region to recommend where the given one is a slip. Pure."""

from __future__ import annotations

from dataclasses import replace

from wharfinger.connections.facts import Facts
from wharfinger.connections.model import Connection, check_region
from wharfinger.core.checks import Check
from wharfinger.core.suggestions import nearest
from wharfinger.core.verbs import call

CHECK_REGION = "Check the spelling: `aws account list-regions` names those there are"


def region_check(connection: Connection, facts: Facts) -> Check:
    """The check `region`."""
    if why := check_region(connection.region):
        detail = f"{connection.region} is not a region: {why}"
        near = nearest(connection.region, facts.known_regions)
        step = f"Did you mean {near}?" if near else "Correct the region"
        return Check("region", "failed", detail, step, fields=("region",))
    if not is_unknown(connection, facts):
        return Check("region", "passed", connection.region)
    step = region_advice(connection, facts)
    detail = f"{connection.region} is not among the regions known here"
    if facts.region_trouble:
        return Check("region", "failed", f"{detail}, and {facts.region_trouble}", step, fields=("region",))
    return Check("region", "warned", detail, step)


def region_advice(connection: Connection, facts: Facts) -> str:
    """What to do about a region that is not known."""
    near = nearest(connection.region, facts.known_regions)
    return f"Did you mean {near}?" if near else f"{CHECK_REGION}."


def is_unknown(connection: Connection, facts: Facts) -> bool:
    """Whether the regions are known, and the connection's is not among them."""
    return bool(facts.known_regions) and connection.region not in facts.known_regions


def discovering(check: Check, connection: Connection, facts: Facts) -> Check:
    """`check`, whose recommended discovery asks as the connection does, and never in a region that is a slip."""
    if check.call is None or check.call.verb != "connection:discover":
        return check
    region = connection.region
    if is_unknown(connection, facts):
        region = nearest(region, facts.known_regions)
    identity = connection.identity
    given = {
        "region": region,
        "access_key_id": identity.access_key_id,
        "aws_profile": identity.profile,
        "role_arn": identity.role_arn,
        "external_id": identity.external_id,
        "endpoint_url": connection.endpoint_url,
    }
    arguments = {name: value for name, value in given.items() if value}
    if identity.access_key_id:
        arguments["secret_access_key"] = ""  # the reader names its source
    return replace(check, call=call("connection:discover", **arguments))
