"""Regions: the one that is meant where none is given, those that the SDK knows, and whether another one exists."""

from __future__ import annotations

import os
import socket
from dataclasses import replace
from functools import cache
from urllib.parse import urlsplit

import botocore.session
from botocore.exceptions import BotoCoreError
from botocore.utils import get_environ_proxies

from wharfinger.adapters.aws.clients import AwsSource, endpoint_of, profileless_session
from wharfinger.connections.model import DefaultRegion
from wharfinger.core.errors import WharfingerError
from wharfinger.core.suggestions import nearest

VARIABLES = ("AWS_REGION", "AWS_DEFAULT_REGION")
"""The variables that name a region, the strongest first. botocore itself reads the second only."""


def default_region(profile: str = "") -> DefaultRegion:
    """The region of the environment, else of `profile` in the AWS configuration files.

    An empty `profile` means the one that AWS_PROFILE names, else `default`. Raises what botocore raises for a profile
    that is not there and for files that cannot be read.
    """
    for name in VARIABLES:
        if region := os.environ.get(name):
            return DefaultRegion(region)
    core = botocore.session.Session(profile=profile or None)
    name = core.profile or "default"
    file = os.environ.get("AWS_CONFIG_FILE") or "~/.aws/config"
    # Not the variable `region` of botocore: for it, an empty AWS_DEFAULT_REGION hides the profile's region.
    region = str(core.get_scoped_config().get("region") or "")
    return DefaultRegion(region, (*VARIABLES, f"the profile {name} in {file}"))


@cache
def known_regions(service: str) -> frozenset[str]:
    """The regions with `service` that the installed botocore knows; AWS is not asked."""
    session = profileless_session()
    partitions = session.get_available_partitions()
    return frozenset(region for name in partitions for region in session.get_available_regions(service, name))


def meant_region(region: str) -> str:
    """`region` where botocore knows it, else the known one that it resembles; empty where it resembles none."""
    known = known_regions("redshift")
    return region if region in known else nearest(region, known)


def region_trouble(source: AwsSource) -> str:
    """Why there can be no such region as `source` names, empty where there is one or where this cannot be known.

    A region that botocore knows exists. Another may be newer than botocore: it has an address for its endpoint. An
    endpoint of the user's own proves nothing about its region, and behind a proxy only the proxy looks addresses up.
    """
    if source.region in known_regions("redshift") or source.endpoint_url:
        return ""
    # No role: the address is the same, and assuming one would send a request to the region.
    alone = replace(source, identity=replace(source.identity, role_arn="", external_id=""))
    try:
        url = endpoint_of(alone, "redshift-data")
    except (BotoCoreError, ValueError, WharfingerError):
        return ""  # the request itself tells it better
    host = urlsplit(url).hostname or ""
    if f".{source.region}." not in host or get_environ_proxies(url):
        return ""
    try:
        socket.getaddrinfo(host, 443)
    except OSError as error:
        return f"{host} has no address: {error.strerror or error}"
    return ""
